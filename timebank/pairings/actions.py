"""Making a pairing: what an elder and volunteers agreed to."""

from datetime import date
from typing import Any

from sqlalchemy import insert

from ledger.draft import Draft
from timebank.answers import Answer
from timebank.bank import Bank
from timebank.errors import (
    NotARecipient,
    OrderValueInvalid,
    PersonErased,
    UnknownClass,
)
from timebank.errors.pairings import (
    AlreadyPaired,
    LeadNeeded,
    PairingFull,
)
from timebank.estates.living import check_living
from timebank.pairings.model import (
    LONGEST_ALERT_DAYS,
    MOST_MEMBERS,
    MOST_PROMISED,
    Promise,
    Role,
)
from timebank.pairings.parts import (
    LONGEST_TEXT,
    act,
    check_volunteer,
    join,
    state,
    volunteer_of,
)
from timebank.pairings.tables import PAIRING
from timebank.people.directory import account_of_number, home_station, members
from timebank.people.model import ELDER
from timebank.records.classes import offered_classes
from timebank.said import check_last_day, said
from timebank.stations.actions import require, require_station
from timebank.stations.model import Actor
from timebank.stations.model import Role as Office
from timebank.suspensions.model import Part
from timebank.suspensions.participation import check_participating

BOOK = 1

_RUNNING = (
    "SELECT pairing_id FROM pairing WHERE book_id = 1 AND elder_id = ? AND ended_on = '' "
    "AND (until_on = '' OR until_on >= ?)"
)


def make_pairing(bank: Bank, actor: Actor, promise: Promise, *, key: str) -> Answer:
    """Note what an elder and volunteers agreed to; answers the pairing's id.

    Raises, the first that applies:
        NotPermitted: neither operator nor clerk.
        MissingField, OrderValueInvalid: no proof, texts that are too long, minutes out of 1 to
            :data:`MOST_PROMISED` or alert days out of 1 to :data:`LONGEST_ALERT_DAYS`.
        UnknownClass: no class of that code.
        UnreadableDate, OrderValueInvalid: an end that is no day, or is over.
        LeadNeeded, PairingFull: none or several leads, or more than :data:`MOST_MEMBERS`.
        UnknownMember: a number that stands for nobody.
        NotPermitted: an elder of another station.
        PersonErased, NotARecipient: no elder any more, or none at all.
        AlreadyPaired: a pairing of the elder runs.
        InThePairing … KeptApart: see :func:`add_volunteer`, for each in their order.
    """
    require(actor, "make_pairing", Office.OPERATOR, Office.CLERK)
    told = _checked(promise, bank.today())
    with bank.read() as connection:
        elder_id, _account = account_of_number(connection, promise.elder.strip().upper())
        station = home_station(connection, elder_id) or actor.station_code
        known = members(bank, connection, [elder_id])
    if station:
        require_station(actor, "make_pairing", station)
    if elder_id not in known:
        raise PersonErased(person=elder_id)
    if ELDER not in known[elder_id].roles:
        raise NotARecipient(field="elder")
    chosen = [(volunteer_of(bank, number), role) for number, role in promise.members]
    wrapped = bank.wrapped_keys.of([elder_id]).get(elder_id)
    sealed = bank.vault.seal(elder_id, wrapped, told)
    today = bank.today()

    def decide(draft: Draft) -> dict[str, Any]:
        running = draft.rows(_RUNNING, elder_id, today.isoformat())
        if running:
            raise AlreadyPaired(pairing=running[0][0])
        check_living(draft, elder_id, "elder")
        check_participating(draft, elder_id, Part.ELDER, today, "elder")
        pairing_id = draft.new_id("pair")
        row = _row(promise, pairing_id, elder_id, station, today)
        row |= {"made_by": actor.actor_id, "made_ms": draft.recorded_ms, "sealed": sealed}
        draft.add(insert(PAIRING), [row])
        seen: set[str] = set()
        for place, (volunteer, role) in enumerate(chosen, 1):
            check_volunteer(bank, draft, elder_id, volunteer, seen)
            seen.add(volunteer.person_id)
            join(draft, pairing_id, place, volunteer.person_id, role, today)
        state(draft, actor, pairing_id, "make_pairing")
        return {"pairing": pairing_id}

    content = {
        "alert_days": promise.alert_days, "classes": list(promise.classes), "do": "make",
        "elder": elder_id, "minutes": promise.minutes, "told": told, "until_on": promise.until_on,
        "volunteers": [[one.person_id, role.value] for one, role in chosen],
    }  # fmt: skip
    return act(bank, actor, decide, key, content, station)


def _row(
    promise: Promise, pairing_id: str, elder_id: str, station: str, today: date
) -> dict[str, Any]:
    """A pairing that begins today, but for who noted it and what is sealed."""
    return {
        "book_id": BOOK,
        "pairing_id": pairing_id,
        "elder_id": elder_id,
        "station_code": station,
        "minutes": promise.minutes,
        "alert_days": promise.alert_days,
        "classes": " ".join(promise.classes),
        "from_on": today.isoformat(),
        "until_on": promise.until_on,
        "ended_on": "",
        "reason": b"",
    }


def _checked(promise: Promise, today: date) -> dict[str, str]:
    """What is sealed of a promise that is of its form."""
    told = {"proof": said("proof", promise.proof, LONGEST_TEXT)}
    if promise.risks.strip():
        told["risks"] = said("risks", promise.risks, LONGEST_TEXT)
    for field, given, most in (
        ("minutes", promise.minutes, MOST_PROMISED),
        ("alert_days", promise.alert_days, LONGEST_ALERT_DAYS),
    ):
        if not 1 <= given <= most:
            raise OrderValueInvalid(field=field, given=str(given))
    known = {one.code for one in offered_classes()}
    for code in promise.classes:
        if code not in known:
            raise UnknownClass(field="content", service_class=code[:40])
    check_last_day("until_on", promise.until_on, today)
    if [role for _number, role in promise.members].count(Role.LEAD) != 1:
        raise LeadNeeded(field="members")
    if len(promise.members) > MOST_MEMBERS:
        raise PairingFull(most=MOST_MEMBERS)
    return told
