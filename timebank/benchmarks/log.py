"""``timebank bench log``: appending and publishing beside writing the same bytes to the disk.

A round appends entries in groups, each group durable and answered, and then publishes them as
bundles, tiles and a checkpoint.  Bare writes the same leaves to one file with an fsync a group, and
what was published to another with one fsync: the least that a log of any kind has to do.
"""

import os
import random
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from rich.table import Table

from ledger.bundle import files_of
from ledger.publication import Publisher
from timebank.benchmarks.book import MeasuredBook, sqlite_databases

ENTRIES = {1: 300, 10: 1_500, 100: 5_000, 1_000: 10_000}
"""Entries of one round by size of group."""

ACCOUNTS = 1_000


@dataclass(frozen=True, slots=True)
class Logged:
    """One size of group; rates are medians over the rounds, entries per second.

    ``publishing`` is the share of publication in the time, ``bytes_an_entry`` what the bare run
    wrote for each; ``ratio`` is the median of each round's own ratio.
    """

    group: int
    entries_per_second: int
    bare_per_second: int
    ratio: float
    publishing: float
    bytes_an_entry: int


@dataclass(frozen=True, slots=True)
class LogCard:
    """Every measurement of one run."""

    rounds: int
    accounts: int
    measured: tuple[Logged, ...]

    def to_dict(self) -> dict[str, Any]:
        """The card as JSON has it."""
        return asdict(self)

    def table(self) -> Table:
        """The card for a terminal."""
        table = Table(
            title="Entries appended and published a second",
            caption=(
                f"{self.accounts:,} accounts, median of {self.rounds} interleaved rounds; bare: "
                f"the same bytes in two files, an fsync a group and one for what is published"
            ),
        )
        for heading in ("group", "entries/s", "bare/s", "ratio", "publishing", "bytes/entry"):
            table.add_column(heading, justify="right")
        for row in self.measured:
            table.add_row(
                f"{row.group:,}",
                f"{row.entries_per_second:,}",
                f"{row.bare_per_second:,}",
                f"{row.ratio:.2f}",
                f"{row.publishing:.0%}",
                f"{row.bytes_an_entry:,}",
            )
        return table


def log(
    *,
    rounds: int = 3,
    accounts: int = ACCOUNTS,
    entries: dict[int, int] | None = None,
    folder: Path | None = None,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> LogCard:
    """Measure a book on SQLite in ``folder``, by default the system's for temporary files.

    ``entries`` maps sizes of groups to the entries of one round; ``progress`` hears (steps done,
    steps in all).
    """
    plan = ENTRIES if entries is None else entries
    total, done = rounds * len(plan), 0
    found: dict[int, list[_Round]] = {group: [] for group in plan}
    with (
        TemporaryDirectory(dir=folder, prefix="timebank-bench-") as name,
        sqlite_databases(Path(name)) as (database, _bare),
    ):
        book = MeasuredBook(database, accounts)
        publisher = Publisher(database, Path(name, "log"), lambda vkey: book.log_key)
        try:
            publisher.publish_now()
            for _round in range(rounds):
                for group, count in plan.items():
                    found[group].append(_one_round(book, publisher, Path(name), group, count))
                    done += 1
                    progress(done, total)
        finally:
            book.writer.close()
    return LogCard(
        rounds, accounts, tuple(_logged(group, plan[group], found[group]) for group in plan)
    )


@dataclass(frozen=True, slots=True)
class _Round:
    appending: float
    publishing: float
    bare: float
    written: int


def _one_round(
    book: MeasuredBook, publisher: Publisher, folder: Path, group: int, count: int
) -> _Round:
    pairs = [tuple(random.sample(book.members, 2)) for _ in range(count)]
    actions = book.actions([(giver, receiver) for giver, receiver in pairs], group)
    book.settle_down()
    start, before = book.size(), set(files_of(folder / "log"))
    begin, copied = perf_counter(), book.writer.copying_seconds
    for action in actions:
        book.writer.write(action)
    appended = perf_counter()
    publisher.publish_now()
    published = perf_counter()
    copying = book.writer.copying_seconds - copied  # See the posting benchmark: not of the log.
    new = (set(files_of(folder / "log")) - before) | {"checkpoint"}
    leaves = [body for _id, body in book.leaves_from(start, count)]
    groups = [b"".join(leaves[at : at + group]) for at in range(0, count, group)]
    files = b"".join(folder.joinpath("log", path).read_bytes() for path in sorted(new))
    bare = _write(folder / "bare", groups) + _write(folder / "bare", [files])
    written = sum(map(len, leaves)) + len(files)
    return _Round(appended - begin - copying, published - appended, bare, written)


def _write(path: Path, pieces: list[bytes]) -> float:
    begin = perf_counter()
    with open(path, "wb") as file:
        for piece in pieces:
            file.write(piece)
            file.flush()
            os.fsync(file.fileno())
    return perf_counter() - begin


def _logged(group: int, count: int, rounds: list[_Round]) -> Logged:
    ours = [one.appending + one.publishing for one in rounds]
    return Logged(
        group=group,
        entries_per_second=round(count / median(ours)),
        bare_per_second=round(count / median(one.bare for one in rounds)),
        ratio=round(median(one.bare / took for one, took in zip(rounds, ours, strict=True)), 3),
        publishing=round(
            median(one.publishing / took for one, took in zip(rounds, ours, strict=True)), 3
        ),
        bytes_an_entry=round(median(one.written for one in rounds) / count),
    )
