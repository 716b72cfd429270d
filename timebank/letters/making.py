"""Making a station's letters: names out of the vault, each look written down before it is shown."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from ledger.balances import balance_of
from timebank.bank import Bank
from timebank.clock import day_ends, milliseconds
from timebank.errors import UnknownStation
from timebank.errors.letters import LettersNotDue
from timebank.expiry.queries import coming_expiries, expiry_rule
from timebank.letters.drawing import Letter, draw_letters, uses_said
from timebank.letters.model import Part, parts_of
from timebank.orders.affordable import affordable
from timebank.people.accesses import Look, Purpose, note_looks
from timebank.people.conditions import conditions_noted
from timebank.people.directory import members
from timebank.people.model import Member
from timebank.statements.statement import statement
from timebank.stations.actions import require, require_station, station_named
from timebank.stations.model import Actor, Role

LETTERS_A_FILE = 100
"""Letters in one PDF: a stack that a printer takes, and memory that stays flat."""

_PEOPLE = text(
    "SELECT p.person_id, p.account_id, p.state, "
    "EXISTS (SELECT 1 FROM estate t WHERE t.book_id = 1 AND t.person_id = p.person_id "
    "AND t.withdrawn_ms IS NULL) AS died, "
    "EXISTS (SELECT 1 FROM departure d WHERE d.book_id = 1 AND d.person_id = p.person_id "
    "AND d.state = 'moved') AS moved "
    "FROM person p WHERE p.book_id = 1 AND p.station_code = :station "
    "AND p.registered_ms < :behind ORDER BY p.person_id"
)

_STATIONS = text(
    "SELECT DISTINCT station_code FROM person WHERE book_id = 1 AND state = 'active' "
    "AND registered_ms < :behind ORDER BY station_code"
)

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Made:
    """One station's letters: how many were drawn, how many people get none, and the files."""

    station_code: str
    letters: int
    left_out: int
    files: tuple[str, ...]


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
    asked = {"behind": milliseconds(day_ends(part.last_on))}
    with bank.read() as connection:
        return tuple(connection.execute(_STATIONS, asked).scalars())


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
    away or asked to be forgotten gets one.

    Raises, the first that applies:
        NotPermitted: neither operator nor the station's own staff.
        UnknownStation: there is no such station.
        StorageFault, OSError: the disk failed.
    """
    require(actor, "make_letters", Role.OPERATOR, Role.CLERK)
    if actor.role is not Role.OPERATOR:
        require_station(actor, "make_letters", station_code)
    called, people, left_out = "站点", [], 0
    with bank.read() as connection:
        if station_code:
            named = station_named(connection, station_code)
            if named is None:
                raise UnknownStation(station=station_code)
            called = named
        asked = {"station": station_code, "behind": milliseconds(day_ends(part.last_on))}
        for row in connection.execute(_PEOPLE, asked):
            if row.state == "active" and not row.died and not row.moved:
                people.append(row.person_id)
            else:
                left_out += 1
    files: list[str] = []
    drawn, waiting = 0, iter(people)
    while some := list(islice(waiting, LETTERS_A_FILE)):
        letters = list(_letters(bank, actor, part, some))
        drawn += len(letters)
        if letters:
            name = f"{part.name}-{station_code or 'none'}-{len(files) + 1:03}.pdf"
            path = out / name
            path.write_bytes(draw_letters(part, called, letters))
            path.chmod(0o600)
            files.append(name)
        progress(drawn, len(people))
    return Made(station_code, drawn, left_out + len(people) - drawn, tuple(files))


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
