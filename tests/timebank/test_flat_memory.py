"""Import, rehearsal and export take the same memory however many entries there are.

Whole commands in processes of their own, because what counts is what the machine must have: the
peak of resident memory, as the system itself kept it.
"""

import csv
import re
import subprocess
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.counts import count
from tests.support.parts import need
from tests.support.profiles import HEAD, cap
from timebank.clock import SystemClock, local_date
from timebank.config import Settings
from timebank.founding import found

MOST_MEBIBYTES = 256
PEOPLE = 1_000
SLOTS = 18
"""Services of one volunteer on one day, forty minutes apart."""

# What wait4 tells would count the memory of whoever started the command as well.
_PROGRAM = """
import atexit, shutil, sys
from timebank.cli import main
atexit.register(shutil.copyfile, "/proc/self/status", sys.argv.pop(1))
main()
"""

pytestmark = pytest.mark.slow


def write_members(path: Path) -> Path:
    with open(path, "w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["编号", "姓名", "角色"])
        for letter, role, name in (("V", "志愿者", "志愿"), ("E", "老人", "长者")):
            for number in range(PEOPLE):
                lines.writerow([f"{letter}{number:05}", f"{name}{chr(0x4E00 + number)}", role])
    return path


def write_register(path: Path, rows: int) -> Path:
    first = local_date(SystemClock().now()) - timedelta(days=2 + rows // (PEOPLE * SLOTS))
    with open(path, "w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        labels = "服务日期,志愿者编号,服务对象编号,服务内容,开始时间,结束时间,时长（分钟）"
        lines.writerow(labels.split(","))
        for row in range(rows):
            turn, person = divmod(row, PEOPLE)
            day, slot = divmod(turn, SLOTS)
            hour, minute = divmod(8 * 60 + slot * 40, 60)
            ends = f"{hour + (minute + 30) // 60:02}:{(minute + 30) % 60:02}"
            lines.writerow(
                [first + timedelta(days=day), f"V{person:05}", f"E{(person + turn) % PEOPLE:05}",
                 "助洁", f"{hour:02}:{minute:02}", ends, 30]
            )  # fmt: skip
    return path


def peak_of(arguments: Sequence[object], said: Path) -> float:
    """Mebibytes that a command of ours had resident at most; its output goes to ``said``."""
    told = said.with_name("status")
    command = [sys.executable, "-c", _PROGRAM, told, *arguments]
    with open(said, "wb") as file:
        subprocess.run([str(part) for part in command], stdout=file, check=True)
    (peak,) = re.findall(r"^VmHWM:\s+(\d+) kB$", told.read_text("ascii"), re.MULTILINE)
    return int(peak) / 1_024


def peaks(folder: Path, rows: int) -> tuple[float, float, float]:
    """Import, rehearsal of a draft and export of a book of so many entries."""
    folder.mkdir()
    data, said = folder / "data", folder / "said"
    found(
        Settings(data=data),
        SystemClock(),
        origin="timebank.example/memory",
        policies=["plain-2026"],
        stations=[("S", "站")],
    )
    members = write_members(folder / "members.csv")
    register = write_register(folder / "register.csv", rows)
    arguments = ["register", "import", register, "--members", members, "--station", "S"]
    imported = peak_of([*arguments, "--data", data, "--json"], said)
    assert said.read_text("utf-8").startswith(f'{{"accepted":{rows},"refused":0,')
    draft = folder / "draft.toml"
    draft.write_text(HEAD + cap("account", 1_000, "pool"), encoding="utf-8")
    span = ["--from", "2000-01-01", "--to", "2099-12-31"]
    command = ["policy", "rehearse", draft, *span, "--data", data, "--json"]
    rehearsed = peak_of(command, said)
    assert f'"records":{rows},' in said.read_text("utf-8")
    exported = peak_of(["export", "--out", folder / "bundle", "--data", data, "--json"], said)
    return imported, rehearsed, exported


@pytest.mark.timeout(7_200)
def test_import_rehearsal_and_export_stay_flat_and_below_their_bound(tmp_path):
    need(Path("/proc/self/status").exists(), "a system that tells the peak of a process's memory")
    few, many = count(10_000, 3_000), count(1_000_000, 12_000)
    small, large = peaks(tmp_path / "few", few), peaks(tmp_path / "many", many)

    print(f"import, rehearsal and export in MiB: {few} entries {small}, {many} entries {large}")
    assert max(large) < MOST_MEBIBYTES
    for before, after in zip(small, large, strict=True):
        assert after < 1.25 * before
