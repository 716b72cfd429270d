"""timebank/cli.py: the commands as a clerk, an auditor and a program run them."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import timebank.demo
from timebank.audit import verify_cli
from timebank.cli import app

LANE = Path(timebank.demo.__file__).parent / "happiness_lane"
GOLDEN = Path(__file__).parents[2] / "golden" / "happiness_lane_expected.json"
EXPECTED = json.loads(GOLDEN.read_text("utf-8"))


def run(*arguments: object, code: int = 0, **rest: Any) -> Result:
    result = CliRunner().invoke(app, [str(one) for one in arguments], **rest)
    assert result.exit_code == code, result.output + str(result.exception)
    return result


def told(*arguments: object, code: int = 0, **rest: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(*arguments, "--json", code=code, **rest).stdout)
    return found


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The data folder of a new book with one station."""
    folder = tmp_path / "data"
    told("init", "--data", folder, "--station", "XFL=幸福里")
    return folder


@pytest.fixture
def lane(tmp_path: Path) -> Path:
    """A copy of the March register's folder, where an error sheet may be written."""
    return Path(shutil.copytree(LANE, tmp_path / "lane"))


def import_lane(data: Path, lane: Path, *more: object) -> dict[str, Any]:
    return told(
        "register", "import", lane / "register.xlsx", "--members", lane / "members.csv",
        "--station", "XFL", "--data", data, *more,
    )  # fmt: skip


