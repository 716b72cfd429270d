"""timebank/campaigns/hours.py: rosters become records, a second person approves, nobody twice."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from tests.support.banks import FOUNDER
from tests.support.campaigns import CLERK, REVIEWER, Month
from tests.support.forging import bank_with, facts, forge, honest_move, judged, rules
from timebank.campaigns.figures import added_up, figure_lines
from timebank.campaigns.hours import MOST_HEADS, hand_in_hours
from timebank.errors import GroupTooLarge, NotPermitted, ReviewerIsRecorder
from timebank.errors.campaigns import (
    HeadsCounted,
    NothingToHandIn,
    RosterLineHandedIn,
    UnknownActivity,
)
from timebank.reconciliation.reconcile import reconcile
from timebank.records.actions import reverse_record
from timebank.records.model import State
from timebank.records.review import review_record
from timebank.stations.model import Actor, Role

STRANGER = Actor("staff_elsewhere", Role.CLERK, "OTHER")

# The ledger alone: what moved into members' accounts by the entries that the log's facts of the
# campaign name.  Shares no line with what it is held against.
_MOVED = """
SELECT coalesce(sum(m.minutes), 0) FROM movement m
  JOIN account a ON a.book_id = m.book_id AND a.account_no = m.to_no AND a.kind = 'member'
  JOIN entry e ON e.book_id = m.book_id AND e.leaf_index = m.leaf_index
 WHERE e.entry_id IN (SELECT entry_id FROM record_person WHERE record_id IN (
   SELECT record_id FROM campaign_record))
