"""What the pages of campaigns show beside words: figures with bars, and forms that stand apart."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from timebank.campaigns.figures import ByState, CampaignFigures, Figures
from timebank.campaigns.shown import ShownUnit

BAR = 200
"""Units of width of the longest bar."""


@dataclass(frozen=True, slots=True)
class FigureRow:
    """A line of figures: its group's name, posted figures, and the widths of its bar's parts."""

    name: str
    posted: Figures
    notice_minutes: int
    pending_minutes: int
    widths: tuple[int, int, int]


def theme_rows(found: CampaignFigures) -> list[FigureRow]:
    """A line for each theme, drawn to the scale of the longest."""
    return list(_rows(found.themes.items()))


def unit_rows(found: CampaignFigures, units: list[ShownUnit]) -> list[FigureRow]:
    """A line for each unit, by its name, which several may share."""
    names = {one.unit_code: one.name for one in units}
    return list(_rows([(names.get(code, code), one) for code, one in found.units.items()]))


def _rows(groups: Collection[tuple[str, ByState]]) -> Iterator[FigureRow]:
    longest = max((sum(_minutes(one)) for _name, one in groups), default=0) or 1
    for name, one in groups:
        posted, notice, pending = _minutes(one)
        widths = (posted * BAR // longest, notice * BAR // longest, pending * BAR // longest)
        yield FigureRow(name, one.posted, notice, pending, widths)


def _minutes(one: ByState) -> tuple[int, int, int]:
    return one.posted.minutes, one.under_notice.minutes, one.pending.minutes
