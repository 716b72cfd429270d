"""timebank/campaigns/reporting.py and table_reading.py: a table whole or not at all."""

from datetime import date, datetime
from typing import Any

import pytest

from tests.support.banks import AUDITOR, OPERATOR
from tests.support.campaigns import CLERK, HEADER, RIVER, ROWS, VISIT, Month, write_table
from timebank.campaigns.actions import return_table
from timebank.campaigns.model import MOST_ROWS
from timebank.campaigns.people import leaders_of
from timebank.campaigns.queries import activities_listed, board
from timebank.campaigns.reporting import report_table
from timebank.campaigns.shown import ShownActivity, ShownUnit
from timebank.campaigns.table_reading import Frame, read_table
from timebank.errors import HeaderNotFound, MissingField, NothingToRead, NotPermitted
from timebank.errors.campaigns import (
    ActivityInUse,
    TableNotReported,
    UnknownCampaign,
    UnknownCampaignUnit,
)
from timebank.stations.model import Actor, Role

AT = {label: place for place, label in enumerate(HEADER)}


def changed(row: tuple[object, ...], **cells: object) -> tuple[object, ...]:
    return tuple(cells.get(label, cell) for label, cell in zip(HEADER, row, strict=True))


def listed(month: Month, unit: str = "XF") -> list[ShownActivity]:
    with month.tried.bank.read() as connection:
        return activities_listed(connection, CLERK, month.campaign_id, unit)


def unit(month: Month, code: str = "XF") -> ShownUnit:
    with month.tried.bank.read() as connection:
        found = board(month.tried.bank, connection, AUDITOR, month.campaign_id)
    return next(one for one in found if one.unit_code == code)


def test_a_table_is_reported_and_stands_on_the_board(month: Month) -> None:
    assert (unit(month).table_state, unit(month).table_late) == ("not_reported", True)
    result = month.report()
    assert (result.reported, result.activities, result.added) == (True, 2, 2)
    river, visit = listed(month)
    assert (river.name, river.held_on, river.starts_at[11:], river.team) == (
        "保护母亲河清洁", "2023-03-05", "09:00", "河小青志愿队",
    )  # fmt: skip
    # A short date takes the campaign's year, a line without organiser the unit's name.
    assert (visit.held_on, visit.stated_heads, visit.team) == ("2023-03-18", 30, "幸福街道")
    assert unit(month).table_state == "reported"
    assert unit(month, "WM").table_state == "not_reported"


def test_leaders_are_sealed_and_a_later_table_forgets_the_former_ones(month: Month) -> None:
    month.report()
    bank, river = month.tried.bank, month.activity(1)
    with bank.read() as connection:
        told = leaders_of(bank, connection, [river])
    assert told == {river: {"name": "王德福", "telephone": "13812345678"}}
    before = set(bank.wrapped_keys.owners())
    month.report([changed(RIVER, 负责人="赵敏")])
    with bank.read() as connection:
        told = leaders_of(bank, connection, [river])
    assert told[river]["name"] == "赵敏"
    # Two leaders before, one now: both former keys are gone.
    assert len(before) - len(set(bank.wrapped_keys.owners())) == 1


@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        ({"项目名称": None}, "项目名称", "missing_field"),
        ({"项目名称": "=HYPERLINK(1)"}, "项目名称", "formula_like"),
        ({"备注": "@SUM(A1)"}, "备注", "formula_like"),
        ({"项目名称": "上门推销"}, "项目名称", "not_volunteer_activity"),
        ({"项目名称": "字" * 60}, None, None),
        ({"项目名称": "字" * 61}, "项目名称", "text_too_long"),
        ({"服务类别": "植树"}, "服务类别", "unknown_theme"),
        ({"时间": "三月"}, "时间", "unreadable_date"),
        ({"时间": "2023-03-04"}, "时间", "outside_campaign"),
        ({"时间": "2023-03-05"}, None, None),
        ({"时间": datetime(2023, 4, 5)}, None, None),  # noqa: DTZ001 - a cell has no zone
        ({"时间": "2023-04-06"}, "时间", "outside_campaign"),
        ({"时间": "2023-03-05 11:00-09:00"}, "时间", "end_before_start"),
        ({"招募人数": "许多"}, "招募人数", "unreadable_count"),
        ({"招募人数": "20人"}, None, None),
        ({"服务时长": "很久"}, "服务时长（小时）", "unreadable_duration"),
        ({"联系电话": "123"}, "联系电话", "telephone_invalid"),
        ({"序号": 0}, "序号", "unreadable_count"),
    ],
    ids=ascii,
)
def test_a_wrong_cell_is_named_and_nothing_is_taken(
    sqlite_month: Month, cells: dict[str, Any], column: str | None, code: str | None
) -> None:
    month = sqlite_month
    result = month.report([changed(RIVER, **cells), VISIT])
    told = [(one.row, one.column, one.code) for one in result.wrong]
    assert told == ([(3, column, code)] if code else [])
    assert all(one.explanation.startswith("第3行") and one.mend for one in result.wrong)
    assert len(listed(month)) == (0 if code else 2)
    assert result.reported is (code is None)


