"""timebank/campaigns/figures.py and lines.py: the same sums, taken another way."""

import csv
import io
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from tests.support.banks import AUDITOR
from tests.support.campaigns import CLERK, RIVER, STATED, VISIT, Month, month_with
from tests.support.profiles import NOTICE
from timebank.campaigns.lines import COLUMNS, lines_csv
from timebank.campaigns.queries import figures_of
from timebank.errors import NotPermitted
from timebank.errors.campaigns import UnknownCampaign
from timebank.reconciliation.checks.campaigns import CHECK
from timebank.reconciliation.view import view_of
from timebank.stations.model import Actor, Role

_JOURNAL = text(
    "SELECT sum(m.minutes) FROM movement m JOIN account a ON a.book_id = m.book_id "
    "AND a.account_no = m.to_no WHERE a.kind = 'member' AND m.kind = 'service'"
)


def lines(month: Month, actor: Actor = AUDITOR, **asked: str) -> list[dict[str, str]]:
    with month.tried.bank.read() as connection:
        found = b"".join(lines_csv(connection, actor, month.campaign_id, **asked))
    return list(csv.DictReader(io.StringIO(found.decode("utf-8-sig"))))


def figures(month: Month, **asked: str) -> Any:
    with month.tried.bank.read() as connection:
        return figures_of(connection, AUDITOR, month.campaign_id, **asked)


def two_units(month: Month) -> None:
    """Activities of two units, of which one more is posted and one line is of both volunteers."""
    month.lived()
    month.report([(*RIVER[:4], "2023-03-06", *RIVER[5:9], 7, *RIVER[10:]), VISIT], unit="WM")
    month.sign(1, "V0001、V0002", "2023-03-06T09:00", "2023-03-06T10:00", unit="WM")
    month.approve(month.hand_in(1, unit="WM")["batch"])


def added(rows: list[dict[str, str]], column: str) -> dict[str, Any]:
    """The figures of posted lines by a column, added up without our code."""
    found: dict[str, Any] = defaultdict(lambda: [set(), 0, 0, set(), set()])
    for row in rows:
        if row["状态"] == "posted":
            one = found[row[column]]
            one[0].add((row["单位"], row["序号"]))
            one[1] += int(row["受益人次"])
            one[2] += int(row["凭证分钟"])
            one[3].add(row["账户"])
            one[4].add(row["队伍"])
    return {
        name: (len(one[0]), one[1], one[2], len(one[3]), len(one[4])) for name, one in found.items()
    }


def told(groups: dict[str, Any]) -> dict[str, Any]:
    shown = {
        name: (one.posted.activities, one.posted.heads, one.posted.minutes,
               one.posted.volunteers, one.posted.teams)
        for name, one in groups.items()
    }  # fmt: skip
    return {name: one for name, one in shown.items() if one[0]}


def test_lines_add_up_to_the_figures_and_to_the_journal(month: Month) -> None:
    two_units(month)
    rows, found = lines(month), figures(month)
    assert tuple(rows[0]) == COLUMNS
    assert added(rows, "主题") == told(found.themes) == {"绿水青山": (2, 7, 330, 2, 1)}
    assert added(rows, "单位") == told(found.units) == {
        "XF": (1, 0, 210, 2, 1), "WM": (1, 7, 120, 2, 1),
    }  # fmt: skip
    with month.tried.bank.read() as connection:
        assert connection.execute(_JOURNAL).scalar_one() == 330
    assert [row["凭证"] == "" for row in rows] == [row["状态"] != "posted" for row in rows]
    assert {row["账户"] for row in rows} == {month.tried.account(n) for n in ("V0001", "V0002")}


def test_a_line_whose_entry_was_bent_shows(sqlite_month: Month) -> None:
    two_units(sqlite_month)
    sqlite_month.tried.behind("UPDATE record_person SET credited_minutes = 999 WHERE "
                              "credited_minutes = 120 AND part = 'volunteer'")  # fmt: skip
    differing = [row for row in lines(sqlite_month)
                 if row["状态"] == "posted" and row["应入账分钟"] != row["凭证分钟"]]  # fmt: skip
    assert [row["凭证分钟"] for row in differing] == ["120"]


def test_cut_off_and_unit(month: Month) -> None:
    two_units(month)
    for until, count in (("2023-03-04", 0), ("2023-03-05", 2), ("2023-03-06", 4), ("", 5)):
        assert len(lines(month, until_on=until)) == count
    assert {row["单位"] for row in lines(month, unit_code="WM")} == {"WM"}
    assert figures(month, until_on="2023-03-04").total.posted.activities == 0
    assert set(figures(month).themes) == {theme.name for theme in STATED.themes}


def test_who_may_have_lines(sqlite_month: Month) -> None:
    sqlite_month.lived()
    assert len(lines(sqlite_month, CLERK, unit_code="XF")) == 3
    with pytest.raises(NotPermitted):
        lines(sqlite_month, CLERK)
    with pytest.raises(NotPermitted):
        lines(sqlite_month, Actor("staff_elsewhere", Role.CLERK, "OTHER"), unit_code="XF")
    with sqlite_month.tried.bank.read() as connection, pytest.raises(UnknownCampaign):
        next(lines_csv(connection, AUDITOR, "camp_none"))


def test_an_activity_that_looks_like_a_formula_has_an_apostrophe(sqlite_month: Month) -> None:
    month = sqlite_month
    month.lived()
    month.tried.behind("UPDATE campaign_activity SET name = '=1+1', team = '@x'")
    assert {(row["项目"], row["队伍"]) for row in lines(month)} == {("'=1+1", "'@x")}


def test_under_notice_is_neither_posted_nor_pending(tmp_path: Path) -> None:
    with month_with(tmp_path, NOTICE) as month:
        month.report()
        month.sign(1, "V0001", "2023-03-05T09:00", "2023-03-05T11:00")
        month.approve(month.hand_in(1, heads=3)["batch"])
        total = figures(month).total
        assert (total.posted.minutes, total.pending.minutes) == (0, 0)
        assert (total.under_notice.minutes, total.under_notice.heads) == (120, 3)
        assert [row["状态"] for row in lines(month)] == ["under_notice"]


def differing(month: Month) -> list[tuple[str, str]]:
    with view_of(month.tried.bank) as view:
        found = list(CHECK.run(view))
    return [(str(one.facts["logged"]), str(one.facts["linked"])) for one in found]


def test_a_link_that_the_log_has_otherwise_is_found(month: Month) -> None:
    two_units(month)
    assert differing(month) == []
    visit, river = month.activity(2), month.activity(1)
    month.tried.behind(f"UPDATE campaign_record SET activity_id = '{river}' "
                       f"WHERE activity_id = '{visit}'")  # fmt: skip
    assert differing(month) == [(visit, river)]
    month.tried.behind("DELETE FROM campaign_record")
    assert (visit, "") in differing(month)
    assert len(differing(month)) == 5
