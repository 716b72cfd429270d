"""Announcements that credit will expire."""

from timebank.migrations.frozen import run

revision = "0034"
down_revision = "0025"


def upgrade() -> None:
    """Run the frozen statements of the connected database."""
    run("v0034")
