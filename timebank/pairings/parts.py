"""What making and changing a pairing share: who may belong to it, and how it is written."""

from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import insert, text, update

from ledger.draft import Draft
from timebank.answers import Answer
from timebank.bank import Bank
from timebank.errors import (
    NotAVolunteer,
    PersonErased,
)
from timebank.errors.organisations import OrganisationNotSent
from timebank.errors.pairings import (
    InThePairing,
    KeptApart,
    PairingEnded,
    UnknownPairing,
)
from timebank.estates.living import check_living
from timebank.pairings.model import (
    Role,
)
from timebank.pairings.tables import PAIRING_MEMBER
from timebank.people.directory import account_of_number, members
from timebank.people.model import GROUP, VOLUNTEER, Member
from timebank.policy.eligibility import check_relation
from timebank.stations.actions import require_station
from timebank.stations.model import Actor
from timebank.suspensions.model import Part
from timebank.suspensions.participation import check_participating

BOOK = 1
LONGEST_TEXT = 200

PAIRING_KIND = "pairing"
"""The kind of the submissions."""

_ONE = (
    "SELECT elder_id, station_code, until_on, ended_on FROM pairing "
    "WHERE book_id = 1 AND pairing_id = ?"
)
_STATION = text("SELECT station_code FROM pairing WHERE book_id = 1 AND pairing_id = :pairing")
_MEMBERS = (
    "SELECT place, person_id, role, until_on FROM pairing_member "
    "WHERE book_id = 1 AND pairing_id = ? ORDER BY place"
)
_KIN = "SELECT relation FROM kinship WHERE book_id = 1 AND person_id = ? AND other_id = ?"
_APART = "SELECT 1 FROM matching_exclusion WHERE book_id = 1 AND elder_id = ? AND volunteer_id = ?"


class Running(NamedTuple):
    """A pairing as the group sees it."""

    elder_id: str
    station_code: str
    until_on: str
    ended_on: str


class Belongs(NamedTuple):
    """A volunteer of one, in their order; ``until_on`` is empty while they belong."""

    place: int
    person_id: str
    role: str
    until_on: str


def volunteer_of(bank: Bank, number: str) -> Member:
    """The volunteer of a number, who comes in person.

    Raises, the first that applies:
        UnknownMember, PersonErased: nobody, or nobody any more.
        NotAVolunteer, OrganisationNotSent: in another role, or a body.
    """
    with bank.read() as connection:
        person_id, _account = account_of_number(connection, number.strip().upper())
        found = members(bank, connection, [person_id]).get(person_id)
    if found is None:
        raise PersonErased(person=person_id)
    if VOLUNTEER not in found.roles:
        raise NotAVolunteer(field="volunteer")
    if GROUP in found.roles:
        raise OrganisationNotSent
    return found


def station_of(bank: Bank, actor: Actor, pairing_id: str) -> str:
    """The station of a pairing, where the actor works.

    Raises, the first that applies:
        UnknownPairing: there is none of that id.
        NotPermitted: it is another station's.
    """
    with bank.read() as connection:
        station = connection.execute(_STATION, {"pairing": pairing_id}).scalar()
    if station is None:
        raise UnknownPairing(pairing=pairing_id[:60])
    if station:
        require_station(actor, "change_pairing", station)
    return str(station)


def running(draft: Draft, pairing_id: str, today: date) -> tuple[Running, list[Belongs]]:
    """A pairing that runs and everybody who ever belonged to it, as the group sees them.

    Raises:
        PairingEnded: it does not run any more.
    """
    one = Running(*draft.rows(_ONE, pairing_id)[0])
    if one.ended_on or (one.until_on and one.until_on < today.isoformat()):
        raise PairingEnded(pairing=pairing_id)
    return one, [Belongs(*row) for row in draft.rows(_MEMBERS, pairing_id)]


def check_volunteer(
    bank: Bank, draft: Draft, elder_id: str, volunteer: Member, here: set[str]
) -> None:
    """Let somebody belong to the pairing of an elder beside who is ``here``.

    Raises, the first that applies:
        InThePairing: they are the elder, or here.
        PersonDeceased, PersonSuspended: they take no part.
        OwnSpouse: where the policy excludes it.
        KeptApart: the two are not to meet.
    """
    who, today = volunteer.person_id, bank.today()
    if who == elder_id or who in here:
        raise InThePairing(field="volunteer")
    check_living(draft, who, "volunteer")
    check_participating(draft, who, Part.VOLUNTEER, today, "volunteer")
    kin = draft.rows(_KIN, who, elder_id)
    check_relation(bank.profile_on(today), kin[0][0] if kin else None)
    if draft.rows(_APART, elder_id, who):
        raise KeptApart(field="volunteer")


def join(
    draft: Draft, pairing_id: str, place: int, person_id: str, role: Role, today: date
) -> None:
    """Write down that somebody belongs to a pairing from today on."""
    row = {
        "book_id": BOOK,
        "pairing_id": pairing_id,
        "place": place,
        "person_id": person_id,
        "role": role.value,
        "from_on": today.isoformat(),
        "until_on": "",
        "reason": b"",
    }
    draft.add(insert(PAIRING_MEMBER), [row])


def leave(draft: Draft, pairing_id: str, place: int, today: date, reason: bytes) -> None:
    """Write down that somebody belonged up to today, and why, sealed for them."""
    mine = PAIRING_MEMBER.c
    where = (mine.book_id == BOOK) & (mine.pairing_id == pairing_id) & (mine.place == place)
    values = {"until_on": today.isoformat(), "reason": reason}
    draft.add(update(PAIRING_MEMBER).where(where).values(**values))


def state(draft: Draft, actor: Actor, pairing_id: str, do: str) -> None:
    """Say in the log that something was agreed, and by whom it was noted; never for whom."""
    draft.state(pairing_id, {"by": actor.actor_id, "do": do, "pairing": pairing_id})


def act(
    bank: Bank, actor: Actor, decide: Any, key: str, content: dict[str, Any], station: str
) -> Answer:
    """Act for the station of the pairing."""
    action = bank.action(
        actor, PAIRING_KIND, decide, key=key, content=content, station_code=station or None
    )
    return bank.act(action)
