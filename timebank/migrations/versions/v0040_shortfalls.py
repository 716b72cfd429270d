"""Proposals to take back what is spent, and what each account is short of."""

from timebank.migrations.frozen import run

revision = "0040"
down_revision = "0039"


def upgrade() -> None:
    """Run the frozen statements of the connected database."""
    run("v0040")
