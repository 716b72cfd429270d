"""Read policy profiles from TOML, strictly: whatever is not understood stops the start.

An unknown key would be a rule that silently does not apply; a value without a clause would be a
rule that nobody decided.  Floats are refused, because minutes and coefficients are exact.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import date, time
from fractions import Fraction
from importlib import resources
from pathlib import Path
from typing import Any, NoReturn

from timebank.errors import ProfileInvalid, ProfileUnitNotTime, UnknownProfile
from timebank.policy.consistency import check_profile
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
    Words,
)

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
    "rules",
)
"""Keys above the first table, all but ``in_force_until`` required."""

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z", re.ASCII)
_CLOCK_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]\Z", re.ASCII)
_FACTOR = re.compile(r"[0-9]{1,4}(/[0-9]{1,4}|\.[0-9]{1,4})?\Z", re.ASCII)
_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}\Z", re.ASCII)
_LONGEST_SOURCE = 300


def read_profile(text: str) -> Profile:
    """One profile from its TOML text.

    Raises, the first that applies:
        ProfileInvalid: not TOML; an unknown or missing key; a value without its clause, of another
            type, or out of bounds; settings that contradict each other.
        ProfileUnitNotTime: the unit counts services or items.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise ProfileInvalid(profile="?", where="TOML", why=str(fault)) from None
    return _Reader(table).profile(text)


def shipped_names() -> tuple[str, ...]:
    """Names of the profiles that come with the package, in order."""
    folder = resources.files("timebank.policy") / "profiles"
    return tuple(
        sorted(
            entry.name.removesuffix(".toml")
            for entry in folder.iterdir()
            if entry.name.endswith(".toml")
        )
    )


def named_profile(name: str, folder: Path | None = None) -> Profile:
    """The profile of that name: the city's own in ``folder`` before the shipped one.

    Raises, the first that applies:
        UnknownProfile: there is no such file.
        ProfileInvalid, ProfileUnitNotTime: as :func:`read_profile`, or the file holds another name.
    """
    own = _own_files(folder)
    known = sorted({*own, *shipped_names()})
    if name not in known:
        raise UnknownProfile(profile=name[:60], known="、".join(known))
    if name in own:
        text = own[name].read_text(encoding="utf-8")
    else:
        shipped = resources.files("timebank.policy") / "profiles" / f"{name}.toml"
        text = shipped.read_text(encoding="utf-8")
    profile = read_profile(text)
    if profile.name != name:
        raise ProfileInvalid(profile=name, where="name", why="differs from the file's name")
    return profile


def _own_files(folder: Path | None) -> dict[str, Path]:
    return {} if folder is None else {path.stem: path for path in folder.glob("*.toml")}


