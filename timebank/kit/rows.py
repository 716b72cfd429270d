"""What stands beside the log, as text: a file of JSON lines for each table, and back again.

The first line names the columns and how each is written, ``text``, ``whole`` or ``base64``; every
further line is one row in that order.  What was sealed stays sealed.
"""

from base64 import b64decode, b64encode
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, Integer, LargeBinary, Table, insert, select

from ledger.database import Database
from timebank.errors.kits import KitUnfit
from timebank.people.wrapped_keys import WrappedKeys
from timebank.tables import METADATA

WRAPPED_KEYS = "wrapped_key"
_ROWS_AT_ONCE = 500
_VERSION = 1

OF_THE_LOG = frozenset(
    {"leaf", "movement", "line", "line_mark", "entry", "balance", "idempotency_key"}
)
"""Tables that follow from the leaves of the bundle, or from requests that nobody repeats."""

OF_THE_HOUR = frozenset({"session", "session_device"})
"""Tables of what ends with the operator: who is signed in."""


def kept_tables() -> list[Table]:
    """The tables that a kit has, by name."""
    left_out = OF_THE_LOG | OF_THE_HOUR
    return [METADATA.tables[name] for name in sorted(METADATA.tables) if name not in left_out]


def write_rows(connection: Connection, keys: WrappedKeys, folder: Path) -> int:
    """Write every kept table and the wrapped keys into the new ``folder``; how many rows."""
    folder.mkdir()
    rows = 0
    for table in kept_tables():
        columns = [(column.name, _form(column.type)) for column in table.columns]
        query = select(table).order_by(*table.primary_key.columns)
        found = connection.execute(query, execution_options={"yield_per": _ROWS_AT_ONCE})
        rows += _write(folder, table.name, columns, map(tuple, found))
    columns = [("person_id", "text"), ("wrapped", "base64")]
    return rows + _write(folder, WRAPPED_KEYS, columns, _keys(keys))


def read_rows(folder: Path, database: Database, keys: WrappedKeys) -> None:
    """Put the rows of ``folder`` into fresh tables, and the keys into their fresh store.

    Raises:
        KitUnfit: ``rows``: a file is missing, or not what this version's tables have.
    """
    with database.writing.begin() as connection:
        for table in kept_tables():
            expected = [[column.name, _form(column.type)] for column in table.columns]
            names = [column.name for column in table.columns]
            for part in _parts(_read(folder, table.name, expected)):
                rows = [dict(zip(names, row, strict=True)) for row in part]
                connection.execute(insert(table), rows)
    expected = [["person_id", "text"], ["wrapped", "base64"]]
    for part in _parts(_read(folder, WRAPPED_KEYS, expected)):
        keys.put({str(who): bytes(wrapped) for who, wrapped in part})


def values_of(folder: Path, table: str, *names: str) -> Iterator[tuple[Any, ...]]:
    """Some columns of one file, row by row.

    Raises:
        KitUnfit: ``rows``: it cannot be read.
    """
    columns = [[one.name, _form(one.type)] for one in METADATA.tables[table].columns]
    places = [[name for name, _form in columns].index(name) for name in names]
    for row in _read(folder, table, columns):
        yield tuple(row[place] for place in places)


def _form(kind: object) -> str:
    if isinstance(kind, LargeBinary):
        return "base64"
    return "whole" if isinstance(kind, Integer) else "text"


def _keys(keys: WrappedKeys) -> Iterator[tuple[str, bytes]]:
    owners = keys.owners()
    while part := list(islice(owners, _ROWS_AT_ONCE)):
        yield from sorted(keys.of(part).items())


def _write(
    folder: Path, name: str, columns: list[tuple[str, str]], rows: Iterator[tuple[Any, ...]]
) -> int:
    count = 0
    with open(folder / f"{name}.jsonl", "xb") as file:
        head = {"columns": columns, "table": name, "v": _VERSION}
        file.write(orjson.dumps(head) + b"\n")
        for row in rows:
            written = [
                b64encode(bytes(value)).decode()
                if form == "base64" and value is not None
                else value
                for value, (_name, form) in zip(row, columns, strict=True)
            ]
            file.write(orjson.dumps(written) + b"\n")
            count += 1
    return count


def _read(folder: Path, name: str, columns: list[list[str]]) -> Iterator[list[Any]]:
    file_name = f"{name}.jsonl"
    try:
        with open(folder / file_name, "rb") as file:
            if orjson.loads(file.readline()) != {
                "columns": columns, "table": name, "v": _VERSION
            }:  # fmt: skip
                raise KitUnfit(why="rows", file=file_name)
            for line in file:
                row = orjson.loads(line)
                for place, (_name, form) in enumerate(columns):
                    if form == "base64" and row[place] is not None:
                        row[place] = b64decode(row[place], validate=True)
                yield row
    except (OSError, ValueError, IndexError, TypeError) as error:
        raise KitUnfit(why="rows", file=file_name) from error


def _parts(rows: Iterator[list[Any]]) -> Iterator[list[list[Any]]]:
    while part := list(islice(rows, _ROWS_AT_ONCE)):
        yield part
