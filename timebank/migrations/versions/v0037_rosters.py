"""The signed rosters by which records of many volunteers were approved."""

from timebank.migrations.frozen import run

revision = "0037"
down_revision = "0036"


def upgrade() -> None:
    """Run the frozen statements of the connected database."""
    run("v0037")
