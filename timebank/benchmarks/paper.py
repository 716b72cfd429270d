"""``timebank bench paper``: what an invented statement takes to be laid out, in either edition."""

import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

from rich.table import Table

from timebank.statements.formats import FORMATS
from timebank.statements.model import Statement, StatementLine

LINES = (30, 3_000)
_FIRST = date(2023, 1, 1)
_STATUS = Path("/proc/self/status")
_PEAK = re.compile(r"^VmHWM:\s+(\d+) kB$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class LaidOut:
    """One document: seconds (the best of the rounds), bytes, and the process's peak until then.

    ``peak_mebibytes`` is that of the whole process, 0 where the system does not tell.
    """

    format: str
    lines: int
    seconds: float
    bytes: int
    peak_mebibytes: int


@dataclass(frozen=True, slots=True)
class PaperCard:
    """The documents of one run, the smaller ones first."""

    rounds: int
    measured: tuple[LaidOut, ...]

    def to_dict(self) -> dict[str, Any]:
        """The card for a program."""
        return asdict(self)

    def table(self) -> Table:
        """The card for a person."""
        table = Table(title=f"paper, best of {self.rounds}")
        for title in ("format", "lines", "seconds", "bytes", "peak MiB"):
            table.add_column(title, justify="right")
        for one in self.measured:
            table.add_row(
                one.format, str(one.lines), f"{one.seconds:.3f}", str(one.bytes),
                str(one.peak_mebibytes),
            )  # fmt: skip
        return table


def paper(*, rounds: int = 3, progress: Callable[[int, int], None]) -> PaperCard:
    """Lay each edition out ``rounds`` times at each of :data:`LINES`."""
    drawn = [form for form in FORMATS if form.is_drawn]
    steps, done, made = len(LINES) * len(drawn) * rounds, 0, []
    for lines in LINES:
        for form in drawn:
            best, size = float("inf"), 0
            for _round in range(rounds):
                began = perf_counter()
                size = sum(map(len, form.write(invented(lines))))
                best = min(best, perf_counter() - began)
                done += 1
                progress(done, steps)
            made.append(LaidOut(form.name, lines, best, size, _peak()))
    return PaperCard(rounds, tuple(made))


def invented(lines: int) -> Statement:
    """A volunteer's statement: services and gifts in turn, every tenth one late."""
    return Statement(
        "acct_01875413da80c001327c36479aa79c8f", "member", "V0001", "active", None, None,
        0, 90 * -(-lines // 2) - 30 * (lines // 2), 0, _lines(lines),
    )  # fmt: skip


def _lines(count: int) -> Iterator[StatementLine]:
    balance = 0
    for place in range(count):
        day = (_FIRST + timedelta(days=place)).isoformat()
        serves = place % 2 == 0
        minutes = 90 if serves else -30
        balance += minutes
        yield StatementLine(
            place + 1, 0, place + 9, "service" if serves else "gift", day,
            f"{day}T06:00:00.000Z", "issuance" if serves else "member", minutes, balance,
            given_minutes=85 if serves else None, policy="plain-2026" if serves else "",
            is_late=serves and place % 10 == 0,
        )  # fmt: skip


def _peak() -> int:
    if not _STATUS.exists():
        return 0
    return int(_PEAK.findall(_STATUS.read_text("ascii"))[0]) // 1_024
