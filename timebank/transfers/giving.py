"""Gifts and donations: held for ten minutes, in which the giver may think again."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from ledger.draft import Draft, Facts
from timebank.answers import Answer
from timebank.bank import Bank
from timebank.chart import Kind as AccountKind
from timebank.clock import from_milliseconds, local_date, milliseconds
from timebank.databases import check_text
from timebank.errors import AssistantMissing, SamePerson, UnknownMember
from timebank.errors.organisations import OrganisationDonatesOnly
from timebank.errors.transfers import DonationGroupWithoutAccount, UndoOver, UnknownTransfer
from timebank.estates.living import check_living
from timebank.people.directory import account_of_number
from timebank.people.identity import age_on
from timebank.people.model import GROUP, Relation
from timebank.people.tables import PERSON
from timebank.policy.eligibility import check_donation
from timebank.policy.model import Profile
from timebank.records.model import Party
from timebank.records.parties import parties_by_id
from timebank.stations.actions import require, require_station
from timebank.stations.model import Actor, Role
from timebank.suspensions.model import Part
from timebank.suspensions.participation import check_participating
from timebank.transfers.model import (
    HOLD_DAYS,
    POOL,
    UNDO_MS,
    Kind,
    Moved,
    State,
    check_room,
    relation_for,
)
from timebank.transfers.store import BOOK, add, coming_to, end, transfer_for

TRANSFER_KIND = "transfer"
"""The kind of a submission by which a member, or staff for them, gives or thinks again."""

GIVERS = (Role.MEMBER, Role.CLERK, Role.REVIEWER, Role.OPERATOR)

_KIN = "SELECT relation FROM kinship WHERE book_id = 1 AND person_id = ? AND other_id = ?"


@dataclass(frozen=True, slots=True)
class Giving:
    """What somebody gives: ``to`` is a member number for a gift, a group's code for a donation.

    ``giver`` is a member number, and of no account where a member acts; ``assistant`` is who helped
    at the counter.
    """

    to: str
    minutes: int
    giver: str = ""
    assistant: str = ""


@dataclass(frozen=True, slots=True)
class _Giver:
    person: Party
    station_code: str


def give(bank: Bank, actor: Actor, giving: Giving, *, key: str) -> Answer:
    """Hold a gift for ten minutes; answers the transfer's id, its relation and until when.

    Raises, the first that applies:
        NotPermitted: neither a member nor a station's staff.
        AssistantMissing: given at the counter, and nobody says who helped.
        UnknownMember: giver or receiver.
        SamePerson: a gift to oneself.
        OrganisationDonatesOnly: from or to an organisation.
        PersonDeceased: giver or receiver has died.
        PersonSuspended: the giver is, as a volunteer: what may have to go back stays.
        NoProfileInForce, TransferNotAllowed, AccountCapExceeded: by the policy of today.
        NotWholeMinutes, FloorExceeded: the giver has not the minutes.
    """
    require(actor, "give", *GIVERS)
    giver = _giver(bank, actor, giving)
    with bank.read() as connection:
        receiver_id, _account = account_of_number(connection, giving.to.strip().upper())
    receiver = _person(bank, receiver_id)
    if receiver.person_id == giver.person.person_id:
        raise SamePerson(field="number")

    if GROUP in giver.person.roles or GROUP in receiver.roles:
        raise OrganisationDonatesOnly(field="number")

    def decide(draft: Draft) -> dict[str, Any]:
        check_living(draft, giver.person.person_id, "giver")
        check_living(draft, receiver.person_id, "number")
        today = _day(draft)
        check_participating(draft, giver.person.person_id, Part.VOLUNTEER, today, "giver")
        profile = bank.profile_on(today)
        age = age_on(date.fromisoformat(receiver.born_on), today) if receiver.born_on else 0
        kin = draft.rows(_KIN, giver.person.person_id, receiver.person_id)
        relation = relation_for(profile, Relation(kin[0][0]) if kin else None, age)
        to = receiver.account_id
        check_room(profile, draft.account(to).posted, coming_to(draft, to), giving.minutes)
        moved = _moved(draft, Kind.GIFT, giver, to, giving.minutes, relation)
        return _hold(draft, actor, giver, moved, profile, giving)

    return _act(bank, actor, giver, giving, Kind.GIFT, decide, key)


def donate(bank: Bank, actor: Actor, giving: Giving, *, key: str) -> Answer:
    """Hold a donation for ten minutes; answers as :func:`give`.

    Raises, the first that applies:
        NotPermitted, AssistantMissing, UnknownMember, PersonDeceased, PersonSuspended: as
            :func:`give`.
        NoProfileInForce, TransferNotAllowed: by the policy of today.
        DonationGroupWithoutAccount: the policy allows it, and the book has no account for them.
        NotWholeMinutes, FloorExceeded: the giver has not the minutes.
    """
    require(actor, "donate", *GIVERS)
    giver = _giver(bank, actor, giving)

    def decide(draft: Draft) -> dict[str, Any]:
        check_living(draft, giver.person.person_id, "giver")
        today = _day(draft)
        check_participating(draft, giver.person.person_id, Part.VOLUNTEER, today, "giver")
        profile = bank.profile_on(today)
        check_donation(profile, giving.to)
        if giving.to != POOL:
            raise DonationGroupWithoutAccount(group=giving.to)
        pool = bank.account_of(AccountKind.POOL)
        moved = _moved(draft, Kind.DONATION, giver, pool, giving.minutes, POOL)
        return _hold(draft, actor, giver, moved, profile, giving)

    return _act(bank, actor, giver, giving, Kind.DONATION, decide, key)


def undo(bank: Bank, actor: Actor, transfer_id: str, *, key: str) -> Answer:
    """Give what is held back to the giver, within the ten minutes; answers id and state.

    Raises, the first that applies:
        NotPermitted: neither a member nor staff of the station where it was given.
        UnknownTransfer: there is none, or another member gave it.
        UndoOver: it is no longer held, or the ten minutes are over.
    """
    require(actor, "undo_transfer", *GIVERS)
    own = _person(bank, actor.person_id).account_id if actor.role is Role.MEMBER else ""

    def decide(draft: Draft) -> dict[str, Any]:
        found = transfer_for(draft, transfer_id)
        if actor.role is not Role.MEMBER:
            # What a member of no station gave themselves, any counter may help to undo.
            require_station(actor, "undo_transfer", found.station_code or actor.station_code)
        elif found.from_account != own:
            raise UnknownTransfer(transfer=transfer_id[:60])
        if found.state != State.HELD or draft.recorded_ms >= found.undo_until_ms:
            raise UndoOver(transfer=transfer_id, state=found.state)
        facts: Facts = {"by": actor.actor_id, "do": "undo_transfer", "transfer": transfer_id}
        draft.release(found.hold_id, facts)
        end(draft, transfer_id, State.UNDONE, actor.actor_id)
        return {"state": State.UNDONE.value, "transfer": transfer_id}

    action = bank.action(
        actor, TRANSFER_KIND, decide, key=key, content={"do": "undo", "transfer": transfer_id}
    )
    return bank.act(action)


# Parts -------------------------------------------------------------------------------------


def _giver(bank: Bank, actor: Actor, giving: Giving) -> _Giver:
    check_text(giving.to, giving.giver, giving.assistant)
    if actor.role is Role.MEMBER:
        person_id = actor.person_id
    else:
        if not giving.assistant.strip():
            raise AssistantMissing(channel="staff")
        with bank.read() as connection:
            person_id, _account = account_of_number(connection, giving.giver.strip().upper())
    person = _person(bank, person_id)
    if actor.role is not Role.MEMBER:
        return _Giver(person, actor.station_code)
    with bank.read() as connection:
        home = select(PERSON.c.station_code).where(
            PERSON.c.book_id == BOOK, PERSON.c.person_id == person_id
        )
        return _Giver(person, str(connection.execute(home).scalar_one()))


def _person(bank: Bank, person_id: str) -> Party:
    with bank.read() as connection:
        found = parties_by_id(bank, connection, [person_id]).get(person_id)
    if found is None:
        raise UnknownMember(field="number")
    return found


def _day(draft: Draft) -> date:
    return local_date(from_milliseconds(draft.recorded_ms))


def _moved(draft: Draft, kind: Kind, giver: _Giver, to: str, minutes: int, code: str) -> Moved:
    return Moved(kind, draft.new_id("trsf"), giver.person.account_id, to, minutes, code)


def _hold(
    draft: Draft, actor: Actor, giver: _Giver, moved: Moved, profile: Profile, giving: Giving
) -> dict[str, Any]:
    on = _day(draft).isoformat()
    undo_until_ms = draft.recorded_ms + UNDO_MS
    expires = from_milliseconds(draft.recorded_ms) + timedelta(days=HOLD_DAYS)
    hold_id = draft.place_hold(
        payer=moved.from_account,
        payee=moved.to_account,
        minutes=moved.minutes,
        expires_ms=milliseconds(expires),
        facts={"by": actor.actor_id, "do": moved.kind.value, "on": on, **moved.facts()},
    )
    add(
        draft,
        moved,
        State.HELD,
        policy=profile.version,
        made_on=on,
        station_code=giver.station_code,
        assistant="" if actor.role is Role.MEMBER else giving.assistant.strip(),
        hold_id=hold_id,
        undo_until_ms=undo_until_ms,
        made_by=actor.actor_id,
    )
    return {
        "code": moved.code,
        "minutes": moved.minutes,
        "state": State.HELD.value,
        "transfer": moved.transfer_id,
        "undo_until_ms": undo_until_ms,
    }


def _act(
    bank: Bank, actor: Actor, giver: _Giver, giving: Giving, kind: Kind, decide: Any, key: str
) -> Answer:
    content = {
        "assistant": giving.assistant,
        "do": kind.value,
        "from": giver.person.account_id,
        "minutes": giving.minutes,
        "to": giving.to,
    }
    action = bank.action(
        actor, TRANSFER_KIND, decide, key=key, content=content, station_code=giver.station_code
    )
    return bank.act(action)
