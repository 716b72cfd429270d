"""Reading leaves: accept exactly the bytes that :mod:`ledger.leaf` writes, and say why not.

What one leaf can show by itself is checked here; whether it fits those before it is for the
verifier to say.
"""

import re

from ledger.encoding import Json, OutOfProfile, decode
from ledger.errors import NotADate
from ledger.journal import MOST_MOVEMENTS, REVERSAL, SETTLEMENT
from ledger.leaf import (
    VERSION,
    AccountOpened,
    Body,
    Entry,
    Facts,
    Genesis,
    HoldEnded,
    HoldPlaced,
    KeyAdded,
    Leaf,
    Outcome,
    PolicyAdded,
    Refused,
    Statement,
)
from ledger.units import MOST_INTEGER, MOST_MINUTES, calendar_date


class LeafRejected(ValueError):
    """The bytes are no leaf that this version knows."""


_COMMON = frozenset({"v", "n", "t", "kind", "id", "rnd"})
_ENTRY = frozenset({"no", "on", "pol", "post"})
_MEMBERS: dict[str, frozenset[str]] = {
    "genesis": frozenset({"origin", "vkey", "operator"}),
    "key": frozenset({"vkey", "role"}),
    "policy": frozenset({"pol"}),
    "account": frozenset({"account"}),
    "hold": frozenset({"hold"}),
    "release": frozenset({"of"}),
    "expiry": frozenset({"of"}),
    "batch": frozenset(),
    "fact": frozenset(),
    "outcome": frozenset({"of", "rows"}),
    "refused": frozenset({"hash", "code", "by"}),
}
_UNSUBMITTED = frozenset({"genesis", "outcome", "refused"})

_WORD = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
_ID = re.compile(r"(?=.{1,80}\Z)[a-z0-9]+(?:_[a-z0-9]+)*", re.ASCII)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/:@~-]{0,119}", re.ASCII)
_POLICY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@:/+-]{0,79}", re.ASCII)
_VKEY = re.compile(_NAME.pattern + r"\+[0-9a-f]{8}\+[A-Za-z0-9+/=]{4,4000}", re.ASCII)
_RND = re.compile(r"[A-Za-z0-9_-]{21}[AQgw]", re.ASCII)
_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)
_LAST_MS = 253_402_300_799_999


def parse(data: bytes) -> Leaf:
    """Read one leaf strictly: canonical bytes, known kind, exactly its members, all in bounds.

    Whether the leaf fits those before it is for the verifier to say.

    Raises:
        LeafRejected: the bytes are anything else.
    """
    try:
        record = decode(data)
    except OutOfProfile as error:
        raise LeafRejected(str(error)) from error
    if not isinstance(record, dict) or not record.keys() >= _COMMON:
        raise LeafRejected("not an object with v n t kind id rnd")
    if record["v"] != VERSION or record["v"] is True:
        raise LeafRejected("unknown version")
    kind = _text(record, "kind", _WORD)
    members = _members(kind, record)
    carrier = _carrier(kind, record)
    if record.keys() != _COMMON | members | carrier:
        raise LeafRejected(f"wrong members for {kind}")
    _text(record, "rnd", _RND)
    ref = _ref(record["ref"]) if "ref" in carrier else None
    sub = record.get("sub")
    if sub is not None and not isinstance(sub, str):
        raise LeafRejected("sub is not text")
    pattern = {"key": _NAME, "policy": _POLICY}.get(kind, _ID)
    return Leaf(
        _count(record, "n"),
        _moment(record, "t"),
        kind,
        _text(record, "id", pattern),
        _body(kind, record),
        sub,
        ref,
    )


def _members(kind: str, record: Facts) -> frozenset[str]:
    """The members that this kind must have beside the common ones."""
    if "post" in record:
        if kind in _MEMBERS:
            raise LeafRejected(f"{kind} moves nothing")
        return _ENTRY | {"of"} if kind in (SETTLEMENT, REVERSAL) else _ENTRY
    if kind not in _MEMBERS:
        raise LeafRejected(f"unknown kind {kind}")
    return _MEMBERS[kind]


def _carrier(kind: str, record: Facts) -> frozenset[str]:
    """Which of ``sub`` and ``ref`` this leaf has: exactly one, or none where nobody submitted."""
    carrier = frozenset({"sub", "ref"} & record.keys())
    if len(carrier) != (kind not in _UNSUBMITTED) or (kind == "batch" and "sub" not in carrier):
        raise LeafRejected(f"sub and ref do not fit {kind}")
    return carrier