@pytest.mark.parametrize(
    "command",
    [
        ("balance", "V0001"),
        ("statement", "V0001"),
        ("explain", "record_none"),
        ("reconcile",),
        ("doctor",),
        ("receipt", "entry_1", "--out", "receipt.tlog-proof"),
        ("export", "--out", "bundle"),
        ("register", "approve", "batch", "--as", "x", "--password", "y"),
        ("card", "V0001", "--pin", "274913"),
        ("password", "clerk-XFL", "--password", "correct horse 7"),
        ("kin", "V0001", "E0001", "spouse", "--proof", "户口簿"),
        ("hire", "wang", "--role", "auditor", "--password", "correct horse 7"),
        ("serve",),
        ("scheduler",),
    ],
    ids=lambda command: command[0],
)
def test_every_command_refuses_a_folder_that_is_not_one(
    tmp_path: Path, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    assert told(*command, "--data", tmp_path / "data", code=1)["error"]["code"] == "book_not_found"
    assert not any((tmp_path / "data").iterdir())


def test_init_refuses_a_folder_that_is_one(data: Path) -> None:
    assert told("init", "--data", data, code=1)["error"]["code"] == "book_exists"


def test_init_names_the_policy_that_it_does_not_know(tmp_path: Path) -> None:
    answer = told("init", "--data", tmp_path / "data", "--policy", "atlantis", code=1)
    assert answer["error"]["code"] == "unknown_profile"


def test_a_wrong_call_exits_with_two(tmp_path: Path) -> None:
    run("init", "--data", tmp_path / "data", "--station", "no-name", code=2)
    run("balance", code=2)
    run("nonsense", code=2)


def test_the_march_register_from_import_to_a_verified_bundle(
    data: Path, lane: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = import_lane(data, lane)
    assert {name: first[name] for name in EXPECTED if name != "rows"} == {
        name: EXPECTED[name] for name in EXPECTED if name != "rows"
    }
    assert Path(first["error_sheet"]).is_file()

    again = import_lane(data, lane)
    assert (again["accepted"], again["already_posted"], again["refused"]) == (0, 160, 13)

    minutes = EXPECTED["by_volunteer"]["V0001"]
    balance = told("balance", "V0001", "--data", data)
    assert (balance["posted"], balance["available"]) == (minutes, minutes)
    past = told("balance", "V0001", "--effective", "2023-03-04", "--data", data)
    assert past["posted"] == 0

    statement = told("statement", "V0001", "--data", data)
    assert (statement["opening"], statement["closing"]) == (0, minutes)
    assert sum(line["minutes"] for line in statement["lines"]) == minutes
    assert statement["lines"][-1]["balance"] == minutes

    assert told("reconcile", "--data", data)["open_findings"] == 0

    bundle = tmp_path / "bundle"
    exported = told("export", "--out", bundle, "--data", data)
    report = told("verify", bundle)
    assert (report["ok"], report["size"]) == (True, exported["size"])
    assert verify_cli.main([str(bundle), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["claim"] == "self-consistent only"

    journal = bundle / "journal.csv"
    journal.write_bytes(journal.read_bytes().replace(b",60,", b",61,", 1))
    broken = told("verify", bundle, code=1)
    assert "journal.csv" in {finding["file"] for finding in broken["findings"]}
    assert verify_cli.main([str(bundle)]) == 1


def test_a_dry_run_writes_nothing_at_all(data: Path, lane: Path) -> None:
    before = {path: path.read_bytes() for path in data.rglob("*") if path.suffix != ".sqlite3-shm"}
    files = set(lane.iterdir())
    result = import_lane(data, lane, "--dry-run")

    assert (result["accepted"], result["refused"], result["minutes"]) == (160, 13, 15420)
    assert told("balance", "V0001", "--data", data, code=1)["error"]["code"] == "unknown_member"
    assert set(lane.iterdir()) == files
    assert (data / "book.json").read_bytes() == before[data / "book.json"]


def test_statements_as_csv_open_in_a_spreadsheet(data: Path, lane: Path, tmp_path: Path) -> None:
    import_lane(data, lane)
    out = tmp_path / "statement.csv"
    run("statement", "V0001", "--out", out, "--data", data)
    lines = out.read_bytes().decode("utf-8-sig").split("\r\n")

    assert lines[0].startswith("凭证号,服务日期")
    assert lines[1].endswith("期初,,,,0,,")
    assert f"期末,,,,{EXPECTED['by_volunteer']['V0001']},," in lines[-2]


def test_a_statement_in_a_file_is_told_of_in_one_object(
    data: Path, lane: Path, tmp_path: Path
) -> None:
    import_lane(data, lane)
    out = tmp_path / "statement.json"
    answer = told("statement", "V0001", "--out", out, "--data", data)
    assert answer["out"] == str(out)
    assert answer["closing"] == json.loads(out.read_bytes())["closing"] > 0

    nowhere = told("statement", "V0001", "--out", tmp_path / "no" / "x", "--data", data, code=1)
    assert nowhere["error"]["code"] == "storage_fault"


@pytest.mark.parametrize(("known", "is_known"), [("0001-01-01", False), ("9999-12-31", True)])
def test_a_balance_may_be_asked_for_any_day(
    data: Path, lane: Path, known: str, is_known: bool
) -> None:
    import_lane(data, lane)
    minutes = EXPECTED["by_volunteer"]["V0001"] * is_known
    assert told("balance", "V0001", "--known", known, "--data", data)["posted"] == minutes


def test_a_bundle_is_never_written_over_anything(data: Path, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    told("export", "--out", bundle, "--data", data)
    again = told("export", "--out", bundle, "--data", data, code=1)
    assert again["error"]["code"] == "folder_in_use"
    assert told("verify", bundle)["ok"]


def test_a_key_that_is_none_is_a_wrong_call(data: Path, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    told("export", "--out", bundle, "--data", data)
    assert "--vkey" in run("verify", bundle, "--vkey", "garbage", code=2).stderr


@pytest.mark.parametrize("key", ["seven77", "x" * 65])
def test_an_idempotency_key_has_its_length(data: Path, lane: Path, key: str) -> None:
    command = ("register", "import", lane / "register.xlsx", "--station", "XFL", "--data", data)
    assert "8 to 64" in run(*command, "--key", key, code=2).stderr


@pytest.mark.parametrize(
    ("name", "value", "setting"),
    [
        ("TIMEBANK_PORT", "many", "TIMEBANK_PORT"),
        ("TIMEBANK_KEYS", "data/keys", "TIMEBANK_KEYS"),
        ("TIMEBANK_DATABASE_URL", "half::a:secret", "TIMEBANK_DATABASE_URL"),
        ("TIMEBANK_DATABASE_URL", "mysql://u:secret@h/d", "TIMEBANK_DATABASE_URL"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(
    data: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, setting: str
) -> None:
    monkeypatch.chdir(data.parent)
    monkeypatch.setenv(name, value)
    error = told("doctor", "--data", data, code=2)["error"]
    assert error["code"] == "setting_invalid"
    assert setting in error["message"]
    assert "secret" not in json.dumps(error)


def test_a_database_that_is_not_there_is_a_fault_without_its_password(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIMEBANK_DATABASE_URL", "postgresql+psycopg://u:secret@127.0.0.1:1/x")
    error = told("doctor", "--data", data, code=1)["error"]
    assert error["code"] == "storage_fault"
    assert "secret" not in json.dumps(error)


@pytest.mark.parametrize("command", [("balance", "V0001"), ("doctor",), ("reconcile",)])
def test_a_database_that_is_damaged_is_a_fault(
    data: Path, lane: Path, command: tuple[str, ...]
) -> None:
    import_lane(data, lane)
    (data / "timebank.sqlite3").write_bytes(b"not a database" * 100)
    assert told(*command, "--data", data, code=1)["error"]["code"] == "storage_fault"


def test_a_key_file_that_is_missing_is_named(data: Path) -> None:
    (data.with_name("data.keys") / "operator.key").unlink()
    error = told("doctor", "--data", data, code=1)["error"]
    assert error["code"] == "key_file_unusable"
    assert "operator.key" in error["message"]


@pytest.mark.filterwarnings("ignore::getpass.GetPassWarning")
@pytest.mark.parametrize(
    ("command", "typed", "code"),
    [
        (("card", "V0001"), "274913\n274913\n", 0),
        (("password", "clerk-XFL"), "correct horse 7\ncorrect horse 7\n", 0),
        (("register", "approve", "batch_x"), "reviewer-XFL\nwrong\n", 1),
    ],
)
def test_a_question_is_no_part_of_the_answer(
    data: Path, lane: Path, command: tuple[str, ...], typed: str, code: int
) -> None:
    import_lane(data, lane)
    answer = told(*command, "--data", data, code=code, input=typed)
    assert answer.keys() <= {"card", "login", "error"}


def test_kin_that_is_noted_is_what_the_rules_ask(data: Path, lane: Path) -> None:
    import_lane(data, lane)
    told("kin", "E0001", "V0001", "spouse", "--proof", "户口簿", "--data", data)
    service = (
        "post", "--volunteer", "V0001", "--recipient", "E0001", "--station", "XFL", "--content",
        "助餐", "--start", "2023-06-01T09:00", "--end", "2023-06-01T10:00", "--reason", "补录",
        "--data", data,
    )  # fmt: skip
    assert told(*service, code=1)["error"]["code"] == "own_spouse"
    wrong = told("kin", "E0001", "V9999", "spouse", "--proof", "户口簿", "--data", data, code=1)
    assert wrong["error"]["code"] == "unknown_member"
    run("kin", "E0001", "V0001", "master", "--proof", "户口簿", "--data", data, code=2)


def test_who_is_hired_works_at_the_station(data: Path, lane: Path) -> None:
    import_lane(data, lane)
    hire = ("hire", "second", "--password", "correct horse 7", "--data", data, "--role", "clerk")
    assert told(*hire, code=1)["error"]["code"] == "station_missing"
    assert told(*hire, "--station", "XFL")["role"] == "clerk"
    assert told(*hire, "--station", "XFL", code=1)["error"]["code"] == "staff_exists"
    run("hire", "third", "--role", "member", "--password", "x", "--data", data, code=2)


def test_refused_rows_of_the_list_of_members_are_told(data: Path, tmp_path: Path) -> None:
    members, register = tmp_path / "members.csv", tmp_path / "register.csv"
    members.write_text("编号,姓名,身份\nV1,张三,志愿者\nE1,李四,\n,王五,老人\n", encoding="utf-8")
    register.write_text(
        "日期,开始时间,结束时间,志愿者,服务对象,服务内容\n2023-05-06,9:00,9:45,张三,李四,助餐\n",
        encoding="utf-8",
    )
    answer = told(
        "register", "import", register, "--members", members, "--station", "XFL", "--data", data
    )
    assert answer["members"]["people"] == 2
    assert [one["row"] for one in answer["members"]["refusals"]] == [4]


def test_long_keys_that_begin_alike_are_two_attempts(
    data: Path, lane: Path, tmp_path: Path
) -> None:
    register = lane / "register.xlsx"
    for last, name in (("1", "韩杰浩"), ("2", "杨玲英")):
        members = tmp_path / f"members-{last}.csv"
        members.write_text(f"编号,姓名,身份\nV100{last},{name},志愿者\n", encoding="utf-8")
        answer = told(
            "register", "import", register, "--station", "XFL", "--members", members,
            "--key", "k" * 40 + last, "--error-sheet", tmp_path / f"{last}.xlsx", "--data", data,
        )  # fmt: skip
        assert answer["members"]["people"] == 1


def test_a_service_is_posted_from_the_command_line(data: Path, lane: Path) -> None:
    import_lane(data, lane)
    service = (
        "post", "--volunteer", "V0001", "--recipient", "E0001", "--station", "XFL", "--content",
        "助餐", "--start", "2023-06-01T09:00", "--end", "2023-06-01T10:00", "--reason", "补录",
        "--key", "one-service", "--data", data,
    )  # fmt: skip
    first = told(*service)
    assert (first["minutes"], first["state"]) == (60, "posted")
    assert told(*service) == first

    why = told("explain", first["record"], "--data", data)
    assert (why["outcome"], why["volunteers"][0]["priced"]["credited"]) == ("agrees", 60)
    said = run("explain", first["record"], "--data", data).stdout.splitlines()
    assert said == why["zh"] + why["en"]
    assert "服务 60 分钟，入账 60 分钟" in said
    unknown = told("explain", "record_none", "--data", data, code=1)
    assert unknown["error"]["code"] == "unknown_record"


def test_the_demo_ends_in_figures_of_its_register(tmp_path: Path) -> None:
    answer = told("demo", "--no-serve", "--data", tmp_path / "demo")

    assert answer["log_size"] > 230
    assert {name: answer[name] for name in ("accepted", "refused", "minutes", "data")} == {
        "accepted": 160,
        "refused": 13,
        "minutes": 15420,
        "data": str(tmp_path / "demo"),
    }
    assert (tmp_path / "demo" / "log" / "checkpoint").is_file()
    assert told("demo", "--no-serve", "--data", tmp_path / "demo")["minutes"] == 15420


def test_the_demo_takes_any_register(tmp_path: Path) -> None:
    register, members = tmp_path / "register.csv", tmp_path / "members.csv"
    members.write_text("编号,姓名,身份\nV1,张三,志愿者\nE1,李四,老人\n", encoding="utf-8")
    register.write_text(
        "日期,开始时间,结束时间,志愿者,服务对象,服务内容\n2023-05-06,9:00,9:45,张三,李四,助餐\n",
        encoding="utf-8",
    )
    answer = told(
        "demo", "--no-serve", "--data", tmp_path / "demo", "--register", register, "--members",
        members,
    )  # fmt: skip
    assert (answer["accepted"], answer["refused"], answer["minutes"]) == (1, 0, 45)


def test_the_demo_goes_on_with_another_register(tmp_path: Path) -> None:
    register = tmp_path / "register.csv"
    register.write_text(
        "日期,开始时间,结束时间,志愿者,服务对象,服务内容\n2023-05-06,9:00,9:45,V0001,E0001,助餐\n",
        encoding="utf-8",
    )
    demo = ("demo", "--no-serve", "--data", tmp_path / "demo")
    assert told(*demo)["minutes"] == 15420
    assert told(*demo, "--register", register)["minutes"] == 45
    assert told(*demo)["minutes"] == 15420


def test_names_of_members_never_reach_standard_output(data: Path, lane: Path) -> None:
    result = run(
        "register", "import", lane / "register.xlsx", "--members", lane / "members.csv",
        "--station", "XFL", "--data", data,
    )  # fmt: skip
    assert "接受 160 行" in result.stdout
    assert "韩杰浩" not in result.stdout
