"""Call-backs drawn by lot, and the devices on which records and visits were handled."""

from timebank.migrations.frozen import run

revision = "0027"
down_revision = "0032"


def upgrade() -> None:
    """Run the frozen statements of the connected database."""
    run("v0027")
