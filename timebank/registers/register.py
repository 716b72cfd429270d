"""Reading a whole register: what each sheet says about itself, then its rows, as a stream.

The file is gone through twice.  The first time finds the headers, the totals and the years that
its full dates carry; the second yields the rows.  Nothing is kept in between but the sheets of a
workbook, so a text file of any length is read in constant memory.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from timebank.errors import HeaderNotFound
from timebank.registers.cells import Cell, Unreadable, show, tidy
from timebank.registers.dates import Anchor, month_alone, read_day, stated_month
from timebank.registers.kinds import Kind, Line, stated_total, walk
from timebank.registers.layout import HEADER_WITHIN, Layout, label_of, missing_columns
from timebank.registers.model import (
    PassedOver,
    Register,
    RegisterRow,
    SheetReading,
    SkippedSheet,
    StatedTotal,
)
from timebank.registers.rows import RowReader
from timebank.registers.sheets import Sheet, open_sheets
from timebank.registers.vocabulary import Role, vocabulary

_PASSED_OVER_KEPT = 1000
_TIMES = {Role.START, Role.INTERVAL}
_HALF_A_YEAR = 6
_BESIDE_ROWS = {Kind.SIGNATURE, Kind.SECTION, Kind.REMARK, Kind.BLANK}


def read_register(path: Path | str) -> Register:
    """The register in a workbook or text file; hidden sheets and sheets of other kinds are left.

    Raises, the first that applies:
        UnreadableFile: see ``open_sheets``.
        HeaderNotFound: no sheet has a header naming at least volunteers and a date or time.
    """
    skipped: list[SkippedSheet] = []
    surveys: list[_Survey] = []
    lacking: list[list[str]] = []
    for sheet in open_sheets(Path(path)):
        if sheet.hidden:
            skipped.append(SkippedSheet(sheet.name, "hidden"))
            continue
        survey = _Survey(sheet)
        survey.take()
        if survey.layout is not None:
            surveys.append(survey)
            continue
        lacks = _near_headers(sheet)
        skipped.append(SkippedSheet(sheet.name, "empty" if lacks is None else "no_header"))
        lacking += [lacks] if lacks else []
    if not surveys:
        closest = min(lacking, key=len, default=["志愿者", "服务日期或时间"])
        raise HeaderNotFound(missing="、".join(closest))
    surveys = _without_summaries(surveys, skipped)
    everywhere: Counter[tuple[int, int]] = sum((s.months for s in surveys), Counter())
    stated = next((anchor for s in surveys if (anchor := s.stated())), None)
    parts = [(survey.sheet, survey.anchor(stated or _of_months(everywhere))) for survey in surveys]
    readings = tuple(
        survey.reading(anchor) for survey, (_, anchor) in zip(surveys, parts, strict=True)
    )
    return Register(
        title=next((r.title for r in readings if r.title), None),
        organisation=next((r.organisation for r in readings if r.organisation), None),
        year=next((r.year for r in readings if r.year), None),
        month=next((r.month for r in readings if r.month), None),
        sheets=readings,
        skipped=tuple(skipped),
        _read=partial(_rows, tuple(parts)),
    )


def _without_summaries(surveys: list["_Survey"], skipped: list[SkippedSheet]) -> list["_Survey"]:
    """The sheets of services; 汇总 beside them has no times, and counts the same hours again."""
    timed = [survey for survey in surveys if survey.layout and _TIMES & _roles(survey.layout)]
    if not timed:
        return surveys
    kept = [survey for survey in surveys if survey in timed or not survey.is_summary()]
    skipped += [SkippedSheet(one.sheet.name, "summary") for one in surveys if one not in kept]
    return kept


def _roles(layout: Layout) -> set[Role]:
    return {column.role for column in layout.columns}


def _rows(parts: Sequence[tuple[Sheet, Anchor | None]]) -> Iterator[RegisterRow]:
    for sheet, anchor in parts:
        reader = RowReader(sheet.name, anchor, name_sheet=len(parts) > 1)
        for line in walk(sheet):
            if line.kind is Kind.SERVICE:
                yield reader.read(line)
            elif line.kind is Kind.SECTION:
                reader.anchor = _of_section(_joined(line.cells), reader.anchor)


def _of_section(text: str, anchor: Anchor | None) -> Anchor | None:
    """What completes the days under a section: its own month, in the year known so far."""
    if stated := stated_month(text):
        return stated
    month = month_alone(text)
    return Anchor(anchor.years, month) if month and anchor and anchor.years else anchor


def _near_headers(sheet: Sheet) -> list[str] | None:
    """What the likeliest header lacks; [] when there is none, None for an empty sheet."""
    empty = True
    closest: list[str] = []
    for _, cells in zip(range(HEADER_WITHIN), sheet.rows(), strict=False):
        empty = empty and not any(cell is not None for cell in cells)
        lacks = missing_columns([label_of(cell) for cell in cells])
        if lacks and (not closest or len(lacks) < len(closest)):
            closest = lacks
    return None if empty else closest


def _joined(cells: Sequence[Cell]) -> str:
    return "  ".join(show(cell) for cell in cells if cell is not None)


@dataclass(slots=True)
class _Survey:
    """What the first pass over one sheet finds."""

    sheet: Sheet
    layout: Layout | None = None
    above: list[tuple[Cell, ...]] = field(default_factory=list)
    months: Counter[tuple[int, int]] = field(default_factory=Counter)
    totals: list[StatedTotal] = field(default_factory=list)
    passed_over: list[PassedOver] = field(default_factory=list)
    rows: int = 0
    signed: Anchor | None = None

    def take(self) -> None:
        for line in walk(self.sheet):
            self.layout = self.layout or line.layout
            if line.kind in _BESIDE_ROWS and self.rows:
                self.signed = stated_month(_joined(line.cells)) or self.signed
            match line.kind:
                case Kind.SERVICE:
                    self.rows += 1
                    self._note_month(line)
                case Kind.ABOVE:
                    self.above.append(line.cells)
                case Kind.TOTAL | Kind.SUBTOTAL:
                    self.totals.append(stated_total(self.sheet.name, line))
                case Kind.SECTION | Kind.REMARK | Kind.SIGNATURE:
                    if len(self.passed_over) < _PASSED_OVER_KEPT:
                        self.passed_over.append(PassedOver(line.number, _joined(line.cells)))

    def _note_month(self, line: Line) -> None:
        column = line.layout.first(Role.DATE)
        if column is None or column.index >= len(line.cells):
            return
        try:
            day = read_day(line.cells[column.index])
        except Unreadable:
            return
        if day.year is not None and day.month is not None:
            self.months[day.year, day.month] += 1

    def stated(self) -> Anchor | None:
        """The year and month that the sheet states outside its rows."""
        lines = [_joined(cells) for cells in self.above]
        labels = "|".join(vocabulary().month_labels)
        labelled = [
            found[1]
            for text in map(tidy, lines)
            for found in re.finditer(rf"(?:{labels}) ?[:]? ?(\S{{2,14}}(?: ?\d{{1,2}} ?月)?)", text)
        ]
        title = self._title()
        texts = [*labelled, *([title] if title else []), self.sheet.name, *lines]
        anchor = next((a for text in texts if (a := _stated(text))), None)
        if anchor is None or anchor.month is not None:
            return anchor
        months = (month_alone(text) for text in texts)
        return Anchor(anchor.years, next((m for m in months if m), None))

    def anchor(self, elsewhere: Anchor | None) -> Anchor | None:
        """What completes this sheet's short days: its own words, its rows, the other sheets.

        Where none of them has a year, the date under the signatures does.

        Words that lie half a year or more from every one of at least three full dates are a
        template that nobody brought up to date, and complete nothing.
        """
        stated = self.stated()
        if stated is None:
            return _of_months(self.months) or elsewhere or self.signed
        if self.months.total() >= 3 and not any(_near(stated, ym) for ym in self.months):
            return Anchor(())
        return stated

    def is_summary(self) -> bool:
        """Whether the sheet calls itself one."""
        text = f"{self.sheet.name} {self._title() or ''}"
        return any(word in text for word in vocabulary().summaries)

    def reading(self, anchor: Anchor | None) -> SheetReading:
        assert self.layout is not None
        headings = tuple(_joined(cells) for cells in self.above)
        return SheetReading(
            name=self.sheet.name,
            header_row=self.layout.header_row,
            head=self.layout.head(),
            headings=tuple(text for text in headings if text),
            title=self._title(),
            organisation=_organisation(headings),
            year=anchor.year if anchor and anchor.years else None,
            month=anchor.month if anchor else None,
            rows=self.rows,
            totals=tuple(self.totals),
            passed_over=tuple(self.passed_over),
        )

    def _title(self) -> str | None:
        """The first text above the table that is no "label: value"."""
        texts = (tidy(show(cell)) for cells in self.above for cell in cells if cell is not None)
        return next((text for text in texts if ":" not in text and len(text) > 2), None)


def _stated(text: str) -> Anchor | None:
    bare = tidy(text)
    if re.fullmatch(r"20\d{2}(?: ?年度?)?", bare):
        return Anchor((int(bare[:4]),))
    return stated_month(bare)


def _of_months(months: Counter[tuple[int, int]]) -> Anchor | None:
    """The year of the full dates; where they carry several, the commonest month leads."""
    if not months:
        return None
    (year, month), _ = max(months.items(), key=lambda item: (item[1], [-n for n in item[0]]))
    years = (year, *sorted({y for y, _ in months} - {year}))
    return Anchor(years, month if len(years) > 1 else None)


def _near(stated: Anchor, found: tuple[int, int]) -> bool:
    if stated.month is None:
        return found[0] in stated.years
    distance = abs((found[0] - stated.year) * 12 + found[1] - stated.month)
    return distance < _HALF_A_YEAR or found[0] in stated.years


def _organisation(headings: Sequence[str]) -> str | None:
    for label in vocabulary().organisation_labels:
        for text in headings:
            if found := re.search(
                rf"{label}\s*[:：]\s*(\S[^:：]*?)(?=\s{{2,}}|\s+\S+[:：]|$)", text
            ):
                return found[1].strip()
    return None
