"""timebank/expiry/announcing.py: what will expire is announced once, to whoever can use it."""

from pathlib import Path

import pytest

from tests.support.expiries import ANNOUNCED, DUE, TWELVE_AND_THREE, announced, on, rows
from tests.support.forging import CLERK, Opened, bank_with, judged, log
from timebank.estates.actions import report_death
from timebank.expiry import announcing
from timebank.expiry.announcing import announce_expiry
from timebank.outbox.queries import call_list


@pytest.mark.parametrize(
    ("day", "found"),
    [("2024-01-01", []), (ANNOUNCED, [(90, DUE)]), ("2024-02-02", [(90, "2024-06-01")])],
    ids=["a month before", "on its day", "a day late"],
)
def test_what_turns_old_is_announced_three_months_before(
    opened: Opened, tmp_path: Path, day: str, found: list[tuple[int, str]]
) -> None:
    """90 minutes were recorded in April 2023 and live to the end of April 2024."""
    with opened(TWELVE_AND_THREE) as tried:
        tried.behind("UPDATE person SET station_code = 'XFL'")
        log(tried)
        announced(tried, day, told=False)
        assert [row[:2] for row in rows(tried)] == found
        calls = call_list(tried.bank, CLERK, "XFL")
        assert [call.number for call in calls] == ["V0001"] * len(found)
        if day == ANNOUNCED:
            assert "1小时30分钟将于2024年5月1日到期" in calls[0].text
            assert "捐给公共池" in calls[0].text
        assert announced(tried, day, told=False) == (0, 0)  # Nobody is told twice.
        assert judged(tried, tmp_path).ok


def test_each_month_announces_what_is_new_to_it(opened: Opened, tmp_path: Path) -> None:
    """60 of the first 90 are spent before the next month's 30 turn old."""
    with opened(TWELVE_AND_THREE) as tried:
        log(tried)
        on(tried, "2023-05-08")
        log(tried, 2, on="2023-05-07", minutes=30)
        assert announced(tried) == (1, 90)
        giver = tried.account("V0001")
        tried.post(giver, tried.account("V0002"), 60)
        assert announced(tried, "2024-03-01") == (1, 30)
        assert announced(tried, "2024-04-01") == (0, 0)
        assert [row[:2] for row in rows(tried)] == [(90, DUE), (30, "2024-06-01")]


def test_nothing_is_announced_where_no_policy_says_so(tmp_path: Path) -> None:
    with bank_with(tmp_path) as tried:
        log(tried)
        assert announced(tried, "2044-02-01") == (0, 0)


def test_whoever_cannot_use_their_time_is_announced_nothing(opened: Opened) -> None:
    with opened(TWELVE_AND_THREE, people=("V0001", "V0002", "V0003", "V0004", "E0001")) as tried:
        for place, number in enumerate(("V0001", "V0002", "V0003", "V0004"), 1):
            log(tried, place, volunteers=number, at=f"{place * 2 + 6:02}:00")
        report_death(tried.bank, CLERK, "V0001", "2023-04-06", "证明", key="death-001")
        tried.behind("UPDATE person SET state = 'restricted' WHERE account_id = :one",
                     one=tried.account("V0002"))  # fmt: skip
        tried.behind(suspend("elder"), one=tried.account("V0003"))
        assert announced(tried) == (1, 90)
        assert announced(tried, "2024-03-01") == (0, 0)
        tried.behind("UPDATE suspension SET ended_ms = 1")
        assert announced(tried, "2024-04-01") == (1, 90)  # With the whole notice before them.
        assert rows(tried)[-1][:2] == (90, "2024-07-01")


def suspend(part: str, first: str = "2024-01-01", until: str = "") -> str:
    """Suspend whoever has the account ``:one``, behind everybody's back."""
    return (
        "INSERT INTO suspension (book_id, suspension_id, person_id, station_code, part, reason, "
        "state, from_on, until_on, asked_until_on, appeal_due_on, ended_ms) SELECT 1, 'susp_1', "
        f"person_id, 'XFL', '{part}', 'other', 'approved', '{first}', '{until}', '', '', NULL "
        "FROM person WHERE account_id = :one"
    )


def test_a_volunteer_who_may_not_visit_may_still_use_their_time(tmp_path: Path) -> None:
    with bank_with(tmp_path, TWELVE_AND_THREE) as tried:
        log(tried)
        tried.behind(suspend("volunteer"), one=tried.account("V0001"))
        assert announced(tried) == (1, 90)


def test_a_run_in_parts_goes_on_where_it_broke_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second run for one planned time replays the part that was stored and goes on behind it."""
    people = ("V0001", "V0002", "V0003", "E0001")
    with bank_with(tmp_path, TWELVE_AND_THREE, people=people) as tried:
        for place, number in enumerate(people[:3], 1):
            log(tried, place, volunteers=number, at=f"{place * 2 + 6:02}:00")
        monkeypatch.setattr(announcing, "ANNOUNCED_AT_ONCE", 1)
        monkeypatch.setattr(announcing, "LOOKED_AT_ONCE", 2)
        on(tried, ANNOUNCED)
        planned = tried.bank.now_ms()
        state = "UPDATE person SET state = '{}' WHERE account_id <> :one"
        tried.behind(state.format("restricted"), one=tried.account("V0001"))
        assert announce_expiry(tried.bank, planned) == {"announced": 1, "minutes": 90}
        tried.behind(state.format("active"), one=tried.account("V0001"))
        assert announce_expiry(tried.bank, planned) == {"announced": 2, "minutes": 180}
        assert announce_expiry(tried.bank, planned + 1) == {"announced": 0, "minutes": 0}
        assert len(rows(tried)) == 3
