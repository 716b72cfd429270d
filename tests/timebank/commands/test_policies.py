"""timebank/commands/policies.py: drafts are checked, rehearsed and adopted."""

from pathlib import Path

import pytest

from tests.support.banks import OPERATOR, TriedBank
from tests.support.forging import log
from tests.support.profiles import HEAD, cap
from tests.timebank.commands.test_cli import run, told
from timebank.clock import SystemClock, local_date
from timebank.people.kinship import note_kinship
from timebank.people.model import Relation

FROM_NOW = 'in_force_from = 2100-01-01\nreplaces = "plain-2026"'


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    """A draft in order that would follow the plain rules."""
    file = tmp_path / "draft.toml"
    text = HEAD.replace("in_force_from = 2020-01-01", FROM_NOW)
    file.write_text(text + cap("day", 30, "trim"), encoding="utf-8")
    return file


def test_a_draft_in_order_is_shown_as_a_table(draft: Path) -> None:
    found = told("policy", "check", draft)
    assert (found["ok"], found["faults"], found["replaces"]) == (True, [], "plain-2026")
    day = next(line for line in found["set"] if line["key"] == "caps.day_minutes")
    assert (day["title_zh"], day["value"], day["source"]) == ("每日上限", "30", "c")
    assert "caps.order_minutes" in found["unset"]

    shown = run("policy", "check", draft).stdout
    assert "caps.day_minutes" in shown
    assert "未设置（关闭）" in shown


def test_every_fault_is_told_and_the_exit_code_is_one(tmp_path: Path) -> None:
    file = tmp_path / "draft.toml"
    text = HEAD.replace('"time"', '"service"') + "[earning]\nminimum_age = 18\n"
    file.write_text(text.replace("rules = 1", "rules = 2"), encoding="utf-8")
    found = told("policy", "check", file, code=1)
    assert [one["where"] for one in found["faults"]] == [
        "unit.kind",
        "earning.minimum_age",
        "rules",
    ]
    said = run("policy", "check", file, code=1).stdout
    assert "账本只记分钟" in said
    assert "books hold minutes" in said

    file.write_bytes("规则".encode("gb18030"))
    assert told("policy", "check", file, code=1)["faults"][0]["en"] == "the file is not UTF-8"
    run("policy", "check", tmp_path / "none.toml", code=2)


def test_a_book_that_is_named_is_asked_too(
    draft: Path, tmp_path: Path, sqlite_bank: TriedBank
) -> None:
    data = sqlite_bank.settings.data
    assert told("policy", "check", draft, "--data", data)["ok"]
    other = tmp_path / "other.toml"
    other.write_text(draft.read_text("utf-8").replace('replaces = "plain-2026"', ""), "utf-8")
    found = told("policy", "check", other, "--data", data, code=1)
    assert [one["where"] for one in found["faults"]] == ["in_force_from"]
    assert "同时有效" in found["faults"][0]["zh"]

    told("policy", "adopt", draft, "--yes", "--data", data)
    (fault,) = told("policy", "check", draft, "--data", data, code=1)["faults"]
    assert fault["where"] == "name"


def test_adopting_asks_first_and_is_listed(draft: Path, sqlite_bank: TriedBank) -> None:
    data = sqlite_bank.settings.data
    refused = told("policy", "adopt", draft, "--data", data, code=1, input="n\n")
    assert refused["error"]["code"] == "not_confirmed"
    made = told("policy", "adopt", draft, "--data", data, input="y\n")
    assert made["profile"].startswith("test-1@")

    plain, new = told("policy", "list", "--data", data)["policies"]
    assert (plain["in_force_until"], plain["in_force"]) == ("2099-12-31", True)
    assert (new["in_force_from"], new["in_force_until"], new["in_force"]) == (
        "2100-01-01", None, False,
    )  # fmt: skip
    lines = run("policy", "list", "--data", data).stdout.splitlines()
    assert lines[0].startswith("● 2000-01-01 – 2099-12-31")
    again = told("policy", "adopt", draft, "--yes", "--data", data, code=1)
    assert again["error"]["code"] == "policy_exists"


def test_a_draft_that_is_not_in_order_is_neither_adopted_nor_rehearsed(
    tmp_path: Path, sqlite_bank: TriedBank
) -> None:
    file = tmp_path / "draft.toml"
    file.write_text(HEAD + "[colours]\n", encoding="utf-8")
    data = ("--data", sqlite_bank.settings.data)
    span = ("--from", "2023-04-01", "--to", "2023-04-05")
    for command in (("adopt", file, "--yes"), ("rehearse", file, *span)):
        assert told("policy", *command, *data, code=1)["error"]["code"] == "profile_invalid"


def test_a_rehearsal_shows_members_by_number_and_totals(
    draft: Path, sqlite_bank: TriedBank
) -> None:
    sqlite_bank.people("V0001", "V0002", "E0001")
    log(sqlite_bank, 1, minutes=90)
    log(sqlite_bank, 2, volunteers="V0002", at="12:00", minutes=20)
    data = ("--data", sqlite_bank.settings.data)
    span = ("--from", "2023-04-01", "--to", "2023-04-05")
    found = told("policy", "rehearse", draft, *span, *data)
    assert [(one["number"], one["credited_before"], one["credited_after"])
            for one in found["members"]] == [("V0001", 90, 30), ("V0002", 20, 20)]  # fmt: skip
    assert (found["total"]["credited_before"], found["total"]["credited_after"]) == (110, 50)
    assert len(found["assumptions"]) == 4

    shown = run("policy", "rehearse", draft, *span, "--station", "XFL", *data).stdout
    assert "V0001" in shown
    assert "没有写入任何内容" in shown
    assert "成员" not in shown
    run("policy", "rehearse", draft, "--from", "2023-04-05", "--to", "2023-04-04", *data, code=2)


def test_refused_rows_of_an_import_are_explained(sqlite_bank: TriedBank, tmp_path: Path) -> None:
    sqlite_bank.people("V0001", "E0001")
    note_kinship(sqlite_bank.bank, OPERATOR, "V0001", "E0001", Relation.SPOUSE, "户口簿")
    register = tmp_path / "register.csv"
    lines = [
        "服务日期,开始时间,结束时间,志愿者,服务对象,服务内容,服务时长",
        "2023-04-04,09:00,10:00,V0001,E0001,助餐,60",
        "2023-04-05,09:00,10:00,无此人,E0001,助餐,60",
    ]
    register.write_text("\n".join(lines) + "\n", encoding="utf-8")
    data = ("--data", sqlite_bank.settings.data)
    made = told("register", "import", register, "--station", "XFL", *data)
    found = told("explain", made["batch"], *data)
    assert {row["code"] for row in found["rows"]} == {"own_spouse", "unknown_member"}
    said = "\n".join(found["zh"])
    assert "照护配偶不计（services.own_spouse_excluded）：是 true（依据：St. Gallen" in said
    assert "换成任何规则也一样" in said
    assert run("explain", made["batch"], *data).stdout.splitlines() == [*found["zh"], *found["en"]]
    unknown = told("explain", "batch_none", *data, code=1)
    assert unknown["error"]["code"] == "unknown_batch"


def test_the_day_of_the_fixture_has_passed() -> None:
    """The commands above run by the machine's clock, and the draft begins long after it."""
    assert local_date(SystemClock().now()).year < 2100