def test_serials_are_once_in_a_table(month: Month) -> None:
    result = month.report([RIVER, changed(VISIT, 序号=1)])
    assert [(one.row, one.code) for one in result.wrong] == [(4, "duplicate")]


@pytest.mark.parametrize(("count", "reported"), [(MOST_ROWS, True), (MOST_ROWS + 1, False)])
def test_a_table_has_a_most(sqlite_month: Month, count: int, reported: bool) -> None:
    rows = [changed(RIVER, 序号=serial) for serial in range(1, count + 1)]
    assert sqlite_month.report(rows).reported is reported


def test_a_later_table_changes_adds_and_drops(month: Month) -> None:
    month.report()
    river = month.activity(1)
    result = month.report([changed(RIVER, 地点="北岸"), changed(VISIT, 序号=3)])
    assert (result.added, result.changed, result.dropped) == (1, 1, 1)
    assert [(one.serial, one.location) for one in listed(month)] == [(1, "北岸"), (3, "幸福里")]
    assert month.activity(1) == river


def test_what_has_a_roster_keeps_its_line_theme_and_day(month: Month) -> None:
    month.report()
    month.sign(1, "V0001", "", "")
    for first in ([], [changed(RIVER, 服务类别="关心关爱")], [changed(RIVER, 时间="3月6日")]):
        with pytest.raises(ActivityInUse):
            month.report([*first, VISIT])
    assert month.report([changed(RIVER, 地点="北岸"), VISIT]).reported


def test_a_returned_table_is_reported_again(month: Month) -> None:
    bank, where = month.tried.bank, (month.campaign_id, "XF")
    with pytest.raises(TableNotReported):
        return_table(bank, OPERATOR, *where, "缺地点", key=month.key())
    month.report()
    with pytest.raises(NotPermitted):
        return_table(bank, CLERK, *where, "缺地点", key=month.key())
    with pytest.raises(MissingField):
        return_table(bank, OPERATOR, *where, " ", key=month.key())
    return_table(bank, OPERATOR, *where, "缺地点", key=month.key())
    assert (unit(month).table_state, unit(month).table_reason) == ("returned", "缺地点")
    month.report()
    assert (unit(month).table_state, unit(month).table_reason) == ("reported", "")


def test_who_may_report_and_where(month: Month) -> None:
    bank, path = month.tried.bank, write_table(month.folder)
    stranger = Actor("staff_elsewhere", Role.CLERK, "OTHER")
    for actor in (stranger, AUDITOR):
        with pytest.raises(NotPermitted):
            month.report(actor=actor)
    with pytest.raises(UnknownCampaign):
        report_table(bank, CLERK, "camp_none", "XF", path, key=month.key())
    with pytest.raises(UnknownCampaignUnit):
        month.report(unit="NO")
    with pytest.raises(NothingToRead):
        month.report([])
    bare = write_table(month.folder, header=("项目名称", "时间"), rows=[("一", "二")])
    with pytest.raises(HeaderNotFound):
        report_table(bank, CLERK, month.campaign_id, "XF", bare, key=month.key())


def test_the_same_attempt_answers_alike_and_keeps_no_second_key(month: Month) -> None:
    bank, path = month.tried.bank, write_table(month.folder)
    first, again = (
        report_table(bank, CLERK, month.campaign_id, "XF", path, key="one-attempt")
        for _time in range(2)
    )
    assert first == again
    people = {one for one in bank.wrapped_keys.owners() if one.startswith("cprs_")}
    assert len(people) == len([row for row in ROWS if row[AT["负责人"]]])


def test_sums_and_blank_lines_are_no_activities(month: Month) -> None:
    total = ("合计", *[None] * 6, 12, 24, 30, *[None] * 4)
    frame = Frame(("绿水青山", "关心关爱"), date(2023, 3, 5), date(2023, 4, 5))
    found = read_table(write_table(month.folder, [*ROWS, [None] * 14, total]), frame)
    assert (len(found.lines), found.wrong) == (2, ())
