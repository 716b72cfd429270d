"""Moving away: asked for at the counter with the member's signed agreement, decided by another.

The whole balance goes to the partner's clearing account in one entry; the account is then closed
to new use, and the person takes a statement along.  What is credited later for a service from
before moves in the same way once more.
"""

from typing import Any

from sqlalchemy import insert, select, text, update

from ledger.draft import Draft, Facts
from ledger.ids import is_id
from ledger.journal import JournalEntry, Movement
from timebank.answers import Answer
from timebank.bank import Bank
from timebank.clock import from_milliseconds, local_date
from timebank.databases import check_text
from timebank.errors import HoldsOpen, MissingField, PersonErased
from timebank.errors.estates import PersonDeceased
from timebank.errors.moves import (
    IdNumberMissing,
    MoveAwaits,
    MoveNotOpen,
    MoverDecides,
    NothingToMove,
    UnknownMove,
)
from timebank.errors.openings import SlipNumberUsed
from timebank.estates.living import IS_DECEASED
from timebank.moves.model import (
    APPROVE_DEPARTURE,
    ASK_DEPARTURE,
    MOVED_AWAY,
    RETURN_DEPARTURE,
    DepartureState,
    holder_commitment,
)
from timebank.moves.partners import BOOK, partner_of
from timebank.moves.tables import DEPARTURE
from timebank.openings.actions import slip_number
from timebank.people.directory import account_of_number, home_station, members
from timebank.stations.actions import require, require_station
from timebank.stations.model import Actor, Role

DEPARTURE_KIND = "departure"
"""The kind of submissions about moves to another book."""

LONGEST_REASON = 200

_WAITING = text("SELECT departure_id FROM departure WHERE book_id = 1 AND open_person = :person")
_SLIP = text(
    "SELECT 1 FROM departure WHERE book_id = 1 AND station_code = :station AND slip = :slip"
)


def ask_departure(
    bank: Bank, actor: Actor, number: str, origin: str, slip: str, *, key: str
) -> Answer:
    """Note that a member moves to the partner book ``origin``; answers the move.

    ``slip`` is the number of the agreement that they signed and the station keeps.  Nothing moves
    before another person approves.

    Raises, the first that applies:
        NotPermitted: neither staff nor operator.
        MissingField, SlipNumberInvalid: see :func:`timebank.openings.actions.slip_number`.
        UnknownMember: the number stands for nobody.
        NotPermitted: a member of another station.
        PersonErased: they asked to be forgotten.
        IdNumberMissing: the other book would not know the person.
        UnknownPartner: no approved partner of that origin.
        PersonDeceased: a death was reported.
        MoveAwaits: a move of theirs waits.
        SlipNumberUsed: the paper belongs to another move of the station.
    """
    require(actor, "ask_departure", Role.CLERK, Role.REVIEWER, Role.OPERATOR)
    paper = slip_number(slip)
    with bank.read() as connection:
        person_id, account_id = account_of_number(connection, number.strip().upper())
        station = home_station(connection, person_id)
    if station:
        require_station(actor, "ask_departure", station)
    station = station or actor.station_code
    _id_number(bank, person_id)

    def decide(draft: Draft) -> dict[str, Any]:
        partner_of(draft, origin)
        if draft.rows(IS_DECEASED, person_id):
            raise PersonDeceased(field="number")
        waiting = draft.query(_WAITING, {"person": person_id}).scalar()
        if waiting is not None:
            raise MoveAwaits(move=waiting)
        if draft.query(_SLIP, {"station": station, "slip": paper}).first():
            raise SlipNumberUsed(field="slip", slip=paper)
        move_id = draft.new_id("move")
        facts: Facts = {
            "account": account_id, "by": actor.actor_id, "do": ASK_DEPARTURE, "move": move_id,
            "slip": paper, "to": origin,
        }  # fmt: skip
        draft.state(move_id, facts)
        whose = {"person_id": person_id, "account_id": account_id, "station_code": station}
        row = {**whose, **_new_row(draft, actor, move_id, origin, paper), "open_person": person_id}
        draft.add(insert(DEPARTURE), [row])
        return {"move": move_id, "state": DepartureState.ASKED.value}

    content = {"do": "ask", "person": person_id, "slip": paper, "to": origin}
    action = bank.action(
        actor, DEPARTURE_KIND, decide, key=key, content=content, station_code=station
    )
    return bank.act(action)


