"""Rows that belong to an action but not to the ledger: stored in the same commit as its leaves."""

from typing import Any, NamedTuple

from sqlalchemy import Executable


class Composed(NamedTuple):
    """A statement to be run with the group, once, or once for each of ``rows``."""

    statement: Executable
    rows: list[dict[str, Any]] | None


class Plain(NamedTuple):
    """An INSERT or UPDATE in plain SQL, run with the group once for each of ``rows``."""

    sql: str
    rows: list[tuple[Any, ...]]


Companion = Composed | Plain
"""What is stored beside the ledger's own rows, in the group's commit."""
