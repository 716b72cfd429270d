"""Credit that expired: announced, told, on its day, and as much as its entry moved.

That the notice was as long as the policy says, and how much was left, is for the verifier to derive
from the log; here the announcements are held against entries, messages and the calendar.
"""

from collections.abc import Iterator
from datetime import date

from dateutil.relativedelta import relativedelta

from timebank.expiry.model import starts_ms
from timebank.reconciliation.model import Check, Difference, Need, Severity
from timebank.reconciliation.view import View

DECIDED_WITHIN_MS = 2 * 86_400_000
"""The job that decides runs daily; two days behind the month somebody should ask."""

WORDS = {
    "entry_differs": (
        "到期登记为 {stated} 分钟，凭证 {entry} 由其账户转入公共池 {moved} 分钟。",
        "{stated} minutes are called expired; {entry} moves {moved} from the account to the pool.",
    ),
    "entry_unannounced": (
        "到期凭证 {entry} 没有对应的告知。",
        "The entry {entry} of expired credit belongs to no announcement.",
    ),
    "too_early": (
        "应在 {due} 以后到期，凭证 {entry} 却早于这一天。",
        "It was to expire on {due}, and {entry} is earlier.",
    ),
    "too_late": (
        "告知的是 {due} 起的一个月，凭证 {entry} 却在此之后；应当重新告知。",
        "{due} and its month were announced, and {entry} is later; it needed a new notice.",
    ),
    "untold": (
        "凭证 {entry} 入账前没有告知本人的记录。",
        "Nothing shows that the holder was told before {entry}.",
    ),
    "reversal_unseen": (
        "到期凭证 {entry} 的退回与登记不符。",
        "The announcement of {entry} and its reversal disagree.",
    ),
    "undecided": (
        "告知 {due} 到期的时间，一个月后仍没有处理。",
        "What was announced for {due} is not decided though its month is over.",
    ),
}

_ENDED = """
SELECT n.announcement_id, n.entry_id, n.expired_minutes, n.due_on, n.state, m.recorded_ms,
       CASE WHEN m.kind = 'expired' AND f.account_id = n.account_id AND o.kind = 'pool'
            THEN m.minutes ELSE 0 END,
       (SELECT count(*) FROM reversal v
         WHERE v.book_id = n.book_id AND v.reversed_id = n.entry_id),
       (SELECT count(*) FROM message s WHERE s.book_id = n.book_id
           AND s.subject = n.announcement_id AND s.event = 'credit_expires'
           AND (s.told_ms < m.recorded_ms
             OR (s.state = 'sent' AND s.ended_ms < m.recorded_ms)))
  FROM expiry_announcement n
  JOIN entry e ON e.book_id = n.book_id AND e.entry_id = n.entry_id
  JOIN movement m ON m.book_id = e.book_id AND m.leaf_index = e.leaf_index AND m.place = 0
  JOIN account f ON f.book_id = m.book_id AND f.account_no = m.from_no
  JOIN account o ON o.book_id = m.book_id AND o.account_no = m.to_no
 WHERE n.book_id = :book AND n.state IN ('expired', 'given_back') ORDER BY n.announcement_id
"""

_UNANNOUNCED = """
SELECT e.entry_id FROM movement m JOIN entry e
    ON e.book_id = m.book_id AND e.leaf_index = m.leaf_index
 WHERE m.book_id = :book AND m.kind = 'expired' AND NOT EXISTS (
   SELECT 1 FROM expiry_announcement n WHERE n.book_id = e.book_id AND n.entry_id = e.entry_id)
 ORDER BY e.entry_id
"""

_OPEN = """
SELECT announcement_id, due_on FROM expiry_announcement
 WHERE book_id = :book AND state = 'announced' ORDER BY announcement_id
"""


def check(view: View) -> Iterator[Difference]:
    """Announcements against their entries, entries against announcements, then the calendar.

    Entries of a former book are its own.
    """
    for one, entry, stated, due, state, recorded_ms, moved, reversals, told in view.rows(_ENDED):
        subject, facts = f"expiry {one}", {"entry": entry, "due": due}
        if stated != moved:
            minutes = {"entry": entry, "stated": int(stated), "moved": int(moved)}
            yield Difference(subject, "entry_differs", minutes)
        if recorded_ms < starts_ms(date.fromisoformat(due)):
            yield Difference(subject, "too_early", facts)
        if recorded_ms >= _month_ends_ms(due):
            yield Difference(subject, "too_late", facts)
        if not told:
            yield Difference(subject, "untold", {"entry": entry})
        if bool(reversals) != (state == "given_back"):
            yield Difference(subject, "reversal_unseen", {"entry": entry})
    for (entry,) in view.rows(_UNANNOUNCED):
        yield Difference(f"entry {entry}", "entry_unannounced", {"entry": entry})
    for one, due in view.rows(_OPEN):
        if view.now_ms - _month_ends_ms(due) > DECIDED_WITHIN_MS:
            yield Difference(f"expiry {one}", "undecided", {"due": due}, Severity.WARNING)


def _month_ends_ms(due: str) -> int:
    return starts_ms(date.fromisoformat(due) + relativedelta(months=1))


CHECK = Check(
    "expiries",
    "到期转入公共池的时间都告知过本人，不早不晚，与凭证相符",
    "What expired was announced and told, on its day, and is what its entry moved",
    frozenset({Need.TABLES}),
    Severity.ALARM,
    check,
    WORDS,
)
