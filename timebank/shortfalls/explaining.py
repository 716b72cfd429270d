"""What became of a record that was proposed to be taken back: rule, value, clause and inputs."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, text

from timebank.bank import Bank
from timebank.errors.shortfalls import UnknownProposal
from timebank.policy.explain import Explanation, version_lines
from timebank.policy.model import Profile
from timebank.policy.sheet import TITLES, clauses_of
from timebank.shortfalls.model import ProposalState, recover_percent, recoverable
from timebank.shortfalls.queries import ShownProposal, proposals_listed
from timebank.shortfalls.recovering import credited_since
from timebank.stations.model import Actor

_KEY = "recording.shortfall_recovery_percent"
_STATES = {
    ProposalState.PROPOSED: ("待批准，没有任何时间变动", "awaits approval; nothing has moved"),
    ProposalState.WITHDRAWN: ("已撤回，没有任何时间变动", "was withdrawn; nothing has moved"),
    ProposalState.APPROVED: ("已由另一人批准并冲销", "was approved by another and taken back"),
}
_HOW = (
    "账上可用（不含预留）的先退回，不够的由“应收短缺”垫付，记在本人名下；全部凭证逐笔冲销",
    (
        "what is there and not held goes back; what is missing is lent from the shortfall account "
        "in the person's name; every entry is reversed exactly"
    ),
)
_SHORT = text("""
SELECT s.open_minutes, s.recovered_minutes, a.account_no, b.posted - b.held AS available,
       coalesce(min(n.number), s.account_id) AS number
  FROM record_person r
  JOIN person p ON p.book_id = r.book_id AND p.person_id = r.person_id
  JOIN shortfall s ON s.book_id = p.book_id AND s.account_id = p.account_id
  JOIN account a ON a.book_id = s.book_id AND a.account_id = s.account_id
  JOIN balance b ON b.book_id = a.book_id AND b.account_no = a.account_no
  LEFT JOIN person_number n ON n.book_id = p.book_id AND n.person_id = p.person_id
 WHERE r.book_id = 1 AND r.record_id = :record AND r.part = 'volunteer'
 GROUP BY s.account_id, s.open_minutes, s.recovered_minutes, a.account_no, b.posted, b.held
 ORDER BY number
""")


@dataclass(frozen=True, slots=True)
class _Account:
    open_minutes: int
    recovered_minutes: int
    account_no: int
    available: int
    number: str


def explain_reversal(
    bank: Bank, connection: Connection, actor: Actor, proposal_id: str
) -> Explanation:
    """What was lent, what came back, and what the policy takes next, by today's profile.

    Raises, the first that applies:
        NotPermitted: neither reviewer, operator nor auditor.
        UnknownProposal: there is no such proposal at the actor's station.
        NoProfileInForce: no adopted profile covers today.
    """
    found = proposals_listed(connection, actor, proposal_id=proposal_id, most=1)
    if not found:
        raise UnknownProposal(proposal=proposal_id[:60])
    profile = bank.profile_on(bank.today())
    told = list(_told(connection, found[0], profile))
    return Explanation(tuple(zh for zh, _en in told), tuple(en for _zh, en in told))


def _told(
    connection: Connection, proposal: ShownProposal, profile: Profile
) -> Iterator[tuple[str, str]]:
    zh, en = _STATES[ProposalState(proposal.state)]
    yield (
        f"第 {proposal.record_number} 号记录（{proposal.service_on}）的冲销申请{zh}",
        f"the proposal about record {proposal.record_number} of {proposal.service_on} {en}",
    )
    if proposal.state == ProposalState.APPROVED:
        yield _HOW
        lent = proposal.covered_minutes
        yield f"垫付 {lent} 分钟", f"{lent} minutes were lent"
    yield from _clause(profile)
    accounts = [
        _Account(**row)
        for row in connection.execute(_SHORT, {"record": proposal.record_id}).mappings()
    ]
    credited = credited_since(connection.execute, [one.account_no for one in accounts])
    for one in accounts:
        yield _next(one, credited[one.account_no], recover_percent(profile))
    yield version_lines(profile)


def _clause(profile: Profile) -> Iterator[tuple[str, str]]:
    for one in clauses_of(profile, _KEY):
        yield (
            f"{TITLES[_KEY]}（{_KEY}）：{one.value}（依据：{one.source}）",
            f"{_KEY}: {one.value} ({one.source})",
        )
    if not clauses_of(profile, _KEY):
        yield (
            f"本规则没有设置 {TITLES[_KEY]}（{_KEY}），不自动归还",
            f"unset: {_KEY}; nothing is taken",
        )


def _next(one: _Account, credited: int, percent: int) -> tuple[str, str]:
    """What is open of an account, and what the job would take of it now."""
    minutes = recoverable(
        open_minutes=one.open_minutes,
        credited=credited,
        recovered=one.recovered_minutes,
        available=one.available,
        percent=percent,
    )
    return (
        (
            f"{one.number}：未归还 {one.open_minutes} 分钟，已归还 {one.recovered_minutes} 分钟；"
            f"垫付以后服务入账 {credited} 分钟，按 {percent}% 向下取整、减去已归还的，"
            f"不超过未归还的和账上可用的 {one.available} 分钟，现在应归还 {minutes} 分钟"
        ),
        (
            f"{one.number}: {one.open_minutes} minutes are open, {one.recovered_minutes} came "
            f"back; services brought {credited} since, of which {percent}% rounded down less what "
            f"came back, at most what is open and the {one.available} that are there: {minutes} now"
        ),
    )
