"""The words of ``synonyms.toml``, made ready for comparison: which label means which column."""

import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from importlib import resources

from timebank.registers.cells import packed
from timebank.registers.durations import Unit


class Role(StrEnum):
    """What a column of a register says."""

    SERIAL = "serial"
    NUMBER_OR_SERIAL = "number_or_serial"
    DATE = "date"
    RECORDED = "recorded"
    YEAR = "year"
    MONTH = "month"
    DAY = "day"
    START = "start"
    END = "end"
    INTERVAL = "interval"
    WHEN = "when"
    HALF_DAY = "half_day"
    DURATION = "duration"
    VOLUNTEER = "volunteer"
    VOLUNTEER_NUMBER = "volunteer_number"
    VOLUNTEER_ID = "volunteer_id"
    RECIPIENT = "recipient"
    RECIPIENT_NUMBER = "recipient_number"
    RECIPIENT_ID = "recipient_id"
    VOLUNTEER_SIGNED = "volunteer_signed"
    RECIPIENT_SIGNED = "recipient_signed"
    CONTENT = "content"
    CATEGORY = "category"
    HEAD_COUNT = "head_count"
    PLACE = "place"
    ORGANISATION = "organisation"
    PHONE = "phone"
    NOTE = "note"
    REASON = "reason"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Every list of words, compared by :func:`key`."""

    columns: dict[str, Role]
    patterns: tuple[tuple[re.Pattern[str], Role], ...]
    units: dict[str, Unit]
    subtotals: frozenset[str]
    totals: frozenset[str]
    signatures: frozenset[str]
    remarks: tuple[str, ...]
    same_as_above: frozenset[str]
    row_patterns: tuple[tuple[str, re.Pattern[str]], ...]
    running_totals: tuple[str, ...]
    summaries: tuple[str, ...]
    organisation_labels: tuple[str, ...]
    month_labels: tuple[str, ...]
    nobody_words: frozenset[str]
    nobody_endings: tuple[str, ...]
    nobody_patterns: tuple[re.Pattern[str], ...]
    nothing: frozenset[str]
    honorifics: re.Pattern[str]
    parted_honorifics: re.Pattern[str]
    double_surnames: frozenset[str]
    members: dict[str, str]
    openings: dict[str, str]
    roles: dict[str, str]


def key(text: str) -> str:
    """A label or word as it is compared: narrow, small, without white space or an asterisk."""
    return packed(text).lower().replace("*", "")


@cache
def vocabulary() -> Vocabulary:
    """The table that ships with the package, read once."""
    text = resources.files("timebank.registers").joinpath("synonyms.toml").read_text("utf-8")
    data = tomllib.loads(text)
    rows, headings = data["rows"], data["headings"]
    nobody = data["nobody_in_particular"]
    honorifics = "(?:" + "|".join(data["names"]["honorifics"]) + ")"
    return Vocabulary(
        columns={
            key(name): Role(role) for role, c in data["columns"].items() for name in c["names"]
        },
        patterns=tuple(
            (re.compile(pattern), Role(role))
            for role, column in data["columns"].items()
            for pattern in column.get("patterns", ())
        ),
        units={key(word): Unit(unit) for unit, words in data["units"].items() for word in words},
        subtotals=_keys(rows["subtotals"]),
        totals=_keys(rows["totals"]),
        signatures=_keys(rows["signatures"]),
        remarks=tuple(key(word) for word in rows["remarks"]),
        same_as_above=_keys(data["same_as_above"]["words"]),
        row_patterns=tuple(
            (kind, re.compile(pattern))
            for kind in ("total", "subtotal", "signature", "remark")
            for pattern in rows[f"{kind}_patterns"]
        ),
        running_totals=tuple(key(word) for word in rows["running_totals"]),
        summaries=tuple(headings["summaries"]),
        organisation_labels=tuple(headings["organisation"]),
        month_labels=tuple(headings["month"]),
        nobody_words=_keys(nobody["words"]),
        nobody_endings=tuple(key(word) for word in nobody["endings"]),
        nobody_patterns=tuple(re.compile(pattern) for pattern in nobody["patterns"]),
        nothing=_keys(nobody["nothing"]),
        honorifics=re.compile(f"(?<=..)(?:{honorifics})$"),
        parted_honorifics=re.compile(f"(?<=..) (?={honorifics}(?:$|[ 、,;/(]))"),
        double_surnames=frozenset(data["names"]["double_surnames"]),
        members={key(w): field for field, words in data["members"].items() for w in words},
        openings={key(w): field for field, words in data["openings"].items() for w in words},
        roles={key(word): role for role, words in data["roles"].items() for word in words},
    )


def _keys(words: list[str]) -> frozenset[str]:
    return frozenset(key(word) for word in words)


_NAMED_INSIDE = (Role.WHEN, Role.VOLUNTEER, Role.START, Role.END, Role.NUMBER_OR_SERIAL)
_DECIDES = (Role.START, Role.END, Role.INTERVAL, Role.VOLUNTEER, Role.RECIPIENT)
BRACKETS = re.compile(r"[(\[【{]([^()\[\]【】{}]*)[)\]】}]")


@lru_cache(maxsize=4096)
def role_of(label: str) -> tuple[Role, Unit | None] | None:
    """What a column with this label says, and the unit that its label names."""
    words = vocabulary()
    whole = key(label)
    bare = BRACKETS.sub("", whole).strip(":")
    if not bare or len(bare) > 20:
        return None
    inside = BRACKETS.findall(whole)
    units = [words.units[u] for u in inside if u in words.units]
    role = words.columns.get(bare)
    if role in _NAMED_INSIDE:  # 时间（起）, 姓名（老人）
        role = next((r for word in inside if (r := words.columns.get(word)) in _DECIDES), role)
    stem, slash, tail = bare.partition("/")
    if role is None and slash and tail in words.units:  # 时长/小时
        role, units = words.columns.get(stem), [words.units[tail]]
    if role is None:
        role = next((role for pattern, role in words.patterns if pattern.search(bare)), None)
    if role is None and units:  # 合计（小时）
        role = Role.DURATION
    if role is None:
        return None
    if role is Role.WHEN and units:
        role = Role.DURATION
    if role is Role.DURATION and not units:
        units = [u for word, u in words.units.items() if len(word) > 1 and bare.startswith(word)]
        units += [u for word, u in words.units.items() if len(word) > 1 and word + "数" in bare]
        units += [u for word, u in words.units.items() if len(word) > 1 and bare.endswith(word)]
    unit = units[0] if role is Role.DURATION and units else None
    return role, unit
