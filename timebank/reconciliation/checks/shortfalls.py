"""Shortfalls: what is open of each account against the account 应收短缺, and what was decided.

That a loan was exactly what the reversal lacked, and that so much came back as the policy says, is
for the verifier to derive from the log.
"""

from collections.abc import Iterator

from timebank.reconciliation.model import Check, Difference, Need, Severity
from timebank.reconciliation.view import View

DECIDED_WITHIN_MS = 14 * 86_400_000
"""Two weeks, about the ten working days that a request for correction has."""

WORDS = {
    "total_differs": (
        "各账户未归还的短缺合计 {stated} 分钟，应收短缺科目为 {posted} 分钟。",
        "Accounts are short of {stated} minutes in all; the shortfall account says {posted}.",
    ),
    "account_differs": (
        "账户 {account} 登记短缺 {stated} 分钟，按凭证应为 {moved} 分钟。",
        "{account} is called short of {stated} minutes; its entries make it {moved}.",
    ),
    "record_differs": (
        "冲销申请状态为 {state}，记录 {record} 却是 {found}。",
        "The proposal is {state}, and the record {record} is {found}.",
    ),
    "undecided": (
        "记录 {record} 的冲销申请两周没有办理。",
        "The proposal to take {record} back has waited for two weeks.",
    ),
}

_TOTAL = """
SELECT (SELECT coalesce(sum(open_minutes), 0) FROM shortfall WHERE book_id = :book),
       (SELECT coalesce(sum(b.posted), 0) FROM balance b
          JOIN account a ON a.book_id = b.book_id AND a.account_no = b.account_no
         WHERE b.book_id = :book AND a.kind = 'shortfall')
"""

_ACCOUNTS = """
WITH own AS (SELECT account_no FROM account WHERE book_id = :book AND kind = 'shortfall'),
moved AS (
  SELECT account_no, sum(minutes) AS minutes FROM (
    SELECT m.to_no AS account_no, m.minutes FROM movement m JOIN own ON own.account_no = m.from_no
     WHERE m.book_id = :book AND m.kind = 'shortfall_covered'
    UNION ALL
    SELECT m.from_no, -m.minutes FROM movement m JOIN own ON own.account_no = m.to_no
     WHERE m.book_id = :book AND m.kind = 'shortfall_recovered') AS each_way
  GROUP BY account_no)
SELECT a.account_id, coalesce(s.open_minutes, 0), coalesce(moved.minutes, 0)
  FROM account a
  LEFT JOIN shortfall s ON s.book_id = a.book_id AND s.account_id = a.account_id
  LEFT JOIN moved ON moved.account_no = a.account_no
 WHERE a.book_id = :book AND coalesce(s.open_minutes, 0) <> coalesce(moved.minutes, 0)
   AND NOT EXISTS (SELECT 1 FROM movement m JOIN own ON own.account_no IN (m.from_no, m.to_no)
                    WHERE m.book_id = :book AND m.kind = 'carried_over')
 ORDER BY a.account_id
"""

_PROPOSALS = """
SELECT p.proposal_id, p.state, p.record_id, r.state, p.proposed_ms FROM reversal_proposal p
  JOIN service_record r ON r.book_id = p.book_id AND r.record_id = p.record_id
 WHERE p.book_id = :book AND (p.state = 'proposed'
    OR p.state = 'approved' AND r.state <> 'reversed')
 ORDER BY p.proposal_id
"""


def check(view: View) -> Iterator[Difference]:
    """The total, each account, then the proposals.

    In a book that follows another, the shortfalls that came over have no entries of their own, so
    only the total is compared there.
    """
    for stated, posted in view.rows(_TOTAL):
        if int(stated) != -int(posted):
            minutes = {"posted": -int(posted), "stated": int(stated)}
            yield Difference("account shortfall", "total_differs", minutes)
    for account, stated, moved in view.rows(_ACCOUNTS):
        facts = {"account": account, "moved": int(moved), "stated": int(stated)}
        yield Difference(f"account {account}", "account_differs", facts)
    for proposal, state, record, found, proposed_ms in view.rows(_PROPOSALS):
        subject = f"proposal {proposal}"
        if state == "approved" or found != "posted":
            facts = {"found": found, "record": record, "state": state}
            yield Difference(subject, "record_differs", facts, Severity.WARNING)
        elif view.now_ms - proposed_ms > DECIDED_WITHIN_MS:
            yield Difference(subject, "undecided", {"record": record}, Severity.WARNING)


CHECK = Check(
    "shortfalls",
    "冲销时垫付的时间各账户合计与应收短缺科目相符，申请都已办理",
    "What was lent to reverse records adds up to the shortfall account, and proposals are decided",
    frozenset({Need.TABLES}),
    Severity.ALARM,
    check,
    WORDS,
)
