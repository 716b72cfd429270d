"""``timebank bench core``: the ledger's posting path beside the bare insert-only limit.

Every round writes, for each size of group, entries between random accounts, the same number of
entries that all touch one account, and then the leaves of the first once more into a bare table.
Only ratios inside one round mean anything; the card has the medians.  The copy of the journal in
the order of statements follows behind the writer in steps of many leaves, which would fall into
some blocks and not into others: its seconds are taken out of each block, its own rate stands on
the card, and one column has the rate of both together.
"""

import gc
import platform
import random
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from importlib.metadata import version
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Literal

from rich.console import Console
from rich.progress import Progress

from ledger.database import Database
from timebank.benchmarks.bare import BareTable
from timebank.benchmarks.book import MeasuredBook, postgresql_databases, sqlite_databases
from timebank.benchmarks.card import Card, Measured

Which = Literal["sqlite", "postgresql", "both"]

GROUPS = (1, 10, 100, 1_000)
ACCOUNTS = 10_000
ROUNDS = 5

_ENTRIES = {1: 300, 10: 1_500, 100: 5_000, 1_000: 10_000}
"""Entries of one round by size of group: half a second or so of each."""


def core(
    *,
    database: Which = "sqlite",
    url: str | None = None,
    folder: Path | None = None,
    rounds: int = ROUNDS,
    accounts: int = ACCOUNTS,
    entries: dict[int, int] | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Card:
    """Measure one database or both; ``progress`` hears (steps done, steps in all).

    SQLite files lie in ``folder``, by default the system's for temporary files, which should be on
    the disk that will be used.  PostgreSQL is measured in a schema of its own in the database of
    ``url``, whose role must be allowed to make one.  ``entries`` maps sizes of groups to the
    entries of one round.

    Raises:
        ValueError: PostgreSQL without ``url``.
    """
    plan = _ENTRIES if entries is None else entries
    names = ("sqlite", "postgresql") if database == "both" else (database,)
    if "postgresql" in names and not url:
        raise ValueError("PostgreSQL needs the URL of a database")
    total, done = len(names) * (1 + rounds * len(plan)), 0

    def step() -> None:
        nonlocal done
        done += 1
        progress(done, total)

    measured: list[Measured] = []
    copied: dict[str, int] = {}
    for name in names:
        opened: AbstractContextManager[tuple[Database, Database]] = (
            sqlite_databases(folder) if name == "sqlite" else postgresql_databases(url or "")
        )
        with opened as (book_database, bare_database):
            rows, copied[name] = _measure(
                name, book_database, bare_database, plan, rounds, accounts, step
            )
            measured += rows
    return Card(accounts, rounds, copied, _versions(names), tuple(measured))


def run_core(console: Console, **settings: object) -> Card:
    """:func:`core` with a progress bar where ``console`` is a terminal."""
    with Progress(console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task("bench core", total=None)
        return core(
            progress=lambda done, total: bar.update(task, completed=done, total=total),
            **settings,  # type: ignore[arg-type]
        )


def _measure(
    name: str,
    book_database: Database,
    bare_database: Database,
    plan: dict[int, int],
    rounds: int,
    accounts: int,
    step: Callable[[], None],
) -> tuple[list[Measured], int]:
    book = MeasuredBook(book_database, accounts)
    bare = BareTable(bare_database)
    seconds: dict[int, list[tuple[float, float, float]]] = {group: [] for group in plan}
    try:
        step()
        for _round in range(rounds):
            for group, count in plan.items():
                seconds[group].append(_one_round(book, bare, group, count))
                step()
    finally:
        bare.close()
        book.writer.close()
    copied = book.copy_lines(sum(plan.values()))
    return [_medians(name, group, plan[group], seconds[group], copied) for group in plan], copied


def _one_round(
    book: MeasuredBook, bare: BareTable, group: int, count: int
) -> tuple[float, float, float]:
    """Seconds for ``count`` entries: spread accounts, one hot account, the bare table."""
    start = book.size()
    spread = _write(book, _spread(book.members, count), group)
    rows = book.leaves_from(start, count)
    givers = random.choices(book.members, k=count)
    hot = _write(book, [(giver, book.hot) for giver in givers], group)
    return spread, hot, bare.write(rows, group)


def _write(book: MeasuredBook, pairs: Sequence[tuple[str, str]], group: int) -> float:
    actions = book.actions(pairs, group)
    gc.collect()
    gc.freeze()  # What was prepared here is no part of the ledger's own work.
    try:
        begin, copied = perf_counter(), book.writer.copying_seconds
        for action in actions:
            book.writer.write(action)
        book.settle_down()
        return perf_counter() - begin - (book.writer.copying_seconds - copied)
    finally:
        gc.unfreeze()


def _spread(members: Sequence[str], count: int) -> list[tuple[str, str]]:
    """Random pairs of two different accounts."""
    drawn = random.choices(range(len(members)), k=2 * count)
    pairs = zip(drawn[::2], drawn[1::2], strict=True)
    return [
        (members[giver], members[(giver + 1) % len(members) if giver == other else other])
        for giver, other in pairs
    ]


def _medians(
    name: str,
    group: int,
    count: int,
    rounds: Sequence[tuple[float, float, float]],
    copied_per_second: int,
) -> Measured:
    spread, hot, bare = zip(*rounds, strict=True)
    each = median(spread) / count
    return Measured(
        database=name,
        group=group,
        entries_per_second=round(1 / each),
        copied_too_entries_per_second=round(1 / (each + 1 / copied_per_second)),
        bare_rows_per_second=round(count / median(bare)),
        ratio=round(median(b / s for s, _h, b in rounds), 3),
        hot_account_entries_per_second=round(count / median(hot)),
        hot_ratio=round(median(s / h for s, h, _b in rounds), 3),
    )


def _versions(names: Sequence[str]) -> dict[str, str]:
    versions = {"python": platform.python_version()}
    if "sqlite" in names:
        versions["sqlite"] = sqlite3.sqlite_version
    if "postgresql" in names:
        versions["psycopg"] = version("psycopg")
    return versions
