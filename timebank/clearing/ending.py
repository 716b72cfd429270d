"""The end of a partnership: asked for by one operator, approved by another, with nothing left over.

Nothing moves to or from the book any more, and everything stays readable.  It is opened anew by
proposing its key again, and goes on with the accounts that it had.
"""

from typing import Any

from sqlalchemy import insert, select, text, update

from ledger.draft import Draft, Facts
from ledger.ids import is_id
from timebank.answers import Answer
from timebank.bank import Bank
from timebank.clearing.model import ASK_END, END_PARTNER, WITHDRAW_END, EndingState
from timebank.clearing.tables import PARTNER_ENDING
from timebank.errors.clearing import (
    EndingAwaits,
    EndingNotOpen,
    PartnerBusy,
    PartnerNotLevel,
    UnknownEnding,
)
from timebank.errors.moves import MoverDecides, PartnerNotOpen, UnknownPartner
from timebank.moves.model import PartnerState
from timebank.moves.partners import BOOK, PARTNER_KIND
from timebank.moves.tables import PARTNER_BOOK
from timebank.stations.actions import require
from timebank.stations.model import Actor, Role

_BUSY = text(
    "SELECT (SELECT count(*) FROM departure "
    "WHERE book_id = 1 AND origin = :origin AND state = 'asked') "
    "+ (SELECT count(*) FROM arrival "
    "WHERE book_id = 1 AND origin = :origin AND state = 'stated') "
    "+ (SELECT count(*) FROM netting WHERE book_id = 1 AND live_origin = :origin)"
)
_AWAITS = text("SELECT ending_id FROM partner_ending WHERE book_id = 1 AND open_partner = :partner")


def ask_end(bank: Bank, actor: Actor, partner_id: str, *, key: str) -> Answer:
    """Ask to end the partnership with a book; answers the ending, which another approves.

    Raises, the first that applies:
        NotPermitted: no operator.
        UnknownPartner: there is no such partner.
        PartnerNotOpen: it is not active.
        EndingAwaits: its end was asked for.
        PartnerNotLevel, PartnerBusy: see :func:`decide_end`.
    """
    require(actor, "end_partner", Role.OPERATOR)

    def decide(draft: Draft) -> dict[str, Any]:
        partner = _active(draft, partner_id)
        waiting = draft.query(_AWAITS, {"partner": partner_id}).scalar()
        if waiting is not None:
            raise EndingAwaits(ending=waiting)
        _check_free(draft, partner)
        ending_id = draft.new_id("end")
        facts: Facts = {
            "by": actor.actor_id, "do": ASK_END, "ending": ending_id, "partner": partner_id,
        }  # fmt: skip
        draft.state(ending_id, facts)
        row = {
            "book_id": BOOK,
            "ending_id": ending_id,
            "partner_id": partner_id,
            "open_partner": partner_id,
            "state": EndingState.ASKED.value,
            "asked_by": actor.actor_id,
            "asked_ms": draft.recorded_ms,
            "decided_by": "",
            "decided_ms": None,
        }
        draft.add(insert(PARTNER_ENDING), [row])
        return {"ending": ending_id, "partner": partner_id, "state": EndingState.ASKED.value}

    content = {"do": "ask_end", "partner": partner_id}
    return bank.act(bank.action(actor, PARTNER_KIND, decide, key=key, content=content))


def decide_end(bank: Bank, actor: Actor, ending_id: str, *, approve: bool, key: str) -> Answer:
    """End the partnership, or withdraw what was asked, which whoever asked may do too.

    Raises, the first that applies:
        NotPermitted: no operator.
        UnknownEnding: there is no such ending.
        EndingNotOpen: it was decided before.
        MoverDecides: whoever asked would approve.
        PartnerNotOpen: a newer key has replaced the partner's since.
        PartnerNotLevel: minutes stand on the clearing account.
        PartnerBusy: moves or a netting with it wait.
    """
    require(actor, "end_partner", Role.OPERATOR)

    def decide(draft: Draft) -> dict[str, Any]:
        row = draft.query(_ending(ending_id)).first()
        if row is None:
            raise UnknownEnding(ending=ending_id[:60])
        if row.state != EndingState.ASKED:
            raise EndingNotOpen(ending=ending_id, state=row.state)
        if approve:
            if row.asked_by == actor.actor_id:
                raise MoverDecides(move=ending_id)
            _check_free(draft, _active(draft, row.partner_id))
        do, state = (
            (END_PARTNER, EndingState.ENDED) if approve else (WITHDRAW_END, EndingState.WITHDRAWN)
        )
        facts: Facts = {
            "by": actor.actor_id, "do": do, "ending": ending_id, "partner": row.partner_id,
        }  # fmt: skip
        draft.state(ending_id, facts)
        _decided(draft, actor, row, state)
        return {"ending": ending_id, "partner": row.partner_id, "state": state.value}

    content = {"approve": approve, "do": "decide_end", "ending": ending_id}
    return bank.act(bank.action(actor, PARTNER_KIND, decide, key=key, content=content))


# Parts -------------------------------------------------------------------------------------


def _ending(ending_id: str) -> Any:
    columns = PARTNER_ENDING.c
    known = ending_id if is_id(ending_id, "end") else ""
    return select(PARTNER_ENDING).where(columns.book_id == BOOK, columns.ending_id == known)


def _active(draft: Draft, partner_id: str) -> Any:
    columns = PARTNER_BOOK.c
    known = partner_id if is_id(partner_id, "partner") else ""
    asked = select(PARTNER_BOOK).where(columns.book_id == BOOK, columns.partner_id == known)
    partner = draft.query(asked).first()
    if partner is None:
        raise UnknownPartner(partner=partner_id[:60])
    if partner.state != PartnerState.ACTIVE:
        raise PartnerNotOpen(partner=partner_id, state=partner.state)
    return partner


def _check_free(draft: Draft, partner: Any) -> None:
    posted = draft.account(partner.account_id).posted
    if posted:
        raise PartnerNotLevel(minutes=posted)
    waiting = int(draft.query(_BUSY, {"origin": partner.origin}).scalar() or 0)
    if waiting:
        raise PartnerBusy(waiting=waiting)


def _decided(draft: Draft, actor: Actor, row: Any, state: EndingState) -> None:
    ended = PARTNER_ENDING.c
    draft.add(
        update(PARTNER_ENDING)
        .where(ended.book_id == BOOK, ended.ending_id == row.ending_id)
        .values(
            state=state.value,
            open_partner=None,
            decided_by=actor.actor_id,
            decided_ms=draft.recorded_ms,
        )
    )
    if state is EndingState.ENDED:
        columns = PARTNER_BOOK.c
        draft.add(
            update(PARTNER_BOOK)
            .where(columns.book_id == BOOK, columns.partner_id == row.partner_id)
            .values(state=PartnerState.WITHDRAWN.value, live_origin=None)
        )
