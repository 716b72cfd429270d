"""timebank/migrations: the frozen statements make exactly the tables that the code describes."""

from collections import Counter
from importlib.resources import files

import pytest
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from ledger.schema import postgresql_partitions, postgresql_triggers, sqlite_triggers
from timebank.tables import METADATA


def frozen(dialect: str) -> Counter[str]:
    """Every statement of every migration's script for a database, spaces evened out."""
    folder = files("timebank.migrations.versions")
    scripts = [file for file in folder.iterdir() if file.name.endswith(f"_{dialect}.sql")]
    assert scripts
    statements = [part for file in scripts for part in file.read_text("utf-8").split("\n;\n")]
    return Counter(" ".join(part.split()) for part in statements if part.strip())


def described(dialect: str) -> Counter[str]:
    """The same from the tables, the partitions and the triggers as the code has them."""
    spoken = sqlite.dialect() if dialect == "sqlite" else postgresql.dialect()
    made = []
    for table in METADATA.sorted_tables:
        made.append(str(CreateTable(table).compile(dialect=spoken)))
        made += [str(CreateIndex(index).compile(dialect=spoken)) for index in table.indexes]
    if dialect == "sqlite":
        made += sqlite_triggers()
    else:
        made += postgresql_partitions() + postgresql_triggers()
    return Counter(" ".join(statement.split()) for statement in made)


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_the_frozen_statements_say_what_the_code_says(dialect: str) -> None:
    assert described(dialect) - frozen(dialect) == Counter()
    assert frozen(dialect) - described(dialect) == Counter()
