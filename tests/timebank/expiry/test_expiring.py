"""timebank/expiry/expiring.py: never early, never untold, never more than announced or left."""

from pathlib import Path

import pytest

from ledger.balances import balance_of
from tests.support.banks import TriedBank
from tests.support.expiries import (
    ANNOUNCED,
    DUE,
    TWELVE_AND_THREE,
    announced,
    expired,
    on,
    rows,
    tell_all,
)
from tests.support.forging import CLERK, Opened, bank_with, judged, log
from tests.support.profiles import HEAD
from tests.timebank.expiry.test_announcing import suspend
from timebank.chart import Kind
from timebank.clock import milliseconds
from timebank.estates.actions import report_death, withdraw_report
from timebank.expiry import expiring
from timebank.founding import FOUNDER
from timebank.policy.actions import adopt
from timebank.policy.load import read_profile
from timebank.stations.model import Actor, Role

NOTHING = {"expired": 0, "lapsed": 0, "minutes": 0, "nothing_left": 0}


def minutes(tried: TriedBank, account: str) -> tuple[int, int]:
    with tried.bank.read() as connection:
        found = balance_of(connection, account)
    assert found is not None
    return found.posted, found.held


def pool(tried: TriedBank) -> int:
    return minutes(tried, tried.bank.account_of(Kind.POOL))[0]


def test_what_was_announced_and_told_goes_to_the_pool(opened: Opened, tmp_path: Path) -> None:
    with opened(TWELVE_AND_THREE) as tried:
        log(tried)
        announced(tried)
        on(tried, "2024-03-05")
        log(tried, 2, on="2024-03-04", minutes=30)  # New credit stays.
        assert expired(tried, "2024-04-30") == NOTHING
        assert expired(tried) == NOTHING | {"expired": 1, "minutes": 90}
        assert expired(tried) == NOTHING
        assert minutes(tried, tried.account("V0001")) == (30, 0)
        assert pool(tried) == 90
        assert rows(tried) == [(90, DUE, "expired", "", 90)]
        found = judged(tried, tmp_path)
        assert (found.ok, found.derived, found.attested) == (True, 3, 0)


@pytest.mark.parametrize(
    ("spent", "state", "gone"),
    [(0, "expired", 90), (60, "expired", 30), (90, "nothing_left", 0), (100, "nothing_left", 0)],
)
def test_spending_takes_the_oldest_first(tmp_path: Path, spent: int, state: str, gone: int) -> None:
    with bank_with(tmp_path, TWELVE_AND_THREE) as tried:
        log(tried)
        announced(tried)
        giver = tried.account("V0001")
        on(tried, "2024-03-05")
        log(tried, 2, on="2024-03-04", minutes=30)
        if spent:
            tried.post(giver, tried.account("V0002"), spent)
        assert expired(tried)["minutes"] == gone
        assert rows(tried)[0][2:] == (state, "", gone)
        assert minutes(tried, giver)[0] == 120 - spent - gone


@pytest.mark.parametrize(("held", "gone"), [(20, 70), (90, 0), (110, 0)])
def test_minutes_that_a_hold_will_take_stay(tmp_path: Path, held: int, gone: int) -> None:
    """A hold that is settled takes the oldest; one that is released leaves them to a new notice."""
    with bank_with(tmp_path, TWELVE_AND_THREE) as tried:
        log(tried)
        announced(tried)
        giver = tried.account("V0001")
        on(tried, "2024-03-05")
        log(tried, 2, on="2024-03-04", minutes=30)
        tried.hold(giver, tried.account("V0002"), held, expires_ms=2_000_000_000_000)
        assert expired(tried)["minutes"] == gone
        assert minutes(tried, giver) == (120 - gone, held)
        assert announced(tried, "2024-06-01") == (int(gone < 90), 90 - gone)


@pytest.mark.parametrize(
    ("told_on", "decided_on", "gone"),
    [("2024-02-10", "2024-05-09", 0), ("2024-02-10", "2024-05-10", 90), (None, "2024-05-31", 0)],
    ids=["told late, a day too early", "told late, in time", "never told"],
)
def test_the_notice_runs_from_the_day_on_which_somebody_was_told(
    tmp_path: Path, told_on: str | None, decided_on: str, gone: int
) -> None:
    with bank_with(tmp_path, TWELVE_AND_THREE) as tried:
        log(tried)
        announced(tried, told=False)
        if told_on:
            on(tried, told_on)
            tell_all(tried)
        assert expired(tried, decided_on)["minutes"] == gone
        if not gone:
            assert rows(tried)[0][2] == "announced"  # It waits within its month.
        if told_on is None:
            assert expired(tried, "2024-06-01") == NOTHING | {"lapsed": 1}
            assert rows(tried) == [(90, DUE, "lapsed", "untold", 0)]
            assert announced(tried, "2024-06-01") == (1, 90)


