"""The first tables, their CHECKs, triggers and partitions, frozen as SQL for each database."""

from timebank.migrations.frozen import run

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Run the frozen statements of the connected database, one after another."""
    run("v0001")
