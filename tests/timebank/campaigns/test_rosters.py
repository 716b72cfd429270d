"""timebank/campaigns/rosters.py: who stands on a roster, and when they may sign."""

from datetime import datetime

import pytest

from tests.support.campaigns import CLERK, Month
from timebank.campaigns import rosters
from timebank.campaigns.model import Line
from timebank.campaigns.queries import roster_shown
from timebank.campaigns.rosters import keep_roster, take_off_roster
from timebank.errors import GroupTooLarge, MissingField, NotAVolunteer, UnknownMember
from timebank.errors.campaigns import RosterLineHandedIn, RosterTimesUnfit, UnknownCampaignItem
from timebank.people.exporting import export_person
from timebank.stations.model import Actor, Role


def shown(month: Month, serial: int = 1) -> list[tuple[str, str, str]]:
    with month.tried.bank.read() as connection:
        lines = roster_shown(month.tried.bank, connection, CLERK, month.activity(serial))
    return [(one.number, one.signed_in_at[11:], one.signed_out_at[11:]) for one in lines]


def test_people_are_listed_signed_in_and_signed_out(month: Month) -> None:
    month.report()
    month.sign(1, "V0001、V0002", "", "")
    month.sign(1, "V0001", "2023-03-05T09:00", "")
    month.sign(1, "V0001", "", "2023-03-05T11:00")
    assert sorted(shown(month)) == [("V0001", "09:00", "11:00"), ("V0002", "", "")]
    with month.tried.bank.read() as connection:
        (first, *_rest) = roster_shown(month.tried.bank, connection, CLERK, month.activity(1))
    assert first.name == "成＊＊"


@pytest.mark.parametrize(
    ("begins", "ends", "fits"),
    [
        ("2023-03-05T09:00", "2023-03-05T09:00", False),
        ("2023-03-05T09:00", "2023-03-05T08:59", False),
        ("2023-03-05T09:00", "2023-03-05T09:01", True),
        ("2023-03-04T23:59", "2023-03-05T09:01", False),
        ("2023-03-05T00:00", "2023-03-05T09:01", True),
        ("2023-03-06T00:00", "", False),
        ("2023-03-05T22:00", "2023-03-06T01:00", True),
        ("2023-03-05T22:00", "2023-03-06T21:59", True),
        ("2023-03-05T22:00", "2023-03-06T22:00", True),
        ("2023-03-05T22:00", "2023-03-06T22:01", False),
        ("", "2023-03-05T09:00", False),
    ],
)
def test_times_are_on_the_day_and_in_order(
    sqlite_month: Month, begins: str, ends: str, fits: bool
) -> None:
    sqlite_month.report()
    if fits:
        sqlite_month.sign(1, "V0001", begins, ends)
        assert len(shown(sqlite_month)) == 1
        return
    with pytest.raises(RosterTimesUnfit):
        sqlite_month.sign(1, "V0001", begins, ends)
    assert shown(sqlite_month) == []


def test_who_is_nobody_or_no_volunteer_stops_all_lines(sqlite_month: Month) -> None:
    month = sqlite_month
    month.report()
    for named, refusal in (("V9999", UnknownMember), ("E0001", NotAVolunteer), (" ", MissingField)):
        with pytest.raises(refusal):
            month.sign(1, named, "", "")
    lines = [Line("V0001"), Line("V9999")]
    with pytest.raises(UnknownMember):
        keep_roster(month.tried.bank, CLERK, month.activity(1), lines, key=month.key())
    assert shown(month) == []


@pytest.mark.parametrize(("most", "fits"), [(1, False), (2, True), (3, True)])
def test_a_roster_has_a_most(
    sqlite_month: Month, monkeypatch: pytest.MonkeyPatch, most: int, fits: bool
) -> None:
    monkeypatch.setattr(rosters, "MOST_LINES", most)
    sqlite_month.report()
    if fits:
        sqlite_month.sign(1, "V0001、V0002", "", "")
    else:
        with pytest.raises(GroupTooLarge):
            sqlite_month.sign(1, "V0001、V0002", "", "")
    assert len(shown(sqlite_month)) == (2 if fits else 0)


def test_who_was_handed_in_stays_and_others_may_go(month: Month) -> None:
    month.report()
    month.sign(1, "V0001", "2023-03-05T09:00", "2023-03-05T11:00")
    month.sign(1, "V0002", "", "")
    month.hand_in(1)
    bank, river = month.tried.bank, month.activity(1)
    take_off_roster(bank, CLERK, river, "v0002", key=month.key())
    with pytest.raises(RosterLineHandedIn):
        take_off_roster(bank, CLERK, river, "V0001", key=month.key())
    with pytest.raises(UnknownCampaignItem):
        take_off_roster(bank, CLERK, river, "V0002", key=month.key())
    assert shown(month) == [("V0001", "09:00", "11:00")]


def test_a_repeated_attempt_keeps_a_line_once(month: Month) -> None:
    month.report()
    lines = [Line("V0001", datetime(2023, 3, 5, 9))]  # noqa: DTZ001 - a wall time
    answers = [
        keep_roster(month.tried.bank, CLERK, month.activity(1), lines, key="one-attempt")
        for _time in range(2)
    ]
    assert answers[0].body == answers[1].body
    assert len(shown(month)) == 1


def test_a_person_s_own_copy_has_their_rosters(month: Month) -> None:
    month.lived()
    operator = Actor("staff_operator", Role.OPERATOR)
    found = export_person(month.tried.bank, operator, "V0001")["campaigns"]
    assert [(one["name"], one["state"]) for one in found] == [
        ("保护母亲河清洁", "posted"),
        ("敬老陪伴", "awaiting_review"),
    ]


def test_who_stands_on_two_lines_that_differ_is_on_neither(sqlite_month: Month) -> None:
    month = sqlite_month
    month.report()
    nine, ten, eleven = (
        datetime.fromisoformat(f"2023-03-05T{hour}") for hour in ("09", "10", "11")
    )
    at = (month.tried.bank, CLERK, month.activity(1))
    for twice in (Line("V0001", nine, None), Line("V0001、V0002", nine, eleven)):
        with pytest.raises(RosterTimesUnfit):
            keep_roster(*at, [Line("V0001", nine, ten), twice], key=month.key())
    assert shown(month) == []
    keep_roster(*at, [Line("V0001", nine, ten), Line("V0001", nine, ten)], key=month.key())
    assert shown(month) == [("V0001", "09:00", "10:00")]
