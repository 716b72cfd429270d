"""Making a station's letters: names out of the vault, each look written down before it is shown."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from ledger.balances import balance_of
from timebank.bank import Bank
from timebank.errors import UnknownStation
from timebank.errors.letters import LettersNotDue
from timebank.expiry.queries import coming_expiries, expiry_rule
from timebank.letters.drawing import Letter, draw_letters, uses_said
from timebank.letters.model import Part, parts_of
from timebank.letters.people import Addressed, addressed, stations_addressed
from timebank.letters.queries import letter_run
from timebank.letters.runs import MAKERS, note_drawn
from timebank.letters.zipping import zipped
from timebank.orders.affordable import affordable
from timebank.people.accesses import Look, Purpose, note_looks
from timebank.people.conditions import conditions_noted
from timebank.people.directory import members
from timebank.people.model import Member
from timebank.statements.statement import statement
from timebank.stations.actions import require, require_station, station_named
from timebank.stations.model import Actor

LETTERS_A_FILE = 100
"""Letters in one PDF: a stack that a printer takes, and memory that stays flat."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Made:
    """One station's letters: how many were drawn, how many people get none, and the files."""

    station_code: str
    letters: int
    left_out: int
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DrawnRun:
    """A file on its way to a printer: its name, its media type, and its bytes as they are drawn."""

    name: str
    media_type: str
    pieces: Iterator[bytes] = field(repr=False)


def part_named(bank: Bank, year: int, number: int) -> Part:
    """The part of a year as the policy of the year's last day, or of today, divides it.

    Raises:
        LettersNotDue: ``unset``: no policy asks for letters then; ``no_part``; ``not_over``.
    """
    per_year = bank.profile_on(min(date(year, 12, 31), bank.today())).endings.statements_per_year
    if per_year is None:
        raise LettersNotDue(why="unset", part=f"{year}-{number}")
    if not 1 <= number <= per_year.value:
        raise LettersNotDue(why="no_part", part=f"{year}-{number}")
    part = parts_of(year, per_year.value)[number - 1]
    if part.last_on >= bank.today():
        raise LettersNotDue(why="not_over", part=part.name)
    return part


def stations_of(bank: Bank, part: Part) -> tuple[str, ...]:
    """The stations that have members who get letters, by code; empty: those of no station."""
    with bank.read() as connection:
        return stations_addressed(connection, part)


@dataclass(frozen=True, slots=True)
class Stack:
    """Up to :data:`LETTERS_A_FILE` letters as one PDF; ``letters`` were drawn into it."""

    name: str
    letters: int
    content: bytes = field(repr=False)


def make_letters(
    bank: Bank,
    actor: Actor,
    part: Part,
    station_code: str,
    out: Path,
    *,
    progress: Progress = lambda done, of: None,
) -> Made:
    """Write a station's letters into ``out`` as PDFs for its printer; every name is a noted look.

    ``station_code`` is empty for members of no station.  Flat in memory; nobody who died, moved
    away or asked to be forgotten gets one.  That they were drawn is noted at the part's run.

    Raises, the first that applies:
        NotPermitted: neither operator nor the station's own staff.
        UnknownStation: there is no such station.
        StorageFault, OSError: the disk failed.
    """
    require(actor, "make_letters", *MAKERS)
    require_station(actor, "make_letters", station_code)
    called, people = _whom(bank, part, station_code)
    files: list[str] = []
    drawn = 0
    for stack in _stacks(bank, actor, part, station_code, called, people):
        path = out / stack.name
        path.write_bytes(stack.content)
        path.chmod(0o600)
        files.append(stack.name)
        drawn += stack.letters
        progress(drawn, len(people.person_ids))
    if people.person_ids:
        note_drawn(bank, actor, part, station_code, people, drawn)
    left_out = people.left_out + len(people.person_ids) - drawn
    return Made(station_code, drawn, left_out, tuple(files))


