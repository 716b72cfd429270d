"""F3: what was recorded late stands apart in every report that has minutes of services."""

import csv
import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import orjson
import pytest
from typer.testing import CliRunner

from tests.support.banks import AUDITOR, OPERATOR
from tests.support.campaigns import CLERK, RIVER, Month, month_with
from tests.support.clients import desk_of
from tests.support.paper import text_of
from timebank.campaigns.lines import lines_csv
from timebank.campaigns.packaging import table_of
from timebank.campaigns.queries import figures_of
from timebank.cli import app
from timebank.integrity.statistics import handler_figures
from timebank.liability.queries import liability_of
from timebank.statements.formats import format_named
from timebank.statements.statement import newest_lines
from timebank.statements.writing import statement_for

TEN_DAYS = '[recording]\nbackdating_max_working_days = { value = 10, source = "令第67号第十一条" }'
LATE, IN_TIME = 120, 90
"""Minutes of V0001: the river of 5 March, entered on 6 April, and that of 4 April."""


@pytest.fixture
def month(tmp_path: Path) -> Iterator[Month]:
    with month_with(tmp_path, TEN_DAYS) as month:
        new = (2, "清洁楼道", *RIVER[2:4], "2023-04-04", *RIVER[5:])
        month.report([RIVER, new])
        month.sign(1, "V0001", "2023-03-05T09:00", "2023-03-05T11:00")
        month.sign(2, "V0001", "2023-04-04T09:00", "2023-04-04T10:30")
        for serial, reason in ((1, "纸质签到表"), (2, "")):
            month.approve(month.hand_in(serial, reason=reason)["batch"])
        yield month


def stated(month: Month, name: str) -> bytes:
    tried = month.tried
    form, account_id = format_named(name), tried.account("V0001")
    with statement_for(
        tried.bank, form, lambda _rows: account_id, from_on=None, to_on=None
    ) as found:
        return b"".join(form.write(found))


def of_csv(month: Month) -> tuple[int, int]:
    rows = list(csv.DictReader(io.StringIO(stated(month, "csv").decode("utf-8-sig"))))
    lines = sum(int(row["补录分钟"]) for row in rows[1:-1])
    assert int(rows[-1]["补录分钟"]) == lines
    return sum(int(row["收入分钟"]) for row in rows[1:-1]), lines


def of_json(month: Month) -> tuple[int, int]:
    found = orjson.loads(stated(month, "json"))
    assert found["late_minutes"] == sum(line["late_minutes"] for line in found["lines"])
    return found["closing"], found["late_minutes"]


def of_pdf(month: Month) -> tuple[int, int]:
    rows = [row.split() for row in text_of(stated(month, "pdf")).splitlines()]
    (sums,) = [row for row in rows if len(row) == 6 and row[0] == "0"]
    return int(sums[1]), int(sums[5])


def of_large_pdf(month: Month) -> tuple[int, int]:
    said = text_of(stated(month, "large-pdf")).replace(" ", "")
    assert "\n还有3小时30分钟" in said
    assert "其中补录2小时" in said
    return 210, 120


def of_the_screen(month: Month) -> tuple[int, int]:
    with month.tried.bank.read() as connection:
        lines = newest_lines(connection, month.tried.account("V0001"), 20)
    return sum(line.minutes for line in lines), sum(line.late_minutes for line in lines)


def of_the_auditors_page(month: Month) -> tuple[int, int]:
    with desk_of(month.tried) as desk:
        page = desk.client("auditor").get("/audit/statement?account=V0001").text
    assert "其中补录</dt><dd>2小时</dd>" in page
    assert page.count(">补录<") == 1
    return 210, 120


def of_campaign_figures(month: Month) -> tuple[int, int]:
    with month.tried.bank.read() as connection:
        found = figures_of(connection, AUDITOR, month.campaign_id)
    for one in (found.total, found.themes["绿水青山"], found.units["XF"]):
        assert (one.posted.minutes, one.posted.late_minutes) == (210, 120)
    assert found.units["WM"].posted.late_minutes == 0
    told = found.total.as_json()["posted"]
    return told["minutes"], told["late_minutes"]


def of_campaign_lines(month: Month) -> tuple[int, int]:
    with month.tried.bank.read() as connection:
        made = b"".join(lines_csv(connection, AUDITOR, month.campaign_id)).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(made)))
    return sum(int(row["凭证分钟"]) for row in rows), sum(int(row["补录分钟"]) for row in rows)


def of_the_project_table(month: Month) -> tuple[int, int]:
    bank = month.tried.bank
    with bank.read() as connection:
        made = table_of(bank, connection, CLERK, month.campaign_id, "XF")
    rows = list(openpyxl.load_workbook(io.BytesIO(made))["统计"].iter_rows(values_only=True))
    whole = dict(zip(rows[1], rows[2], strict=True))
    return int(whole["时长（小时）"] * 60), int(whole["其中补录（小时）"] * 60)


def of_the_campaign_command(month: Month) -> tuple[int, int]:
    data = ["--data", str(month.tried.settings.data)]
    told = CliRunner().invoke(app, ["campaign", "figures", month.campaign_id, *data])
    assert "3小时30分钟，其中补录 2小时" in told.stdout
    return 210, 120


def of_handlers(month: Month) -> tuple[int, int]:
    with month.tried.bank.read() as connection:
        day = date(2023, 4, 6)
        (found,) = [one for one in handler_figures(connection, OPERATOR, day, day) if one.entries]
    assert (found.entries, found.late) == (2, 1)
    return 210, found.late_minutes


def of_liability(month: Month) -> tuple[int, int]:
    bank = month.tried.bank
    with bank.read() as connection:
        found = liability_of(bank, connection, AUDITOR)
    return found.given_minutes, found.late_minutes


REPORTS = (
    of_csv, of_json, of_pdf, of_large_pdf, of_the_screen, of_the_auditors_page,
    of_campaign_figures, of_campaign_lines, of_the_project_table, of_the_campaign_command,
    of_handlers, of_liability,
)  # fmt: skip


@pytest.mark.parametrize("report", REPORTS, ids=lambda one: one.__name__.removeprefix("of_"))
def test_f3_late_minutes_count_and_stand_apart(month: Month, report: Any) -> None:
    assert report(month) == (LATE + IN_TIME, LATE)
