"""Photographs of people for the slips of visits, sealed."""

from timebank.migrations.frozen import run

revision = "0038"
down_revision = "0037"


def upgrade() -> None:
    """Run the frozen statements of the connected database."""
    run("v0038")
