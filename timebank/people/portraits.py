"""A person's photograph for the slip of a visit: only with their consent, sealed under their key.

It is drawn anew and small, so that neither place nor camera goes along and nobody prints a poster
of it.  With the consent, or with whoever asks to be forgotten, it goes at once: unlike what the
books rest on, nothing obliges a station to keep a face.
"""

from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, insert, select

from ledger.draft import Draft
from timebank.bank import Bank
from timebank.errors import NotPermitted, UnknownMember
from timebank.errors.campaigns import PhotographUnfit
from timebank.errors.portraits import NoPortrait, PortraitNotConsented
from timebank.people.accesses import PORTRAIT_FIELD, Look, Purpose, note_looks
from timebank.people.consents import PORTRAIT, delete_portrait, note_consent
from timebank.people.directory import account_of_number, home_station
from timebank.people.tables import CONSENT, PERSON, PORTRAIT_PICTURE
from timebank.pictures import redrawn
from timebank.stations.actions import require, require_station
from timebank.stations.model import Actor, Role

BOOK = 1

LONGEST_SIDE = 480
"""Pixels of the longer side as kept: 4 cm of a printed slip."""

SHORTEST_SIDE = 120
"""Pixels of the shorter side, below which nobody knows a face."""

KEEPERS = (Role.OPERATOR, Role.CLERK)
READERS = (Role.OPERATOR, Role.CLERK, Role.REVIEWER)


@dataclass(frozen=True, slots=True)
class PortraitStanding:
    """What the page of a person offers: whether they agreed, have a photograph, and may be seen.

    ``is_own`` says that the person is of the asker's station, whose staff alone see it there.
    """

    agreed: bool
    kept: bool
    is_own: bool


def keep_portrait(bank: Bank, actor: Actor, number: str, content: bytes) -> None:
    """Keep a photograph of the person of a number, in the place of the one before.

    Raises, the first that applies:
        NotPermitted: neither operator nor clerk, or of another station than the person's.
        PhotographUnfit: see :func:`timebank.pictures.redrawn`; or small, see :data:`SHORTEST_SIDE`.
        UnknownMember: the number stands for nobody, or for somebody who asked to be forgotten.
        PortraitNotConsented: no consent to it is in force.
    """
    person_id = _of_own_station(bank, actor, number, "keep_portrait", KEEPERS)
    jpeg, width, height = redrawn(content, LONGEST_SIDE)
    if min(width, height) < SHORTEST_SIDE:
        raise PhotographUnfit(why=f"太小或太窄，短边不足 {SHORTEST_SIDE} 像素，认不出人")
    wrapped = bank.wrapped_keys.of([person_id]).get(person_id)
    if wrapped is None:
        raise UnknownMember(field="number")
    sealed = bank.vault.seal(person_id, wrapped, {"jpeg": b64encode(jpeg).decode()})

    def change(draft: Draft) -> dict[str, Any]:
        is_active = (PERSON.c.book_id == BOOK) & (PERSON.c.person_id == person_id)
        if draft.query(select(PERSON.c.state).where(is_active)).scalar() != "active":
            raise UnknownMember(field="number")
        if draft.query(_agreed([person_id])).first() is None:
            raise PortraitNotConsented(field="photo")
        delete_portrait(draft, person_id)
        row = {
            "book_id": BOOK,
            "person_id": person_id,
            "sealed": sealed,
            "kept_by": actor.actor_id,
            "kept_ms": draft.recorded_ms,
        }
        draft.add(insert(PORTRAIT_PICTURE), [row])
        return {}

    bank.keep_house(change)


def agree_to_portrait(bank: Bank, actor: Actor, number: str, *, given: bool) -> None:
    """Note that the person of a number agrees to a photograph, or no longer: then it is deleted.

    Raises, the first that applies:
        NotPermitted: neither operator nor clerk, nor the person; or of another station.
        UnknownMember: the number stands for nobody.
    """
    if actor.role is Role.MEMBER:
        with bank.read() as connection:
            person_id, _account = account_of_number(connection, number.strip().upper())
        if person_id != actor.person_id:
            raise NotPermitted(role=actor.role.value, action="agree_to_portrait")
    else:
        person_id = _of_own_station(bank, actor, number, "agree_to_portrait", KEEPERS)

    def change(draft: Draft) -> dict[str, Any]:
        note_consent(draft, person_id, PORTRAIT, given=given)
        return {}

    bank.keep_house(change)


