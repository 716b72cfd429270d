"""Where the table of a register begins, and what each of its columns says."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from timebank.registers.cells import Cell, packed, show
from timebank.registers.durations import Unit
from timebank.registers.model import TableHead
from timebank.registers.sheets import Sheet
from timebank.registers.vocabulary import BRACKETS, Role, key, role_of, vocabulary

HEADER_WITHIN = 30
"""A header further down than this row is not looked for."""

_WHO = {
    Role.VOLUNTEER, Role.VOLUNTEER_NUMBER, Role.VOLUNTEER_ID, Role.VOLUNTEER_SIGNED,
}  # fmt: skip
_WHEN = {Role.DATE, Role.WHEN, Role.INTERVAL, Role.START, Role.DAY, Role.RECORDED}
_SUBJECTS = {
    Role.VOLUNTEER: {"编号": Role.VOLUNTEER_NUMBER, "身份证号": Role.VOLUNTEER_ID,
                     "姓名": Role.VOLUNTEER, "名字": Role.VOLUNTEER, "电话": Role.PHONE,
                     "号": Role.VOLUNTEER_NUMBER},
    Role.RECIPIENT: {"编号": Role.RECIPIENT_NUMBER, "身份证号": Role.RECIPIENT_ID,
                     "姓名": Role.RECIPIENT, "名字": Role.RECIPIENT, "电话": Role.PHONE,
                     "号": Role.RECIPIENT_NUMBER},
    Role.DURATION: {"小时": Role.DURATION, "时": Role.DURATION, "分": Role.DURATION,
                    "分钟": Role.DURATION},
}  # fmt: skip


_PLAIN = {
    Role.DATE: "服务日期", Role.INTERVAL: "起止时间", Role.START: "开始时间",
    Role.DURATION: "服务时长", Role.SERIAL: "序号", Role.VOLUNTEER_NUMBER: "志愿者编号",
    Role.RECIPIENT_NUMBER: "服务对象编号", Role.VOLUNTEER_ID: "志愿者身份证号",
    Role.RECIPIENT_ID: "服务对象身份证号", Role.VOLUNTEER: "志愿者姓名",
    Role.RECIPIENT: "服务对象姓名", Role.HALF_DAY: "上午/下午",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its place from 0, its label as the clerk sees it, and what it says."""

    index: int
    label: str
    role: Role
    unit: Unit | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns under one header, which stands on one row or two."""

    header_row: int
    header_height: int
    labels: tuple[str, ...]
    columns: tuple[Column, ...]
    _by_role: dict[Role, tuple[Column, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_role: dict[Role, tuple[Column, ...]] = {}
        for column in self.columns:
            by_role[column.role] = (*by_role.get(column.role, ()), column)
        object.__setattr__(self, "_by_role", by_role)  # asked many times for every line

    def of(self, role: Role) -> tuple[Column, ...]:
        """Every column of that role, from left to right."""
        return self._by_role.get(role, ())

    def first(self, *roles: Role) -> Column | None:
        """The leftmost column of the first role that has one."""
        for role in roles:
            if columns := self._by_role.get(role):
                return columns[0]
        return None

    def head(self) -> TableHead:
        """What a row under this header is written down under again."""
        labels = list(self.labels)
        for column in self.columns:
            settled = role_of(column.label)
            if settled and settled[0] is not column.role and column.role in _PLAIN:
                labels[column.index] = _PLAIN[column.role]
        dated = self.first(Role.DATE)
        ours = {column.index for column in self.of(Role.REASON)}
        volunteer = self.first(Role.VOLUNTEER, Role.VOLUNTEER_NUMBER, Role.VOLUNTEER_ID)
        recipient = self.first(Role.RECIPIENT, Role.RECIPIENT_NUMBER, Role.RECIPIENT_ID)
        return TableHead(
            tuple(labels),
            tuple(index for index in range(len(labels)) if index not in ours),
            dated.index if dated else None,
            volunteer.label if volunteer else "志愿者",
            recipient.label if recipient else "服务对象",
        )

    def has(self, role: Role) -> bool:
        """Whether any column says that."""
        return role in self._by_role


def label_of(cell: Cell) -> str:
    """A header cell as one line of text."""
    return " ".join(show(cell).split()) if isinstance(cell, str) else ""


def missing_columns(
    labels: Sequence[str], given: frozenset[Role] = frozenset()
) -> list[str] | None:
    """What a row of labels lacks to be a header; None when it is no header at all.

    ``given`` is what the lines above it say for the whole table.
    """
    roles = {found[0] for label in labels if (found := role_of(label))}
    if len(roles - {Role.OTHER}) < 3:
        return None
    return [
        name
        for name, needed in (("志愿者", _WHO), ("服务日期或时间", _WHEN))
        if not (roles | given) & needed
    ]


def find_layout(
    sheet: Sheet, rows: Sequence[tuple[Cell, ...]], given: Sequence[frozenset[Role]] = ()
) -> Layout | None:
    """The first header among ``rows`` (the sheet's first ones), on one row or on two.

    ``given`` has for each row what the lines above it say for the whole table.
    """
    for index in range(min(len(rows), HEADER_WITHIN)):
        top = [label_of(cell) for cell in sheet.across(index + 1, rows[index])]
        below = None
        if index + 1 < len(rows):
            below = [label_of(cell) for cell in sheet.across(index + 2, rows[index + 1])]
        known = given[index] if given else frozenset()
        single = missing_columns(top, known) == []
        double = below is not None and _continues(top, below, rows[index + 1])
        if double and below is not None:
            columns, labels = _double(top, below)
            roles = [column.role for column in columns]
            said = known.union(roles)
            enough = said & _WHO and said & _WHEN and len(set(roles)) >= 3
            alone = len(_single(below)) if missing_columns(below, known) == [] else 0
            if enough and (single or len(columns) > alone):
                return Layout(index + 1, 2, labels, columns)
        if single:
            return Layout(index + 1, 1, tuple(top), _single(top))
    return None


def header_again(cells: Sequence[Cell], layout: Layout) -> Layout | None:
    """The layout from here on, when these cells are a header: repeated, or of a next table."""
    labels = [label_of(cell) for cell in cells]
    if layout.header_height == 2:
        same = sum(
            bool(a) and key(a) in key(b) for a, b in zip(labels, layout.labels, strict=False)
        )
        if same >= 3:
            return layout
    again = [key(label) for label in labels if label]
    if len(again) >= 3 and again == [key(label) for label in layout.labels[: len(labels)] if label]:
        return layout
    if missing_columns(labels) != []:
        return None
    return replace(layout, labels=tuple(labels), columns=_single(labels), header_height=1)


def _single(labels: Sequence[str]) -> tuple[Column, ...]:
    columns = []
    for index, label in enumerate(labels):
        if found := role_of(label):
            columns.append(Column(index, label, *found))
    return tuple(columns)


def _continues(top: Sequence[str], below: Sequence[str], raw: Sequence[Cell]) -> bool:
    """Whether the second row carries the lower half of a header."""
    new = [
        cell for index, cell in enumerate(raw)
        if cell is not None and not (index < len(top) and label_of(cell) == top[index])
    ]  # fmt: skip
    if not new or len({label for label in top if label}) < 2:
        return False
    if any(not isinstance(cell, str) or re.search(r"\d|:", _bare(cell)) for cell in new):
        return False
    if any(re.search(r"[:：]", label) for label in top):
        return False
    lower = {word for words in _SUBJECTS.values() for word in words}
    return all(
        role_of(show(cell)) or packed(show(cell)) in lower or not _bare(show(cell)) for cell in new
    )


def _bare(label: str) -> str:
    """What a label says outside its brackets; nothing in a row of units: (小时), (时:分)."""
    return BRACKETS.sub("", packed(label))


def _double(top: Sequence[str], below: Sequence[str]) -> tuple[tuple[Column, ...], tuple[str, ...]]:
    columns, labels = [], []
    group = ""
    for index in range(max(len(top), len(below))):
        upper = top[index] if index < len(top) else ""
        lower = below[index] if index < len(below) else ""
        group = upper or (group if lower else "")
        found = _joint_role(group, lower) if lower and lower != group else role_of(group)
        label = lower if not group or lower == group else f"{group}{lower}"
        labels.append(label)
        if found:
            columns.append(Column(index, label, *found))
    return tuple(columns), tuple(labels)


def _joint_role(group: str, lower: str) -> tuple[Role, Unit | None] | None:
    """志愿者 over 编号, 服务时间 over 开始, 服务时长 over 分钟, or whatever the lower half says."""
    above, word = role_of(group), packed(lower)
    if not _bare(lower):
        return role_of(group + lower)
    if above and above[0] in _SUBJECTS and word in _SUBJECTS[above[0]]:
        return _SUBJECTS[above[0]][word], vocabulary().units.get(key(word))
    if above and above[0] in _SUBJECTS and (below := role_of(lower)):
        named = {Role.NUMBER_OR_SERIAL: "编号", Role.VOLUNTEER_ID: "身份证号"}.get(below[0])
        if named and named in _SUBJECTS[above[0]]:
            return _SUBJECTS[above[0]][named], None
    if above and above[0] in (Role.WHEN, Role.INTERVAL) and word in ("小时", "分钟"):
        return Role.DURATION, vocabulary().units.get(key(word))
    return role_of(lower) or role_of(group + lower) or above
