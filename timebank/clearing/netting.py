"""Netting: what both statements of a month agree on is fixed in the log, and both books bring their
clearing accounts to zero by it.

No time is paid back and no money flows.  What a book has netted with a partner stays on an account
of its own, above zero what members took there, below zero what they brought; in the partner's book
the same stands with the other sign.
"""

from typing import Any

from sqlalchemy import insert, select, text, update

from ledger.draft import Draft, Facts
from ledger.ids import is_id, new_id
from ledger.journal import JournalEntry, Movement
from timebank.answers import Answer
from timebank.bank import Bank
from timebank.chart import Kind, title_of
from timebank.clearing.comparing import agreement
from timebank.clearing.journal import journal_lines
from timebank.clearing.making import cleared_partner, make_statement
from timebank.clearing.model import (
    APPROVE_NETTING,
    NETTED,
    PROPOSE_NETTING,
    WITHDRAW_NETTING,
    NettingState,
)
from timebank.clearing.tables import NETTING, PARTNER_SETTLED, PARTNER_STATEMENT
from timebank.clearing.taking import CLEARING_KIND, statements_taken
from timebank.clock import from_milliseconds, local_date
from timebank.errors.clearing import (
    ClearingDiffers,
    MonthNetted,
    NettingAwaits,
    NettingNotOpen,
    NothingToNet,
    UnknownNetting,
)
from timebank.errors.moves import MoverDecides
from timebank.moves.partners import BOOK, partner_of
from timebank.stations.actions import require
from timebank.stations.model import Actor, Role

PLANNED_KIND = "netting_proposal"
"""The kind of a submission in which a job proposes."""

_WAITING = text("SELECT netting_id FROM netting WHERE book_id = 1 AND live_origin = :origin")
_DONE = text(
    "SELECT month, decided_ms FROM netting "
    "WHERE book_id = 1 AND origin = :origin AND state = 'netted'"
)
_SETTLED = text("SELECT account_id FROM partner_settled WHERE book_id = 1 AND origin = :origin")
_TAKER = select(PARTNER_STATEMENT.c.taken_by).where(PARTNER_STATEMENT.c.book_id == BOOK)


def propose_netting(bank: Bank, actor: Actor, origin: str, month: str, *, key: str) -> Answer:
    """Propose to net what both statements of a month close with; answers the netting.

    Raises, the first that applies:
        NotPermitted, NotAPeriod, UnknownPartner, UnknownClearing, ClearingMonthOpen: see
            :func:`timebank.clearing.making.make_statement`, whose statement is made where missing.
        ClearingDiffers: the partner's statement is not here, or both do not agree.
        UnknownPartner: the partnership has ended.
        NettingAwaits: another netting with the partner waits.
        MonthNetted: the month or a later one was netted, or one was after this month was over.
        NothingToNet: both close at zero.
    """
    ours = make_statement(bank, actor, origin, month)
    closing = int(ours["closing"])
    with bank.read() as connection:
        partner = cleared_partner(connection, origin)
        said = statements_taken(connection, origin)
        lines = journal_lines(connection, origin, partner.account_id)
    differences = agreement(lines, [one.said for one in said], month)
    if differences:
        raise ClearingDiffers(month=month, differences=len(differences))
    theirs = next(one.hash for one in said if one.said.month == month)

    def decide(draft: Draft) -> dict[str, Any]:
        live = partner_of(draft, origin)
        waiting = draft.query(_WAITING, {"origin": origin}).scalar()
        if waiting is not None:
            raise NettingAwaits(netting=waiting)
        _check_not_netted(draft, origin, month)
        if closing == 0:
            raise NothingToNet(month=month)
        netting_id = draft.new_id("net")
        facts: Facts = {
            "by": actor.actor_id, "do": PROPOSE_NETTING, "minutes": closing, "month": month,
            "netting": netting_id, "ours": ours["hash"], "partner": live.partner_id,
            "theirs": theirs,
        }  # fmt: skip
        draft.state(netting_id, facts)
        agreed = {"minutes": closing, "ours": ours["hash"], "theirs": theirs}
        row = {**agreed, **_new_row(draft, actor, netting_id, origin, month)}
        draft.add(insert(NETTING), [row])
        return {"minutes": closing, "month": month, "netting": netting_id, "partner": origin}

    content = {"do": "propose", "month": month, "origin": origin}
    kind = PLANNED_KIND if actor.role is Role.SCHEDULER else CLEARING_KIND
    return bank.act(bank.action(actor, kind, decide, key=key, content=content))