class _Reader:
    """Reads one TOML table; every complaint names the profile and the key."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self.table = table
        self.name = str(table.get("name", "?"))

    def fail(self, where: str, why: str) -> NoReturn:
        raise ProfileInvalid(profile=self.name, where=where, why=why)

    def profile(self, text: str) -> Profile:
        """The whole profile, checked for contradictions."""
        known = {*HEAD, *SECTIONS, "coefficients"}
        for key in self.table:
            if key not in known:
                self.fail(key, "unknown key")
        head = self._head()
        sections = {
            name: self._section(name, self.table[name]) for name in SECTIONS if name in self.table
        }
        if "unit" not in sections:
            self.fail("unit", "missing")
        if sections["unit"].kind.value != "time":
            raise ProfileUnitNotTime(profile=self.name, kind=sections["unit"].kind.value)
        coefficients = self._coefficients(self.table.get("coefficients", []))
        profile = Profile(**head, **sections, coefficients=coefficients, text=text)
        check_profile(profile)
        return profile

    def _head(self) -> dict[str, Any]:
        head: dict[str, Any] = {key: self.table.get(key) for key in HEAD}
        for key in ("name", "family"):
            if not (isinstance(head[key], str) and _NAME.match(head[key])):
                self.fail(key, "must be words of a-z and 0-9 joined by hyphens")
        for key in ("title_zh", "title_en"):
            if not (isinstance(head[key], str) and 0 < len(head[key]) <= 80):
                self.fail(key, "must be text of 1 to 80 characters")
        if not isinstance(head["example"], bool):
            self.fail("example", "must be true or false")
        if type(head["rules"]) is not int:
            self.fail("rules", "must be the number of a rule set")
        if type(head["in_force_from"]) is not date:
            self.fail("in_force_from", "must be a date")
        if head["in_force_until"] is not None and type(head["in_force_until"]) is not date:
            self.fail("in_force_until", "must be a date")
        return head

    def _section(self, name: str, table: object) -> Any:
        if not isinstance(table, dict):
            self.fail(name, "must be a table")
        shapes = {field.name: field.metadata["shape"] for field in fields(SECTIONS[name])}
        required = {"unit": tuple(shapes)}.get(name, ())
        for key in table:
            if key not in shapes:
                self.fail(f"{name}.{key}", "unknown key")
        for key in required:
            if key not in table:
                self.fail(f"{name}.{key}", "missing")
        return SECTIONS[name](
            **{key: self._entry(f"{name}.{key}", raw, shapes[key]) for key, raw in table.items()}
        )

    def _entry(self, where: str, raw: object, shape: Shape) -> object:
        if shape.kind == "eligible":
            return self._eligible(where, raw)
        if not isinstance(raw, dict):
            self.fail(where, "needs a value and a source")
        for key in raw:
            if key not in ("value", "source"):
                self.fail(f"{where}.{key}", "unknown key")
        if "value" not in raw:
            self.fail(where, "the value is missing")
        source = self._source(where, raw)
        return Clause(self._value(where, raw["value"], shape), source)

    def _source(self, where: str, raw: Mapping[str, object]) -> str:
        source = raw.get("source")
        if not (isinstance(source, str) and source.strip() and len(source) <= _LONGEST_SOURCE):
            self.fail(where, "the clause is missing: say in source who decided this")
        return source

    def _value(self, where: str, value: Any, shape: Shape) -> object:
        match shape.kind:
            case "whole":
                return self._whole(where, value, shape.low, shape.high)
            case "switch":
                if type(value) is not bool:
                    self.fail(where, "must be true or false")
                return value
            case "text":
                if not (isinstance(value, str) and shape.low <= len(value) <= shape.high):
                    self.fail(where, f"must be text of {shape.low} to {shape.high} characters")
                return value
            case "one_of":
                if value not in shape.options:
                    self.fail(where, "must be one of " + ", ".join(shape.options))
                return value
            case "ladder":
                steps = self._list(where, value)
                for step in steps:
                    self._whole(where, step, shape.low, shape.high)
                if sorted(set(steps)) != list(steps):
                    self.fail(where, "must ascend")
                return steps
            case _:
                return self._words(where, value, shape)

    def _whole(self, where: str, value: object, low: int, high: int) -> int:
        if type(value) is not int or not low <= value <= high:
            self.fail(where, f"must be a whole number from {low} to {high}")
        return value

    def _list(self, where: str, value: object) -> tuple[Any, ...]:
        if not isinstance(value, list) or not value:
            self.fail(where, "must be a list with at least one member")
        return tuple(value)

    def _words(self, where: str, value: object, shape: Shape) -> tuple[str, ...]:
        words = self._list(where, value)
        for word in words:
            fits = word in shape.options if shape.options else _is_code(word)
            if not fits:
                allowed = ", ".join(shape.options) or "codes of a-z, 0-9 and _"
                self.fail(where, f"must hold only {allowed}")
        if len(set(words)) != len(words):
            self.fail(where, "names something twice")
        return words

    def _rows(self, where: str, raw: object, keys: Iterable[str]) -> list[dict[str, Any]]:
        if not (isinstance(raw, list) and all(isinstance(row, dict) for row in raw)):
            self.fail(where, "must be an array of tables")
        for row in raw:
            for key in row:
                if key not in (*keys, "source"):
                    self.fail(f"{where}.{key}", "unknown key")
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
        where = "coefficients"
        rows = self._rows(where, raw, ("factor", "service_class", "from_time", "to_time"))
        table = []
        for row in rows:
            service_class = row.get("service_class")
            if service_class is not None and not _is_code(service_class):
                self.fail(f"{where}.service_class", "must be a code of a-z, 0-9 and _")
            times = self._band(where, row)
            factor = row.get("factor")
            if not (isinstance(factor, str) and _FACTOR.match(factor)):
                self.fail(f"{where}.factor", 'must be text such as "3/2" or "1.5", never a float')
            try:
                exact = Fraction(factor)
            except ZeroDivisionError:
                self.fail(f"{where}.factor", "divides by zero")
            if not 0 < exact <= 10:
                self.fail(f"{where}.factor", "must be above 0 and at most 10")
            table.append(
                Clause(Coefficient(exact, service_class, *times), self._source(where, row))
            )
        return tuple(table)

    def _band(self, where: str, row: Mapping[str, Any]) -> tuple[time | None, time | None]:
        bounds: list[time | None] = []
        for key in ("from_time", "to_time"):
            text = row.get(key)
            if text is not None and not (isinstance(text, str) and _CLOCK_TIME.match(text)):
                self.fail(f"{where}.{key}", 'must be a time of day such as "17:00"')
            bounds.append(None if text is None else time.fromisoformat(text))
        if (bounds[0] is None) != (bounds[1] is None) or (bounds[0] and bounds[0] == bounds[1]):
            self.fail(f"{where}.from_time", "a band needs two different ends")
        return bounds[0], bounds[1]


def _is_code(word: object) -> bool:
    return isinstance(word, str) and _CODE.match(word) is not None
