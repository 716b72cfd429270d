"""The rows of a record, made for the writer's fast path."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Table

from timebank.records.model import Party, Service, State, TimeSpent, wall_time

BOOK = 1


@dataclass(frozen=True, slots=True)
class Credit:
    """One volunteer's part: minutes and the entry that moved them, empty before posting."""

    party: Party
    credited: int
    charged: int = 0
    overflow: int = 0
    entry_id: str = ""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A record as it was just made: its id and number, and what each volunteer is credited."""

    record_id: str
    number: int
    state: State
    marks: tuple[str, ...]
    credits: tuple[Credit, ...]

    @property
    def credited_minutes(self) -> int:
        """Minutes of all volunteers together."""
        return sum(credit.credited for credit in self.credits)


def part_row(service: Service, record_id: str, part: str, credit: Credit) -> dict[str, Any]:
    """Somebody's part in a record, as a row of ``record_person``."""
    return {
        "book_id": BOOK,
        "record_id": record_id,
        "person_id": credit.party.person_id,
        "part": part,
        "started_at": wall_time(service.starts_at),
        "ended_at": wall_time(service.ends_at),
        "credited_minutes": credit.credited,
        "charged_minutes": credit.charged,
        "overflow_minutes": credit.overflow,
        "entry_id": credit.entry_id,
        "live": 1,
    }


def hold_row(record_id: str, hold_id: str) -> dict[str, Any]:
    """The hold that pays a record, as a row of ``record_hold``."""
    return {"book_id": BOOK, "record_id": record_id, "hold_id": hold_id}


def time_row(record_id: str, spent: TimeSpent) -> dict[str, Any]:
    """What was said of the time of a record, as a row of ``record_time``."""
    return {
        "book_id": BOOK,
        "record_id": record_id,
        "travel_minutes": spent.travel_minutes,
        "rest_minutes": spent.rest_minutes,
        "aim_met": int(spent.aim_met),
    }


def notice_row(record_id: str, opened_on: str, working_days: int) -> dict[str, Any]:
    """A record's notice, as a row of ``record_notice``; ``opened_on`` is a local day."""
    return {
        "book_id": BOOK,
        "record_id": record_id,
        "opened_on": opened_on,
        "working_days": working_days,
    }


@cache
def _insert_into(table: Table) -> tuple[str, Callable[[dict[str, Any]], tuple[Any, ...]]]:
    names = tuple(table.c.keys())
    slots = ", ".join("?" * len(names))
    return f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({slots})", itemgetter(*names)


def rows_of(table: Table, rows: list[dict[str, Any]]) -> tuple[str, list[tuple[Any, ...]]]:
    """An INSERT in plain SQL, and the rows in the order of its columns."""
    sql, in_order = _insert_into(table)
    return sql, [in_order(row) for row in rows]
