"""Adding to a pairing, handing it over, and ending it."""

from typing import Any

from sqlalchemy import update

from ledger.draft import Draft
from timebank.answers import Answer
from timebank.bank import Bank
from timebank.errors.pairings import (
    LeadNeeded,
    NotInThePairing,
    PairingFull,
)
from timebank.pairings.model import (
    MOST_MEMBERS,
    Role,
)
from timebank.pairings.parts import (
    LONGEST_TEXT,
    act,
    check_volunteer,
    join,
    leave,
    running,
    state,
    station_of,
    volunteer_of,
)
from timebank.pairings.tables import PAIRING
from timebank.people.directory import account_of_number
from timebank.said import said
from timebank.stations.actions import require
from timebank.stations.model import Actor
from timebank.stations.model import Role as Office

BOOK = 1


def add_volunteer(
    bank: Bank, actor: Actor, pairing_id: str, number: str, role: Role, *, key: str
) -> Answer:
    """Add a member or backup to a pairing that runs; answers its id.

    Raises, the first that applies:
        NotPermitted: neither operator nor clerk.
        LeadNeeded: a second lead.
        UnknownMember, PersonErased, NotAVolunteer, OrganisationNotSent: no volunteer who comes.
        UnknownPairing: there is none of that id.
        NotPermitted: of another station.
        PairingEnded: it has ended.
        PairingFull: it has :data:`MOST_MEMBERS`.
        InThePairing: they belong to it, or are the elder.
        PersonDeceased, PersonSuspended: they take no part.
        OwnSpouse: where the policy excludes it.
        KeptApart: the two are not to meet.
    """
    require(actor, "change_pairing", Office.OPERATOR, Office.CLERK)
    if role is Role.LEAD:
        raise LeadNeeded(field="role")
    volunteer = volunteer_of(bank, number)
    station = station_of(bank, actor, pairing_id)
    today = bank.today()

    def decide(draft: Draft) -> dict[str, Any]:
        one, belonging = running(draft, pairing_id, today)
        here = {other.person_id for other in belonging if not other.until_on}
        if len(here) >= MOST_MEMBERS:
            raise PairingFull(most=MOST_MEMBERS)
        check_volunteer(bank, draft, one.elder_id, volunteer, here)
        join(draft, pairing_id, len(belonging) + 1, volunteer.person_id, role, today)
        state(draft, actor, pairing_id, "add_to_pairing")
        return {"pairing": pairing_id}

    content = {
        "do": "add", "pairing": pairing_id, "role": role.value, "volunteer": volunteer.person_id,
    }  # fmt: skip
    return act(bank, actor, decide, key, content, station)


def hand_over(
    bank: Bank, actor: Actor, pairing_id: str, leaving: str, coming: str, reason: str, *, key: str
) -> Answer:
    """Let a volunteer leave, and another (``coming``, or nobody where empty) take their role.

    Whoever is in it already takes the role over; a lead leaves only to somebody.

    Raises, the first that applies:
        NotPermitted: neither operator nor clerk.
        MissingField, OrderValueInvalid: no reason, or one that is too long.
        UnknownMember … OrganisationNotSent: see :func:`add_volunteer`.
        UnknownPairing, NotPermitted, PairingEnded: see :func:`add_volunteer`.
        NotInThePairing: who leaves does not belong to it.
        LeadNeeded: a lead who leaves to nobody.
        InThePairing … KeptApart: see :func:`add_volunteer`; the first where both are one.
    """
    require(actor, "change_pairing", Office.OPERATOR, Office.CLERK)
    words = said("reason", reason, LONGEST_TEXT)
    with bank.read() as connection:
        leaving_id, _account = account_of_number(connection, leaving.strip().upper())
    after = volunteer_of(bank, coming) if coming.strip() else None
    station = station_of(bank, actor, pairing_id)
    wrapped = bank.wrapped_keys.of([leaving_id]).get(leaving_id)
    sealed = b"" if wrapped is None else bank.vault.seal(leaving_id, wrapped, {"reason": words})
    today = bank.today()

    def decide(draft: Draft) -> dict[str, Any]:
        one, belonging = running(draft, pairing_id, today)
        here = {other.person_id: other for other in belonging if not other.until_on}
        gone = here.pop(leaving_id, None)
        if gone is None:
            raise NotInThePairing(field="leaving")
        if after is None and gone.role == Role.LEAD.value:
            raise LeadNeeded(field="coming")
        leave(draft, pairing_id, gone.place, today, sealed)
        if after is not None:
            before = here.pop(after.person_id, None)
            check_volunteer(bank, draft, one.elder_id, after, {leaving_id})
            if before is not None:
                leave(draft, pairing_id, before.place, today, b"")
            join(draft, pairing_id, len(belonging) + 1, after.person_id, Role(gone.role), today)
        state(draft, actor, pairing_id, "hand_over_pairing")
        return {"pairing": pairing_id}

    content = {
        "coming": "" if after is None else after.person_id, "do": "hand_over",
        "leaving": leaving_id, "pairing": pairing_id, "reason": words,
    }  # fmt: skip
    return act(bank, actor, decide, key, content, station)


def end_pairing(bank: Bank, actor: Actor, pairing_id: str, reason: str, *, key: str) -> Answer:
    """End a pairing today; what was given stays where it is.

    Raises, the first that applies:
        NotPermitted: neither operator nor clerk.
        MissingField, OrderValueInvalid: no reason, or one that is too long.
        UnknownPairing, NotPermitted, PairingEnded: see :func:`add_volunteer`.
    """
    require(actor, "change_pairing", Office.OPERATOR, Office.CLERK)
    words = said("reason", reason, LONGEST_TEXT)
    station = station_of(bank, actor, pairing_id)
    today = bank.today()

    def decide(draft: Draft) -> dict[str, Any]:
        one, belonging = running(draft, pairing_id, today)
        wrapped = bank.wrapped_keys.of([one.elder_id]).get(one.elder_id)
        told = {"reason": words}
        sealed = b"" if wrapped is None else bank.vault.seal(one.elder_id, wrapped, told)
        for other in belonging:
            if not other.until_on:
                leave(draft, pairing_id, other.place, today, b"")
        mine = PAIRING.c
        where = (mine.book_id == BOOK) & (mine.pairing_id == pairing_id)
        ended = {"ended_on": today.isoformat(), "reason": sealed}
        draft.add(update(PAIRING).where(where).values(**ended))
        state(draft, actor, pairing_id, "end_pairing")
        return {"pairing": pairing_id}

    content = {"do": "end", "pairing": pairing_id, "reason": words}
    return act(bank, actor, decide, key, content, station)
