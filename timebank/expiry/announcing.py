"""Announcing to members, months before, what will expire: signed in the log, told by message.

Whoever cannot use their time is announced nothing: the dead and those who moved away, whoever is
suspended from asking for care, and whoever asked to be forgotten.  Once they take part again the
whole notice begins.
"""

from dataclasses import dataclass
from datetime import date
from itertools import count, islice
from typing import Any

from sqlalchemy import BigInteger, bindparam, insert, text

from ledger.draft import Draft, Facts
from ledger.encoding import Json
from ledger.ids import new_id
from timebank.bank import Bank
from timebank.clock import from_milliseconds, local_date
from timebank.estates.living import RESTING
from timebank.expiry.model import (
    ANNOUNCE,
    State,
    Terms,
    due_on,
    kept_since,
    newly_due,
    starts_ms,
    terms_of,
)
from timebank.expiry.receipts import Query, received_in_draft, received_since
from timebank.expiry.tables import EXPIRY_ANNOUNCEMENT
from timebank.outbox.model import Event
from timebank.outbox.telling import tell_person
from timebank.reconciliation.reconcile import SCHEDULER

BOOK = 1
NOTICE_KIND = "credit_expiry_notice"
ANNOUNCED_AT_ONCE = 200
"""Holders of one submission; more are several."""

LOOKED_AT_ONCE = 500
"""Accounts whose lines are read by one statement."""

CANNOT_USE = (
    "SELECT person_id FROM suspension WHERE book_id = 1 AND part <> 'volunteer' "
    "AND from_on <= :today AND (until_on = '' OR until_on >= :since_on) "
    "AND (ended_ms IS NULL OR ended_ms >= :since_ms)"
)
"""Whoever was suspended from asking for care on a day from ``:since_on`` to ``:today``, as SQL;
``:since_ms`` is the moment from which on the end of a suspension counts as later."""

_MAY_BE = f"p.state = 'active' AND p.person_id NOT IN ({RESTING}) AND p.person_id NOT IN ("
_CANDIDATES = text(f"""
SELECT a.account_no FROM person p
  JOIN account a ON a.book_id = p.book_id AND a.account_id = p.account_id AND a.kind = 'member'
  JOIN balance b ON b.book_id = a.book_id AND b.account_no = a.account_no AND b.posted > 0
  LEFT JOIN (SELECT to_no, sum(minutes) AS minutes FROM movement
     WHERE book_id = 1 AND recorded_ms >= :kept_ms GROUP BY to_no) AS came
    ON came.to_no = a.account_no
 WHERE p.book_id = 1 AND b.posted > coalesce(came.minutes, 0) AND {_MAY_BE}{CANNOT_USE})
 ORDER BY a.account_no
""")
_HOLDERS = text(f"""
SELECT a.account_no, a.account_id, p.person_id, p.station_code, b.posted FROM account a
  JOIN person p ON p.book_id = a.book_id AND p.account_id = a.account_id
  JOIN balance b ON b.book_id = a.book_id AND b.account_no = a.account_no
 WHERE a.book_id = 1 AND a.account_no IN :accounts AND {_MAY_BE}{CANNOT_USE})
 ORDER BY a.account_no
""").bindparams(bindparam("accounts", expanding=True, type_=BigInteger))
_OPEN = text("""
SELECT a.account_no, n.due_on, n.minutes FROM account a JOIN expiry_announcement n
    ON n.book_id = a.book_id AND n.account_id = a.account_id AND n.state = 'announced'
 WHERE a.book_id = 1 AND a.account_no IN :accounts
""").bindparams(bindparam("accounts", expanding=True, type_=BigInteger))


@dataclass(frozen=True, slots=True)
class _Run:
    """One day's terms: what is announced expires on ``due``."""

    today: date
    terms: Terms
    due: date

    @property
    def asked(self) -> dict[str, Any]:
        """What the queries ask for: who cannot use their time today."""
        day = self.today.isoformat()
        return {"since_on": day, "since_ms": starts_ms(self.today), "today": day}


