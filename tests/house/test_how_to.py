"""The how-to pages' commands, run in their order by a shell, on the invented register."""

import json
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.main import get_command

import timebank.demo
from ledger.errors import FAULTS
from tests.house.sources import ROOT
from tests.support.campaigns import camera_picture, write_table
from tests.support.clock import FrozenClock
from tests.support.founded import ORIGIN
from tests.support.parts import need_program
from timebank.bank import REFUSALS, Bank
from timebank.cli import app
from timebank.config import Settings
from timebank.founding import FOUNDER, found
from timebank.jobs.registry import JOBS
from timebank.jobs.runner import run_due
from timebank.people.roster import register_members
from timebank.records.importing import import_register

PAGES = ROOT / "docs" / "how-to"
LANE = Path(timebank.demo.__file__).parent / "happiness_lane"
FENCE = re.compile(r"^( *)```sh\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)
SAID = re.compile(r"batch_[0-9a-f]{32}")


def commands(page: Path) -> list[str]:
    blocks = [block for _indent, block in FENCE.findall(page.read_text(encoding="utf-8"))]
    return [line.strip() for block in blocks for line in block.splitlines() if line.strip()]


class Desk:
    """A shell in a folder where the two files and a founded book lie."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.shell = need_program("bash")
        shutil.copy(LANE / "register.xlsx", folder / "march.xlsx")
        shutil.copy(LANE / "members.csv", folder / "members.csv")
        founded = self.run("timebank init --data book --station XFL=幸福里社区服务站 --json")
        logins = json.loads(founded)["logins"]
        self.passwords = {one["login"]: one["password"] for one in logins}

    def run(self, command: str, typed: str = "") -> str:
        own = {name: text for name, text in os.environ.items() if "TIMEBANK" not in name}
        path = f"{Path(sys.executable).parent}{os.pathsep}{own['PATH']}"
        done = subprocess.run(
            [self.shell, "-euo", "pipefail", "-c", command],
            cwd=self.folder,
            env=own | {"PATH": path, "PYTHONUTF8": "1"},
            input=typed,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.mark.slow
def test_a_register_is_imported_as_the_page_says(desk: Desk) -> None:
    batch, said = "", {}
    for command in commands(PAGES / "import-a-register.md"):
        typed = f"{desk.passwords['reviewer-XFL']}\n" if " approve " in command else ""
        said[command] = desk.run(command.replace("batch_…", batch), typed)
        batch = batch or next(iter(SAID.findall(said[command])), "")

    assert batch
    assert "已复核 160 条" in "".join(said.values())
    assert (desk.folder / "march-退回.xlsx").is_file()
    assert "分钟" in list(said.values())[-1]


@pytest.mark.slow
def test_an_older_scheme_is_brought_in_as_the_page_says(desk: Desk) -> None:
    page = PAGES / "bring-an-older-scheme.md"
    (old,) = re.findall(r"```csv\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    (desk.folder / "old.csv").write_text(old, encoding="utf-8")
    with Bank.open(Settings(data=desk.folder / "book")) as bank:
        register_members(bank, FOUNDER, desk.folder / "members.csv", key="members-2023")
    listed, said = "", []
    for command in commands(page):
        typed = f"{desk.passwords['reviewer-XFL']}\n" if " approve " in command else ""
        said.append(desk.run(command.replace("opnl_…", listed), typed))
        listed = listed or next(iter(re.findall(r"opnl_[0-9a-f]{32}", said[-1])), "")

    assert "仅检查，没有写入" in said[0]
    assert "已登记 2 行的本人确认" in said[2]
    assert "已入账 2 行，45小时" in said[3]
    assert "存折 0071 第 12 页" in said[4]


@pytest.mark.slow
def test_a_campaign_month_is_run_as_the_page_says(desk: Desk) -> None:
    page = PAGES / "run-a-campaign-month.md"
    (month,) = re.findall(r"```toml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    (desk.folder / "month.toml").write_text(month, encoding="utf-8")
    write_table(desk.folder, name="table.xlsx")
    for at in (1, 2, 3):
        (desk.folder / f"{at}.jpg").write_bytes(camera_picture(60 * at))
    with Bank.open(Settings(data=desk.folder / "book")) as bank:
        register_members(bank, FOUNDER, desk.folder / "members.csv", key="members-2023")
    known: dict[str, str] = {}
    said = []
    for command in commands(page):
        for prefix, identifier in known.items():
            command = command.replace(f"{prefix}…", identifier)
        typed = f"{desk.passwords['reviewer-XFL']}\n" if " approve " in command else ""
        said.append(desk.run(command, typed))
        for prefix, digits in re.findall(r"((?:camp|actv|batch)_)([0-9a-f]{32})", said[-1]):
            known.setdefault(prefix, prefix + digits)

    told = "".join(said)
    assert "已报送 2 个项目" in told
    assert "已提交 2 人，4小时，待另一人复核" in told
    assert "合计：1 场次，40 人次，4小时，其中补录 " in told
    assert "志愿者 2 人，队伍 1 支" in told
    assert "已报送第 1 版" in told
    assert (desk.folder / "package.zip").read_bytes().startswith(b"PK")


def in_march(folder: Path) -> None:
    """Another book in the place of the founded one, with the register imported in its month."""
    for made in folder.glob("book*"):
        shutil.rmtree(made)
    settings = Settings(data=folder / "book")
    hands = FrozenClock(datetime(2023, 3, 31, 15, 0, tzinfo=UTC))
    found(settings, hands, origin=ORIGIN, policies=["plain-2026"], stations=[("XFL", "幸福里")])
    with Bank.open(settings, hands) as bank:
        register_members(bank, FOUNDER, folder / "members.csv", key="members-2023")
        import_register(bank, FOUNDER, "XFL", folder / "march.xlsx", key="register-2023")
        bank.publish()
    with Bank.open(settings) as bank:
        for job in JOBS:  # As a scheduler has done all the time.
            run_due(bank, job)


@pytest.mark.slow
def test_a_month_is_closed_as_the_page_says(desk: Desk) -> None:
    in_march(desk.folder)
    said = [
        desk.run(command, "y\n" if " close-period " in command else "")
        for command in commands(PAGES / "close-a-month.md")
    ]

    assert "2023-03 已结账" in said[1]
    assert "合计 Total" in said[1]
    assert "self-consistent" in said[3]
    assert not any("self-consistent" in one for one in said[-2:])
    assert (desk.folder / "bundle-2023-03" / "journal.csv").is_file()
    assert (desk.folder / "checkpoint-2023-03").is_file()


@pytest.mark.slow
def test_the_policy_is_changed_as_the_page_says(desk: Desk) -> None:
    page = PAGES / "change-the-policy.md"
    (draft,) = re.findall(r"```toml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    (desk.folder / "draft.toml").write_text(draft, encoding="utf-8")
    in_march(desk.folder)

    said = [desk.run(one, "y\n" if " adopt " in one else "") for one in commands(page)]

    assert "没有错误" in said[0]
    assert "caps.day_minutes" in said[0]
    assert "没有写入任何内容" in said[1]
    assert "已采用 xingfuli-2100@" in said[2]
    assert "plain-2026@" in said[3]
    assert "2099-12-31" in said[3]


def test_the_codes_of_a_refused_start_are_ours() -> None:
    page = (PAGES / "recover-a-server.md").read_text(encoding="utf-8")
    rows = re.findall(r"^ *\| (`.*?) \|", page, re.MULTILINE)
    codes = {code for row in rows for code in re.findall(r"`([a-z_]+)`", row)}

    assert {"log_forked", "schema_altered", "book_not_found", "storage_fault"} <= codes
    assert codes <= set(REFUSALS) | {fault.code for fault in FAULTS}


@pytest.mark.parametrize("page", sorted(PAGES.glob("*.md")), ids=lambda page: page.stem)
def test_every_command_of_a_page_is_one_of_ours(page: Path) -> None:
    known = set(get_command(app).commands)
    asked = re.findall(r"timebank ([a-z-]+)", "\n".join(commands(page)))

    assert asked or "timebank-verify" in page.read_text(encoding="utf-8")
    assert set(asked) <= known
