"""Partner books, moves to them and moves from them."""

from timebank.migrations.frozen import run

revision = "0028"
down_revision = "0033"


def upgrade() -> None:
    """Run the frozen statements of the connected database."""
    run("v0028")
