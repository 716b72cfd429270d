"""What two persons decide: what the pool donates to the grant fund, and the grants out of it.

One proposes, another approves; only the approval moves credit.  The fund never gives what it does
not have, and an elder gets one grant a month.
"""

from typing import Any

from ledger.draft import Draft, Facts
from ledger.ids import new_id
from ledger.journal import JournalEntry, Movement
from ledger.units import positive_minutes
from timebank.answers import Answer
from timebank.bank import Bank
from timebank.chart import Kind as AccountKind
from timebank.clock import from_milliseconds, local_date
from timebank.errors.transfers import (
    NothingToGrant,
    ProposalNotOpen,
    ProposalOutdated,
    ProposerDecides,
    SourceTooSmall,
)
from timebank.outbox.model import Event
from timebank.outbox.telling import tell_of_transfer
from timebank.stations.actions import require
from timebank.stations.model import Actor, Role
from timebank.transfers.eligible import Eligible, eligible_people
from timebank.transfers.model import Kind, Moved, State, check_room
from timebank.transfers.store import StoredTransfer, add, coming_to, end, proposal_for

PROPOSAL_KIND = "grant"
"""The kind of a submission that proposes or decides; it concerns the whole book."""

PLANNED_KIND = "grant_proposal"
"""The kind of a submission in which a job proposes."""

GRANTS_AT_ONCE = 200
"""Elders of one proposal; whoever is left is proposed next."""

_GRANTED = (
    "SELECT count(*) FROM transfer WHERE book_id = 1 AND to_account = ? AND granted_month = ?"
)


def propose_funding(bank: Bank, actor: Actor, minutes: int, *, key: str) -> Answer:
    """Propose to move minutes from the public pool to the grant fund; answers the proposal's id.

    Raises, the first that applies:
        NotPermitted: no operator.
        NotWholeMinutes: ``minutes`` is not a positive whole number.
        SourceTooSmall: the pool has less.
        NoProfileInForce: no profile covers today.
    """
    require(actor, "propose_funding", Role.OPERATOR)
    pool, fund = bank.account_of(AccountKind.POOL), bank.account_of(AccountKind.GRANT_FUND)

    def decide(draft: Draft) -> dict[str, Any]:
        _check_source(draft, pool, positive_minutes(minutes))
        proposal_id = draft.new_id("prop")
        moved = Moved(Kind.GRANT_FUNDING, draft.new_id("trsf"), pool, fund, minutes)
        _propose(bank, draft, actor, proposal_id, moved, None)
        return {"proposal": proposal_id, "transfers": 1}

    return _act(bank, actor, decide, key, {"do": "propose_funding", "minutes": minutes})


def propose_grants(bank: Bank, actor: Actor, *, key: str) -> Answer:
    """Propose this month's grant for every eligible elder who has none yet; answers how many.

    Raises, the first that applies:
        NotPermitted: neither an operator nor the scheduler.
        NoProfileInForce: no profile covers today.
        NothingToGrant: the policy sets no monthly grant, or nobody is left to get one.
        SourceTooSmall: the fund has less than all of them need.
    """
    require(actor, "propose_grants", Role.OPERATOR, Role.SCHEDULER)
    people = eligible_people(bank, bank.today())
    fund = bank.account_of(AccountKind.GRANT_FUND)

    def decide(draft: Draft) -> dict[str, Any]:
        on = local_date(from_milliseconds(draft.recorded_ms))
        profile, month = bank.profile_on(on), on.isoformat()[:7]
        monthly = profile.grants.monthly_minutes
        chosen: list[Eligible] = []
        for one in people if monthly is not None else ():
            ((granted,),) = draft.rows(_GRANTED, one.account_id, month)
            if not granted and len(chosen) < GRANTS_AT_ONCE:
                chosen.append(one)
        if monthly is None or not chosen:
            raise NothingToGrant(month=month)
        _check_source(draft, fund, monthly.value * len(chosen))
        proposal_id = draft.new_id("prop")
        for one in chosen:
            moved = Moved(
                Kind.GRANT, draft.new_id("trsf"), fund, one.account_id, monthly.value, one.condition
            )
            _propose(bank, draft, actor, proposal_id, moved, month)
        return {"proposal": proposal_id, "transfers": len(chosen)}

    return _act(bank, actor, decide, key, {"do": "propose_grants"})