def announce_expiry(bank: Bank, planned_ms: int) -> dict[str, Json]:
    """Announce what expires when the notice is over; answers how many were told and how much.

    Nothing where today's policy lets credit live.  Keys name the planned time and the part, so a
    run that is repeated after a crash replays the parts that were stored and goes on behind them;
    what is announced already is not announced again.

    Raises:
        NoProfileInForce: no adopted profile covers today.
    """
    run = _run_of(bank, bank.today())
    if run is None:
        return {"announced": 0, "minutes": 0}
    waiting = iter(_with_news(bank, run))
    announced = minutes = 0
    chosen = list(islice(waiting, ANNOUNCED_AT_ONCE))
    for part in count():
        if not chosen:
            return {"announced": announced, "minutes": minutes}
        action = bank.action(
            SCHEDULER,
            NOTICE_KIND,
            lambda draft, chosen=chosen: _decide(bank, draft, chosen),  # type: ignore[misc]
            key=f"announce-expiry-{planned_ms}-{part}",
            content={"part": part, "planned": planned_ms},
            batch=new_id("batch", bank.now_ms()),
        )
        answer = bank.act(action)
        if not answer.replayed:  # Otherwise an earlier run used this key for others.
            announced += int(answer.body["announced"])
            minutes += int(answer.body["minutes"])
            chosen = list(islice(waiting, ANNOUNCED_AT_ONCE))
    raise AssertionError("parts never end")


def _run_of(bank: Bank, today: date) -> _Run | None:
    terms = terms_of(bank.profile_on(today))
    return None if terms is None else _Run(today, terms, due_on(today, terms))


def _with_news(bank: Bank, run: _Run) -> list[int]:
    """Accounts of whom something is to be announced, as committed now, in order."""
    found: list[int] = []
    kept = kept_since(run.due, run.terms)
    with bank.read() as connection:
        asked = run.asked | {"kept_ms": starts_ms(kept)}
        candidates = list(connection.execute(_CANDIDATES, asked).scalars())
        for at in range(0, len(candidates), LOOKED_AT_ONCE):
            part = candidates[at : at + LOOKED_AT_ONCE]
            opened = _announced(connection.execute, part)
            received = received_since(connection.execute, part, _days(run, opened))
            rows = connection.execute(_HOLDERS, run.asked | {"accounts": part})
            found += [
                number
                for number, _account, _person, _station, posted in rows
                if _news(run, posted, received[number], opened.get(number, []))
            ]
    return found


def _decide(bank: Bank, draft: Draft, accounts: list[int]) -> dict[str, Any]:
    run = _run_of(bank, local_date(from_milliseconds(draft.recorded_ms)))
    if run is None:  # Another profile came into force since we looked.
        return {"announced": 0, "minutes": 0}
    policy = bank.profile_on(run.today).version
    opened = _announced(draft.query, accounts)
    holders = draft.query(_HOLDERS, run.asked | {"accounts": accounts}).all()
    numbers = {row.account_id: row.account_no for row in holders}
    draft.load_accounts(numbers)
    received = received_in_draft(draft, numbers, _days(run, opened))
    rows = []
    for holder in holders:
        posted = draft.account(holder.account_id).posted
        before = opened.get(holder.account_no, [])
        minutes = _news(run, posted, received[holder.account_id], before)
        if minutes:
            rows.append(_announce(draft, run, policy, holder, minutes))
    if rows:
        draft.add(insert(EXPIRY_ANNOUNCEMENT), rows)
    return {"announced": len(rows), "minutes": sum(row["minutes"] for row in rows)}


def _announce(draft: Draft, run: _Run, policy: str, holder: Any, minutes: int) -> dict[str, Any]:
    announcement_id, due = draft.new_id("expy"), run.due.isoformat()
    facts: Facts = {
        "account": holder.account_id,
        "announcement": announcement_id,
        "do": ANNOUNCE,
        "minutes": minutes,
        "on": due,
    }
    draft.state(announcement_id, facts)
    tell_person(draft, Event.CREDIT_EXPIRES, holder.person_id, holder.station_code, announcement_id)
    return {
        "book_id": BOOK,
        "announcement_id": announcement_id,
        "account_id": holder.account_id,
        "person_id": holder.person_id,
        "station_code": holder.station_code,
        "minutes": minutes,
        "due_on": due,
        "announced_on": run.today.isoformat(),
        "announced_ms": draft.recorded_ms,
        "policy": policy,
        "state": State.ANNOUNCED.value,
        "why": "",
        "expired_minutes": 0,
        "entry_id": "",
        "ended_ms": None,
        "reason": "",
    }


def _announced(query: Query, accounts: list[int]) -> dict[int, list[tuple[date, int]]]:
    """What was announced and has not ended, by account: due days and minutes."""
    found: dict[int, list[tuple[date, int]]] = {}
    for number, due, minutes in query(_OPEN, {"accounts": accounts}):
        found.setdefault(number, []).append((date.fromisoformat(due), minutes))
    return found


def _days(run: _Run, opened: dict[int, list[tuple[date, int]]]) -> list[date]:
    dues = {run.due, *(due for one in opened.values() for due, _minutes in one)}
    return sorted(kept_since(due, run.terms) for due in dues)


def _news(run: _Run, posted: int, received: dict[date, int], opened: list[tuple[date, int]]) -> int:
    return newly_due(posted, received, opened, run.due, run.terms)
