"""Messages of any event, and reminders of time that rests.

The outbox moves into a table whose CHECK does not list the events: they grow with versions.
"""

from timebank.migrations.frozen import run

revision = "0033"
down_revision = "0027"


def upgrade() -> None:
    """Run the frozen statements of the connected database."""
    run("v0033")
