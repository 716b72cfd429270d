"""What comes back: by the policy's part of later credit for services, day by day."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import count
from typing import Any

from sqlalchemy import BigInteger, Executable, bindparam, text

from ledger.draft import Draft, Facts
from ledger.encoding import Json
from ledger.ids import new_id
from ledger.journal import JournalEntry, Movement
from timebank.bank import Bank
from timebank.chart import Kind
from timebank.clock import from_milliseconds, local_date
from timebank.reconciliation.reconcile import SCHEDULER
from timebank.shortfalls.model import (
    CREDITS,
    RECOVER,
    RECOVERED,
    RECOVERY_KIND,
    recover_percent,
    recoverable,
)

Query = Callable[[Executable, dict[str, Any]], Iterable[Any]]
"""Reads, as :meth:`ledger.draft.Draft.query` or a connection's ``execute``."""

AT_ONCE = 200
"""Accounts of one submission."""

_OPEN = text(
    "SELECT s.account_id, s.open_minutes, s.recovered_minutes, s.since_ms, a.account_no "
    "FROM shortfall s JOIN account a ON a.book_id = s.book_id AND a.account_id = s.account_id "
    "WHERE s.book_id = 1 AND s.open_minutes > 0 AND s.account_id > :after "
    "ORDER BY s.account_id LIMIT :most"
)
_CREDITED = text("""
WITH mark AS (SELECT leaf_index AS at FROM line_mark WHERE book_id = 1)
SELECT came.account_no, sum(came.minutes) FROM (
  SELECT l.account_no, l.minutes, l.recorded_ms FROM line l, mark
   WHERE l.book_id = 1 AND l.account_no IN :accounts AND l.leaf_index < mark.at
     AND l.minutes > 0 AND l.kind IN ('service', 'settlement')
  UNION ALL
  SELECT m.to_no, m.minutes, m.recorded_ms FROM movement m, mark
   WHERE m.book_id = 1 AND m.leaf_index >= mark.at AND m.to_no IN :accounts
     AND m.kind IN ('service', 'settlement')
) AS came
  JOIN account a ON a.book_id = 1 AND a.account_no = came.account_no
  JOIN shortfall s ON s.book_id = 1 AND s.account_id = a.account_id
 WHERE came.recorded_ms > s.since_ms GROUP BY came.account_no
""").bindparams(bindparam("accounts", expanding=True, type_=BigInteger))
_BACK = (
    "UPDATE shortfall SET open_minutes = open_minutes - ?, "
    "recovered_minutes = recovered_minutes + ? WHERE book_id = 1 AND account_id = ?"
)


def recover_shortfalls(bank: Bank, planned_ms: int) -> dict[str, Json]:
    """Take back the policy's part of what services brought since; answers accounts and minutes.

    Nothing where the policy is silent: then it is between the district and the person.  Keys name
    the planned time and the part, as for :func:`timebank.jobs.expiry.expire_holds`.

    Raises:
        NoProfileInForce: no adopted profile covers today.
    """
    done = {"accounts": 0, "minutes": 0}
    if not recover_percent(bank.profile_on(bank.today())):
        return dict(done)
    after = ""
    for part in count():
        with bank.read() as connection:
            found = connection.execute(_OPEN, {"after": after, "most": AT_ONCE}).all()
        if not found:
            return dict(done)
        last = found[-1].account_id
        action = bank.action(
            SCHEDULER,
            RECOVERY_KIND,
            lambda draft, first=after: _recover(bank, draft, first),  # type: ignore[misc]
            key=f"recover-shortfalls-{planned_ms}-{part}",
            content={"part": part, "planned": planned_ms},
            batch=new_id("batch", bank.now_ms()),
        )
        answer = bank.act(action)
        if not answer.replayed:
            for name in done:
                done[name] += int(answer.body[name])
        after = last
    raise AssertionError("parts never end")


def credited_since(query: Query, account_nos: Sequence[int]) -> Counter[int]:
    """Minutes that services brought to each account since it was first short, as committed."""
    rows = query(_CREDITED, {"accounts": list(account_nos)}) if account_nos else ()
    return Counter({int(number): int(minutes) for number, minutes in rows})


def _recover(bank: Bank, draft: Draft, after: str) -> dict[str, Any]:
    found = draft.query(_OPEN, {"after": after, "most": AT_ONCE}).all()
    draft.load_accounts([row.account_id for row in found])
    numbers = [row.account_no for row in found]
    credited = credited_since(draft.query, numbers)
    since = {row.account_id: (row.account_no, row.since_ms) for row in found}
    for posted in draft.view.posted.values():  # What this group posted stands in no table yet.
        for _giver, receiver, minutes in posted.movements:
            number, began_ms = since.get(receiver, (0, draft.recorded_ms))
            if posted.kind in CREDITS and draft.recorded_ms > began_ms:
                credited[number] += minutes
    today = local_date(from_milliseconds(draft.recorded_ms))
    profile = bank.profile_on(today)
    back = []
    for row in found:
        account = draft.account(row.account_id)
        minutes = recoverable(
            open_minutes=row.open_minutes,
            credited=credited[row.account_no],
            recovered=row.recovered_minutes,
            available=account.posted - account.held,
            percent=recover_percent(profile),
        )
        if minutes:
            move = Movement(row.account_id, bank.account_of(Kind.SHORTFALL), minutes)
            entry = JournalEntry(RECOVERED, (move,), today.isoformat(), profile.version)
            facts: Facts = {"account": row.account_id, "do": RECOVER}
            draft.post(entry, facts)
            back.append((minutes, minutes, row.account_id))
    if back:
        draft.change(_BACK, back)
    return {"accounts": len(back), "minutes": sum(one[0] for one in back)}
