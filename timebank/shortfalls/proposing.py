"""Taking back a record whose minutes are spent: one person proposes, another approves.

The approval takes back what is there; what is missing comes, in the person's name, from the
account 应收短缺, and the record's entries are reversed exactly, as any are (decision 7).
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert, select, update

from ledger.draft import Draft, Facts
from ledger.ids import is_id, new_id
from ledger.journal import JournalEntry, Movement
from timebank.answers import Answer
from timebank.bank import Bank
from timebank.chart import Kind
from timebank.clock import from_milliseconds, local_date
from timebank.errors import RecordCarriedOver
from timebank.errors.shortfalls import (
    NothingMissing,
    ProposalNotOpen,
    ReversalProposed,
    ReversalProposerDecides,
    UnknownProposal,
)
from timebank.records.actions import undo_record
from timebank.records.model import CARRIED_OVER
from timebank.records.posting import BOOK
from timebank.records.review import posted_entries, record_row
from timebank.records.tables import SERVICE_RECORD
from timebank.said import said
from timebank.shortfalls.model import (
    COVER,
    COVERED,
    PROPOSAL_KIND,
    PROPOSE,
    REVERSAL_KIND,
    WITHDRAW,
    ProposalState,
    missing,
)
from timebank.shortfalls.tables import REVERSAL_PROPOSAL
from timebank.stations.actions import require, require_station
from timebank.stations.model import Actor, Role

LONGEST_REASON = 200

_MINE = REVERSAL_PROPOSAL.c
_LENT = (
    "INSERT INTO shortfall (book_id, account_id, open_minutes, recovered_minutes, since_ms) "
    "VALUES (1, ?, ?, 0, ?) ON CONFLICT (book_id, account_id) DO UPDATE SET "
    "since_ms = CASE WHEN shortfall.open_minutes = 0 THEN excluded.since_ms "
    "ELSE shortfall.since_ms END, "
    "recovered_minutes = CASE WHEN shortfall.open_minutes = 0 THEN 0 "
    "ELSE shortfall.recovered_minutes END, "
    "open_minutes = shortfall.open_minutes + excluded.open_minutes"
)


def propose_reversal(bank: Bank, actor: Actor, record_id: str, reason: str, *, key: str) -> Answer:
    """Propose to take a posted record back though it is spent; answers what would be missing.

    Raises, the first that applies:
        NotPermitted: neither reviewer nor operator, or of another station.
        MissingField, OrderValueInvalid, ContentOutOfProfile: no reason, or none that can be kept.
        UnknownRecord, NotAwaitingReview: there is no such posted record.
        RecordCarriedOver: its entries stand in the log before this one.
        ReversalProposed: it is proposed already.
        NothingMissing: what would go back is there.
    """
    require(actor, "propose_reversal", Role.REVIEWER, Role.OPERATOR)
    words = said("reason", reason, LONGEST_REASON)

    def decide(draft: Draft) -> dict[str, Any]:
        row = record_row(draft, record_id, "posted")
        require_station(actor, "propose_reversal", row.station_code)
        if CARRIED_OVER in row.marks.split():
            raise RecordCarriedOver(record=record_id)
        live = draft.query(
            select(_MINE.proposal_id).where(_MINE.book_id == BOOK, _MINE.live_record == record_id)
        ).scalar()
        if live is not None:
            raise ReversalProposed(record=record_id, proposal=live)
        short = sum(minutes for _account, minutes in _short_of(draft, record_id).values())
        if not short:
            raise NothingMissing(record=record_id)
        proposal_id = draft.new_id("rvsl")
        facts: Facts = {
            "by": actor.actor_id, "do": PROPOSE, "proposal": proposal_id, "record": record_id,
        }  # fmt: skip
        draft.state(proposal_id, facts)
        proposal = {
            "book_id": BOOK,
            "proposal_id": proposal_id,
            "record_id": record_id,
            "live_record": record_id,
            "station_code": row.station_code,
            "reason": words,
            "state": ProposalState.PROPOSED.value,
            "covered_minutes": 0,
            "proposed_by": actor.actor_id,
            "proposed_ms": draft.recorded_ms,
            "decided_by": "",
            "decided_ms": None,
        }
        draft.add(insert(REVERSAL_PROPOSAL), [proposal])
        return {"missing": short, "proposal": proposal_id, "record": record_id}

    content = {"do": "propose", "reason": words, "record": record_id}
    station = _station_of(bank, record_id) or actor.station_code
    action = bank.action(
        actor, PROPOSAL_KIND, decide, key=key, content=content, station_code=station
    )
    return bank.act(action)


def decide_reversal(
    bank: Bank, actor: Actor, proposal_id: str, *, approve: bool, key: str
) -> Answer:
    """Approve a proposal, or withdraw it; answers the reversals and the minutes that were missing.

    What is missing is what is not there at this moment; it may be nothing any more.

    Raises, the first that applies:
        NotPermitted: no operator.
        UnknownProposal: there is no such proposal.
        ProposalNotOpen: it was decided before.
        ReversalProposerDecides: whoever proposed it would approve it.
        NotAwaitingReview: the record is not posted any more.
        FloorExceeded, CeilingExceeded: an account that is nobody's cannot give or take it back.
    """
    require(actor, "decide_reversal", Role.OPERATOR)

    def decide(draft: Draft) -> dict[str, Any]:
        row = draft.query(_proposal(proposal_id)).first()
        if row is None:
            raise UnknownProposal(proposal=proposal_id[:60])
        if row.state != ProposalState.PROPOSED:
            raise ProposalNotOpen(proposal=proposal_id, state=row.state)
        if approve and row.proposed_by == actor.actor_id:
            raise ReversalProposerDecides(proposal=proposal_id)
        state = ProposalState.APPROVED if approve else ProposalState.WITHDRAWN
        entries: list[str] = []
        covered = 0
        if approve:
            covered, entries = _approved(bank, draft, actor, row)
        else:
            facts: Facts = {"by": actor.actor_id, "do": WITHDRAW, "proposal": proposal_id}
            draft.state(proposal_id, facts)
        draft.add(
            update(REVERSAL_PROPOSAL)
            .where(_MINE.book_id == BOOK, _MINE.proposal_id == proposal_id)
            .values(
                state=state.value,
                live_record=None,
                covered_minutes=covered,
                decided_by=actor.actor_id,
                decided_ms=draft.recorded_ms,
            )
        )
        return {
            "entries": entries, "missing": covered, "proposal": proposal_id,
            "record": row.record_id, "state": state.value,
        }  # fmt: skip

    content = {"approve": approve, "do": "decide", "proposal": proposal_id}
    action = bank.action(
        actor, REVERSAL_KIND, decide, key=key, content=content, station_code="",
        batch=new_id("batch", bank.now_ms()),
    )  # fmt: skip
    return bank.act(action)


# Parts -------------------------------------------------------------------------------------


def _approved(bank: Bank, draft: Draft, actor: Actor, row: Any) -> tuple[int, list[str]]:
    """Cover what is missing, then reverse; answers the covered minutes and the reversals."""
    record = record_row(draft, row.record_id, "posted")
    today = local_date(from_milliseconds(draft.recorded_ms))
    policy = bank.profile_on(today).version
    lent = []
    for entry_id, (account, minutes) in _short_of(draft, row.record_id).items():
        if minutes:
            move = Movement(bank.account_of(Kind.SHORTFALL), account, minutes)
            facts: Facts = {
                "account": account, "by": actor.actor_id, "do": COVER, "entry": entry_id,
                "proposal": row.proposal_id, "record": row.record_id,
            }  # fmt: skip
            draft.post(JournalEntry(COVERED, (move,), today.isoformat(), policy), facts)
            lent.append((account, minutes, draft.recorded_ms))
    if lent:
        draft.change(_LENT, lent)
    entries = undo_record(draft, actor, record, row.reason)
    return sum(minutes for _account, minutes, _ms in lent), entries


def _short_of(draft: Draft, record_id: str) -> dict[str, tuple[str, int]]:
    """By entry: the volunteer's account, and the minutes that are not there to go back.

    A volunteer stands once in a record, so each entry is asked by itself.
    """
    found = {}
    for entry_id in posted_entries(draft, [record_id]):
        movements = draft.entry(entry_id).movements
        for account in _members(draft, movements):
            needed = sum(one.minutes for one in movements if one.to_account == account)
            needed -= sum(one.minutes for one in movements if one.from_account == account)
            state = draft.account(account)
            found[entry_id] = (account, missing(needed, state.posted - state.held))
    return found


def _members(draft: Draft, movements: Sequence[Movement]) -> list[str]:
    """The people's accounts that those movements credit; an entry of a record credits one."""
    kinds = (Kind.MEMBER.value, Kind.ORGANISATION.value)
    received = dict.fromkeys(one.to_account for one in movements)
    return [account for account in received if draft.account(account).kind in kinds]


def _station_of(bank: Bank, record_id: str) -> str | None:
    with bank.read() as connection:
        station: str | None = connection.execute(
            select(SERVICE_RECORD.c.station_code).where(
                SERVICE_RECORD.c.book_id == BOOK, SERVICE_RECORD.c.record_id == record_id
            )
        ).scalar()
    return station


def _proposal(proposal_id: str) -> Any:
    named = proposal_id if is_id(proposal_id, "rvsl") else ""
    return select(REVERSAL_PROPOSAL).where(_MINE.book_id == BOOK, _MINE.proposal_id == named)
