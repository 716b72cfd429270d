"""Reads the table of one profile key by key and notes every fault, not only the first.

A key that cannot be read is left out of what is looked at next, so one fault makes no second one.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from datetime import date, time
from fractions import Fraction
from typing import Any, NoReturn, TypeVar

from timebank.policy.consistency import contradictions
from timebank.policy.faults import Fault, unit_not_time
from timebank.policy.model import (
    Caps,
    Charging,
    Clause,
    Coefficient,
    Counting,
    Dispatch,
    Earning,
    Eligibility,
    Endings,
    Grants,
    Honours,
    Profile,
    Recording,
    Redeeming,
    Review,
    Rounding,
    Services,
    Shape,
    Transfer,
    Unit,
    Visits,
    Words,
)

T = TypeVar("T")

SECTIONS: dict[str, type[Any]] = {
    "unit": Unit,
    "words": Words,
    "counting": Counting,
    "rounding": Rounding,
    "caps": Caps,
    "charging": Charging,
    "services": Services,
    "earning": Earning,
    "redeeming": Redeeming,
    "transfer": Transfer,
    "recording": Recording,
    "review": Review,
    "dispatch": Dispatch,
    "visits": Visits,
    "grants": Grants,
    "endings": Endings,
    "honours": Honours,
}
"""TOML tables and what they become; ``[[coefficients]]`` is read beside them."""

HEAD = (
    "name",
    "family",
    "title_zh",
    "title_en",
    "example",
    "in_force_from",
    "in_force_until",
    "replaces",
    "rules",
)
"""Keys above the first table, all but ``in_force_until`` and ``replaces`` required."""

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z", re.ASCII)
_CLOCK_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]\Z", re.ASCII)
_FACTOR = re.compile(r"[0-9]{1,4}(/[0-9]{1,4}|\.[0-9]{1,4})?\Z", re.ASCII)
_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}\Z", re.ASCII)
_LONGEST_SOURCE = 300
_UNKNOWN = ("没有这个键", "unknown key")
_MISSING = ("缺少这个键", "missing")


class _Unreadable(Exception):
    """A key cannot be read; its fault is the one argument."""


class Reader:
    """Reads one TOML table; ``faults`` are in the order in which they were met."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self.table = table
        self.faults: list[Fault] = []

    def profile(self, text: str) -> Profile | None:
        """The whole profile, or ``None`` where :attr:`faults` has something."""
        for key in self.table:
            if key not in (*HEAD, *SECTIONS, "coefficients"):
                self._note(key, *_UNKNOWN)
        head = self._head()
        sections: dict[str, Any] = {}
        for name in SECTIONS:
            if name in self.table:
                section = self._tried(lambda name=name: self._section(name, self.table[name]))  # type: ignore[misc]
                if section is not None:
                    sections[name] = section
        if "unit" not in self.table:
            self._note("unit", *_MISSING)
        coefficients = self._tried(lambda: self._coefficients(self.table.get("coefficients", [])))
        for fault in contradictions(head, sections):
            self.faults.append(fault)
        if self.faults:
            return None
        return Profile(**head, **sections, coefficients=coefficients or (), text=text)

    # Faults --------------------------------------------------------------------------------

    def _note(self, where: str, zh: str, en: str) -> None:
        self.faults.append(Fault(where, zh, en))

    def _fail(self, where: str, zh: str, en: str) -> NoReturn:
        raise _Unreadable(Fault(where, zh, en))

    def _tried(self, read: Callable[[], T]) -> T | None:
        """What ``read`` finds, or ``None`` and its fault noted."""
        try:
            return read()
        except _Unreadable as error:
            self.faults.append(error.args[0])
            return None

    # Head and sections ---------------------------------------------------------------------

    def _head(self) -> dict[str, Any]:
        """Every key of the head that can be used; the two that may be left out as ``None``."""
        head: dict[str, Any] = {}
        for key in HEAD:
            value = self.table.get(key)
            optional = key in ("in_force_until", "replaces") and value is None
            wrong = None if optional else _wrong_in_head(key, value)
            if wrong is None:
                head[key] = value
            else:
                self._note(key, *wrong)
        return head

    def _section(self, name: str, table: object) -> Any:
        """The section, or ``None`` where one of its keys has a fault that is noted."""
        if not isinstance(table, dict):
            self._fail(name, "必须是一个表", "must be a table")
        shapes = {field.name: field.metadata["shape"] for field in fields(SECTIONS[name])}
        before = len(self.faults)
        for key in table:
            if key not in shapes:
                self._note(f"{name}.{key}", *_UNKNOWN)
        for key in shapes if name == "unit" else ():
            if key not in table:
                self._note(f"{name}.{key}", *_MISSING)
        entries: dict[str, Any] = {}
        for key, raw in table.items():
            if key in shapes:
                where, shape = f"{name}.{key}", shapes[key]
                entries[key] = self._tried(
                    lambda where=where, raw=raw, shape=shape: self._entry(where, raw, shape)  # type: ignore[misc]
                )
        kind = entries.get("kind") if name == "unit" else None
        if kind is not None and kind.value != "time":
            self.faults.append(unit_not_time(kind.value))
        return SECTIONS[name](**entries) if len(self.faults) == before else None

    def _entry(self, where: str, raw: object, shape: Shape) -> object:
        if shape.kind == "eligible":
            return self._eligible(where, raw)
        if not isinstance(raw, dict):
            self._fail(where, "须写成 { value = …, source = … }", "needs a value and a source")
        for key in raw:
            if key not in ("value", "source"):
                self._fail(f"{where}.{key}", *_UNKNOWN)
        if "value" not in raw:
            self._fail(where, "缺少 value", "the value is missing")
        source = self._source(where, raw)
        return Clause(self._value(where, raw["value"], shape), source)

    def _source(self, where: str, raw: Mapping[str, object]) -> str:
        source = raw.get("source")
        if not (isinstance(source, str) and source.strip() and len(source) <= _LONGEST_SOURCE):
            self._fail(
                where,
                "缺少依据：请在 source 中写明由哪份文件、哪一条规定",
                "the clause is missing: say in source who decided this",
            )
        return source

    # Values --------------------------------------------------------------------------------

    def _value(self, where: str, value: Any, shape: Shape) -> object:
        match shape.kind:
            case "whole":
                return self._whole(where, value, shape.low, shape.high)
            case "switch":
                if type(value) is not bool:
                    self._fail(where, *_NO_SWITCH)
                return value
            case "text":
                if not (isinstance(value, str) and shape.low <= len(value) <= shape.high):
                    self._fail(where, *_no_text(shape.low, shape.high))
                return value
            case "one_of":
                if value not in shape.options:
                    listed = ", ".join(shape.options)
                    self._fail(where, f"只能是 {listed} 之一", f"must be one of {listed}")
                return value
            case "ladder":
                steps = self._list(where, value)
                for step in steps:
                    self._whole(where, step, shape.low, shape.high)
                if sorted(set(steps)) != list(steps):
                    self._fail(where, "必须由小到大，不得重复", "must ascend")
                return steps
            case _:
                return self._words(where, value, shape)

    def _whole(self, where: str, value: object, low: int, high: int) -> int:
        if type(value) is not int or not low <= value <= high:
            self._fail(
                where,
                f"必须是 {low} 至 {high} 的整数",
                f"must be a whole number from {low} to {high}",
            )
        return value

    def _list(self, where: str, value: object) -> tuple[Any, ...]:
        if not isinstance(value, list) or not value:
            self._fail(where, "必须是至少有一项的列表", "must be a list with at least one member")
        return tuple(value)

    def _words(self, where: str, value: object, shape: Shape) -> tuple[str, ...]:
        words = self._list(where, value)
        for word in words:
            fits = word in shape.options if shape.options else _is_code(word)
            if not fits:
                listed = ", ".join(shape.options)
                zh = listed or "由 a-z、0-9 和 _ 组成的代码"
                en = listed or "codes of a-z, 0-9 and _"
                self._fail(where, f"只能含有 {zh}", f"must hold only {en}")
        if len(set(words)) != len(words):
            self._fail(where, "有重复的项", "names something twice")
        return words

    # Rows ----------------------------------------------------------------------------------

    def _rows(self, where: str, raw: object, keys: Iterable[str]) -> list[dict[str, Any]]:
        if not (isinstance(raw, list) and all(isinstance(row, dict) for row in raw)):
            self._fail(where, "必须是 [[…]] 形式的表", "must be an array of tables")
        for row in raw:
            for key in row:
                if key not in (*keys, "source"):
                    self._fail(f"{where}.{key}", *_UNKNOWN)
        return raw

    def _eligible(self, where: str, raw: object) -> tuple[Clause[Eligibility], ...]:
        rows = self._rows(where, raw, ("minimum_age", "maximum_age", "conditions"))
        groups = []
        for row in rows:
            low = self._whole(f"{where}.minimum_age", row.get("minimum_age"), 0, 120)
            high = row.get("maximum_age")
            if high is not None:
                high = self._whole(f"{where}.maximum_age", high, low, 120)
            codes = self._words(f"{where}.conditions", row.get("conditions"), Shape("codes"))
            groups.append(Clause(Eligibility(low, high, codes), self._source(where, row)))
        return tuple(groups)

    def _coefficients(self, raw: object) -> tuple[Clause[Coefficient], ...]:
        rows = self._rows("coefficients", raw, ("factor", "service_class", "from_time", "to_time"))
        read = (self._tried(lambda row=row: self._coefficient(row)) for row in rows)  # type: ignore[misc]
        return tuple(row for row in read if row is not None)

    def _coefficient(self, row: Mapping[str, Any]) -> Clause[Coefficient]:
        where, service_class = "coefficients", row.get("service_class")
        if service_class is not None and not _is_code(service_class):
            self._fail(
                f"{where}.service_class",
                "必须是由 a-z、0-9 和 _ 组成的代码",
                "must be a code of a-z, 0-9 and _",
            )
        times = self._band(where, row)
        factor = row.get("factor")
        if not (isinstance(factor, str) and _FACTOR.match(factor)):
            self._fail(
                f"{where}.factor",
                '必须写成文字，例如 "3/2" 或 "1.5"，不得写成小数',
                'must be text such as "3/2" or "1.5", never a float',
            )
        try:
            exact = Fraction(factor)
        except ZeroDivisionError:
            self._fail(f"{where}.factor", "分母为零", "divides by zero")
        if not 0 < exact <= 10:
            self._fail(f"{where}.factor", "必须大于 0，至多 10", "must be above 0 and at most 10")
        return Clause(Coefficient(exact, service_class, *times), self._source(where, row))

    def _band(self, where: str, row: Mapping[str, Any]) -> tuple[time | None, time | None]:
        bounds: list[time | None] = []
        for key in ("from_time", "to_time"):
            text = row.get(key)
            if text is not None and not (isinstance(text, str) and _CLOCK_TIME.match(text)):
                self._fail(
                    f"{where}.{key}",
                    '必须是钟点，例如 "17:00"',
                    'must be a time of day such as "17:00"',
                )
            bounds.append(None if text is None else time.fromisoformat(text))
        if (bounds[0] is None) != (bounds[1] is None) or (bounds[0] and bounds[0] == bounds[1]):
            self._fail(
                f"{where}.from_time",
                "时段须有两个不同的端点",
                "a band needs two different ends",
            )
        return bounds[0], bounds[1]


_NO_SWITCH = ("必须是 true 或 false", "must be true or false")
_NO_NAME = (
    "必须由 a-z 和 0-9 组成，用连字符相连",
    "must be words of a-z and 0-9 joined by hyphens",
)


def _no_text(low: int, high: int) -> tuple[str, str]:
    return f"必须是 {low} 至 {high} 个字", f"must be text of {low} to {high} characters"


def _wrong_in_head(key: str, value: object) -> tuple[str, str] | None:
    """Why a key of the head cannot be used, in both languages."""
    if key in ("name", "family", "replaces"):
        return None if isinstance(value, str) and _NAME.match(value) else _NO_NAME
    if key in ("title_zh", "title_en"):
        return None if isinstance(value, str) and 0 < len(value) <= 80 else _no_text(1, 80)
    if key == "example":
        return None if isinstance(value, bool) else _NO_SWITCH
    if key == "rules":
        wrong = ("必须是规则集的编号", "must be the number of a rule set")
        return None if type(value) is int else wrong
    return None if type(value) is date else ("必须是日期", "must be a date")


def _is_code(word: object) -> bool:
    return isinstance(word, str) and _CODE.match(word) is not None
