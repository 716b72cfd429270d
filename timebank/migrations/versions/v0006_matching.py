"""What matching knows of people, areas, and who was asked."""

from timebank.migrations.frozen import run

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Run the frozen statements of the connected database."""
    run("v0006")