def _body(kind: str, record: Facts) -> Body:
    if "post" in record:
        return _entry(record)
    match kind:
        case "genesis":
            return Genesis(
                _text(record, "origin", _NAME),
                _text(record, "vkey", _VKEY),
                _text(record, "operator", _VKEY),
            )
        case "key":
            return KeyAdded(_text(record, "vkey", _VKEY), _text(record, "role", _WORD))
        case "policy":
            return PolicyAdded(_text(record, "pol", _POLICY))
        case "account":
            return _account(record["account"])
        case "hold":
            return _hold(record["hold"])
        case "outcome":
            return _outcome(record)
        case "refused":
            return Refused(
                _text(record, "hash", _HASH),
                _text(record, "code", _WORD),
                _text(record, "by", _NAME),
            )
        case "batch" | "fact":
            return Statement()
    return HoldEnded(_text(record, "of", _ID))


def _entry(record: Facts) -> Entry:
    post = record["post"]
    if not isinstance(post, list) or not post or len(post) % 2:
        raise LeafRejected("post is not a list of pairs of postings")
    if len(post) > 2 * MOST_MOVEMENTS:
        raise LeafRejected("too many postings")
    items = iter(post)
    movements = tuple(
        _movement(giver, receiver) for giver, receiver in zip(items, items, strict=True)
    )
    try:
        effective_on = calendar_date(record["on"])
    except NotADate as error:
        raise LeafRejected("on is not a calendar date") from error
    return Entry(
        _count(record, "no"),
        effective_on,
        _text(record, "pol", _POLICY),
        movements,
        _text(record, "of", _ID) if "of" in record else None,
    )


def _movement(giver: Json, receiver: Json) -> tuple[str, str, int]:
    """Two postings that belong together: the same minutes, first taken, then given."""
    match giver, receiver:
        case [str(source), int(taken)], [str(target), int(minutes)]:
            if (
                type(minutes) is type(taken) is int
                and 0 < minutes <= MOST_MINUTES
                and taken == -minutes
                and source != target
                and _ID.fullmatch(source)
                and _ID.fullmatch(target)
            ):
                return source, target, minutes
    raise LeafRejected("two postings do not make a movement")


def _account(value: Json) -> AccountOpened:
    if not isinstance(value, dict) or value.keys() != {"kind", "floor", "ceiling"}:
        raise LeafRejected("account has kind, floor and ceiling")
    floor, ceiling = (
        None if value[name] is None else _whole(value, name, -MOST_INTEGER)
        for name in ("floor", "ceiling")
    )
    if (floor is not None and floor > 0) or (ceiling is not None and ceiling < 0):
        raise LeafRejected("an account opens at zero, which its limits exclude")
    return AccountOpened(_text(value, "kind", _WORD), floor, ceiling)


def _hold(value: Json) -> HoldPlaced:
    if not isinstance(value, dict) or value.keys() != {"from", "to", "minutes", "expires"}:
        raise LeafRejected("hold has from, to, minutes and expires")
    payer, payee = _text(value, "from", _ID), _text(value, "to", _ID)
    minutes = _whole(value, "minutes", 1)
    if payer == payee or minutes > MOST_MINUTES:
        raise LeafRejected("not a hold from one account for another")
    return HoldPlaced(payer, payee, minutes, _moment(value, "expires"))


def _outcome(record: Facts) -> Outcome:
    of, rows = record["of"], record["rows"]
    if not isinstance(of, list) or not of or not isinstance(rows, list):
        raise LeafRejected("an outcome has lists of leaves and rows")
    leaves = tuple(item for item in of if type(item) is int and item >= 0)
    words = tuple(item for item in rows if isinstance(item, str) and _ID.fullmatch(item))
    if len(leaves) != len(of) or len(words) != len(rows):
        raise LeafRejected("an outcome names leaves by index and rows by id or code")
    return Outcome(leaves, words)


def _ref(value: Json) -> tuple[int, int]:
    match value:
        case [int(index), int(place)] if type(index) is type(place) is int:
            if index >= 0 and place >= 0:
                return index, place
    raise LeafRejected("ref is not a leaf index and a place")


def _text(record: Facts, name: str, pattern: re.Pattern[str]) -> str:
    value = record[name]
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise LeafRejected(f"{name} is not of its form")
    return value


def _whole(record: Facts, name: str, least: int) -> int:
    value = record[name]
    if not isinstance(value, int) or value is True or value is False or value < least:
        raise LeafRejected(f"{name} is not a whole number of at least {least}")
    return value


def _count(record: Facts, name: str) -> int:
    return _whole(record, name, 0)


def _moment(record: Facts, name: str) -> int:
    """Milliseconds since 1970 UTC, up to the last that has a date of four digits."""
    value = _whole(record, name, 0)
    if value > _LAST_MS:
        raise LeafRejected(f"{name} is beyond the year 9999")
    return value
