"""Posting what its public notice brought no objection to."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Text, bindparam, text

from ledger.draft import Draft
from ledger.encoding import Json
from ledger.errors import Refusal
from ledger.ids import new_id
from timebank.answers import Answer
from timebank.bank import Bank
from timebank.clock import from_milliseconds, local_date
from timebank.notices.model import POST, is_over
from timebank.reconciliation.reconcile import SCHEDULER
from timebank.records.waiting import RECORDS_AT_ONCE, WaitingRecords

NOTICE_KIND = "notice_posting"

_UNDER_NOTICE = (
    "FROM record_notice n JOIN service_record r ON r.book_id = n.book_id "
    "AND r.record_id = n.record_id AND r.state = 'awaiting_review' WHERE n.book_id = 1"
)
_DAYS = text(f"SELECT DISTINCT n.opened_on, n.working_days {_UNDER_NOTICE}")
_DUE = text(
    f"SELECT n.record_id {_UNDER_NOTICE} AND n.opened_on = :opened_on AND n.working_days = :days "
    "AND n.record_id > :after AND NOT EXISTS (SELECT 1 FROM notice_objection o "
    "WHERE o.book_id = n.book_id AND o.record_id = n.record_id AND o.upheld IS NULL) "
    "ORDER BY n.record_id LIMIT :most"
)
_OBJECTED = text(
    "SELECT record_id FROM notice_objection WHERE book_id = 1 AND upheld IS NULL "
    "AND record_id IN :records"
).bindparams(bindparam("records", expanding=True, type_=Text))
_DONE_BATCHES = (
    "UPDATE register_batch SET state = 'posted' WHERE book_id = 1 AND state = 'awaiting_review' "
    "AND batch_id = ? AND NOT EXISTS (SELECT 1 FROM service_record r WHERE r.book_id = 1 "
    "AND r.batch_id = register_batch.batch_id AND r.state = 'awaiting_review')"
)


def post_noticed(bank: Bank, planned_ms: int) -> dict[str, Json]:
    """Post every record whose notice is over; answers how many were posted and how many refused.

    What is objected to waits for the decision.  What is refused, for want of the payer's minutes
    or of room in an account, stays under notice, and the check ``notices`` tells.  Keys name the
    planned time and the part, as for :func:`timebank.jobs.expiry.expire_holds`.
    """
    posted = refused = part = 0
    for opened_on, working_days in _ended(bank):
        after = ""
        while due := _due(bank, opened_on, working_days, after):
            answer = _post(bank, due, planned_ms, part)
            part += 1
            if answer.replayed:  # An earlier run did that part with other records.
                continue
            posted += int(answer.body["posted"])
            refused += int(answer.body["refused"])
            after = due[-1]
    return {"posted": posted, "refused": refused}


def _ended(bank: Bank) -> list[tuple[str, int]]:
    """The days and lengths of notices that are over today, the oldest first."""
    today = bank.today()
    with bank.read() as connection:
        days = sorted((str(on), int(length)) for on, length in connection.execute(_DAYS))
    return [one for one in days if is_over(date.fromisoformat(one[0]), one[1], today)]


def _due(bank: Bank, opened_on: str, working_days: int, after: str) -> list[str]:
    asked = {
        "opened_on": opened_on, "days": working_days, "after": after, "most": RECORDS_AT_ONCE,
    }  # fmt: skip
    with bank.read() as connection:
        return [str(row.record_id) for row in connection.execute(_DUE, asked)]


def _post(bank: Bank, due: Sequence[str], planned_ms: int, part: int) -> Answer:
    def decide(draft: Draft) -> dict[str, Any]:
        records = WaitingRecords(bank, draft, due)
        objected = {row.record_id for row in draft.query(_OBJECTED, {"records": list(due)})}
        today = local_date(from_milliseconds(draft.recorded_ms))
        posted = refused = 0
        batches = set()
        for record_id in due:
            row = records.noticed(record_id)
            if row is None or record_id in objected:
                continue  # Somebody objected or decided since we looked.
            if not is_over(date.fromisoformat(row.opened_on), row.working_days, today):
                continue
            facts: dict[str, Json] = {
                "by": SCHEDULER.actor_id, "do": POST, "record": record_id,
            }  # fmt: skip
            try:
                records.credit(row, facts)
            except Refusal as refusal:
                draft.refuse_row(facts, refusal)
                refused += 1
                continue
            records.post(row)
            batches.add(row.batch_id)
            posted += 1
        records.store()
        draft.change(_DONE_BATCHES, [(one,) for one in sorted(batches - {""})])
        return {"posted": posted, "refused": refused}

    action = bank.action(
        SCHEDULER,
        NOTICE_KIND,
        decide,
        key=f"post-noticed-{planned_ms}-{part}",
        content={"part": part, "planned": planned_ms},
        batch=new_id("batch", bank.now_ms()),
    )
    return bank.act(action)
