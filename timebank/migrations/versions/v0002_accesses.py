"""Who looked at whom, append-only; wrapped keys leave for a store of their own.

``timebank.migrations.upgrade`` has copied the keys before this drops their table.
"""

from timebank.migrations.frozen import run

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Run the frozen statements of the connected database."""
    run("v0002")
