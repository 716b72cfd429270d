"""Keys that ended and the end of a log, frozen as SQL for each database."""

import contextlib
from importlib.resources import files

from alembic import op

revision = "0003"
down_revision = "0001"


def upgrade() -> None:
    """Run the frozen statements of the connected database, one after another."""
    name = f"v0003_{op.get_bind().dialect.name}.sql"
    script = files("timebank.migrations.versions").joinpath(name).read_text(encoding="utf-8")
    with contextlib.closing(op.get_bind().connection.cursor()) as cursor:
        for statement in script.split("\n;\n"):
            if statement.strip():
                cursor.execute(statement)  # The driver's own cursor: a % stays a %.
