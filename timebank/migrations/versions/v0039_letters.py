"""Runs of letters: made, drawn and handed out, station by station."""

from timebank.migrations.frozen import run

revision = "0039"
down_revision = "0038"


def upgrade() -> None:
    """Run the frozen statements of the connected database."""
    run("v0039")
