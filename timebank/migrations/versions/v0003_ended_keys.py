"""Keys that ended, and the end of a log."""

from timebank.migrations.frozen import run

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Run the frozen statements of the connected database."""
    run("v0003")
