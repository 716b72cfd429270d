"""How visits were signed in and out, and on whose word they were confirmed."""

from timebank.migrations.frozen import run

revision = "0009"
down_revision = "0007"


def upgrade() -> None:
    """Run the frozen statements of the connected database."""
    run("v0009")
