"""Suspensions with their steps, and requests for correction."""

from timebank.migrations.frozen import run

revision = "0030"
down_revision = "0023"


def upgrade() -> None:
    """Run the frozen statements of the connected database."""
    run("v0030")
