"""What accounts received since a day: for many at once, from the lines and the journal's tail."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Executable, bindparam, text

from ledger.draft import Draft
from timebank.expiry.model import starts_ms

Query = Callable[[Executable, dict[str, Any]], Iterable[Any]]
"""Reads, as :meth:`ledger.draft.Draft.query` or a connection's ``execute``."""

_RECEIVED = """
WITH mark AS (SELECT leaf_index AS at FROM line_mark WHERE book_id = 1)
SELECT account_no, {sums} FROM (
  SELECT l.account_no, l.minutes, l.recorded_ms FROM line l, mark
   WHERE l.book_id = 1 AND l.account_no IN :accounts AND l.leaf_index < mark.at AND l.minutes > 0
  UNION ALL
  SELECT m.to_no, m.minutes, m.recorded_ms FROM movement m, mark
   WHERE m.book_id = 1 AND m.leaf_index >= mark.at AND m.to_no IN :accounts
) AS came GROUP BY account_no
"""


def received_since(
    query: Query, account_nos: Collection[int], days: Sequence[date]
) -> dict[int, dict[date, int]]:
    """Minutes that each account received since the beginning of each local day, as committed.

    Two index ranges an account and one scan of the journal's short tail for all: pass a few
    hundred accounts at a time.
    """
    found = {number: dict.fromkeys(days, 0) for number in account_nos}
    if not found or not days:
        return found
    sums = ", ".join(
        f"sum(CASE WHEN recorded_ms >= :since_{place} THEN minutes ELSE 0 END)"
        for place in range(len(days))
    )
    statement = text(_RECEIVED.format(sums=sums)).bindparams(
        bindparam("accounts", expanding=True, type_=BigInteger)
    )
    asked = {f"since_{place}": starts_ms(day) for place, day in enumerate(days)}
    for row in query(statement, {**asked, "accounts": list(account_nos)}):
        found[row[0]] = {day: int(one) for day, one in zip(days, row[1:], strict=True)}
    return found


def received_in_draft(
    draft: Draft, numbers: dict[str, int], days: Sequence[date]
) -> dict[str, dict[date, int]]:
    """As :func:`received_since`, as the group sees it: by account id, of which ``numbers`` tell.

    What earlier items of the group posted stands in no table yet, and is as new as can be.
    """
    found = received_since(draft.query, numbers.values(), days)
    by_id = {account_id: found[number] for account_id, number in numbers.items()}
    for entry in draft.view.posted.values():
        for _giver, receiver, minutes in entry.movements:
            if receiver in by_id:
                for day in days:
                    by_id[receiver][day] += minutes
    return by_id