def portrait_standing(connection: Connection, actor: Actor, person_id: str) -> PortraitStanding:
    """What the page of that person offers to whoever reads it."""
    station = home_station(connection, person_id)
    return PortraitStanding(
        connection.execute(_agreed([person_id])).first() is not None,
        person_id in portraits_of(connection, [person_id]),
        actor.role in READERS and (not actor.station_code or station in ("", actor.station_code)),
    )


def portrait_shown(bank: Bank, actor: Actor, number: str) -> bytes:
    """A person's photograph as JPEG, for the staff of their station; a look that is written down.

    Raises, the first that applies:
        NotPermitted: no staff, or of another station than the person's.
        UnknownMember: the number stands for nobody.
        NoPortrait: there is none, or no consent to it is in force.
    """
    person_id = _of_own_station(bank, actor, number, "see_portrait", READERS)
    with bank.read() as connection:
        jpeg = portrait_in(bank, connection, person_id)
    note_looks(bank, actor, [Look(person_id, Purpose.LOOK, (PORTRAIT_FIELD,))])
    return jpeg


def portrait_in(bank: Bank, connection: Connection, person_id: str) -> bytes:
    """A person's photograph as JPEG, opened; whoever shows it writes the look down first.

    Raises:
        NoPortrait: there is none, no consent to it is in force, or they asked to be forgotten.
    """
    sealed = connection.execute(_kept([person_id], PORTRAIT_PICTURE.c.sealed)).scalar()
    wrapped = bank.wrapped_keys.of([person_id]).get(person_id)
    if sealed is None or wrapped is None:
        raise NoPortrait(field="photo")
    return b64decode(str(bank.vault.open(person_id, wrapped, bytes(sealed))["jpeg"]))


def portraits_of(connection: Connection, person_ids: Iterable[str]) -> frozenset[str]:
    """Those of these people who have a photograph that may be shown."""
    query = _kept(list(person_ids), PORTRAIT_PICTURE.c.person_id)
    return frozenset(connection.execute(query).scalars())


def told_of_portrait(bank: Bank, connection: Connection, person_id: str) -> dict[str, str]:
    """A person's photograph in their own copy, as base64 of a JPEG; empty where there is none."""
    if person_id not in portraits_of(connection, [person_id]):
        return {}
    return {"jpeg": b64encode(portrait_in(bank, connection, person_id)).decode()}


# Parts -------------------------------------------------------------------------------------


def _agreed(person_ids: list[str]) -> Select[Any]:
    """The people of these who agreed to a photograph and did not take that back."""
    columns = CONSENT.c
    return select(columns.person_id).where(
        columns.book_id == BOOK,
        columns.person_id.in_(person_ids),
        columns.purpose == PORTRAIT,
        columns.withdrawn_ms.is_(None),
    )


def _kept(person_ids: list[str], column: Any) -> Select[Any]:
    """A column of the photographs of these people, of those alone who may be shown."""
    mine = PORTRAIT_PICTURE.c
    is_active = (PERSON.c.book_id == BOOK) & (PERSON.c.person_id == mine.person_id)
    return (
        select(column)
        .join(PERSON, is_active & (PERSON.c.state == "active"))
        .where(mine.book_id == BOOK, mine.person_id.in_(_agreed(person_ids)))
    )


def _of_own_station(
    bank: Bank, actor: Actor, number: str, action: str, roles: tuple[Role, ...]
) -> str:
    """The id of the person of a number, if the actor's station is theirs."""
    require(actor, action, *roles)
    with bank.read() as connection:
        person_id, _account = account_of_number(connection, number.strip().upper())
        station = home_station(connection, person_id)
    if station:  # Whom the district registered is known at every station.
        require_station(actor, action, station)
    return person_id