def decide_proposal(
    bank: Bank, actor: Actor, proposal_id: str, *, approve: bool, key: str
) -> Answer:
    """Approve or reject everything of a proposal; answers its state and the entries.

    Raises, the first that applies:
        NotPermitted: no operator.
        UnknownTransfer: there is no such proposal.
        ProposalNotOpen: it was decided before.
        ProposerDecides: whoever proposed would approve it; they may withdraw it.
        ProposalOutdated: another month, another monthly grant, or an elder no longer eligible.
        SourceTooSmall: the source has less than all of it.
        AccountCapExceeded: an elder's account is full.
    """
    require(actor, "decide_proposal", Role.OPERATOR)
    people = {one.account_id: one for one in eligible_people(bank, bank.today())}

    def decide(draft: Draft) -> dict[str, Any]:
        found = proposal_for(draft, proposal_id)
        if any(one.state != State.PROPOSED for one in found):
            raise ProposalNotOpen(proposal=proposal_id)
        if not approve:
            for one in found:
                facts = _facts(actor, "reject_transfer", one)
                draft.state(one.transfer_id, facts)
                end(draft, one.transfer_id, State.REJECTED, actor.actor_id, granted_month=None)
            return {"entries": [], "proposal": proposal_id, "state": State.REJECTED.value}
        if any(one.made_by == actor.actor_id for one in found):
            raise ProposerDecides(proposal=proposal_id)
        _check_current(bank, draft, found, people)
        _check_source(draft, found[0].from_account, sum(one.minutes for one in found))
        entries = [_post(bank, draft, actor, one) for one in found]
        return {"entries": entries, "proposal": proposal_id, "state": State.POSTED.value}

    content = {"approve": approve, "do": "decide", "proposal": proposal_id}
    return _act(bank, actor, decide, key, content)


# Parts -------------------------------------------------------------------------------------


def _propose(
    bank: Bank, draft: Draft, actor: Actor, proposal_id: str, moved: Moved, month: str | None
) -> None:
    on = local_date(from_milliseconds(draft.recorded_ms))
    facts: Facts = {
        "by": actor.actor_id,
        "do": f"propose_{moved.kind.value}",
        "proposal": proposal_id,
        **({} if month is None else {"month": month}),
        **moved.facts(),
    }
    draft.state(moved.transfer_id, facts)
    add(
        draft,
        moved,
        State.PROPOSED,
        policy=bank.profile_on(on).version,
        made_on=on.isoformat(),
        granted_month=month,
        proposal_id=proposal_id,
        made_by=actor.actor_id,
    )


def _check_source(draft: Draft, account_id: str, needed: int) -> None:
    account = draft.account(account_id)
    available = account.posted - account.held
    if available < needed:
        raise SourceTooSmall(available=available, needed=needed)


def _check_current(
    bank: Bank, draft: Draft, found: list[StoredTransfer], people: dict[str, Eligible]
) -> None:
    on = local_date(from_milliseconds(draft.recorded_ms))
    profile, month = bank.profile_on(on), on.isoformat()[:7]
    monthly = profile.grants.monthly_minutes
    for one in found:
        if one.kind != Kind.GRANT:
            continue
        known = people.get(one.to_account)
        follows = monthly is not None and (monthly.value, month) == (one.minutes, one.granted_month)
        if not follows or known is None or known.condition != one.code:
            raise ProposalOutdated(proposal=one.proposal_id)
        posted, coming = draft.account(one.to_account).posted, coming_to(draft, one.to_account)
        check_room(profile, posted, coming, one.minutes)


def _post(bank: Bank, draft: Draft, actor: Actor, one: StoredTransfer) -> str:
    on = local_date(from_milliseconds(draft.recorded_ms))
    policy = bank.profile_on(on).version
    movement = Movement(one.from_account, one.to_account, one.minutes)
    entry_id = draft.post(
        JournalEntry(one.kind, (movement,), on.isoformat(), policy), _facts(actor, one.kind, one)
    )
    end(draft, one.transfer_id, State.POSTED, actor.actor_id, entry_id=entry_id, policy=policy)
    if one.kind == Kind.GRANT:
        tell_of_transfer(
            draft, Event.GRANT_RECEIVED, account_id=one.to_account, transfer_id=one.transfer_id
        )
    return entry_id


def _facts(actor: Actor, do: str, one: StoredTransfer) -> Facts:
    return {"by": actor.actor_id, "do": do, "transfer": one.transfer_id}


def _act(bank: Bank, actor: Actor, decide: Any, key: str, content: dict[str, Any]) -> Answer:
    kind = PLANNED_KIND if actor.role is Role.SCHEDULER else PROPOSAL_KIND
    action = bank.action(
        actor, kind, decide, key=key, content=content,
        batch=new_id("batch", bank.now_ms()),
    )  # fmt: skip
    return bank.act(action)