"""


def rows(month: Month, sql: str) -> list[Any]:
    with month.tried.bank.read() as connection:
        return list(connection.execute(text(sql)).all())


def figures(month: Month, **asked: str) -> dict[str, Any]:
    with month.tried.bank.read() as connection:
        lines = list(figure_lines(connection, month.campaign_id, **asked))
    return added_up(lines, "", (), ()).total.as_json()


def test_nothing_moves_before_a_second_person_has_approved(month: Month) -> None:
    month.report()
    month.sign(1, "V0001、V0002", "2023-03-05T09:00", "2023-03-05T11:00")
    handed = month.hand_in(1, heads=12)
    assert (handed["accepted"], handed["minutes"], handed["refused"]) == (2, 240, [])
    assert figures(month)["posted"]["minutes"] == 0
    assert figures(month)["pending"] == {
        "activities": 1, "heads": 12, "minutes": 240, "given_minutes": 240, "volunteers": 2,
        "teams": 1, "late_minutes": 0,
    }  # fmt: skip
    assert rows(month, _MOVED) == [(0,)]
    with pytest.raises(ReviewerIsRecorder):
        month.approve(handed["batch"], Actor(CLERK.actor_id, Role.REVIEWER, "XFL"))
    month.approve(handed["batch"])
    assert figures(month)["posted"]["minutes"] == 240
    assert rows(month, _MOVED) == [(240,)]


def test_the_figures_are_those_of_the_ledger_and_a_stranger_derives_them(
    month: Month, tmp_path: Path
) -> None:
    month.lived()
    found = figures(month)
    assert rows(month, _MOVED) == [(found["posted"]["minutes"],)] == [(210,)]
    assert (found["pending"]["minutes"], found["pending"]["heads"]) == (60, 30)
    assert figures(month, until_on="2023-03-17")["pending"]["minutes"] == 0
    assert figures(month, until_on="2023-03-18")["pending"]["minutes"] == 60
    assert figures(month, unit_code="WM")["posted"]["minutes"] == 0
    month.tried.bank.publish()
    assert judged(month.tried, tmp_path).ok
    told = reconcile(month.tried.bank, FOUNDER).as_json()
    assert {one["name"] for one in told["checks"] if one["differences"]} <= {"jobs_silent"}


def test_the_log_names_the_campaign_of_every_record_and_nobody_who_is_no_account(
    month: Month,
) -> None:
    month.lived()
    log = b"\n".join(bytes(row.body) for row in rows(month, "SELECT body FROM leaf")).decode()
    for (record,) in rows(month, "SELECT record_id FROM campaign_record"):
        assert f'\\"record\\":\\"{record}\\"' in log or f'"record":"{record}"' in log
    assert log.count("hand_in_hours") >= 3
    named = ["王德福", "李秀兰", "13812345678", "河边", "保护母亲河", "孤寡老人", "河小青"]
    assert [word for word in named if word in log] == []


def test_the_same_hours_are_not_credited_twice(month: Month) -> None:
    month.lived()
    with pytest.raises(NothingToHandIn):
        month.hand_in(1)
    with pytest.raises(RosterLineHandedIn):
        month.sign(1, "V0001", "2023-03-05T09:00", "2023-03-05T12:00")
    # The other unit lists the same person at the same time: that line alone is refused.
    month.report(unit="WM")
    month.sign(1, "V0001", "2023-03-05T09:00", "2023-03-05T11:00", unit="WM")
    month.sign(1, "V0002", "2023-03-05T13:00", "2023-03-05T14:00", unit="WM")
    handed = month.hand_in(1, unit="WM")
    assert handed["accepted"] == 1
    assert [code for _who, code in handed["refused"]] == ["duplicate"]


@pytest.mark.parametrize("dead", [State.REJECTED, State.REVERSED])
def test_what_went_back_may_be_handed_in_anew_with_its_head_count(
    month: Month, dead: State
) -> None:
    month.report()
    month.sign(2, "V0001", "2023-03-18T14:00", "2023-03-18T15:00")
    handed = month.hand_in(2)
    (record,) = rows(month, "SELECT record_id FROM service_record")[0]
    bank = month.tried.bank
    if dead is State.REJECTED:
        review_record(bank, REVIEWER, record, approve=False, reason="时间不符", key=month.key())
    else:
        month.approve(handed["batch"])
        reverse_record(bank, REVIEWER, record, "登记有误", key=month.key())
    assert figures(month)["pending"]["heads"] == figures(month)["posted"]["heads"] == 0
    month.sign(2, "V0001", "2023-03-18T14:00", "2023-03-18T15:30")
    month.approve(month.hand_in(2)["batch"])
    assert (figures(month)["posted"]["minutes"], figures(month)["posted"]["heads"]) == (90, 30)


@pytest.mark.parametrize(("later", "taken"), [(None, True), (11, False), (12, True), (13, False)])
def test_another_head_count_is_refused_while_one_is_counted(
    month: Month, later: int | None, taken: bool
) -> None:
    month.report()
    month.sign(1, "V0001", "2023-03-05T09:00", "2023-03-05T11:00")
    month.hand_in(1, heads=12)
    month.sign(1, "V0002", "2023-03-05T09:00", "2023-03-05T11:00")
    if taken:
        assert month.hand_in(1, heads=later)["accepted"] == 1
    else:
        with pytest.raises(HeadsCounted) as refused:
            month.hand_in(1, heads=later)
        assert refused.value.facts["heads"] == 12
    assert figures(month)["pending"]["heads"] == 12


@pytest.mark.parametrize(("heads", "taken"), [(-1, False), (0, True), (MOST_HEADS, True),
                                              (MOST_HEADS + 1, False)])  # fmt: skip
def test_a_head_count_has_bounds(month: Month, heads: int, taken: bool) -> None:
    month.report()
    month.sign(1, "V0001", "2023-03-05T09:00", "2023-03-05T11:00")
    if taken:
        assert month.hand_in(1, heads=heads)["accepted"] == 1
        assert figures(month)["pending"]["heads"] == heads
    else:
        with pytest.raises(GroupTooLarge):
            month.hand_in(1, heads=heads)


def test_who_is_not_signed_out_or_of_elsewhere_hands_in_nothing(month: Month) -> None:
    month.report()
    month.sign(1, "V0001", "2023-03-05T09:00", "")
    with pytest.raises(NothingToHandIn):
        month.hand_in(1)
    for actor in (STRANGER, Actor("staff_auditor", Role.AUDITOR)):
        with pytest.raises(NotPermitted):
            month.hand_in(1, actor=actor)
    with pytest.raises(UnknownActivity):
        hand_in_hours(month.tried.bank, CLERK, "actv_none", key=month.key())


def test_a_forged_entry_beside_a_roster_lacks_its_second_person(tmp_path: Path) -> None:
    with bank_with(tmp_path) as tried:
        forge(tried, facts(tried, marks=["bulk", "roster"]), honest_move(tried))
        assert rules(tried, tmp_path) == ["four_eyes"]


def test_the_same_entry_without_the_mark_is_the_policy_s_own_affair(tmp_path: Path) -> None:
    with bank_with(tmp_path) as tried:
        forge(tried, facts(tried, marks=["bulk"]), honest_move(tried))
        assert rules(tried, tmp_path) == []
