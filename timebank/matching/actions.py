"""Telling matching about people and areas: staff of their station, and members of their free time.

None of this moves credit or enters the log; what describes a person's life is sealed for them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Connection, delete, insert, select, text

from ledger.draft import Draft
from timebank.bank import Bank
from timebank.databases import check_text
from timebank.errors import (
    ConsentMissing,
    MatchingValueInvalid,
    MissingField,
    NotPermitted,
    PersonErased,
    SamePerson,
    UnknownArea,
    UnknownMember,
)
from timebank.matching.model import Window
from timebank.matching.tables import (
    AREA,
    MATCHING_EXCLUSION,
    MATCHING_PERSON,
    MATCHING_SKILL,
    MATCHING_WINDOW,
)
from timebank.people.consents import LOCATION, note_consent
from timebank.policy.model import MINUTES_A_DAY
from timebank.records.classes import offered_classes
from timebank.stations.actions import is_station_code, require
from timebank.stations.model import Actor, Role

BOOK = 1

GENDERS = ("", "female", "male")
LONGEST_REASON = 200
MOST_WINDOWS = 50
FARTHEST_METRES = 1_000_000

STAFF = (Role.OPERATOR, Role.CLERK, Role.REVIEWER)

_PERSON = text(
    "SELECT p.person_id, p.station_code FROM person_number n JOIN person p "
    "ON p.book_id = n.book_id AND p.person_id = n.person_id "
    "WHERE n.book_id = 1 AND n.number = :number AND p.state = 'active'"
)
_TOLD = select(MATCHING_PERSON)


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of a person; ``None`` leaves what stands.

    Days are ``YYYY-MM-DD`` or empty, genders ``female``, ``male`` or empty.  An ``area`` needs
    ``area_consent``; an empty one ends the consent.
    """

    skills: tuple[str, ...] | None = None
    windows: tuple[Window, ...] | None = None
    area: str | None = None
    area_consent: bool = False
    insured_until: str | None = None
    agreed_until: str | None = None
    gender: str | None = field(default=None, repr=False)
    gender_wish: str | None = field(default=None, repr=False)

    @property
    def of_free_time_alone(self) -> bool:
        """Whether nothing is told but free time."""
        return self == Told(windows=self.windows)


def person_for(connection: Connection, actor: Actor, number: str, action: str) -> str:
    """The person of a member number, if the actor may deal with what matching knows of them.

    Staff of a station deal with its people and the district's, members with themselves.

    Raises, the first that applies:
        NotPermitted: neither staff nor a member.
        UnknownMember: nobody, somebody who asked to be forgotten, or another station's.
    """
    require(actor, action, *STAFF, Role.MEMBER)
    row = connection.execute(_PERSON, {"number": number.strip().upper()}).first()
    if row is None or (actor.role is Role.MEMBER and actor.person_id != row.person_id):
        raise UnknownMember(field="number")
    if actor.station_code and row.station_code not in ("", actor.station_code):
        raise UnknownMember(field="number")
    return str(row.person_id)


def tell(bank: Bank, actor: Actor, number: str, told: Told) -> None:
    """Keep what is told of a person for matching.

    Raises, the first that applies:
        NotPermitted … UnknownMember: see :func:`person_for`; a member tells of free time alone.
        MatchingValueInvalid: no class, weekday, day or gender, or minutes out of the day.
        ConsentMissing: an area without the person's consent.
        UnknownArea: no such area.
    """
    with bank.read() as connection:
        person_id = person_for(connection, actor, number, "tell_matching")
    if actor.role is Role.MEMBER and not told.of_free_time_alone:
        raise NotPermitted(role=actor.role.value, action="tell_matching")
    _check(told)
    if told.area and not told.area_consent:
        raise ConsentMissing(field="area")
    wrapped = _key(bank, person_id)

    def change(draft: Draft) -> dict[str, Any]:
        if told.area and not _area_known(draft, told.area):
            raise UnknownArea(area=told.area)
        if told.skills is not None:
            skills = [{"class_code": code} for code in sorted(set(told.skills))]
            _replace(draft, MATCHING_SKILL, person_id, skills)
        if told.windows is not None:
            windows = [
                {"weekday": w.weekday, "from_minute": w.from_minute, "to_minute": w.to_minute}
                for w in joined(told.windows)
            ]
            _replace(draft, MATCHING_WINDOW, person_id, windows)
        if told.area is not None:
            note_consent(draft, person_id, LOCATION, given=bool(told.area))
        if told != Told(skills=told.skills, windows=told.windows):
            plain = {
                name: getattr(told, name)
                for name in ("area", "insured_until", "agreed_until")
                if getattr(told, name) is not None
            }
            hidden = {
                name: getattr(told, name)
                for name in ("gender", "gender_wish")
                if getattr(told, name) is not None
            }
            _keep(bank, draft, actor, person_id, wrapped, plain, hidden)
        return {}

    bank.keep_house(change)


