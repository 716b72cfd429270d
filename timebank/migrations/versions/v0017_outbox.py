"""The outbox: who is told of what happened."""

from timebank.migrations.frozen import run

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Run the frozen statements of the connected database."""
    run("v0017")
