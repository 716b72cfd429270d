"""Migrations whose statements are frozen as SQL, one file for each database."""

import contextlib
from importlib.resources import files

from alembic import op

VERSIONS = "timebank.migrations.versions"


def run(version: str) -> None:
    """Run the statements of ``version`` for the connected database, one after another."""
    name = f"{version}_{op.get_bind().dialect.name}.sql"
    with contextlib.closing(op.get_bind().connection.cursor()) as cursor:
        for statement in statements(name):
            cursor.execute(statement)  # The driver's own cursor: a % stays a %.


def statements(name: str) -> list[str]:
    """The statements of one script, in their order."""
    script = files(VERSIONS).joinpath(name).read_text(encoding="utf-8")
    return [part for part in script.split("\n;\n") if part.strip()]


def every_statement(dialect: str) -> list[str]:
    """The statements of all versions for a database, from the first on."""
    names = sorted(file.name for file in files(VERSIONS).iterdir())
    scripts = [name for name in names if name.endswith(f"_{dialect}.sql")]
    return [statement for name in scripts for statement in statements(name)]
