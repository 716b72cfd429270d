"""Coming from another book: the person's file is believed, somebody else approves, and it counts.

What is believed stands in this log too: the fact has the other log's receipt, so that whoever
verifies this book sees for themselves that the other one let the time go, and to whom.
"""

from typing import Any

from sqlalchemy import insert, select, text, update

from ledger.draft import Draft, Facts
from ledger.ids import is_id
from ledger.journal import JournalEntry
from ledger.notes import Vkey
from timebank.answers import Answer
from timebank.bank import Bank
from timebank.clock import from_milliseconds, local_date
from timebank.errors import PersonErased
from timebank.errors.estates import PersonDeceased
from timebank.errors.moves import (
    AddressedElsewhere,
    AlreadyArrived,
    HolderDiffers,
    IdNumberMissing,
    MoveNotOpen,
    MoverDecides,
    UnknownMove,
)
from timebank.estates.living import IS_DECEASED
from timebank.moves.credit_statement import CreditStatement, Moved, believed, read_statement
from timebank.moves.departing import checked_reason
from timebank.moves.model import (
    APPROVE_ARRIVAL,
    MOVED_IN,
    RETURN_ARRIVAL,
    STATE_ARRIVAL,
    ArrivalState,
    DepartureState,
    arriving,
)
from timebank.moves.partners import BOOK, partner_of
from timebank.moves.tables import ARRIVAL, DEPARTURE
from timebank.people.directory import account_of_number, home_station, members
from timebank.people.model import Member
from timebank.stations.actions import require, require_station
from timebank.stations.model import Actor, Role

ARRIVAL_KIND = "arrival"
"""The kind of submissions about moves from another book."""

_LIVE = text(
    "SELECT arrival_id FROM arrival WHERE book_id = 1 AND origin = :origin AND live_entry = :entry"
)
_STATE = text("SELECT state FROM person WHERE book_id = 1 AND person_id = :person")


def state_arrival(bank: Bank, actor: Actor, number: str, data: bytes, *, key: str) -> Answer:
    """Take in the statement that a member brings; answers the move, which awaits its approval.

    Raises, the first that applies:
        NotPermitted: neither staff nor operator.
        StatementUnreadable: ``not_a_statement``.
        UnknownPartner: it is of a book that is no approved partner.
        StatementUnreadable: ``signature``, ``receipt`` or ``differs``.
        AddressedElsewhere: the time was moved to another book than this.
        UnknownMember: the number stands for nobody.
        NotPermitted: a member of another station.
        PersonErased: they asked to be forgotten.
        IdNumberMissing, HolderDiffers: the member cannot be, or is not, whose statement it is.
        AlreadyArrived: the same entry came in before and did not go back.
        PersonDeceased: a death was reported.
    """
    require(actor, "state_arrival", Role.CLERK, Role.REVIEWER, Role.OPERATOR)
    statement = read_statement(data)
    with bank.read() as connection:
        partner = partner_of(connection, statement.origin)
        moved, receipt = believed(statement, Vkey.parse(partner.vkey))
        if moved.to != bank.origin:
            raise AddressedElsewhere(field="partner", partner=moved.to[:120])
        person_id, account_id = account_of_number(connection, number.strip().upper())
        station = home_station(connection, person_id)
        if station:
            require_station(actor, "state_arrival", station)
        known = members(bank, connection, [person_id]).get(person_id)
    _check_holder(statement, person_id, known)
    station = station or actor.station_code

    def decide(draft: Draft) -> dict[str, Any]:
        live = partner_of(draft, statement.origin)
        asked = {"origin": statement.origin, "entry": moved.entry_id}
        before = draft.query(_LIVE, asked).scalar()
        if before is not None:
            raise AlreadyArrived(move=before)
        if draft.rows(IS_DECEASED, person_id):
            raise PersonDeceased(field="number")
        move_id = draft.new_id("move")
        facts: Facts = {
            "account": account_id, "by": actor.actor_id, "do": STATE_ARRIVAL, "move": move_id,
            "partner": live.partner_id, "receipt": str(receipt.for_paper()),
        }  # fmt: skip
        draft.state(move_id, facts)
        whose = {"person_id": person_id, "account_id": account_id, "station_code": station}
        row = {**whose, **_new_row(draft, actor, move_id, statement.origin, moved)}
        draft.add(insert(ARRIVAL), [row])
        return {"minutes": moved.minutes, "move": move_id, "origin": statement.origin}

    content = {
        "do": "state", "entry": moved.entry_id, "origin": statement.origin, "person": person_id,
    }  # fmt: skip
    return _act(bank, actor, decide, key, content, station)


