"""timebank/commands/openings.py: an older scheme from the rehearsal to the third person."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.banks import TriedBank, new_bank
from tests.support.openings import PAGE, write_list
from tests.timebank.commands.test_cli import run, told

CLERK = ("--as", "clerk-XFL")


@pytest.fixture
def tried(tmp_path: Path) -> Iterator[TriedBank]:
    with new_bank(tmp_path) as made:
        made.people("V0001", "V0002")
        yield made


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    rows = [
        ("V0001", "", PAGE, "2.5", "2022-12-31"),
        ("V0002", "", "台账第3页", "90分钟", "2022-12-31"),
        ("V0009", "", "4", "1", "2022-12-31"),
        ("合计", "", "", "5", ""),
    ]
    return write_list(tmp_path, rows)


def approver(tried: TriedBank) -> tuple[str, ...]:
    login = next(one for one in tried.founded.logins if one.login == "reviewer-XFL")
    return ("--as", login.login, "--password", login.password)


def test_from_the_rehearsal_to_the_third_person(tried: TriedBank, listed: Path) -> None:
    data = ("--data", tried.settings.data)
    checked = told("opening", "check", listed, *data, code=1)
    assert checked == {
        "accepted": 2, "already": 0, "refused": 1, "minutes": 240, "stated_minutes": 300,
        "refusals": [{"sheet": "CSV", "row": 4, "why": "unknown_member"}],
    }  # fmt: skip
    assert told("opening", "list", *data) == {"lists": []}
    station = ("--station", "XFL")
    batch = told("opening", "import", listed, *station, *CLERK, *data)["batch"]
    assert told("opening", "import", listed, *station, *CLERK, *data)["already"] == 2
    rows = told("opening", "list", batch, *data)["rows"]
    assert [(row["place"], row["page"], row["state"]) for row in rows] == [
        (1, PAGE, "awaiting_holder"), (2, "台账第3页", "awaiting_holder"),
    ]  # fmt: skip
    slips = ("--slip", "1=S-1", "--slip", "2=S-2")
    assert told("opening", "confirm", batch, *slips, *CLERK, *data) == {"confirmed": 2}
    told("opening", "return", batch, 2, "--reason", "金额不符", *CLERK, *data)
    made = told("opening", "approve", batch, *approver(tried), *data)
    assert (made["approved"], made["minutes"], made["waiting"]) == (1, 150, 0)
    waiting = told("opening", "list", batch, "--state", "awaiting_holder", *data)
    assert waiting == {"rows": []}
    assert told("balance", "V0001", *data)["posted"] == 150
    assert PAGE in run("statement", "V0001", *data).stdout
    told("opening", "reverse", batch, 1, "--reason", "登记有误", *data)
    assert told("balance", "V0001", *data)["posted"] == 0


def test_it_is_told_in_words(tried: TriedBank, listed: Path) -> None:
    data = ("--data", tried.settings.data)
    checked = run("opening", "check", listed, *data, code=1).stdout
    assert "接受 2 行，4小时（仅检查，没有写入）；退回 1 行" in checked
    assert "第4行：“姓名或编号”里的“V0009”没有登记这个编号" in checked
    done = run("opening", "import", listed, "--station", "XFL", *data).stdout
    batch = done.splitlines()[-1].removeprefix("名单编号：")
    assert "待本人确认 2，待复核 0" in run("opening", "list", *data).stdout
    assert "截至 2022-12-31" in run("opening", "list", batch, *data).stdout
    assert "没有这样的行" in run("opening", "list", batch, "--state", "posted", *data).stdout
    run("opening", "confirm", batch, "--slip", "1=S-1", *data)
    assert "已退回" in run("opening", "return", batch, 2, "--reason", "不符", *data).stdout
    assert "已入账 1 行" in run("opening", "approve", batch, *approver(tried), *data).stdout


@pytest.mark.parametrize(
    ("slip", "code"),
    [("1", "missing_field"), ("x=S", "missing_field"), ("=S", "missing_field"),
     ("3=S-1", "unknown_opening"), ("0=S-1", "unknown_opening"), ("1=张三", "slip_number_invalid")],
)  # fmt: skip
def test_a_slip_that_names_no_row(tried: TriedBank, listed: Path, slip: str, code: str) -> None:
    data = ("--data", tried.settings.data)
    batch = told("opening", "import", listed, "--station", "XFL", *data)["batch"]
    refused = told("opening", "confirm", batch, "--slip", slip, *data, code=1)
    assert refused["error"]["code"] == code


def test_who_imported_does_not_approve(tried: TriedBank, listed: Path) -> None:
    data = ("--data", tried.settings.data)
    who = approver(tried)
    batch = told("opening", "import", listed, "--station", "XFL", *data)["batch"]
    told("opening", "confirm", batch, "--slip", "1=S-1", "--as", who[1], *data)
    refused = told("opening", "approve", batch, *who, *data, code=1)
    assert refused["error"]["code"] == "approver_not_independent"
