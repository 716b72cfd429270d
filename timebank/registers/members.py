"""The members that a station keeps in a list: who has which number, in which role.

One ID number is one person, however many numbers and roles the list gives them.  Nothing here is
stored: the vault takes what it needs, and these values are dropped.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from stdnum.cn import ric
from stdnum.exceptions import ValidationError

from timebank.errors import HeaderNotFound
from timebank.registers.cells import Cell, Unreadable, blank, packed, show
from timebank.registers.dates import complete, read_day
from timebank.registers.kinds import summary_of
from timebank.registers.mentions import RUINED, clean_name, clean_number
from timebank.registers.model import RowRefusal
from timebank.registers.refusals import place_of
from timebank.registers.sheets import Sheet, open_sheets
from timebank.registers.vocabulary import BRACKETS, key, vocabulary

_HEADER_WITHIN = 30
_ROLE_SEPARATORS = re.compile("[,、;/|+&兼和及]")
_NEEDED = {"number": "编号", "name": "姓名"}


@dataclass(frozen=True, slots=True)
class MemberPerson:
    """One person of the list, with every number and role that it gives them.

    ``roles`` are volunteer and elder, or the list's own word where it is neither; ``number_roles``
    has those of each number, in the order of ``numbers``.  ``rows`` are the lines that speak of
    them, counted from 1.
    """

    name: str
    numbers: tuple[str, ...]
    roles: tuple[str, ...]
    born_on: date | None = None
    id_number: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    rows: tuple[int, ...] = ()
    number_roles: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class RefusedMember:
    """A line of the list that is not taken over, and why."""

    sheet: str
    row: int
    refusal: RowRefusal


@dataclass(frozen=True, slots=True)
class MemberFile:
    """The people of a list in the order of their first lines, and the lines refused."""

    people: tuple[MemberPerson, ...]
    refused: tuple[RefusedMember, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    row: int
    cells: dict[str, Cell]

    def text(self, name: str) -> str:
        return show(self.cells.get(name))


def read_members(path: Path | str) -> MemberFile:
    """The people in a list of members, in any layout with a number and a name.

    A line is refused for, the first that applies: ``missing_field`` (number or name),
    ``id_number_typed_as_number`` (its last digits are lost), ``id_number_invalid`` (length, date
    or check digit, GB 11643), ``unreadable_date``, ``birth_date_disagrees`` (not the ID
    number's), ``duplicate_number`` (an earlier line has it), ``name_mismatch`` (an earlier line
    gives the ID number to another name).

    Raises, the first that applies:
        UnreadableFile: see ``open_sheets``.
        HeaderNotFound: no sheet has a header with a number and a name.
    """
    sheets = [sheet for sheet in open_sheets(Path(path)) if not sheet.hidden]
    with_header = [(sheet, found) for sheet in sheets if (found := _header(sheet))]
    if not with_header:
        raise HeaderNotFound(missing="、".join(_NEEDED.values()))
    gathering = _Gathering()
    for sheet, (header_row, fields) in with_header:
        kept_for = _role_of_list(sheet, header_row, fields)
        for line in _lines(sheet, header_row, fields):
            if not line.text("role") and kept_for:
                line.cells["role"] = kept_for
            if refusal := gathering.take(line, place_of(sheet.name, line.row,
                                         name_sheet=len(with_header) > 1)):  # fmt: skip
                gathering.refused.append(RefusedMember(sheet.name, line.row, refusal))
    return MemberFile(tuple(gathering.people), tuple(gathering.refused))


def _header(sheet: Sheet) -> tuple[int, dict[int, str]] | None:
    words = vocabulary().members
    for number, cells in zip(range(1, _HEADER_WITHIN + 1), sheet.rows(), strict=False):
        fields: dict[int, str] = {}
        for index, label in _by_length(cells):
            name = words.get(label)
            if name and name not in fields.values():
                fields[index] = name
        if set(_NEEDED) <= set(fields.values()):
            return number, fields
    return None


def _by_length(cells: Sequence[Cell]) -> list[tuple[int, str]]:
    """The labels of a row; a number or name that says whose it is stands before one that does not.

    Beside 会员编号 a bare 编号 counts the lines.
    """
    labels = [
        (index, BRACKETS.sub("", key(cell)).strip(":"))
        for index, cell in enumerate(cells) if isinstance(cell, str)
    ]  # fmt: skip
    whose = {"number", "name"}
    found = vocabulary().members
    return sorted(labels, key=lambda item: -len(item[1]) if found.get(item[1]) in whose else 0)


def _lines(sheet: Sheet, header_row: int, fields: dict[int, str]) -> Iterator[_Line]:
    for number, cells in enumerate(sheet.rows(), start=1):
        if number <= header_row or not any(not blank(cell) for cell in cells):
            continue
        found = {name: cells[index] for index, name in fields.items() if index < len(cells)}
        filled = [name for name, cell in found.items() if not blank(cell)]
        leading = next(show(cell) for cell in cells if not blank(cell))
        whole = set(_NEEDED) <= set(filled)
        if filled and not _repeats_header(found) and (whole or not summary_of(leading)):
            yield _Line(number, found)


def _repeats_header(found: dict[str, Cell]) -> bool:
    words = vocabulary().members
    return all(words.get(key(show(found.get(name)))) == name for name in _NEEDED)


def _no(code: str, place: str, said: str, mend: str) -> RowRefusal:
    return RowRefusal(code, f"{place}：{said}", mend)


@dataclass(slots=True)
class _Gathering:
    people: list[MemberPerson] = field(default_factory=list)
    refused: list[RefusedMember] = field(default_factory=list)
    _by_id: dict[str, int] = field(default_factory=dict)
    _numbers: dict[str, int] = field(default_factory=dict)

    def take(self, line: _Line, place: str) -> RowRefusal | None:
        """Add the line's person, or a further number of somebody known; or say why not."""
        number, name = clean_number(line.text("number")), clean_name(line.text("name"))
        for field_name, value in (("number", number), ("name", name)):
            if not value:
                label = _NEEDED[field_name]
                return _no("missing_field", place, f"缺少“{label}”", f"补填“{label}”")
        id_number = _id_number(line.cells.get("id_number"))
        if id_number is None:
            return _no("id_number_typed_as_number", place, RUINED, "按文本重新输入身份证号")
        if id_number and not _valid(id_number):
            return _no("id_number_invalid", place, "身份证号不对（位数、日期或校验位）",
                       "核对身份证号")  # fmt: skip
        try:
            born_on = _birth(line.cells.get("birth"))
        except Unreadable as error:
            return _no("unreadable_date", place, f"出生日期读不出来（{error.why}）",
                       "写成 1950-05-20 这样的形式")  # fmt: skip
        in_id = ric.get_birth_date(id_number) if id_number else None
        if born_on and in_id and born_on != in_id:
            return _no("birth_date_disagrees", place,
                       f"出生日期 {born_on} 与身份证号里的 {in_id} 不一致", "核对两者")  # fmt: skip
        if number in self._numbers:
            return _no("duplicate_number", place,
                       f"编号 {number} 已用于第{self._numbers[number]}行", "改正编号")  # fmt: skip
        known = self._by_id.get(id_number) if id_number else None
        if known is not None and self.people[known].name != name:
            return _no("name_mismatch", place,
                       f"同一身份证号在第{self.people[known].rows[0]}行是另一个姓名",
                       "核对身份证号和姓名")  # fmt: skip
        self._numbers[number] = line.row
        roles = _roles(line.text("role"))
        person = MemberPerson(
            name, (number,), roles, born_on or in_id, id_number or None,
            packed(line.text("phone")) or None, (line.row,), (roles,),
        )  # fmt: skip
        if known is None:
            if id_number:
                self._by_id[id_number] = len(self.people)
            self.people.append(person)
        else:
            self.people[known] = _joined(self.people[known], person)
        return None