def approve_departure(bank: Bank, actor: Actor, move_id: str, *, key: str) -> Answer:
    """Move the whole balance to the partner's clearing account; answers entry and minutes.

    Raises, the first that applies:
        NotPermitted: neither reviewer nor operator, or of another station.
        UnknownMove: there is no such move.
        PersonErased, IdNumberMissing: nobody elsewhere would know the person any more.
        MoveNotOpen: it was decided before.
        MoverDecides: whoever asked for it.
        PersonDeceased: a death was reported since.
        UnknownPartner: the book is no partner any more.
        HoldsOpen: minutes are set aside for an order or a gift; those end first.
        NothingToMove: the account is empty.
    """
    require(actor, "approve_departure", Role.REVIEWER, Role.OPERATOR)
    with bank.read() as connection:
        known = connection.execute(_departure(move_id)).first()
    if known is None:
        raise UnknownMove(move=move_id[:60])
    require_station(actor, "approve_departure", known.station_code)
    holder = holder_commitment(
        salt_of(bank, known.person_id, move_id), _id_number(bank, known.person_id)
    )

    def decide(draft: Draft) -> dict[str, Any]:
        row = _asked(draft, actor, "approve_departure", move_id)
        if row.asked_by == actor.actor_id:
            raise MoverDecides(move=move_id)
        if draft.rows(IS_DECEASED, row.person_id):
            raise PersonDeceased(field="number")
        partner = partner_of(draft, row.origin)
        account = draft.account(row.account_id)
        if account.held:
            raise HoldsOpen(minutes=account.held)
        if account.posted <= 0:
            raise NothingToMove(move=move_id)
        minutes = account.posted
        on = local_date(from_milliseconds(draft.recorded_ms))
        moves = (Movement(row.account_id, partner.account_id, minutes),)
        entry = JournalEntry(MOVED_AWAY, moves, on.isoformat(), bank.profile_on(on).version)
        facts: Facts = {
            "by": actor.actor_id, "do": APPROVE_DEPARTURE, "holder": holder, "move": move_id,
            "to": row.origin,
        }  # fmt: skip
        entry_id = draft.post(entry, facts)
        _end(draft, actor, move_id, DepartureState.MOVED, minutes=minutes, entry_id=entry_id)
        return {"entry": entry_id, "minutes": minutes, "move": move_id}

    content = {"do": "approve", "move": move_id}
    return _act(bank, actor, decide, key, content, known.station_code)


def return_departure(bank: Bank, actor: Actor, move_id: str, reason: str, *, key: str) -> Answer:
    """Send a move back that nobody has approved, whoever asked for it.

    Raises, the first that applies:
        NotPermitted: no staff, or of another station.
        MissingField: no reason, or one of more than :data:`LONGEST_REASON` characters.
        UnknownMove: there is no such move.
        MoveNotOpen: it was decided before.
    """
    require(actor, "return_departure", Role.CLERK, Role.REVIEWER, Role.OPERATOR)
    said = checked_reason(reason)
    with bank.read() as connection:
        known = connection.execute(_departure(move_id)).first()

    def decide(draft: Draft) -> dict[str, Any]:
        _asked(draft, actor, "return_departure", move_id)
        draft.state(move_id, {"by": actor.actor_id, "do": RETURN_DEPARTURE, "move": move_id})
        _end(draft, actor, move_id, DepartureState.RETURNED, reason=said)
        return {"move": move_id, "state": DepartureState.RETURNED.value}

    content = {"do": "return", "move": move_id, "reason": said}
    station = "" if known is None else known.station_code
    return _act(bank, actor, decide, key, content, station)


def checked_reason(reason: str) -> str:
    """A reason without spaces around it.

    Raises:
        MissingField: none, or one of more than :data:`LONGEST_REASON` characters.
    """
    said = reason.strip()
    if not 0 < len(said) <= LONGEST_REASON:
        raise MissingField(field="reason")
    check_text(said)
    return said


def salt_of(bank: Bank, person_id: str, move_id: str) -> bytes:
    """The salt of a move's commitment; gone once the person is forgotten.

    Raises:
        PersonErased: it is.
    """
    wrapped = bank.wrapped_keys.of([person_id]).get(person_id)
    return bank.vault.salt_for(person_id, wrapped, f"departure {move_id}")


def _id_number(bank: Bank, person_id: str) -> str:
    with bank.read() as connection:
        found = members(bank, connection, [person_id])
    if person_id not in found:
        raise PersonErased(person=person_id)
    number = found[person_id].id_number
    if not number:
        raise IdNumberMissing(field="id_number")
    return number


# Parts -------------------------------------------------------------------------------------


def _new_row(draft: Draft, actor: Actor, move_id: str, origin: str, paper: str) -> dict[str, Any]:
    """A move that waits, but for whose it is."""
    return {
        "book_id": BOOK,
        "departure_id": move_id,
        "origin": origin,
        "slip": paper,
        "state": DepartureState.ASKED.value,
        "minutes": 0,
        "entry_id": "",
        "asked_by": actor.actor_id,
        "asked_ms": draft.recorded_ms,
        "decided_by": "",
        "decided_ms": None,
        "reason": "",
    }


def _departure(move_id: str) -> Any:
    columns = DEPARTURE.c
    known = move_id if is_id(move_id, "move") else ""
    return select(DEPARTURE).where(columns.book_id == BOOK, columns.departure_id == known)


def _asked(draft: Draft, actor: Actor, action: str, move_id: str) -> Any:
    row = draft.query(_departure(move_id)).first()
    if row is None:
        raise UnknownMove(move=move_id[:60])
    require_station(actor, action, row.station_code)
    if row.state != DepartureState.ASKED:
        raise MoveNotOpen(move=move_id, state=row.state)
    return row


def _end(draft: Draft, actor: Actor, move_id: str, state: DepartureState, **values: Any) -> None:
    draft.add(
        update(DEPARTURE)
        .where(DEPARTURE.c.book_id == BOOK, DEPARTURE.c.departure_id == move_id)
        .values(
            state=state.value,
            open_person=None,
            decided_by=actor.actor_id,
            decided_ms=draft.recorded_ms,
            **values,
        )
    )


def _act(
    bank: Bank, actor: Actor, decide: Any, key: str, content: dict[str, Any], station: str
) -> Answer:
    return bank.act(
        bank.action(
            actor, DEPARTURE_KIND, decide, key=key, content=content,
            station_code=station or actor.station_code,
        )
    )  # fmt: skip
