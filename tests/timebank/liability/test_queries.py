"""timebank/liability/: what is owed, by the age of who holds it."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.support.banks import AUDITOR, OPERATOR, TriedBank
from tests.support.forging import CLERK, Opened, bank_with, log
from tests.support.orders import Journey
from tests.timebank.estates.test_estates import ending, settled, widow
from timebank.chart import Kind as Account
from timebank.errors import NotPermitted
from timebank.liability.queries import Liability, liability_of
from timebank.organisations.actions import register_organisation
from timebank.organisations.model import Kind, NewOrganisation
from timebank.people.actions import register
from timebank.people.model import Newcomer

EARN = '[earning]\norganisations = { value = true, source = "南京" }'


def owed(tried: TriedBank) -> Liability:
    with tried.bank.read() as connection:
        return liability_of(tried.bank, connection, AUDITOR)


def bands(tried: TriedBank) -> dict[str, tuple[int, int]]:
    return {one.code: (one.holders, one.minutes) for one in owed(tried).bands if one.holders}


def test_f8_what_is_owed_by_age_and_how_long_it_lasts(opened: Opened) -> None:
    with opened(EARN, people=("V0001", "E0001")) as tried:
        team = NewOrganisation("T0001", "巾帼队", Kind.TEAM)
        register_organisation(tried.bank, CLERK, team, key="org-00001")
        ages = [
            ("V0101", date(1963, 4, 6)),
            ("V0102", date(1963, 4, 7)),
            ("V0103", date(1940, 1, 1)),
        ]
        for at, (number, born) in enumerate(ages):
            newcomer = Newcomer(f"成员{'甲乙丙'[at]}", ((number, "volunteer"),), born)
            register(tried.bank, OPERATOR, [newcomer], key=f"born-{number}")
        for at, number in enumerate(("V0001", "V0101", "V0102", "V0103", "T0001")):
            log(tried, at, volunteers=number, at=f"{at * 2 + 8:02}:00", minutes=60)
        assert bands(tried) == {
            "under_60": (1, 60), "60_64": (1, 60), "80_and_over": (1, 60), "unknown": (1, 60),
            "organisations": (1, 60),
        }  # fmt: skip
        found = owed(tried)
        assert (found.owed_minutes, found.given_minutes, found.used_minutes) == (300, 300, 0)
        assert found.months_to_use is None


@pytest.mark.parametrize(("days", "given"), [(364, 90), (365, 0), (366, 0)])
def test_a_year_is_the_twelve_months_behind(tmp_path: Path, days: int, given: int) -> None:
    """The service is of 2023-04-05: a year later to the day it is over."""
    with bank_with(tmp_path) as tried:
        log(tried)
        tried.clock.move(timedelta(days=days))
        assert owed(tried).given_minutes == given


def test_what_elders_use_is_the_pace(tmp_path: Path) -> None:
    with bank_with(tmp_path, people=()) as tried:
        journey = Journey(tried).to("awaiting_confirmation")
        journey.step("confirm", journey.member("E0001"), minutes=60)
        found = owed(tried)
        assert (found.owed_minutes, found.used_minutes, found.months_to_use) == (300, 60, 60)


def test_who_may_read_it(tmp_path: Path) -> None:
    with bank_with(tmp_path) as tried, tried.bank.read() as connection:
        assert liability_of(tried.bank, connection, OPERATOR).owed_minutes == 0
        with pytest.raises(NotPermitted):
            liability_of(tried.bank, connection, CLERK)


def test_what_went_to_the_umbrella_body_and_what_is_lent_stand_apart(tmp_path: Path) -> None:
    with bank_with(tmp_path, ending(50, 50)) as tried:
        settled(tried, widow(tried))
        shortfall = tried.bank.account_of(Account.SHORTFALL)
        tried.post(shortfall, tried.account("V0002"), 25)
        found = owed(tried)
        assert (found.umbrella_minutes, found.shortfall_minutes) == (45, 25)
        assert found.owed_minutes == 25
