"""Periods that were closed, append-only."""

from timebank.migrations.frozen import run

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Run the frozen statements of the connected database."""
    run("v0005")