def draw_run(bank: Bank, actor: Actor, run_id: str) -> DrawnRun:
    """A run's letters for the printer, drawn while they are read; every name is a noted look.

    One PDF where they are a stack, else a ZIP of stacks, which is written as it goes: one stack is
    in memory at a time and none on a disk of ours.  That they were drawn is noted behind the last
    byte, so that a download which broke off is none.

    Raises, the first that applies:
        NotPermitted: neither operator nor clerk.
        UnknownLetterRun: there is no such run.
        NotPermitted: the station's is another.
    """
    require(actor, "make_letters", *MAKERS)
    with bank.read() as connection:
        run = letter_run(connection, actor, run_id)
    part = run.the_part
    called, people = _whom(bank, part, run.station_code)
    stacks = _stacks(bank, actor, part, run.station_code, called, people)
    is_one = len(people.person_ids) <= LETTERS_A_FILE
    name = f"{part.name}-{run.station_code or 'none'}"

    def pieces() -> Iterator[bytes]:
        counted = _Counted(stacks)
        if is_one:
            yield from (stack.content for stack in counted)
        else:
            yield from zipped((one.name, one.content) for one in counted)
        note_drawn(bank, actor, part, run.station_code, people, counted.letters)

    if is_one:
        return DrawnRun(f"{name}.pdf", "application/pdf", pieces())
    return DrawnRun(f"{name}.zip", "application/zip", pieces())


class _Counted:
    """Stacks on their way, with the letters that went by."""

    def __init__(self, stacks: Iterator[Stack]) -> None:
        self._stacks = stacks
        self.letters = 0

    def __iter__(self) -> Iterator[Stack]:
        for stack in self._stacks:
            self.letters += stack.letters
            yield stack


def _whom(bank: Bank, part: Part, station_code: str) -> tuple[str, Addressed]:
    """What the station is called, and who gets a letter there."""
    with bank.read() as connection:
        called = station_named(connection, station_code) if station_code else "站点"
        if called is None:
            raise UnknownStation(station=station_code)
        return called, addressed(connection, part, station_code)


def _stacks(
    bank: Bank, actor: Actor, part: Part, station_code: str, called: str, people: Addressed
) -> Iterator[Stack]:
    waiting, number = iter(people.person_ids), 0
    while some := list(islice(waiting, LETTERS_A_FILE)):
        letters = list(_letters(bank, actor, part, some))
        if letters:
            number += 1
            name = f"{part.name}-{station_code or 'none'}-{number:03}.pdf"
            yield Stack(name, len(letters), draw_letters(part, called, letters))


def _letters(bank: Bank, actor: Actor, part: Part, person_ids: list[str]) -> Iterator[Letter]:
    with bank.read() as connection:
        known = members(bank, connection, person_ids)
    note_looks(bank, actor, [Look(who, Purpose.LETTER, ("name",)) for who in known])
    rule = expiry_rule(bank)
    months = None if rule is None else rule.expires_after_months
    with bank.read() as connection:
        for who, member in known.items():
            found = statement(
                connection, member.account_id, from_on=part.first_on, to_on=part.last_on,
                expiring=coming_expiries(bank, connection, member.account_id),
            )  # fmt: skip
            lines = list(found.lines)
            number = member.numbers[0] if member.numbers else ""
            noted = conditions_noted(bank, connection, who).get(who, {})
            uses = _uses(bank, connection, member, noted)
            yield Letter(member.name, number, found, lines, uses, months)


def _uses(bank: Bank, connection: Connection, member: Member, noted: Any) -> str:
    today = bank.today()
    balance = balance_of(connection, member.account_id)
    assert balance is not None, "every person has an account"
    found = affordable(
        bank.profile_on(today), member, today,
        posted=balance.posted, available=balance.available, noted=noted,
    )  # fmt: skip
    if found is None or found.refused is not None:
        return uses_said(balance.available, None, 0)
    return uses_said(balance.available, found.visits, found.charged_minutes)
