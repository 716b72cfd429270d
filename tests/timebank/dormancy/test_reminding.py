"""timebank/dormancy/: whoever has used nothing for long is told what they have, once."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.support.banks import TriedBank
from tests.support.forging import CLERK, Opened, bank_with, log
from tests.support.orders import Journey
from timebank.dormancy import reminding
from timebank.dormancy.reminding import remind_resting, resting
from timebank.estates.actions import report_death
from timebank.outbox.queries import call_list

SIX_MONTHS = '[endings]\ndormant_after_months = { value = 6, source = "本区规定" }'


def reminded(tried: TriedBank) -> int:
    return int(str(remind_resting(tried.bank, tried.bank.now_ms())["reminded"]))


def at_the_station(tried: TriedBank) -> None:
    tried.behind("UPDATE person SET station_code = 'XFL'")


def test_f7_time_that_rests_is_told_of_once(opened: Opened) -> None:
    with opened(SIX_MONTHS) as tried:
        at_the_station(tried)
        log(tried)
        tried.clock.move(timedelta(days=200))
        assert reminded(tried) == 1
        assert reminded(tried) == 0
        (call,) = call_list(tried.bank, CLERK, "XFL")
        assert call.number == "V0001"
        assert "您有1小时30分钟还没有用" in call.text
        assert "不用也不会减少" in call.text
        log(tried, 2, on=tried.bank.today().isoformat(), at="06:00", minutes=30)
        tried.clock.move(timedelta(days=200))
        assert reminded(tried) == 1  # Another rest.


@pytest.mark.parametrize(("days", "rests"), [(182, 0), (183, 0), (184, 1)])
def test_six_months_after_the_last_day(tmp_path: Path, days: int, rests: int) -> None:
    """Recorded on 2023-04-06: on 2023-10-06 six months are over, on the next day they are past."""
    with bank_with(tmp_path, SIX_MONTHS) as tried:
        log(tried)
        tried.clock.move(timedelta(days=days))
        with tried.bank.read() as connection:
            assert len(resting(tried.bank, connection)) == rests


def test_who_asked_and_who_died_are_left_alone(opened: Opened) -> None:
    with opened(SIX_MONTHS, people=()) as tried:
        journey = Journey(tried)
        log(tried, recipients="E0002", at="15:00")
        tried.clock.move(timedelta(days=150))
        journey.ask()
        tried.clock.move(timedelta(days=50))
        with tried.bank.read() as connection:
            found = {one.person_id for one in resting(tried.bank, connection)}
        assert found == {journey.people["V0001"]}  # The elder asked fifty days ago.
        today = tried.bank.today().isoformat()
        report_death(tried.bank, CLERK, "V0001", today, "证明", key="death-001")
        with tried.bank.read() as connection:
            assert resting(tried.bank, connection) == []
        tried.clock.move(timedelta(days=200))
        assert reminded(tried) == 1  # The elder's wish lies long back by now.


def test_nobody_is_reminded_where_no_policy_says_so(tmp_path: Path) -> None:
    with bank_with(tmp_path) as tried:
        log(tried)
        tried.clock.move(timedelta(days=2000))
        assert reminded(tried) == 0


def test_a_run_is_bounded_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with bank_with(tmp_path, SIX_MONTHS, people=("V0001", "V0002", "V0003", "E0001")) as tried:
        at_the_station(tried)
        for at, number in enumerate(("V0001", "V0002", "V0003"), 1):
            log(tried, at, volunteers=number, at=f"{at * 2 + 6:02}:00")
        tried.clock.move(timedelta(days=200))
        monkeypatch.setattr(reminding, "REMINDED_A_RUN", 2)
        monkeypatch.setattr(reminding, "REMINDED_AT_ONCE", 1)
        assert [reminded(tried) for _run in range(3)] == [2, 1, 0]
        with tried.bank.read() as connection:
            rows = connection.execute(text("SELECT count(*) FROM message")).scalar_one()
        assert rows == 3
