"""What reading a register yields: frozen values, local wall times, whole minutes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from timebank.registers.cells import Cell


@dataclass(frozen=True, slots=True)
class PersonMention:
    """One person as a register names them; ``text`` is what stands in the cell.

    ``number`` is a member number or an 18-digit ID in capitals, ``name`` has no padding; where
    both are given, both must belong to the same person.
    """

    text: str
    number: str | None
    name: str | None


@dataclass(frozen=True, slots=True)
class RowRefusal:
    """Why a row is not accepted: a permanent code, and Chinese sentences for the clerk."""

    code: str
    explanation: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class TableHead:
    """The header that a row stands under, for writing the row down again.

    ``labels`` are the clerk's words column by column, except that an open one (时间) says what
    its column turned out to hold.  ``kept`` are the columns that belong to the register, without
    those of our own error sheets; ``date_column`` is the one that holds the whole day.
    """

    labels: tuple[str, ...]
    kept: tuple[int, ...]
    date_column: int | None
    volunteer_label: str
    recipient_label: str


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One line of a register that claims a service.

    ``row`` counts from 1 as the sheet does.  ``starts_at`` and ``ends_at`` are local wall times
    without a zone; ``minutes`` is their distance and ``stated_minutes`` what the duration cell
    says, rounded to whole minutes for showing.  ``raw`` are the cells as read, with merged-down
    and ditto cells filled in.  Values that could not be read are absent, and ``refusal`` says
    why; an accepted row has every value but the optional ones.
    """

    sheet: str
    row: int
    raw: tuple[Cell, ...]
    head: TableHead = field(repr=False, compare=False)
    serial: str | None = None
    service_on: date | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    stated_minutes: int | None = None
    minutes: int | None = None
    volunteers: tuple[PersonMention, ...] = ()
    recipients: tuple[PersonMention, ...] = ()
    public: str | None = None
    head_count: int | None = None
    content: str | None = None
    category: str | None = None
    place: str | None = None
    note: str | None = None
    refusal: RowRefusal | None = None


@dataclass(frozen=True, slots=True)
class StatedTotal:
    """A 合计 or 小计 that the register itself carries, in minutes and as a count of lines."""

    sheet: str
    row: int
    label: str
    minutes: int | None
    count: int | None
    is_subtotal: bool = False


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A line with text that was taken for no service: a section, remark or signature."""

    row: int
    text: str


@dataclass(frozen=True, slots=True)
class SkippedSheet:
    """A sheet that is no part of the register: ``why`` is hidden, empty, no_header or summary."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class SheetReading:
    """What one sheet of a register says about itself, before its rows.

    ``headings`` are the texts above the table line by line, for repeating on an error sheet.
    ``rows`` counts the lines that claim a service, and ``passed_over`` holds at most the first
    thousand lines that do not.
    """

    name: str
    header_row: int
    head: TableHead
    headings: tuple[str, ...]
    title: str | None
    organisation: str | None
    year: int | None
    month: int | None
    rows: int
    totals: tuple[StatedTotal, ...]
    passed_over: tuple[PassedOver, ...]


@dataclass(frozen=True, slots=True)
class Register:
    """A register file that was found readable; its rows are read anew each time they are asked.

    ``title``, ``organisation``, ``year`` and ``month`` are the first that any sheet states.
    """

    title: str | None
    organisation: str | None
    year: int | None
    month: int | None
    sheets: tuple[SheetReading, ...]
    skipped: tuple[SkippedSheet, ...]
    _read: Callable[[], Iterator[RegisterRow]] = field(repr=False, compare=False)

    def rows(self) -> Iterator[RegisterRow]:
        """Every line that claims a service, in sheet order, readable or refused."""
        return self._read()

    @property
    def row_count(self) -> int:
        """How many lines claim a service."""
        return sum(sheet.rows for sheet in self.sheets)

    @property
    def has_several_sheets(self) -> bool:
        """Whether a row must be named with its sheet."""
        return len(self.sheets) > 1

    @property
    def totals(self) -> tuple[StatedTotal, ...]:
        """The totals, without subtotals, in sheet order."""
        return tuple(t for sheet in self.sheets for t in sheet.totals if not t.is_subtotal)

    @property
    def stated_minutes(self) -> int | None:
        """The register's own 合计: the those of all sheets added up; None if one sheet has none."""
        return self._stated("minutes")

    @property
    def stated_count(self) -> int | None:
        """The register's own count of services, as :attr:`stated_minutes`."""
        return self._stated("count")

    def _stated(self, what: str) -> int | None:
        figures = []
        for sheet in self.sheets:
            totals = [t for t in sheet.totals if not t.is_subtotal and getattr(t, what) is not None]
            if not totals:
                return None
            # 合计 under each of several tables adds up; 总计 and 累计 below them say it again.
            parts = [t for t in totals if t.label.startswith(("合计", "共计", "本月"))]
            figures += [getattr(t, what) for t in parts or totals[-1:]]
        return sum(figures) if figures else None
