"""timebank/statements/formats.py: the bytes that a spreadsheet and a program get."""

import csv
import io
import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from timebank.chart import TITLES
from timebank.expiry.model import Coming
from timebank.statements.formats import FORMATS
from timebank.statements.model import KINDS_ZH, Statement, StatementLine
from timebank.statements.objects import as_json
from timebank.statements.spreadsheet import as_csv

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "statements.md"
SERVICE = StatementLine(
    7, 0, 12, "service", "2023-04-01", "2023-04-06T16:00:00.000Z", "issuance", 90, 95
)
LINES = (
    replace(SERVICE, given_minutes=80, policy="plain-2026", is_late=True, entry_id="entry_7"),
    StatementLine(8, 1, 13, "gift", "2023-04-06", "2023-04-06T16:00:00.001Z", "member", -30, 65),
)


def stated(
    *lines: StatementLine, first: date | None = date(2023, 4, 1), last: date | None = None
) -> Statement:
    closing = lines[-1].balance if lines else 5
    return Statement("acct_1", "member", "V0001", "active", first, last, 5, closing, 2, iter(lines))


def test_csv_is_what_excel_and_wps_open() -> None:
    assert b"".join(as_csv(stated(*LINES))).decode() == (
        "\ufeff凭证号,服务日期,入账时间,种类,对方科目,收入分钟,支出分钟,余额分钟,来源页,补录分钟\r\n"
        ",2023-04-01,,期初,,,,5,,\r\n"
        "7,2023-04-01,2023-04-06T16:00:00.000Z,志愿服务入账,时间发行,90,0,95,,90\r\n"
        "8,2023-04-06,2023-04-06T16:00:00.001Z,赠与,会员时间,0,30,65,,0\r\n"
        ",,,期末,,,,65,,90\r\n"
    ).replace("会员时间", next(t.name_zh for t in TITLES if t.kind == "member"))


def test_json_is_one_object_with_signed_minutes() -> None:
    assert b"".join(as_json(stated(*LINES, last=date(2023, 4, 6)))) == (
        b'{"account":"acct_1","account_kind":"member","number":"V0001","holder":"active",'
        b'"from":"2023-04-01","to":"2023-04-06","opening":5,"closing":65,"held":2,"lines":['
        b'{"number":7,"place":0,"leaf_index":12,"entry":"entry_7","kind":"service","effective_on":"2023-04-01",'
        b'"recorded_at":"2023-04-06T16:00:00.000Z","other":"issuance","minutes":90,"balance":95,"page":"",'
        b'"given_minutes":80,"policy":"plain-2026","late_minutes":90},'
        b'{"number":8,"place":1,"leaf_index":13,"entry":"","kind":"gift","effective_on":"2023-04-06",'
        b'"recorded_at":"2023-04-06T16:00:00.001Z","other":"member","minutes":-30,"balance":65,"page":"",'
        b'"given_minutes":null,"policy":"","late_minutes":0}'
        b'],"late_minutes":90}\n'
    )


def test_what_will_expire_stands_before_the_closing_and_moves_nothing() -> None:
    found = stated(*LINES)
    found.expiring = (Coming(date(2024, 5, 1), 60), Coming(date(2024, 6, 1), 5))
    rows = list(csv.reader(io.StringIO(b"".join(as_csv(found)).decode("utf-8-sig"))))
    told = ["", "2024-05-01", "", "60 分钟将于 2024年5月1日 到期", "", "", "", "65", "", ""]
    assert (rows[-3], rows[-1][3]) == (told, "期末")
    found.lines = iter(LINES)
    assert json.loads(b"".join(as_json(found)))["expiring"] == [
        {"due_on": "2024-05-01", "minutes": 60},
        {"due_on": "2024-06-01", "minutes": 5},
    ]


@pytest.mark.parametrize("count", [0, 1, 2])
def test_both_say_the_same(count: int) -> None:
    lines = LINES[:count]
    text = b"".join(as_csv(stated(*lines, first=None))).decode("utf-8-sig")
    _header, first, *rows, last = csv.reader(io.StringIO(text))
    found = json.loads(b"".join(as_json(stated(*lines, first=None))))

    assert (int(first[7]), int(last[7])) == (found["opening"], found["closing"])
    assert [int(row[5]) - int(row[6]) for row in rows] == [
        line["minutes"] for line in found["lines"]
    ]
    assert [int(row[7]) for row in rows] == [line["balance"] for line in found["lines"]]
    assert (found["from"], found["to"]) == (None, None)


def test_lines_are_written_as_they_are_read() -> None:
    asked = []

    def reading():
        for line in LINES:
            asked.append(line)
            yield line

    for write in (as_csv, as_json):
        asked.clear()
        whole = stated()
        whole.lines = reading()
        pieces = write(whole)
        next(pieces)
        assert asked == []


def test_a_kind_without_words_shows_its_own() -> None:
    assert LINES[0].kind_zh == KINDS_ZH["service"]
    odd = StatementLine(1, 0, 1, "closing_gift", "", "", "pool", 1, 1)
    assert odd.kind_zh == "closing_gift"


def test_every_format_stands_on_the_page_with_its_media_type_and_header() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert len({one.name for one in FORMATS}) == len(FORMATS)
    for one in FORMATS:
        assert f"| `{one.name}` | `{one.media_type}` |" in page
    header, _rest = b"".join(as_csv(stated())).decode("utf-8-sig").split("\r\n", 1)
    for column in header.split(","):
        assert f"`{column}`" in page
    found = json.loads(b"".join(as_json(stated(*LINES))))
    for name in {*found, *found["lines"][0]}:
        assert f"`{name}`" in page
    for kind, words in KINDS_ZH.items():
        assert f"| `{kind}` | {words} |" in page
