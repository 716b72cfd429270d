"""Clearing statements, nettings, and ends of partnerships."""

from timebank.migrations.frozen import run

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    """Run the frozen statements of the connected database."""
    run("v0035")
