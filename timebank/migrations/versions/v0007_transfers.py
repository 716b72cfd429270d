"""Transfers, and the conditions for which an elder is granted time."""

from timebank.migrations.frozen import run

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Run the frozen statements of the connected database."""
    run("v0007")
