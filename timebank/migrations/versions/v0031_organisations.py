"""Organisations and who belongs to them, proofs of kinship, and elders' delegates."""

from timebank.migrations.frozen import run

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    """Run the frozen statements of the connected database."""
    run("v0031")