def test_an_announcement_that_nobody_carried_out_in_its_month_is_made_again(
    opened: Opened,
) -> None:
    with opened(TWELVE_AND_THREE) as tried:
        log(tried)
        announced(tried)
        assert expired(tried, "2024-06-01") == NOTHING | {"lapsed": 1}
        assert announced(tried, "2024-06-01") == (1, 90)
        assert expired(tried, "2024-08-31") == NOTHING
        assert expired(tried, "2024-09-01")["minutes"] == 90
        assert [row[2:4] for row in rows(tried)] == [("lapsed", "missed"), ("expired", "")]


def test_the_dead_and_the_suspended_lose_nothing(opened: Opened) -> None:
    people = ("V0001", "V0002", "V0003", "E0001")
    with opened(TWELVE_AND_THREE, people=people) as tried:
        for place, number in enumerate(people[:3], 1):
            log(tried, place, volunteers=number, at=f"{place * 2 + 6:02}:00")
        announced(tried)
        estate = report_death(tried.bank, CLERK, "V0001", ANNOUNCED, "证明", key="death-001")
        tried.behind(
            suspend("both", "2024-03-01", "2024-03-02"), one=tried.account("V0002")
        )  # Two days within the notice.
        assert expired(tried) == NOTHING | {"expired": 1, "minutes": 90, "lapsed": 2}
        assert sorted(row[3] for row in rows(tried)) == ["", "rests", "suspended"]
        other = Actor("staff_other", Role.OPERATOR)
        withdraw_report(tried.bank, other, estate.body["estate"], "弄错了", key="undo-0001")
        assert announced(tried, "2024-06-01") == (2, 180)  # Both with the whole notice.
        assert rows(tried)[-1][1] == "2024-09-01"


@pytest.mark.parametrize(
    ("months", "notice", "state", "why"),
    [
        (0, 0, "lapsed", "off"),
        (24, 3, "nothing_left", ""),
        (12, 6, "lapsed", "short_notice"),
        (12, 3, "expired", ""),
        (3, 2, "expired", ""),
    ],
)
def test_another_profile_never_lets_expire_what_was_not_announced(
    tmp_path: Path, months: int, notice: int, state: str, why: str
) -> None:
    """A second profile is in force from March: it decides, and nothing more than was announced."""
    with bank_with(tmp_path, TWELVE_AND_THREE) as tried:
        log(tried)
        on(tried, "2023-12-01")
        log(tried, 2, on="2023-12-01", at="01:00", minutes=50)
        announced(tried)
        said = HEAD.replace("test-1", "test-2").replace("2020-01-01", "2024-03-01")
        said = said.replace("[unit]", 'replaces = "test-1"\n[unit]')
        if months:
            said += TWELVE_AND_THREE.replace("= 12", f"= {months}").replace("= 3", f"= {notice}")
        adopt(tried.bank, FOUNDER, read_profile(said), key="adopt-0002")
        tried.bank.reload()
        done = expired(tried)
        assert done["minutes"] == (90 if state == "expired" else 0)
        if why == "short_notice":  # Its month passes first: the notice might be over within.
            assert rows(tried)[0][2] == "announced"
            assert expired(tried, "2024-06-01") == NOTHING | {"lapsed": 1}
        assert rows(tried)[0][2:4] == (state, why)
        assert judged(tried, tmp_path).ok


def test_a_run_is_bounded_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    people = ("V0001", "V0002", "V0003", "E0001")
    with bank_with(tmp_path, TWELVE_AND_THREE, people=people) as tried:
        for place, number in enumerate(people[:3], 1):
            log(tried, place, volunteers=number, at=f"{place * 2 + 6:02}:00")
        announced(tried)
        monkeypatch.setattr(expiring, "EXPIRED_AT_ONCE", 2)
        assert expired(tried) == NOTHING | {"expired": 3, "minutes": 270}
        assert pool(tried) == 270


def test_a_message_that_went_out_counts_from_that_day(tmp_path: Path) -> None:
    with bank_with(tmp_path, TWELVE_AND_THREE) as tried:
        log(tried)
        announced(tried, told=False)
        sent_ms = milliseconds(tried.clock.now())
        tried.behind("UPDATE message SET state = 'sent', ended_ms = :at", at=sent_ms)
        assert expired(tried, "2024-04-30") == NOTHING
        assert expired(tried)["minutes"] == 90
