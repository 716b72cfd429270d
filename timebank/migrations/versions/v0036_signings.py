"""Who did what to a roster's lines, and the codes with which volunteers sign themselves."""

from timebank.migrations.frozen import run

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    """Run the frozen statements of the connected database."""
    run("v0036")