def pause(
    bank: Bank, actor: Actor, number: str, *, from_on: str, until_on: str, reason: str
) -> None:
    """Let a volunteer take nothing from a day on until another, or for good where that is empty.

    An empty ``from_on`` ends the pause.  The reason is sealed for the volunteer, who can read it.

    Raises, the first that applies:
        NotPermitted … UnknownMember: see :func:`person_for`; members pause nobody.
        MatchingValueInvalid: no days, or out of order; too long a reason.
        MissingField: a pause without a reason.
    """
    require(actor, "pause_volunteer", *STAFF)
    with bank.read() as connection:
        person_id = person_for(connection, actor, number, "pause_volunteer")
    for one in (from_on, until_on):
        _check_day("paused_until", one)
    if until_on and not from_on <= until_on:
        raise MatchingValueInvalid(field="paused_until", given=until_on)
    if len(reason) > LONGEST_REASON:
        raise MatchingValueInvalid(field="reason", given=str(len(reason)))
    check_text(reason)
    if from_on and not reason.strip():
        raise MissingField(field="reason")
    wrapped = _key(bank, person_id)
    days = {"paused_from": from_on, "paused_until": until_on if from_on else ""}
    why = {"pause_reason": reason.strip() if from_on else ""}

    def change(draft: Draft) -> dict[str, Any]:
        _keep(bank, draft, actor, person_id, wrapped, days, why)
        return {}

    bank.keep_house(change)


def keep_apart(
    bank: Bank, actor: Actor, elder_number: str, volunteer_number: str, *, apart: bool
) -> None:
    """Note that an elder and a volunteer are not to be brought together, or no longer so.

    Raises, the first that applies:
        NotPermitted … UnknownMember: see :func:`person_for`; members cannot.
        SamePerson: both numbers stand for one person.
    """
    require(actor, "keep_apart", *STAFF)
    with bank.read() as connection:
        elder_id = person_for(connection, actor, elder_number, "keep_apart")
        volunteer_id = person_for(connection, actor, volunteer_number, "keep_apart")
    if elder_id == volunteer_id:
        raise SamePerson(field="number")

    def change(draft: Draft) -> dict[str, Any]:
        pair = {"book_id": BOOK, "elder_id": elder_id, "volunteer_id": volunteer_id}
        columns = MATCHING_EXCLUSION.c
        same = [columns[name] == value for name, value in pair.items()]
        draft.add(delete(MATCHING_EXCLUSION).where(*same))
        if apart:
            row = {**pair, "told_by": actor.actor_id, "told_ms": draft.recorded_ms}
            draft.add(insert(MATCHING_EXCLUSION), [row])
        return {}

    bank.keep_house(change)


def draw_area(
    bank: Bank, actor: Actor, code: str, name: str, east_metres: int, north_metres: int
) -> None:
    """Note an area or move it; the code of a station makes it the place of its people.

    Raises, the first that applies:
        NotPermitted: no operator.
        MatchingValueInvalid: no code of letters, digits and hyphens, no name, or too far away.
    """
    require(actor, "draw_area", Role.OPERATOR)
    if not is_station_code(code) or not 1 <= len(name) <= 80:
        raise MatchingValueInvalid(field="area", given=code[:20])
    for metres in (east_metres, north_metres):
        if not -FARTHEST_METRES <= metres <= FARTHEST_METRES:
            raise MatchingValueInvalid(field="area", given=str(metres))
    check_text(name)

    def change(draft: Draft) -> dict[str, Any]:
        draft.add(delete(AREA).where(AREA.c.book_id == BOOK, AREA.c.code == code))
        row = {"code": code, "name": name, "east_metres": east_metres, "north_metres": north_metres}
        draft.add(insert(AREA), [{"book_id": BOOK, **row}])
        return {}

    bank.keep_house(change)


