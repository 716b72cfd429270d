"""Reminding members of time that nobody uses: told once, taken from nobody.

A time bank in which nobody redeems is a register.  Where the policy sets
``endings.dormant_after_months``, whoever has time and has neither given, received nor asked for
anything for so long is told what they have and how to ask.
"""

from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from dateutil.relativedelta import relativedelta
from sqlalchemy import Connection, insert, text

from ledger.draft import Draft
from ledger.encoding import Json
from timebank.bank import Bank
from timebank.clock import LOCAL_ZONE, from_milliseconds, local_date, milliseconds
from timebank.dormancy.tables import REMINDER
from timebank.outbox.model import Event
from timebank.outbox.telling import tell_person

BOOK = 1
REMINDED_AT_ONCE = 200
"""People of one commit; more are several."""

REMINDED_A_RUN = 500
"""People of one run: a station has to be able to tell them all by telephone."""

# A dormant account is found by its newest movement, on whichever side, and its owner's last wish.
_RESTING = text("""
SELECT p.person_id, p.station_code, moved.last_ms, p.registered_ms, b.posted - b.held AS minutes
  FROM person p
  JOIN account a ON a.book_id = p.book_id AND a.account_id = p.account_id AND a.kind = 'member'
  JOIN balance b ON b.book_id = a.book_id AND b.account_no = a.account_no
   AND b.posted - b.held > 0
  LEFT JOIN (SELECT account_no, max(recorded_ms) AS last_ms FROM (
      SELECT from_no AS account_no, recorded_ms FROM movement WHERE book_id = 1
      UNION ALL SELECT to_no, recorded_ms FROM movement WHERE book_id = 1) AS sides
    GROUP BY account_no) AS moved ON moved.account_no = a.account_no
 WHERE p.book_id = 1 AND p.state = 'active' AND p.registered_ms < :before
   AND coalesce(moved.last_ms, 0) < :before
   AND NOT EXISTS (SELECT 1 FROM service_order o WHERE o.book_id = 1
     AND o.elder_id = p.person_id AND o.requested_ms >= :before)
   AND NOT EXISTS (SELECT 1 FROM estate t WHERE t.book_id = 1 AND t.person_id = p.person_id
     AND t.withdrawn_ms IS NULL)
 ORDER BY coalesce(moved.last_ms, p.registered_ms), p.person_id
""")
_REMINDED = text("SELECT person_id, resting_since FROM reminder WHERE book_id = 1")
_KNOWN = "SELECT 1 FROM reminder WHERE book_id = 1 AND person_id = ? AND resting_since = ?"


@dataclass(frozen=True, slots=True)
class Resting:
    """Somebody whose time rests since a local day; ``minutes`` are available."""

    person_id: str
    station_code: str
    since_on: str
    minutes: int


def resting(bank: Bank, connection: Connection) -> list[Resting]:
    """Everybody who is dormant by today's policy, the longest first; nobody where it is unset.

    Raises:
        NoProfileInForce: no adopted profile covers today.
    """
    today = bank.today()
    months = bank.profile_on(today).endings.dormant_after_months
    if months is None:
        return []
    first = today - relativedelta(months=months.value)
    before = milliseconds(datetime(first.year, first.month, first.day, tzinfo=LOCAL_ZONE))
    return [
        Resting(
            row.person_id,
            row.station_code,
            local_date(from_milliseconds(row.last_ms or row.registered_ms)).isoformat(),
            int(row.minutes),
        )
        for row in connection.execute(_RESTING, {"before": before})
    ]


def remind_resting(bank: Bank, _planned_ms: int) -> dict[str, Json]:
    """Remind up to :data:`REMINDED_A_RUN` people who were not reminded of this rest; how many.

    Each reminder is written with its message, so that a run that breaks off goes on where it was.
    """
    with bank.read() as connection:
        known = {(row.person_id, row.resting_since) for row in connection.execute(_REMINDED)}
        every = (
            one for one in resting(bank, connection) if (one.person_id, one.since_on) not in known
        )
        due = list(islice(every, REMINDED_A_RUN))
    done = 0
    for at in range(0, len(due), REMINDED_AT_ONCE):
        done += _remind(bank, due[at : at + REMINDED_AT_ONCE])
    return {"reminded": done}


def _remind(bank: Bank, people: list[Resting]) -> int:
    def change(draft: Draft) -> dict[str, Any]:
        rows = []
        for one in people:
            if draft.rows(_KNOWN, one.person_id, one.since_on):
                continue  # Another process was faster.
            reminder_id = draft.new_id("rest")
            rows.append(
                {
                    "book_id": BOOK,
                    "reminder_id": reminder_id,
                    "person_id": one.person_id,
                    "resting_since": one.since_on,
                    "reminded_ms": draft.recorded_ms,
                }
            )
            tell_person(draft, Event.TIME_RESTS, one.person_id, one.station_code, reminder_id)
        if rows:
            draft.add(insert(REMINDER), rows)
        return {"reminded": len(rows)}

    return int(bank.keep_house(change)["reminded"])
