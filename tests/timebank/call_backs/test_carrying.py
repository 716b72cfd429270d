"""Call-backs in the book that follows another: what was said stays, the next draw begins anew."""

from datetime import timedelta
from pathlib import Path

from tests.support.banks import TriedBank
from tests.support.call_backs import caller, drawn, rows
from tests.timebank.test_succession import NEXT, exported, frozen
from timebank.bank import Bank
from timebank.call_backs.actions import note_outcome
from timebank.call_backs.drawing import draw_call_backs
from timebank.call_backs.model import Outcome
from timebank.config import Settings
from timebank.reconciliation.checks.call_backs import CHECK
from timebank.reconciliation.reconcile import reconcile
from timebank.succession import found_successor


def test_calls_go_on_in_the_book_that_follows(week: TriedBank, tmp_path: Path) -> None:
    calls = drawn(week)
    remark = "没有人来过"
    wrong = calls[0]["call_id"]
    note_outcome(week.bank, caller(week), wrong, Outcome.NOT_AS_RECORDED, remark, key="say-00001")
    frozen(week)
    bundle = exported(week.bank, tmp_path / "last")
    week.clock.move(timedelta(hours=1))
    settings = Settings(data=tmp_path / "next")
    former = week.settings
    found_successor(settings, week.clock, origin=NEXT, bundle=bundle, former=former)
    query = "SELECT * FROM {table} ORDER BY 1, 2, 3"
    with Bank.open(settings, week.clock) as bank:
        for table in ("call_draw", "call_back", "call_outcome"):
            asked = query.format(table=table)
            with bank.read() as connection:
                carried = [dict(row) for row in connection.exec_driver_sql(asked).mappings()]
            assert carried == rows(week, asked)
        outcome = reconcile(bank, checks=[CHECK])
        assert [one.subject for one in outcome.findings] == [f"call {wrong}"]  # No draw is doubted.
        another = calls[1]["call_id"]
        note_outcome(bank, caller(week), another, Outcome.CONFIRMED, "", key="say-00002")
        week.clock.move(timedelta(days=7))
        assert draw_call_backs(bank, bank.now_ms()) == {"drawn": 0}  # Nothing was posted here.
