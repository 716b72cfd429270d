"""Public notices of records, and what was objected to them."""

from timebank.migrations.frozen import run

revision = "0022"
down_revision = "0018"


def upgrade() -> None:
    """Run the frozen statements of the connected database."""
    run("v0022")
