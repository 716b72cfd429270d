"""The March register of Happiness Lane, read, resolved and judged: the answer known beforehand."""

import json
from collections import Counter
from datetime import date
from pathlib import Path

import timebank.demo
from tests.support.registers import import_purely

LANE = Path(timebank.demo.__file__).parent / "happiness_lane"
EXPECTED = json.loads(
    (Path(__file__).parents[2] / "golden" / "happiness_lane_expected.json").read_text("utf-8")
)


def test_the_register_yields_exactly_the_expected_rows_refusals_and_minutes():
    result = import_purely(LANE / "register.xlsx", LANE / "members.csv", today=date(2023, 4, 20))

    refusals = [{"row": row.row, "why": refusal.code} for row, refusal in result.refused]
    assert refusals == EXPECTED["refusals"]
    rows = [
        {
            "row": accepted.row.row,
            "volunteer": one(accepted.volunteers),
            "elder": one(accepted.recipients),
            "minutes": accepted.row.minutes,
            "start": accepted.row.starts_at.isoformat(),
            "end": accepted.row.ends_at.isoformat(),
            "kind": accepted.row.content,
        }
        for accepted in result.accepted
    ]
    assert rows == EXPECTED["rows"]
    by_volunteer: Counter[str] = Counter()
    for accepted in result.accepted:
        by_volunteer[one(accepted.volunteers)] += accepted.row.minutes
    assert by_volunteer == EXPECTED["by_volunteer"]
    assert (len(rows), len(refusals)) == (EXPECTED["accepted"], EXPECTED["refused"])
    assert by_volunteer.total() == EXPECTED["minutes"]


def test_what_the_register_says_of_itself():
    result = import_purely(LANE / "register.xlsx", LANE / "members.csv", today=date(2023, 4, 20))
    register = result.register

    assert register.title == "栖霞街道幸福里社区“时间银行”志愿服务登记台账"
    assert register.organisation == "幸福里社区服务站"
    assert (register.year, register.month) == (2023, 3)
    assert register.row_count == 173
    assert register.stated_minutes == 257 * 60
    subtotals = [total for sheet in register.sheets for total in sheet.totals if total.is_subtotal]
    assert [(total.row, total.count) for total in subtotals] == [(65, 60), (127, 120)]
    assert [line.row for line in register.sheets[0].passed_over] == [182]


def test_explanations_name_the_row_the_field_and_the_rule():
    result = import_purely(LANE / "register.xlsx", LANE / "members.csv", today=date(2023, 4, 20))
    said = {row.row: refusal.explanation for row, refusal in result.refused}

    assert said[29] == "第29行：缺少“服务对象”"
    assert said[102] == "第102行：缺少“服务日期”"
    assert said[104] == "第104行：“服务时长”写的是“3小时30分”，按起止时间应为 150 分钟"
    assert said[119] == "第119行：“志愿者姓名”里的“无名氏”没有登记"
    assert said[167] == "第167行：结束时间 15:30 不晚于开始时间 17:00"
    assert said[176].startswith("第176行：与第")
    assert said[176].endswith("行重复")


def one(people: frozenset[str]) -> str:
    (person,) = people
    return person
