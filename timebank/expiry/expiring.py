"""Moving what has expired to the public pool: what was announced, told, and is still there.

An announcement ends on its day or in the month that begins with it, whatever comes of it; what it
could not move for another reason than spending is announced anew.
"""

from collections.abc import Sequence
from datetime import date
from itertools import count
from typing import Any

from dateutil.relativedelta import relativedelta
from sqlalchemy import Text, bindparam, text

from ledger.draft import Draft, Facts
from ledger.encoding import Json
from ledger.ids import new_id
from ledger.journal import JournalEntry, Movement
from timebank.bank import Bank
from timebank.chart import Kind
from timebank.clock import from_milliseconds, local_date
from timebank.estates.living import RESTING
from timebank.expiry.announcing import CANNOT_USE
from timebank.expiry.model import (
    EXPIRE,
    EXPIRED,
    State,
    Terms,
    Why,
    expiring,
    kept_since,
    month_of,
    notice_is_over,
    older,
    starts_ms,
    terms_of,
)
from timebank.expiry.receipts import received_in_draft
from timebank.reconciliation.reconcile import SCHEDULER

EXPIRY_KIND = "credit_expiry"
EXPIRED_AT_ONCE = 200
"""Announcements of one submission; more are several."""

_WAS_TOLD = (
    "EXISTS (SELECT 1 FROM message m WHERE m.book_id = n.book_id AND m.subject = "
    "n.announcement_id AND m.event = 'credit_expires' AND (m.told_ms < :told_ms "
    "OR (m.state = 'sent' AND m.ended_ms < :told_ms)))"
)
_DUE = text(f"""
SELECT n.announcement_id FROM expiry_announcement n
 WHERE n.book_id = 1 AND n.state = 'announced' AND n.due_on <= :today
   AND (n.due_on < :month OR :off = 1 OR {_WAS_TOLD})
 ORDER BY n.due_on, n.announcement_id LIMIT :most
""")
_ONES = text(f"""
SELECT n.announcement_id, n.account_id, n.minutes, n.due_on, n.announced_on, a.account_no,
       CASE WHEN p.state = 'active' AND p.person_id NOT IN ({RESTING}) THEN 0 ELSE 1 END AS rests,
       CASE WHEN EXISTS ({
    CANNOT_USE.replace(":since_on", "n.announced_on").replace(":since_ms", "n.announced_ms")
}
         AND suspension.person_id = n.person_id) THEN 1 ELSE 0 END AS suspended,
       CASE WHEN {_WAS_TOLD} THEN 1 ELSE 0 END AS told
  FROM expiry_announcement n
  JOIN account a ON a.book_id = n.book_id AND a.account_id = n.account_id
  JOIN person p ON p.book_id = n.book_id AND p.person_id = n.person_id
 WHERE n.book_id = 1 AND n.state = 'announced' AND n.announcement_id IN :ones
 ORDER BY n.due_on, n.announcement_id
""").bindparams(bindparam("ones", expanding=True, type_=Text))
_END = (
    "UPDATE expiry_announcement SET state = ?, why = ?, expired_minutes = ?, entry_id = ?, "
    "policy = ?, ended_ms = ? WHERE book_id = 1 AND announcement_id = ?"
)


def due_announcements(bank: Bank, most: int = EXPIRED_AT_ONCE) -> list[str]:
    """Announcements that can be decided today, the oldest day first.

    One whose holder was told late waits within its month until the notice since then is over.
    """
    today = bank.today()
    terms = terms_of(bank.profile_on(today))
    asked = _asked(today, terms) | {"most": most, "off": int(terms is None)}
    asked |= {"month": month_of(today).isoformat()}
    with bank.read() as connection:
        return [str(one) for one in connection.execute(_DUE, asked).scalars()]


def expire_credit(bank: Bank, planned_ms: int) -> dict[str, Json]:
    """Decide every announcement that is due; answers how many accounts lost how many minutes.

    Keys name the planned time and the part, as for :func:`timebank.jobs.expiry.expire_holds`.

    Raises:
        NoProfileInForce: no adopted profile covers today.
    """
    done = dict.fromkeys(("expired", "minutes", "nothing_left", "lapsed"), 0)
    for part in count():
        due = due_announcements(bank)
        if not due:
            return dict(done)
        action = bank.action(
            SCHEDULER,
            EXPIRY_KIND,
            lambda draft, due=due: _decide(bank, draft, due),  # type: ignore[misc]
            key=f"expire-credit-{planned_ms}-{part}",
            content={"part": part, "planned": planned_ms},
            batch=new_id("batch", bank.now_ms()),
        )
        answer = bank.act(action)
        if not answer.replayed:
            for name in done:
                done[name] += int(answer.body[name])
    raise AssertionError("parts never end")


def _decide(bank: Bank, draft: Draft, due: Sequence[str]) -> dict[str, Any]:
    today = local_date(from_milliseconds(draft.recorded_ms))
    profile = bank.profile_on(today)
    terms = terms_of(profile)
    found = draft.query(_ONES, _asked(today, terms) | {"ones": list(due)}).all()
    numbers = {row.account_id: row.account_no for row in found}
    draft.load_accounts(numbers)
    kept = month_of(today) if terms is None else kept_since(month_of(today), terms)
    received = received_in_draft(draft, numbers, [kept])
    ended, done = [], dict.fromkeys(("expired", "minutes", "nothing_left", "lapsed"), 0)
    for row in found:
        why = _why_not(row, today, terms)
        minutes, entry_id = 0, ""
        if why is None:
            account = draft.account(row.account_id)
            old = older(account.posted, received[row.account_id][kept])
            minutes = expiring(row.minutes, old, account.held)
        if minutes:
            move = Movement(row.account_id, bank.account_of(Kind.POOL), minutes)
            entry = JournalEntry(EXPIRED, (move,), today.isoformat(), profile.version)
            facts: Facts = {"announcement": row.announcement_id, "do": EXPIRE}
            entry_id = draft.post(entry, facts)
        state = State.EXPIRED if minutes else State.NOTHING_LEFT if why is None else State.LAPSED
        done[state.value] += 1
        done["minutes"] += minutes
        said = "" if why is None else why.value
        ended.append(
            (state.value, said, minutes, entry_id, profile.version, draft.recorded_ms,
             row.announcement_id)
        )  # fmt: skip
    if ended:
        draft.change(_END, ended)
    return dict(done)


def _why_not(row: Any, today: date, terms: Terms | None) -> Why | None:
    """Why an announcement is not carried out though its day has come; ``None``: it is."""
    if row.rests:
        return Why.RESTS
    if terms is None:
        return Why.OFF
    if row.suspended:
        return Why.SUSPENDED
    if not notice_is_over(date.fromisoformat(row.announced_on), today, terms):
        return Why.SHORT_NOTICE
    if not row.told:
        return Why.UNTOLD
    if date.fromisoformat(row.due_on) < month_of(today):
        return Why.MISSED
    return None


def _asked(today: date, terms: Terms | None) -> dict[str, Any]:
    """What the queries ask for; ``told_ms`` is the moment before which somebody had to be told."""
    months = 0 if terms is None else terms.notice_months
    last = today - relativedelta(months=months)
    return {
        "today": today.isoformat(),
        "told_ms": starts_ms(date.fromordinal(last.toordinal() + 1)),
    }
