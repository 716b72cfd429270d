"""Pairings of volunteers with an elder."""

from timebank.migrations.frozen import run

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    """Run the frozen statements of the connected database."""
    run("v0032")
