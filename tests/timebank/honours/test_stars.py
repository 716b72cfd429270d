"""timebank/honours/: stars from minutes given, whatever a cap credited and a reversal left."""

from pathlib import Path

import pytest

from tests.support.banks import AUDITOR, OPERATOR, TriedBank
from tests.support.forging import CLERK, REVIEWER, Opened, bank_with, log
from tests.support.profiles import cap, profile_with
from timebank.errors import NotPermitted, UnknownMember
from timebank.honours.model import Given, explain_stars, ladder_of, stars_of
from timebank.honours.queries import given_by, stars_by_number, stars_listed, stars_of_person
from timebank.records.actions import reverse_record
from timebank.stations.model import Actor, Role

LADDER = '[honours]\nstar_minutes = { value = [90, 180, 300], source = "民政部办法 2013" }'


@pytest.mark.parametrize(
    ("minutes", "count", "missing"),
    [(0, 0, 90), (89, 0, 1), (90, 1, 90), (91, 1, 89), (179, 1, 1), (180, 2, 120),
     (181, 2, 119), (299, 2, 1), (300, 3, None), (301, 3, None)],
)  # fmt: skip
def test_the_minutes_of_a_step_are_inside_it(minutes: int, count: int, missing: int | None) -> None:
    found = stars_of((90, 180, 300), Given(minutes, minutes))
    assert found is not None
    assert (found.count, found.missing_minutes, found.undone) == (count, missing, 0)
    assert found.drawn == "★" * count + "☆" * (3 - count)


@pytest.mark.parametrize(("most", "undone"), [(179, 0), (180, 1), (300, 2)])
def test_what_was_reached_once_is_told_apart(most: int, undone: int) -> None:
    found = stars_of((90, 180, 300), Given(100, most))
    assert found is not None
    assert (found.count, found.undone) == (1, undone)


def test_a_policy_without_a_ladder_has_no_stars() -> None:
    profile = profile_with()
    assert ladder_of(profile) == ()
    assert stars_of((), Given(10_000, 10_000)) is None
    told = explain_stars(profile, Given(10, 10))
    assert told.en[0] == "unset: honours.star_minutes"


def person(tried: TriedBank, number: str) -> str:
    with tried.bank.read() as connection:
        (one,) = [
            row.person_id
            for row in stars_listed(tried.bank, connection, OPERATOR)
            if row.number == number
        ]
        return one


def test_minutes_beyond_a_cap_count_and_reversed_ones_do_not(opened: Opened) -> None:
    with opened(LADDER, cap("day", 60, "trim")) as tried:
        first = log(tried, 1)
        log(tried, 2, at="11:00")
        log(tried, 3, at="14:00", volunteers="V0002", minutes=89)
        who = person(tried, "V0001")
        with tried.bank.read() as connection:
            assert given_by(connection, who) == Given(180, 180)
            listed = stars_listed(tried.bank, connection, CLERK)
        assert [(one.number, one.stars.count) for one in listed] == [("V0001", 2), ("V0002", 0)]
        reverse_record(tried.bank, REVIEWER, first, "时间有误", key="reverse-1")
        with tried.bank.read() as connection:
            assert given_by(connection, who) == Given(90, 180)
            own = stars_of_person(tried.bank, connection, who)
        assert own is not None
        assert (own.stars.count, own.stars.undone) == (1, 1)
        assert "民政部办法 2013" in own.why.zh[2]
        assert own.why.zh[3] == "曾达到 3小时；其中有服务后来被更正，少了 1 星"
        assert own.why.en[3] == "180 minutes were reached once; reversals took 1 of the stars"
        log(tried, 4, at="17:00")
        with tried.bank.read() as connection:
            assert given_by(connection, who) == Given(180, 180)


def test_the_most_is_what_counted_at_one_time(opened: Opened) -> None:
    """Ninety, reversed, and ninety again were never a hundred and eighty."""
    with opened(LADDER) as tried:
        first = log(tried, 1)
        reverse_record(tried.bank, REVIEWER, first, "时间有误", key="reverse-1")
        log(tried, 2, at="14:00")
        with tried.bank.read() as connection:
            assert given_by(connection, person(tried, "V0001")) == Given(90, 90)


def test_a_full_account_still_earns_stars(tmp_path: Path) -> None:
    with bank_with(tmp_path, LADDER, cap("account", 30, "honour")) as tried:
        log(tried, 1)
        second = log(tried, 2, at="14:00")
        who = person(tried, "V0001")
        with tried.bank.read() as connection:
            assert given_by(connection, who) == Given(180, 180)
        reverse_record(tried.bank, REVIEWER, second, "时间有误", key="reverse-1")
        with tried.bank.read() as connection:
            assert given_by(connection, who) == Given(90, 90)


def test_a_page_goes_on_behind_its_cursor(tmp_path: Path) -> None:
    with bank_with(tmp_path, LADDER) as tried:
        log(tried, 1)
        log(tried, 2, volunteers="V0002", at="14:00")
        with tried.bank.read() as connection:
            (first,) = stars_listed(tried.bank, connection, AUDITOR, most=1)
            (second,) = stars_listed(tried.bank, connection, AUDITOR, most=1, after=first.cursor)
            assert {first.number, second.number} == {"V0001", "V0002"}
            assert stars_listed(tried.bank, connection, AUDITOR, after=second.cursor) == []
            assert stars_listed(tried.bank, connection, AUDITOR, station_code="XFL") == []
            with pytest.raises(NotPermitted):
                stars_listed(tried.bank, connection, Actor("kiosk", Role.KIOSK, "XFL"))


def test_one_reads_ones_own_stars(tmp_path: Path) -> None:
    with bank_with(tmp_path, LADDER) as tried:
        log(tried, 1)
        who = person(tried, "V0001")
        own = Actor("member_1", Role.MEMBER, person_id=who)
        with tried.bank.read() as connection:
            found = stars_by_number(tried.bank, connection, own, "v0001")
            assert found is not None
            assert found.stars.count == 1
            with pytest.raises(NotPermitted):
                stars_by_number(tried.bank, connection, own, "V0002")
            with pytest.raises(UnknownMember):
                stars_by_number(tried.bank, connection, CLERK, "V0009")