def decide_netting(bank: Bank, actor: Actor, netting_id: str, *, approve: bool, key: str) -> Answer:
    """Bring the clearing account to zero by what was agreed, or withdraw the proposal.

    Whoever took the partner's statement in, or proposed, may withdraw and not approve.

    Raises, the first that applies:
        NotPermitted: no operator.
        UnknownNetting: there is no such netting.
        NettingNotOpen: it was decided before.
        MoverDecides: whoever proposed it, or took in the partner's statement, would approve it.
        UnknownPartner: the partnership has ended.
    """
    require(actor, "decide_netting", Role.OPERATOR)

    def decide(draft: Draft) -> dict[str, Any]:
        row = draft.query(_netting(netting_id)).first()
        if row is None:
            raise UnknownNetting(netting=netting_id[:60])
        if row.state != NettingState.PROPOSED:
            raise NettingNotOpen(netting=netting_id, state=row.state)
        if not approve:
            facts: Facts = {"by": actor.actor_id, "do": WITHDRAW_NETTING, "netting": netting_id}
            draft.state(netting_id, facts)
            _end(draft, actor, netting_id, NettingState.WITHDRAWN, live_month=None)
            return {"netting": netting_id, "state": NettingState.WITHDRAWN.value}
        columns = PARTNER_STATEMENT.c
        asked = _TAKER.where(columns.origin == row.origin, columns.month == row.month)
        if actor.actor_id in (row.proposed_by, draft.query(asked).scalar()):
            raise MoverDecides(move=netting_id)
        entry_id = _post(bank, draft, actor, row)
        _end(draft, actor, netting_id, NettingState.NETTED, entry_id=entry_id)
        return {
            "entry": entry_id, "minutes": row.minutes, "netting": netting_id,
            "state": NettingState.NETTED.value,
        }  # fmt: skip

    content = {"approve": approve, "do": "decide", "netting": netting_id}
    batch = new_id("batch", bank.now_ms()) if approve else None  # An account may open besides.
    action = bank.action(actor, CLEARING_KIND, decide, key=key, content=content, batch=batch)
    return bank.act(action)


# Parts -------------------------------------------------------------------------------------


def _netting(netting_id: str) -> Any:
    known = netting_id if is_id(netting_id, "net") else ""
    return select(NETTING).where(NETTING.c.book_id == BOOK, NETTING.c.netting_id == known)


def _new_row(
    draft: Draft, actor: Actor, netting_id: str, origin: str, month: str
) -> dict[str, Any]:
    """A netting that waits, but for what was agreed on."""
    return {
        "book_id": BOOK,
        "netting_id": netting_id,
        "origin": origin,
        "month": month,
        "live_origin": origin,
        "live_month": f"{month} {origin}",
        "state": NettingState.PROPOSED.value,
        "entry_id": "",
        "proposed_by": actor.actor_id,
        "proposed_ms": draft.recorded_ms,
        "decided_by": "",
        "decided_ms": None,
    }


def _check_not_netted(draft: Draft, origin: str, month: str) -> None:
    for row in draft.query(_DONE, {"origin": origin}):
        on = local_date(from_milliseconds(row.decided_ms)).isoformat()
        if row.month >= month or on[:7] > month:
            raise MonthNetted(month=month)


def _post(bank: Bank, draft: Draft, actor: Actor, row: Any) -> str:
    """The entry between clearing and settled account; the latter opens with the first of them."""
    partner = partner_of(draft, row.origin)
    facts: Facts = {"by": actor.actor_id, "do": APPROVE_NETTING, "netting": row.netting_id}
    settled = draft.query(_SETTLED, {"origin": row.origin}).scalar()
    if settled is None:
        title = title_of(Kind.PARTNER_SETTLED)
        settled = draft.new_id("acct")
        draft.open_account(
            settled, title.kind.value, floor=title.floor, ceiling=title.ceiling, facts=facts
        )
        opened = {"book_id": BOOK, "origin": row.origin, "account_id": settled}
        draft.add(insert(PARTNER_SETTLED), [opened])
    accounts = (partner.account_id, settled)
    giver, receiver = accounts if row.minutes > 0 else reversed(accounts)
    on = local_date(from_milliseconds(draft.recorded_ms))
    moves = (Movement(giver, receiver, abs(row.minutes)),)
    return draft.post(
        JournalEntry(NETTED, moves, on.isoformat(), bank.profile_on(on).version), facts
    )


def _end(draft: Draft, actor: Actor, netting_id: str, state: NettingState, **values: Any) -> None:
    draft.add(
        update(NETTING)
        .where(NETTING.c.book_id == BOOK, NETTING.c.netting_id == netting_id)
        .values(
            state=state.value,
            live_origin=None,
            decided_by=actor.actor_id,
            decided_ms=draft.recorded_ms,
            **values,
        )
    )
