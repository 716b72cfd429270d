"""Calls for help: somebody at a kiosk wants a clerk."""

from timebank.migrations.frozen import run

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Run the frozen statements of the connected database."""
    run("v0010")
