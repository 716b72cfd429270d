"""timebank/expiry/receipts.py: what came in, from lines, from the tail, and within the group."""

from datetime import date
from typing import Any

from sqlalchemy import text

from ledger.draft import Draft
from ledger.ids import new_id
from ledger.journal import JournalEntry, Movement
from tests.support.banks import SCHEDULER, TriedBank
from tests.support.expiries import on
from timebank.chart import Kind
from timebank.expiry.receipts import received_in_draft, received_since
from timebank.jobs.upkeep import derive

DAYS = [date(2023, 4, 1), date(2023, 5, 1), date(2023, 6, 1)]


def numbers(tried: TriedBank) -> dict[str, int]:
    with tried.bank.read() as connection:
        found = connection.execute(text("SELECT account_id, account_no FROM account")).all()
    ids = [tried.account("V0001"), tried.account("V0002")]
    return {row.account_id: row.account_no for row in found if row.account_id in ids}


def test_lines_and_tail_and_the_group_count_once(bank: TriedBank) -> None:
    bank.people("V0001", "V0002")
    one, other = bank.account("V0001"), bank.account("V0002")
    known = numbers(bank)

    def came() -> list[list[int]]:
        with bank.bank.read() as connection:
            found = received_since(connection.execute, known.values(), DAYS)
        return [[found[known[who]][day] for day in DAYS] for who in (one, other)]

    assert came() == [[0, 0, 0], [0, 0, 0]]
    bank.issue("V0001", 60)
    on(bank, "2023-05-01", "00:00")
    bank.post(one, other, 10)
    derive(bank.bank, bank.bank.now_ms())
    assert came() == [[60, 0, 0], [10, 10, 0]]
    on(bank, "2023-06-02")
    bank.issue("V0001", 5)
    assert came() == [[65, 5, 5], [10, 10, 0]]  # The last one stands in the tail.

    def decide(draft: Draft) -> dict[str, Any]:
        for giver, receiver, minutes in (
            (one, other, 50),
            (bank.bank.account_of(Kind.ISSUANCE), one, 7),
        ):
            moves = (Movement(giver, receiver, minutes),)
            draft.post(JournalEntry("adjustment", moves, "2023-06-02", bank.policy), {"do": "post"})
        found = received_in_draft(draft, known, DAYS)
        return {"came": [[found[who][day] for day in DAYS] for who in (one, other)]}

    action = bank.bank.action(
        bank.actor(SCHEDULER.role),
        "call_draw",
        decide,
        key="group-0001",
        content={},
        batch=new_id("batch", bank.bank.now_ms()),
    )
    assert bank.bank.act(action).body["came"] == [[72, 12, 12], [60, 60, 50]]
