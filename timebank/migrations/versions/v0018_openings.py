"""Opening balances: lists of an older scheme and what became of their rows."""

from timebank.migrations.frozen import run

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Run the frozen statements of the connected database."""
    run("v0018")
