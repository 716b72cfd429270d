"""Orders with their history, and the holds from which records are paid."""

from timebank.migrations.frozen import run

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Run the frozen statements of the connected database."""
    run("v0004")
