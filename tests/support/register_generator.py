"""Random registers with a truth of their own: what was meant is decided first, then written down.

``generate`` never asks the reader under test.  It draws services and faults, spells them out in
a random layout, and hands back what an import must find, row by row.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

from tests.support import register_spellings as spell
from tests.support.register_claims import Claim, Person, draw_claims, draw_people
from tests.support.register_files import Grid, Value, write

LABELS = {
    "serial": ["序号", "序 号", "No."],
    "date": ["服务日期", "日期", "活动日期", "开展日期"],
    "when": ["服务时间", "起止时间", "时间", "服务时段"],
    "start": ["开始时间", "起始时间", "服务开始时间", "签到时间"],
    "end": ["结束时间", "终止时间", "服务结束时间", "签退时间"],
    "volunteer": ["志愿者姓名", "志愿者", "义工姓名", "服务人员", "志愿者\n姓名", "志愿者（签名）"],
    "volunteer_number": ["志愿者编号", "志愿者证号"],
    "elder": ["服务对象", "老人姓名", "受助人", "被服务老人", "长者姓名", "服务对象姓名"],
    "content": ["服务内容", "服务项目", "活动内容", "服务事项"],
    "note": ["备注", "备 注", "说明"],
    "place": ["服务地点", "地点"],
    "phone": ["联系电话", "电话"],
}
LENGTH_LABELS = {
    None: ["服务时长", "时长"],
    "hours": ["服务时长（小时）", "时长(小时)", "小时数", "服务时长/小时"],
    "minutes": ["服务时长（分钟）", "时长(分钟)", "分钟数"],
}


@dataclass(frozen=True, slots=True)
class Expected:
    """What an import must say of one row; people and times only where it is accepted."""

    sheet: str
    row: int
    code: str | None
    volunteers: frozenset[str] = frozenset()
    elders: frozenset[str] = frozenset()
    start: datetime | None = None
    end: datetime | None = None
    content: str | None = None


@dataclass(slots=True)
class Generated:
    """Two files and the truth about them; ``how`` describes the layout for a failing test."""

    register: Path
    members: Path
    today: date
    rows: list[Expected] = field(default_factory=list)
    minutes_by_volunteer: dict[str, int] = field(default_factory=dict)
    credited: set[tuple[str, datetime, datetime, str]] = field(default_factory=set)
    stated_minutes: int | None = None
    how: str = ""


@dataclass(slots=True)
class _Style:
    """The layout that was drawn."""

    suffix: str
    columns: list[str]
    labels: list[str]
    unit: str | None
    people: str
    year_known: bool
    ends_kept: bool

    @property
    def cells(self) -> bool:
        return self.suffix != ".csv"


def generate(seed: int, folder: Path) -> Generated:
    """A register and its members in ``folder``, with the truth; the same for the same seed."""
    rng = Random(seed)
    people = draw_people(rng)
    month = date(rng.randint(2021, 2024), rng.randint(1, 12), 1)
    style = _style(rng)
    claims = draw_claims(rng, people, month, style.columns, style.people)
    made = Generated(
        folder / f"register{style.suffix}", _members(rng, people, folder), _today(month)
    )
    count = rng.choice([1, 1, 2, 3]) if style.cells else 1
    share = -(-len(claims) // count)
    grids, stated = [], 0
    for index in range(count):
        part = claims[index * share : (index + 1) * share]
        name = "台账" if count == 1 else f"第{index + 1}周"
        grid, total = _grid(rng, name, part, month, style, made)
        grids.append(grid)
        stated += total
    made.stated_minutes = stated
    encoding = rng.choice(["utf-8", "utf-8-sig", "gb18030"])
    delimiter = rng.choice([",", ",", "\t", ";"])
    write(made.register, *grids, encoding=encoding, delimiter=delimiter)
    made.how = f"seed {seed}: {style} in {count} sheets, {encoding} {delimiter!r}"
    return made


def _today(month: date) -> date:
    return month + timedelta(days=70)


def _members(rng: Random, people: list[Person], folder: Path) -> Path:
    header = ["编号", "姓名", "身份", "身份证号"]
    rows = [header, *([p.number, p.name, p.role, p.id_number] for p in people)]
    path = folder / f"members{rng.choice(['.csv', '.xlsx', '.xls', '.ods'])}"
    return write(path, Grid("人员", rows), encoding=rng.choice(["utf-8-sig", "gb18030"]))


def _style(rng: Random) -> _Style:
    suffix = rng.choice([".xlsx", ".xls", ".ods", ".csv"])
    unit = rng.choice([None, "hours", "minutes"])
    times = rng.choice(["two", "two", "range", "moment range", "start and length"])
    columns = {
        "two": ["date", "start", "end"],
        "range": ["date", "when"],
        "moment range": ["when"],
        "start and length": ["date", "start"],
    }[times]
    columns += ["volunteer", "elder", "content"]
    if times == "start and length" or rng.random() < 0.75:
        columns.append("length")
    people = rng.choice(["name", "name", "number", "both", "mixed"])
    if people == "name" and rng.random() < 0.3:
        columns.append("volunteer_number")
    columns += [extra for extra in ("serial", "note", "place", "phone") if rng.random() < 0.5]
    if rng.random() < 0.6:
        rng.shuffle(columns)
    labels = [
        rng.choice(LENGTH_LABELS[unit]) if name == "length" else rng.choice(LABELS[name])
        for name in columns
    ]
    if times == "moment range":
        labels[columns.index("when")] = rng.choice(["服务时间", "活动时间", "起止时间"])
    return _Style(suffix, columns, labels, unit, people, rng.random() < 0.75,
                  times != "start and length")  # fmt: skip


def _grid(
    rng: Random, name: str, claims: list[Claim], month: date, style: _Style, made: Generated
) -> tuple[Grid, int]:
    rows: list[list[Value]] = []
    width = len(style.columns)
    title = f"{rng.choice(['幸福里', '和平里', '阳光'])}社区志愿服务登记台账"
    merges = [(0, 0, 0, width - 1)]
    if style.year_known:
        if rng.random() < 0.5:
            title = f"{month.year}年{month.month}月{title}"
            rows.append([title])
        else:
            rows += [
                [title],
                ["填报单位：幸福里", None, f"填报月份：{month.year}年{month.month}月"],
            ]
    else:
        rows.append([title])
    rows += [[]] * rng.randint(0, 2)
    rows.append(list(style.labels))
    accepted = 0
    for index, claim in enumerate(claims):
        if rng.random() < 0.04:
            rows.append([])
        if rng.random() < 0.03:
            rows.append(["小计", *[None] * (width - 2), f"{index}条"])
        if rng.random() < 0.02:
            rows.append(list(style.labels))
        rows.append(_line(rng, index + 1, claim, style))
        number = len(rows)
        before = claims[index - 1] if index else None
        if _merge_down(rng, before, claim, style, rows):
            column = style.columns.index("date")
            merges.append((number - 2, column, number - 1, column))
        made.rows.append(_expected(name, number, claim))
        if claim.fault is None:
            accepted += claim.ends - claim.begins
            _credit(made, claim)
    total = claims and f"{accepted}分钟"
    rows.append(["合计", *[None] * (width - 2), total or "0分钟"])
    rows.append(["填表人：", None, "负责人："])
    return Grid(name, rows, merges if style.cells else []), accepted


def _merge_down(
    rng: Random, before: Claim | None, claim: Claim, style: _Style, rows: list[list[Value]]
) -> bool:
    """Merge the date with the one above, where both lines say the same day next to each other."""
    if not style.cells or "date" not in style.columns or before is None or len(rows) < 2:
        return False
    column = style.columns.index("date")
    same = before.day == claim.day and before.fault is None and claim.fault is None
    above = rows[-2][column] if column < len(rows[-2]) else None
    if not same or above is None or above in style.labels or rows[-2][0] == "小计":
        return False
    if rng.random() < 0.5:
        return False
    rows[-1][column] = None
    return True


def _credit(made: Generated, claim: Claim) -> None:
    """Each volunteer once for one service, however many lines describe it."""
    for one in claim.volunteers:
        service = (one.number, claim.start, claim.end, claim.content)
        if service not in made.credited:
            made.credited.add(service)
            credit = made.minutes_by_volunteer
            credit[one.number] = credit.get(one.number, 0) + claim.ends - claim.begins


def _expected(sheet: str, row: int, claim: Claim) -> Expected:
    if claim.fault is not None:
        return Expected(sheet, row, claim.fault)
    return Expected(
        sheet, row, None,
        frozenset(p.number for p in claim.volunteers), frozenset(p.number for p in claim.elders),
        claim.start, claim.end, claim.content,
    )  # fmt: skip


def _line(rng: Random, serial: int, claim: Claim, style: _Style) -> list[Value]:
    line: list[Value] = []
    for column in style.columns:
        value = None if column == claim.blank else _value(rng, column, serial, claim, style)
        line.append(value)
    return line


def _value(rng: Random, column: str, serial: int, claim: Claim, style: _Style) -> Value:
    begins, ends, cells = claim.begins, claim.ends, style.cells
    if claim.fault == "end_before_start":
        begins, ends = ends, rng.choice([begins, ends])
    match column:
        case "serial":
            return serial
        case "date":
            return _date_value(rng, claim, style)
        case "when":
            return _when_value(rng, claim, style, begins, ends)
        case "start":
            if claim.fault == "unreadable_time":
                return rng.choice(["早饭后", "25:10", "上午", "8:75", "待补"])
            return spell.clock(begins, rng, cells=cells)
        case "end":
            return spell.clock(ends, rng, cells=cells)
        case "volunteer":
            return _people_value(rng, claim.volunteers, style)
        case "volunteer_number":
            return "、".join(p.number for p in claim.volunteers)
        case "elder":
            return _people_value(rng, claim.elders, style)
        case "content":
            return rng.choice([claim.content, f"{claim.content} "])
        case "length":
            return _length_value(rng, claim, style)
        case "phone":
            return "13800000000"
        case "place":
            return rng.choice(["幸福里3号楼", None])
    return rng.choice([None, "补录", "老人很满意"])


def _date_value(rng: Random, claim: Claim, style: _Style) -> Value:
    if claim.fault == "unreadable_date":
        year = claim.day.year
        return rng.choice([f"{year}年2月30日", "待定", f"{year}-13-01", "上周三"])
    if claim.fault == "in_the_future":
        later = claim.day.replace(year=claim.day.year + 70, day=min(claim.day.day, 28))
        return f"{later.year}年{later.month}月{later.day}日"
    if style.year_known and rng.random() < 0.5:
        return spell.short_day(claim.day, rng, cells=style.cells)
    return spell.full_day(claim.day, rng, cells=style.cells)


def _when_value(rng: Random, claim: Claim, style: _Style, begins: int, ends: int) -> Value:
    if claim.fault == "unreadable_time":
        return rng.choice(["全天", "上午", "9:00-10:00、14:00-15:00"])
    text = spell.time_range(begins, ends, rng)
    if claim.fault == "end_before_start":
        text = f"{begins // 60}:{begins % 60:02d}-{ends // 60}:{ends % 60:02d}"
    if "date" in style.columns:
        return text
    day = claim.day
    written = rng.choice([f"{day.year}年{day.month}月{day.day}日", day.isoformat(),
                          f"{day.year}/{day.month}/{day.day}"])  # fmt: skip
    return f"{written} {text}"


def _length_value(rng: Random, claim: Claim, style: _Style) -> Value:
    minutes = claim.ends - claim.begins
    if claim.fault == "unreadable_duration":
        return rng.choice(["半天左右", "若干", "约2小时", "一上午"])
    if claim.fault == "duration_mismatch":
        return f"{minutes + rng.choice([5, 10, 60, -1, 1])}分钟"
    exact = not style.ends_kept  # without an end nothing could decide between the units
    return spell.length(minutes, rng, unit=style.unit, cells=style.cells,
                        bare=not exact or style.unit is not None)  # fmt: skip


def _people_value(rng: Random, people: list[Person], style: _Style) -> str:
    how = style.people if style.people != "mixed" else rng.choice(["name", "number", "both"])
    return spell.several([spell.person(p.name, p.number, rng, how) for p in people], rng)