def _joined(one: MemberPerson, again: MemberPerson) -> MemberPerson:
    return replace(
        one,
        numbers=one.numbers + again.numbers,
        roles=tuple(dict.fromkeys(one.roles + again.roles)),
        born_on=one.born_on or again.born_on,
        phone=one.phone or again.phone,
        rows=one.rows + again.rows,
        number_roles=one.number_roles + again.number_roles,
    )


def _id_number(cell: Cell) -> str | None:
    """The ID number in capitals, "" where there is none, None where its digits are lost."""
    if blank(cell):
        return ""
    text = packed(show(cell)).upper().strip("'")
    if isinstance(cell, int | float) and abs(cell) >= 1e15:
        return None
    return None if "E+" in text else text


def _valid(id_number: str) -> bool:
    """GB 11643: 17 digits with a calendar date, and the check digit (MOD 11-2).

    ``ric.validate`` would also ask that the county code was in use in the year of birth.  Codes
    are those of the card's issue, from 1984 on, so it refuses most people born before.
    """
    if not re.fullmatch(r"[1-9]\d{16}[\dX]", id_number):
        return False
    try:
        ric.get_birth_date(id_number)
    except ValidationError:
        return False
    return bool(ric.calc_check_digit(id_number) == id_number[-1])


def _birth(cell: Cell) -> date | None:
    if blank(cell):
        return None
    return complete(read_day(cell), None)


def _roles(text: str) -> tuple[str, ...]:
    """The roles that a cell names; a word that holds no role is kept as it stands."""
    parts = [part for part in _ROLE_SEPARATORS.split(packed(text)) if part]
    return tuple(dict.fromkeys(_role(part) for part in parts))


def _role(part: str) -> str:
    """The role of 助老志愿者 or 志愿者（党员）, by how the word ends."""
    bare = BRACKETS.sub("", key(part))
    ending = (role for word, role in vocabulary().roles.items() if bare.endswith(word))
    return next(ending, part)


def _role_of_list(sheet: Sheet, header_row: int, fields: dict[int, str]) -> str:
    """The word of a role that stands over a list without a column for it, "" where none does.

    It stands in a label (志愿者姓名), in the sheet's name (老人名单) or in a title.
    """
    if "role" in fields.values():
        return ""
    rows = [cells for _, cells in zip(range(header_row), sheet.rows(), strict=False)]
    labels = [show(rows[-1][index]) for index, name in fields.items() if name in _NEEDED]
    titles = [show(cell) for cells in rows[:-1] for cell in cells if not blank(cell)]
    for text in (*labels, sheet.name, *titles):
        held = {role: word for word, role in vocabulary().roles.items() if word in key(text)}
        if len(held) == 1:
            return next(iter(held.values()))
    return ""
