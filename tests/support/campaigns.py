"""Campaigns of tests: a month with two units, project tables as workbooks, rosters, hours."""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
from PIL import Image
from sqlalchemy import text

from tests.support.banks import OPERATOR, TriedBank
from tests.support.forging import bank_with
from tests.support.founded import Place
from timebank.answers import Answer
from timebank.campaigns.actions import open_campaign
from timebank.campaigns.hours import hand_in_hours
from timebank.campaigns.model import Kind, Line, StatedCampaign, StatedUnit, Theme
from timebank.campaigns.reporting import TableResult, report_table
from timebank.campaigns.rosters import keep_roster
from timebank.records.review import approve_batch
from timebank.stations.model import Actor, Role

CLERK = Actor("staff_clerk", Role.CLERK, "XFL")
REVIEWER = Actor("staff_reviewer", Role.REVIEWER, "XFL")

HEADER = ("序号", "项目名称", "服务类别", "服务对象", "时间", "地点", "招募人数", "实到人数",
          "服务时长", "受益人次", "负责人", "联系电话", "组织单位", "备注")  # fmt: skip
RIVER = (1, "保护母亲河清洁", "绿水青山", "", "2023-03-05 09:00-11:00", "河边", 20, None, None,
         None, "王德福", "13812345678", "河小青志愿队", "")  # fmt: skip
VISIT = (2, "敬老陪伴", "关心关爱", "孤寡老人", "3月18日 14:00-16:00", "幸福里", 5, None, None,
         30, "李秀兰", "", "", "")  # fmt: skip
ROWS = (RIVER, VISIT)

MONTH_TOML = """
name = "2023年学雷锋志愿服务月"
receiver = "区委宣传部"
starts_on = 2023-03-05
ends_on = 2023-04-05
tables_due_on = 2023-03-02
summaries_due_on = 2023-04-05

[[themes]]
name = "绿水青山"
serves = false

[[themes]]
name = "关心关爱"

[[units]]
code = "XF"
name = "幸福街道"
kind = "town"
station = "XFL"
"""
"""The beginning of that campaign as a file describes it."""

STATED = StatedCampaign(
    "2023年学雷锋志愿服务月",
    "区委宣传部",
    date(2023, 3, 5),
    date(2023, 4, 5),
    date(2023, 3, 2),
    date(2023, 4, 5),
    (Theme("绿水青山", serves=False), Theme("关心关爱"), Theme("移风易俗")),
    (
        StatedUnit("XF", "幸福街道", Kind.TOWN, "XFL"),
        StatedUnit("WM", "文明实践中心", Kind.PRACTICE_CENTRE, "XFL"),
    ),
)


def write_table(
    folder: Path,
    rows: Sequence[Sequence[object]] = ROWS,
    header: Sequence[str] = HEADER,
    name: str = "项目表.xlsx",
) -> Path:
    """A project table as a workbook with a title above its header."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["志愿服务项目表"])
    sheet.append(list(header))
    for row in rows:
        sheet.append(list(row))
        for cell in sheet[sheet.max_row]:
            if isinstance(cell.value, str):
                cell.data_type = "s"  # What begins with = is typed as text here.
    path = folder / name
    book.save(path)
    return path


def camera_picture(shade: int, *, turned: bool = False) -> bytes:
    """A photograph as a camera writes it: with its maker, a comment, and how it was held."""
    picture = Image.new("RGB", (64, 48), (shade, 120, 255 - shade))
    exif = Image.Exif()
    exif[0x010F] = "secret maker"
    if turned:
        exif[0x0112] = 6
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=exif, comment=b"secret place")
    return out.getvalue()


@dataclass
class Month:
    """A bank with an open campaign, and whoever walks it through."""

    tried: TriedBank
    folder: Path
    campaign_id: str
    _keys: int = 0

    def key(self) -> str:
        """A fresh idempotency key."""
        self._keys += 1
        return f"month-{self._keys:05}"

    def report(
        self, rows: Sequence[Sequence[object]] = ROWS, unit: str = "XF", actor: Actor = CLERK
    ) -> TableResult:
        """Report a unit's table."""
        return self.take(write_table(self.folder, rows), unit, actor)

    def take(self, path: Path, unit: str = "XF", actor: Actor = CLERK) -> TableResult:
        """Report the table in a file."""
        return report_table(self.tried.bank, actor, self.campaign_id, unit, path, key=self.key())

    def activity(self, serial: int = 1, unit: str = "XF") -> str:
        """The id of a line of a unit's table."""
        asked = text(
            "SELECT activity_id FROM campaign_activity WHERE live = 1 AND serial = :serial "
            "AND unit_code = :unit"
        )
        with self.tried.bank.read() as connection:
            return str(connection.execute(asked, {"serial": serial, "unit": unit}).scalar_one())

    def sign(self, serial: int, volunteer: str, begins: str, ends: str, **rest: Any) -> Answer:
        """Sign somebody in and out of an activity; wall times as ``YYYY-MM-DDTHH:MM``."""
        times = (datetime.fromisoformat(one) if one else None for one in (begins, ends))
        actor, unit = rest.get("actor", CLERK), rest.get("unit", "XF")
        return keep_roster(
            self.tried.bank, actor, self.activity(serial, unit), [Line(volunteer, *times)],
            key=self.key(),
        )  # fmt: skip

    def hand_in(self, serial: int = 1, **rest: Any) -> dict[str, Any]:
        """Hand in an activity's hours."""
        actor, unit = rest.pop("actor", CLERK), rest.pop("unit", "XF")
        answer = hand_in_hours(
            self.tried.bank, actor, self.activity(serial, unit), key=self.key(), **rest
        )
        return answer.body

    def approve(self, batch: str, actor: Actor = REVIEWER) -> Answer:
        """Have another person approve what was handed in."""
        return approve_batch(self.tried.bank, actor, batch, key=self.key())

    def lived(self) -> dict[str, Any]:
        """The river with two volunteers, approved, and a visit that awaits its second person."""
        self.report()
        self.sign(1, "V0001", "2023-03-05T09:00", "2023-03-05T11:00")
        self.sign(1, "V0002", "2023-03-05T09:10", "2023-03-05T10:40")
        self.sign(2, "V0001", "2023-03-18T14:00", "2023-03-18T15:00")
        self.approve(self.hand_in(1)["batch"])
        return self.hand_in(2)


@contextmanager
def month_with(folder: Path, *parts: str, database: Place | None = None) -> Iterator[Month]:
    """A campaign under the bare profile with ``parts``, on either database."""
    with bank_with(folder, *parts, database=database) as tried:
        answer = open_campaign(tried.bank, OPERATOR, STATED, key="month-opens")
        yield Month(tried, folder, str(answer.body["campaign"]))
