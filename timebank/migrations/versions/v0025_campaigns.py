"""Campaigns: units, project tables, rosters, packages."""

from timebank.migrations.frozen import run

revision = "0025"
down_revision = "0028"


def upgrade() -> None:
    """Run the frozen statements of the connected database."""
    run("v0025")