def approve_arrival(bank: Bank, actor: Actor, move_id: str, *, key: str) -> Answer:
    """Credit what came in, up to the account cap; answers entry and minutes.

    Whoever moved away earlier and comes back has their account open again.

    Raises, the first that applies:
        NotPermitted: neither reviewer nor operator, or of another station.
        UnknownMove: there is no such move.
        MoveNotOpen: it was decided before.
        MoverDecides: whoever handed it in.
        PersonErased, PersonDeceased: the member asked to be forgotten, or died, since.
        UnknownPartner: the book is no partner any more.
        AccountCapExceeded: the policy refuses what the account may not hold.
    """
    require(actor, "approve_arrival", Role.REVIEWER, Role.OPERATOR)

    def decide(draft: Draft) -> dict[str, Any]:
        row = _stated(draft, actor, "approve_arrival", move_id)
        if row.stated_by == actor.actor_id:
            raise MoverDecides(move=move_id)
        if draft.query(_STATE, {"person": row.person_id}).scalar() != "active":
            raise PersonErased(person=row.person_id)
        if draft.rows(IS_DECEASED, row.person_id):
            raise PersonDeceased(field="number")
        partner = partner_of(draft, row.origin)
        on = local_date(from_milliseconds(draft.recorded_ms))
        profile = bank.profile_on(on)
        posted = draft.account(row.account_id).posted
        moves = arriving(
            profile, bank.account_of, partner.account_id, row.account_id, posted, row.minutes
        )
        facts: Facts = {"by": actor.actor_id, "do": APPROVE_ARRIVAL, "move": move_id}
        entry_id = draft.post(JournalEntry(MOVED_IN, moves, on.isoformat(), profile.version), facts)
        credited = sum(one.minutes for one in moves if one.to_account == row.account_id)
        _end(
            draft, actor, move_id, ArrivalState.POSTED,
            entry_id=entry_id, credited_minutes=credited,
        )  # fmt: skip
        columns = DEPARTURE.c
        mine = (columns.book_id == BOOK) & (columns.person_id == row.person_id)
        back = update(DEPARTURE).where(mine, columns.state == DepartureState.MOVED.value)
        draft.add(back.values(state=DepartureState.CAME_BACK.value))
        return {"credited": credited, "entry": entry_id, "minutes": row.minutes, "move": move_id}

    content = {"do": "approve", "move": move_id}
    return _act(bank, actor, decide, key, content, _station_of(bank, move_id))


def return_arrival(bank: Bank, actor: Actor, move_id: str, reason: str, *, key: str) -> Answer:
    """Send a move back that nobody has approved; its statement may be handed in again.

    Raises, the first that applies:
        NotPermitted: no staff, or of another station.
        MissingField: see :func:`timebank.moves.departing.checked_reason`.
        UnknownMove: there is no such move.
        MoveNotOpen: it was decided before.
    """
    require(actor, "return_arrival", Role.CLERK, Role.REVIEWER, Role.OPERATOR)
    said = checked_reason(reason)

    def decide(draft: Draft) -> dict[str, Any]:
        _stated(draft, actor, "return_arrival", move_id)
        draft.state(move_id, {"by": actor.actor_id, "do": RETURN_ARRIVAL, "move": move_id})
        _end(draft, actor, move_id, ArrivalState.RETURNED, live_entry=None, reason=said)
        return {"move": move_id, "state": ArrivalState.RETURNED.value}

    content = {"do": "return", "move": move_id, "reason": said}
    return _act(bank, actor, decide, key, content, _station_of(bank, move_id))


# Parts -------------------------------------------------------------------------------------


def _check_holder(statement: CreditStatement, person_id: str, known: Member | None) -> None:
    if known is None:
        raise PersonErased(person=person_id)
    if not known.id_number:
        raise IdNumberMissing(field="id_number")
    if not statement.is_of(known.id_number):
        raise HolderDiffers(field="id_number")


def _new_row(draft: Draft, actor: Actor, move_id: str, origin: str, moved: Moved) -> dict[str, Any]:
    """An arrival that waits, but for whose it is."""
    return {
        "book_id": BOOK,
        "arrival_id": move_id,
        "origin": origin,
        "issuer_entry": moved.entry_id,
        "live_entry": moved.entry_id,
        "minutes": moved.minutes,
        "moved_on": moved.moved_on,
        "state": ArrivalState.STATED.value,
        "credited_minutes": 0,
        "entry_id": "",
        "stated_by": actor.actor_id,
        "stated_ms": draft.recorded_ms,
        "decided_by": "",
        "decided_ms": None,
        "reason": "",
    }


def _arrival(move_id: str) -> Any:
    columns = ARRIVAL.c
    known = move_id if is_id(move_id, "move") else ""
    return select(ARRIVAL).where(columns.book_id == BOOK, columns.arrival_id == known)


def _station_of(bank: Bank, move_id: str) -> str:
    with bank.read() as connection:
        row = connection.execute(_arrival(move_id)).first()
    return "" if row is None else str(row.station_code)


def _stated(draft: Draft, actor: Actor, action: str, move_id: str) -> Any:
    row = draft.query(_arrival(move_id)).first()
    if row is None:
        raise UnknownMove(move=move_id[:60])
    require_station(actor, action, row.station_code)
    if row.state != ArrivalState.STATED:
        raise MoveNotOpen(move=move_id, state=row.state)
    return row


def _end(draft: Draft, actor: Actor, move_id: str, state: ArrivalState, **values: Any) -> None:
    draft.add(
        update(ARRIVAL)
        .where(ARRIVAL.c.book_id == BOOK, ARRIVAL.c.arrival_id == move_id)
        .values(
            state=state.value, decided_by=actor.actor_id, decided_ms=draft.recorded_ms, **values
        )
    )


def _act(
    bank: Bank, actor: Actor, decide: Any, key: str, content: dict[str, Any], station: str
) -> Answer:
    return bank.act(
        bank.action(
            actor, ARRIVAL_KIND, decide, key=key, content=content,
            station_code=station or actor.station_code,
        )
    )  # fmt: skip
