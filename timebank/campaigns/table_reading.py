"""Reading a project table 志愿服务项目表 as units keep it in a spreadsheet.

The header may stand below titles.  A line that cannot be taken is refused with its row and the
label of the column that is wrong; who reads the refusals can mend each cell.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path

from ledger.errors import Refusal
from timebank.campaigns.model import MOST_ROWS
from timebank.campaigns.texts import is_writable
from timebank.errors import HeaderNotFound, TelephoneInvalid
from timebank.people.identity import check_telephone
from timebank.records.classes import class_of
from timebank.registers.cells import Cell, Unreadable, blank, packed, show
from timebank.registers.dates import Anchor, Day, complete, read_day
from timebank.registers.durations import Unit, read_duration
from timebank.registers.kinds import summary_of
from timebank.registers.layout import HEADER_WITHIN
from timebank.registers.sheets import Sheet, open_sheets
from timebank.registers.times import interval, read_range

LABELS: dict[str, tuple[str, ...]] = {
    "serial": ("序号",),
    "name": ("项目名称", "活动名称"),
    "theme": ("服务类别", "主题", "类别"),
    "served": ("服务对象", "对象"),
    "when": ("时间", "活动时间", "服务时间", "日期"),
    "location": ("地点", "活动地点", "服务地点"),
    "wanted": ("招募人数", "计划人数"),
    "attended": ("实到人数", "参加人数"),
    "duration": ("服务时长（小时）", "服务时长", "服务时长（分钟）"),
    "heads": ("受益人次", "受益人数"),
    "leader": ("负责人",),
    "telephone": ("联系电话", "电话", "联系方式"),
    "team": ("组织单位", "主办单位"),
    "note": ("备注",),
}
"""The columns of the table in its order; the first label is what our own tables write."""

_KNOWN = {packed(label): name for name, labels in LABELS.items() for label in labels}
_NEEDED = ("serial", "name", "theme", "when")
_MOST_MINUTES = 10_000_000
_MOST_COUNT = 1_000_000
_LONGEST = {"name": 60, "served": 60, "location": 100, "team": 60, "note": 200, "leader": 30}
_COUNT = re.compile(r"0*[0-9]{1,9}")  # int() itself takes other digits, and thousands of them
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Wrong:
    """A cell that cannot be taken: sheet row, column label, permanent code, and what to do."""

    row: int
    column: str
    code: str
    explanation: str
    mend: str


@dataclass(frozen=True, slots=True)
class ReadActivity:
    """One line as it was read; times and figures are absent where the table has none."""

    row: int
    serial: int
    name: str
    theme: str
    served: str
    held_on: date
    starts_at: datetime | None
    ends_at: datetime | None
    location: str
    wanted: int | None
    attended: int | None
    minutes: int | None
    heads: int | None
    leader: str = field(repr=False)
    telephone: str = field(repr=False)
    team: str
    note: str


@dataclass(frozen=True, slots=True)
class ProjectTable:
    """The lines of a table and what is wrong with it; it is handed in whole or not at all."""

    lines: tuple[ReadActivity, ...]
    wrong: tuple[Wrong, ...]


class _Bad(Exception):
    def __init__(self, column: str, code: str, why: str, mend: str) -> None:
        super().__init__(why)
        self.column, self.code, self.why, self.mend = column, code, why, mend


@dataclass(frozen=True, slots=True)
class Frame:
    """What the campaign says about every line: its themes, its first and its last day."""

    themes: tuple[str, ...]
    starts_on: date
    ends_on: date


def read_table(path: Path | str, frame: Frame) -> ProjectTable:
    """The project table in the first visible sheet that has its header.

    Raises, the first that applies:
        UnreadableFile: see ``open_sheets``.
        HeaderNotFound: no sheet has 序号, 项目名称, 服务类别 and 时间 side by side.
    """
    for sheet in open_sheets(Path(path)):
        if not sheet.hidden and (head := _head_of(sheet)):
            return _read(sheet, *head, frame)
    raise HeaderNotFound(missing="、".join(LABELS[name][0] for name in _NEEDED))


def _head_of(sheet: Sheet) -> tuple[int, dict[str, int], Unit] | None:
    for number, cells in zip(range(1, HEADER_WITHIN + 1), sheet.rows(), strict=False):
        fields: dict[str, int] = {}
        unit = Unit.HOURS
        for index, cell in enumerate(cells):
            name = _KNOWN.get(packed(cell)) if isinstance(cell, str) else None
            if name is not None and name not in fields:
                fields[name] = index
                if name == "duration" and "分" in show(cell):
                    unit = Unit.MINUTES
        if all(name in fields for name in _NEEDED):
            return number, fields, unit
    return None


def _read(
    sheet: Sheet, head: int, fields: dict[str, int], unit: Unit, frame: Frame
) -> ProjectTable:
    lines: list[ReadActivity] = []
    wrong: list[Wrong] = []
    seen: dict[int, int] = {}
    for number, cells in _rows(sheet, head, fields):
        if len(lines) + len(wrong) >= MOST_ROWS:
            said = f"第{number}行：一张表最多 {MOST_ROWS} 个项目"
            wrong.append(Wrong(number, LABELS["serial"][0], "table_too_long", said, "分成几张表"))
            break
        try:
            line = _line(number, cells, unit, frame)
            first = seen.setdefault(line.serial, number)
            if first != number:
                raise _Bad("serial", "duplicate", f"序号 {line.serial} 与第{first}行相同",
                           "每个项目一个序号")  # fmt: skip
            lines.append(line)
        except _Bad as bad:
            label = LABELS[bad.column][0]
            said = f"第{number}行“{label}”：{bad.why}"
            wrong.append(Wrong(number, label, bad.code, said, bad.mend))
    return ProjectTable(tuple(lines), tuple(wrong))


def _rows(sheet: Sheet, head: int, fields: dict[str, int]) -> Iterator[tuple[int, dict[str, Cell]]]:
    for number, cells in enumerate(sheet.rows(), start=1):
        said = {
            name: cells[index]
            for name, index in fields.items()
            if index < len(cells) and not blank(cells[index])
        }
        if number <= head or not said.keys() - {"serial"}:
            continue
        leading = next(show(cell) for cell in cells if not blank(cell))
        if "name" not in said and summary_of(leading) is not None:
            continue  # A line of sums.
        yield number, said


def _line(number: int, cells: dict[str, Cell], unit: Unit, frame: Frame) -> ReadActivity:
    for name in _NEEDED:
        if name not in cells:
            raise _Bad(name, "missing_field", "没有填写", f"把“{LABELS[name][0]}”补填完整")
    texts = {name: _text(name, cells) for name in (*_LONGEST, "theme")}
    theme = texts["theme"]
    if theme not in frame.themes:
        known = "、".join(frame.themes)
        raise _Bad("theme", "unknown_theme", f"“{theme[:20]}”不是本次的主题", f"改为 {known} 之一")
    try:
        class_of(texts["name"])
    except Refusal as refusal:
        raise _Bad("name", refusal.code, "不是志愿服务", "只报志愿服务项目") from refusal
    held_on, starts_at, ends_at = _when(cells["when"], frame)
    return ReadActivity(
        number, _count("serial", cells) or 0, texts["name"], theme, texts["served"], held_on,
        starts_at, ends_at, texts["location"], _count("wanted", cells), _count("attended", cells),
        _minutes(cells, unit), _count("heads", cells), texts["leader"], _telephone(cells),
        texts["team"], texts["note"],
    )  # fmt: skip


def _text(name: str, cells: dict[str, Cell]) -> str:
    cell = cells.get(name)
    text = " ".join(show(cell).split())
    if isinstance(cell, str) and text.startswith(_FORMULA):
        raise _Bad(name, "formula_like", "以 = + - @ 开头，表格软件会当作公式", "去掉开头的符号")
    if not is_writable(text):
        raise _Bad(name, "content_out_of_profile", "有看不见的字符", "重新输入这一格")
    most = _LONGEST.get(name, 60)
    if len(text) > most:
        raise _Bad(name, "text_too_long", f"超过 {most} 个字", "写短一些")
    return text


def _count(name: str, cells: dict[str, Cell]) -> int | None:
    cell = cells.get(name)
    if cell is None:
        return None
    text = packed(show(cell)).removesuffix("人").removesuffix("人次").removesuffix("次")
    least = 1 if name == "serial" else 0
    if not (_COUNT.fullmatch(text) and least <= int(text) <= _MOST_COUNT):
        raise _Bad(name, "unreadable_count", f"“{show(cell)[:20]}”不是整数", "填写整数，例如 30")
    return int(text)


def _minutes(cells: dict[str, Cell], unit: Unit) -> int | None:
    cell = cells.get("duration")
    if cell is None or cell in (0, "0"):
        return None
    try:
        minutes = read_duration(cell, unit).minutes()
        if minutes is None or minutes > _MOST_MINUTES:
            raise Unreadable("不是整分钟，或太长")
    except Unreadable as error:
        raise _Bad("duration", "unreadable_duration", error.why,
                   "写成 1.5小时、90分钟 或 1小时30分") from error  # fmt: skip
    return minutes


def _telephone(cells: dict[str, Cell]) -> str:
    if "telephone" not in cells:
        return ""
    try:
        return check_telephone(cells["telephone"])
    except TelephoneInvalid as error:
        raise _Bad("telephone", error.code, "不是电话号码", "填写手机号或带区号的座机号") from error


def _when(cell: Cell, frame: Frame) -> tuple[date, datetime | None, datetime | None]:
    """The day, and the times where the cell has them."""
    try:
        try:
            start, end = read_range(cell)
        except Unreadable:
            on, times = _day(read_day(cell), frame), None
        else:
            if start.day is None:
                raise Unreadable("没有写日期")
            on, times = _day(start.day, frame), interval(start, end)
    except Unreadable as error:
        raise _Bad("when", "unreadable_date", error.why,
                   "写成 2023-03-05 或 2023-03-05 09:00-11:00") from error  # fmt: skip
    if not frame.starts_on <= on <= frame.ends_on:
        raise _Bad("when", "outside_campaign", f"{on} 不在活动期间",
                   f"改为 {frame.starts_on} 到 {frame.ends_on} 之间")  # fmt: skip
    if times is None:
        return on, None, None
    midnight = datetime.combine(on, time())
    if times[1] <= times[0]:
        raise _Bad("when", "end_before_start", "结束不晚于开始", "核对起止时间")
    begins, ends = (midnight + timedelta(minutes=minute) for minute in times)
    return on, begins, ends


def _day(day: Day, frame: Frame) -> date:
    """The full date: a short one is that within the campaign, which may go on into a next year."""
    on = complete(day, Anchor((frame.starts_on.year,), frame.starts_on.month))
    if on < frame.starts_on and frame.starts_on.year < frame.ends_on.year:
        return complete(day, Anchor((frame.starts_on.year + 1,)))
    return on