def joined(windows: Sequence[Window]) -> list[Window]:
    """Windows in their order, those that touch made one: a visit may run from one into the next."""
    found: list[Window] = []
    for one in sorted(windows):
        last = found[-1] if found else None
        if last and last.weekday == one.weekday and one.from_minute <= last.to_minute:
            until = max(last.to_minute, one.to_minute)
            found[-1] = Window(last.weekday, last.from_minute, until)
        else:
            found.append(one)
    return found


# Parts of actions --------------------------------------------------------------------------


def _check(told: Told) -> None:
    offered = {one.code for one in offered_classes()}
    for code in told.skills or ():
        if code not in offered:
            raise MatchingValueInvalid(field="skill", given=code[:40])
    if len(told.windows or ()) > MOST_WINDOWS:
        raise MatchingValueInvalid(field="free_time", given=str(len(told.windows or ())))
    for one in told.windows or ():
        if not (1 <= one.weekday <= 7 and 0 <= one.from_minute < one.to_minute <= MINUTES_A_DAY):
            given = f"{one.weekday} {one.from_minute}-{one.to_minute}"
            raise MatchingValueInvalid(field="free_time", given=given[:40])
    for name in ("insured_until", "agreed_until"):
        _check_day(name, getattr(told, name) or "")
    for gender in (told.gender, told.gender_wish):
        if gender is not None and gender not in GENDERS:
            raise MatchingValueInvalid(field="gender", given=gender[:20])


def _check_day(name: str, given: str) -> None:
    if not given:
        return
    try:
        same = date.fromisoformat(given).isoformat() == given
    except ValueError:
        same = False
    if not same:
        raise MatchingValueInvalid(field=name, given=given[:40])


def _key(bank: Bank, person_id: str) -> bytes:
    wrapped = bank.wrapped_keys.of([person_id]).get(person_id)
    if wrapped is None:
        raise PersonErased(person=person_id)
    return wrapped


def _area_known(draft: Draft, code: str) -> bool:
    return bool(draft.rows("SELECT 1 FROM area WHERE book_id = 1 AND code = ?", code))


def _replace(draft: Draft, table: Any, person_id: str, rows: list[dict[str, Any]]) -> None:
    draft.add(delete(table).where(table.c.book_id == BOOK, table.c.person_id == person_id))
    if rows:
        same = {"book_id": BOOK, "person_id": person_id}
        draft.add(insert(table), [{**same, **row} for row in rows])


def _keep(
    bank: Bank,
    draft: Draft,
    actor: Actor,
    person_id: str,
    wrapped: bytes,
    plain: dict[str, Any],
    hidden: dict[str, Any],
) -> None:
    """Change single values of a person's row; what is hidden is sealed anew with the rest."""
    columns = MATCHING_PERSON.c
    mine = (columns.book_id == BOOK, columns.person_id == person_id)
    found = draft.query(_TOLD.where(*mine)).mappings().first()
    empty = dict.fromkeys(
        ("area", "insured_until", "agreed_until", "paused_from", "paused_until"), ""
    )
    row: dict[str, Any] = dict(found) if found is not None else {**empty, "sealed": b""}
    known = bank.vault.open(person_id, wrapped, bytes(row["sealed"])) if row["sealed"] else {}
    facts = {name: value for name, value in {**known, **hidden}.items() if value}
    row |= {
        **plain,
        "sealed": bank.vault.seal(person_id, wrapped, facts) if facts else b"",
        "told_by": actor.actor_id,
        "told_ms": draft.recorded_ms,
    }
    _replace(draft, MATCHING_PERSON, person_id, [row])
