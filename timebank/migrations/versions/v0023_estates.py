"""Reported deaths and the settlements that followed."""

from timebank.migrations.frozen import run

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Run the frozen statements of the connected database."""
    run("v0023")
