"""A campaign as somebody states it: a TOML file, or the lines of a form.

Both become the same value; what a file said can be written into a form, changed there and read
again.
"""

import re
import tomllib
from collections.abc import Iterator
from datetime import date

from timebank.campaigns.model import Kind, StatedCampaign, StatedUnit, Theme
from timebank.errors.campaigns import CampaignUnfit

KIND_WORDS: dict[str, Kind] = {
    "单位": Kind.UNIT,
    "镇街": Kind.TOWN,
    "实践中心": Kind.PRACTICE_CENTRE,
    "实践站": Kind.PRACTICE_STATION,
}
"""What a form calls the kinds of units; the permanent words are read too."""

FOR_NOBODY = "公众"
"""Behind a theme that is for nobody in particular."""

_GAP = re.compile(r"\s*[,，\t]\s*")
_COLUMNS = 4
_MOST_LINES = 1_000


def stated_in_toml(content: bytes) -> StatedCampaign:
    """A campaign as a TOML file describes it; see ``docs/reference/campaigns.md``.

    Raises:
        CampaignUnfit: no TOML in UTF-8, or a member that is missing or of another type.
    """
    try:
        found = tomllib.loads(content.decode("utf-8-sig"))
        days = ("starts_on", "ends_on", "tables_due_on", "summaries_due_on")
        if not all(type(found[name]) is date for name in days):
            raise TypeError("days are dates")
        return StatedCampaign(
            str(found["name"]),
            str(found["receiver"]),
            found["starts_on"],
            found["ends_on"],
            found["tables_due_on"],
            found["summaries_due_on"],
            tuple(Theme(str(one["name"]), one.get("serves", True) is True)
                  for one in found["themes"]),
            tuple(
                StatedUnit(str(one["code"]), str(one["name"]), Kind(one["kind"]),
                           str(one["station"]))
                for one in found["units"]
            ),
        )  # fmt: skip
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CampaignUnfit(why=f"文件读不懂，{error}") from error


def themes_in(text: str) -> tuple[Theme, ...]:
    """A theme of each line, with :data:`FOR_NOBODY` in a second column where it serves nobody.

    Raises:
        CampaignUnfit: a line with another second column, or with more than two.
    """
    found = []
    for at, cells in _lines(text):
        if cells[1:] not in ([], [FOR_NOBODY]):
            raise CampaignUnfit(why=f"主题第 {at} 行看不懂，只写主题，或主题和“{FOR_NOBODY}”")
        found.append(Theme(cells[0], serves=len(cells) == 1))
    return tuple(found)


def units_in(text: str) -> tuple[StatedUnit, ...]:
    """A unit of each line: code, name, kind and station, parted by commas or as pasted from Excel.

    Raises:
        CampaignUnfit: a line of other than four columns, or with a kind that is none.
    """
    found = []
    for at, cells in _lines(text):
        if len(cells) != _COLUMNS:
            raise CampaignUnfit(why=f"单位第 {at} 行须有四栏：代码、名称、类别、站点")
        code, name, kind, station = cells
        known = KIND_WORDS | {one.value: one for one in Kind}
        if kind not in known:
            words = "、".join(KIND_WORDS)
            raise CampaignUnfit(why=f"单位第 {at} 行的类别“{kind[:10]}”不认识，可写{words}")
        found.append(StatedUnit(code, name, known[kind], station))
    return tuple(found)


def themes_text(themes: tuple[Theme, ...]) -> str:
    """Those themes as :func:`themes_in` reads them."""
    return "\n".join(one.name if one.serves else f"{one.name}，{FOR_NOBODY}" for one in themes)


def units_text(units: tuple[StatedUnit, ...]) -> str:
    """Those units as :func:`units_in` reads them."""
    words = {kind: word for word, kind in KIND_WORDS.items()}
    return "\n".join(
        f"{one.code}，{one.name}，{words[one.kind]}，{one.station_code}" for one in units
    )


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Lines that say something, with their numbers and their cells.

    Raises:
        CampaignUnfit: more than :data:`_MOST_LINES` lines.
    """
    every = text.splitlines()
    if len(every) > _MOST_LINES:
        raise CampaignUnfit(why=f"最多 {_MOST_LINES} 行")
    for at, line in enumerate(every, start=1):
        if line.strip():
            yield at, _GAP.split(line.strip())
