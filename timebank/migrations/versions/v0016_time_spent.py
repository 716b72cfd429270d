"""What is said of the time inside a service: travel, rest, and whether it met its aim."""

from timebank.migrations.frozen import run

revision = "0016"
down_revision = "0010"


def upgrade() -> None:
    """Run the frozen statements of the connected database."""
    run("v0016")
