"""Reading leaves: accept exactly the bytes that :mod:`ledger.leaves` writes, and say why not.

What one leaf can show by itself is checked here; whether it fits those before it is for the
verifier to say.
"""

import re
from functools import lru_cache

from ledger.encoding import Json, OutOfProfile, decode_unchecked
from ledger.errors import NotADate
from ledger.journal import MOST_MOVEMENTS, REVERSAL, SETTLEMENT
from ledger.leaf import (
    VERSION,
    AccountOpened,
    Body,
    Entry,
    Frozen,
    Genesis,
    HoldEnded,
    HoldPlaced,
    KeyAdded,
    KeyRevoked,
    Leaf,
    Outcome,
    PolicyAdded,
    Refused,
    Statement,
)
from ledger.periods import Closing, KindTotal, Period
from ledger.units import MOST_INTEGER, MOST_MINUTES, calendar_date


class LeafRejected(ValueError):
    """The bytes are no leaf that this version knows."""


_Record = dict[str, Json]

_COMMON = frozenset({"v", "n", "t", "kind", "id", "rnd"})
_ENTRY = frozenset({"no", "on", "pol", "post"})
_MEMBERS: dict[str, frozenset[str]] = {
    "genesis": frozenset({"origin", "vkey", "operator", "pol", "roots"}),
    "key": frozenset({"vkey", "role"}),
    "revocation": frozenset({"of", "reason"}),
    "freeze": frozenset({"successor"}),
    "policy": frozenset({"pol"}),
    "account": frozenset({"account"}),
    "hold": frozenset({"hold"}),
    "release": frozenset({"of"}),
    "expiry": frozenset({"of"}),
    "batch": frozenset(),
    "fact": frozenset(),
    "outcome": frozenset({"of", "rows"}),
    "refused": frozenset({"hash", "code", "by"}),
    "closing": frozenset({"closing"}),
}
_OPTIONAL: dict[str, frozenset[str]] = {
    "genesis": frozenset({"cosigners", "predecessor"}),
    "key": frozenset({"of"}),
}
_UNSUBMITTED = frozenset({"genesis", "outcome", "refused"})
_ON_THEIR_OWN = frozenset({"batch", "closing"})
_CLOSING = frozenset(
    {
        "period", "from", "until", "first", "last", "entries", "late", "minutes", "accounts",
        "balances", "kinds",
    }
)  # fmt: skip
_ENDS = ("first", "last")
_KIND_TOTAL = frozenset({"kind", "opening", "in", "out", "closing"})

_WORD = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
_ID = re.compile(r"(?=.{1,80}\Z)[a-z0-9]+(?:_[a-z0-9]+)*", re.ASCII)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/:@~-]{0,119}", re.ASCII)
_POLICY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@:/+-]{0,79}", re.ASCII)
_VKEY = re.compile(_NAME.pattern + r"\+[0-9a-f]{8}\+[A-Za-z0-9+/=]{4,4000}", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}", re.ASCII)
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
        record = decode_unchecked(data)  # Every member's type is looked at below.
    except OutOfProfile as error:
        raise LeafRejected(str(error)) from error
    if not isinstance(record, dict) or not _has_common(names := tuple(record)):
        raise LeafRejected("not an object with v n t kind id rnd")
    if type(record["v"]) is not int or record["v"] != VERSION:
        raise LeafRejected("unknown version")
    kind = record["kind"]
    if not isinstance(kind, str):
        raise LeafRejected("kind is not of its form")
    pattern = _pattern_of_id(kind, names)
    _text(record, "rnd", _RND)
    ref = _ref(record["ref"]) if "ref" in record else None
    sub = record.get("sub")
    if not isinstance(sub, str) and (sub is not None or "sub" in record):
        raise LeafRejected("sub is not text")
    return Leaf(
        _count(record, "n"),
        _moment(record, "t"),
        kind,
        _text(record, "id", pattern),
        _entry(record) if "post" in record else _body(kind, record),
        sub,
        ref,
    )


# What depends on the names of the members alone is asked once for all leaves of a kind.


@lru_cache(maxsize=256)
def _has_common(names: tuple[str, ...]) -> bool:
    return _COMMON.issubset(names)


@lru_cache(maxsize=256)
def _pattern_of_id(kind: str, names: tuple[str, ...]) -> re.Pattern[str]:
    """The form of the id of such a leaf, which must have exactly the members of its kind."""
    if not _WORD.fullmatch(kind):
        raise LeafRejected("kind is not of its form")
    members = _members(kind, "post" in names, "sub" in names, "ref" in names)
    if set(names) - _OPTIONAL.get(kind, frozenset()) != members:
        raise LeafRejected(f"wrong members for {kind}")
    return _NAME if kind == "key" else _POLICY if kind == "policy" else _ID


def _members(kind: str, posts: bool, has_sub: bool, has_ref: bool) -> frozenset[str]:
    """The members that a leaf of this kind must have, no more and no less.

    ``sub`` or ``ref`` is exactly one of them, and none where nobody submitted the leaf.
    """
    if posts:
        if kind in _MEMBERS:
            raise LeafRejected(f"{kind} moves nothing")
        members = _ENTRY | {"of"} if kind in (SETTLEMENT, REVERSAL) else _ENTRY
    elif kind in _MEMBERS:
        members = _MEMBERS[kind]
    else:
        raise LeafRejected(f"unknown kind {kind}")
    if has_sub + has_ref != (kind not in _UNSUBMITTED) or (kind in _ON_THEIR_OWN and has_ref):
        raise LeafRejected(f"sub and ref do not fit {kind}")
    return _COMMON | members | ({"sub"} if has_sub else {"ref"} if has_ref else frozenset())


def _body(kind: str, record: _Record) -> Body:
    match kind:
        case "genesis":
            return _genesis(record)
        case "key":
            replaced = _text(record, "of", _NAME) if "of" in record else None
            return KeyAdded(_text(record, "vkey", _VKEY), _text(record, "role", _WORD), replaced)
        case "revocation":
            return KeyRevoked(_text(record, "of", _NAME), _text(record, "reason", _WORD))
        case "freeze":
            return Frozen(_text(record, "successor", _NAME))
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
        case "closing":
            return _closing(record["closing"])
        case "batch" | "fact":
            return Statement()
    return HoldEnded(_text(record, "of", _ID))


def _genesis(record: _Record) -> Genesis:
    roots = record["roots"]
    if not isinstance(roots, dict) or roots.keys() != {"needed", "vkeys"}:
        raise LeafRejected("roots has needed and vkeys")
    predecessor = record.get("predecessor")
    if not isinstance(predecessor, str) and "predecessor" in record:
        raise LeafRejected("predecessor is not text")
    cosigners = _vkeys(record, "cosigners") if "cosigners" in record else ()
    if not cosigners and "cosigners" in record:
        raise LeafRejected("cosigners is empty")
    return Genesis(
        _text(record, "origin", _NAME),
        _text(record, "vkey", _VKEY),
        _text(record, "operator", _VKEY),
        _text(record, "pol", _POLICY),
        _vkeys(roots, "vkeys"),
        _whole(roots, "needed", 1),
        predecessor if isinstance(predecessor, str) else None,
        cosigners,
    )


def _vkeys(record: _Record, name: str) -> tuple[str, ...]:
    values = record[name]
    if not isinstance(values, list):
        raise LeafRejected(f"{name} is not a list of verifier keys")
    vkeys = tuple(one for one in values if isinstance(one, str) and _VKEY.fullmatch(one))
    if len(vkeys) != len(values):
        raise LeafRejected(f"{name} names verifier keys")
    return vkeys


def _entry(record: _Record) -> Entry:
    post = record["post"]
    if not isinstance(post, list) or not post or len(post) % 2:
        raise LeafRejected("post is not a list of pairs of postings")
    if len(post) > 2 * MOST_MOVEMENTS:
        raise LeafRejected("too many postings")
    movements = tuple([_movement(*post[at : at + 2]) for at in range(0, len(post), 2)])
    on, policy = record["on"], record["pol"]
    if not isinstance(on, str):
        raise LeafRejected("on is not of its form")
    effective_on, number = _day(on), _whole(record, "no", 0)
    if not isinstance(policy, str) or not _is_policy(policy):
        raise LeafRejected("pol is not of its form")
    of = _text(record, "of", _ID) if "of" in record else None
    return Entry(number, effective_on, policy, movements, of)


def _movement(giver: Json, receiver: Json) -> tuple[str, str, int]:
    """Two postings that belong together: the same minutes, first taken, then given."""
    if type(giver) is type(receiver) is list and len(giver) == len(receiver) == 2:
        source, taken = giver
        target, minutes = receiver
        if (
            type(minutes) is type(taken) is int
            and 0 < minutes <= MOST_MINUTES
            and taken == -minutes
            and type(source) is type(target) is str
            and source != target
            and _is_account(source)
            and _is_account(target)
        ):
            return source, target, minutes
    raise LeafRejected("two postings do not make a movement")


# Few accounts, days and policies stand in most of a log's entries.


@lru_cache(maxsize=16_384)
def _is_account(text: str) -> bool:
    return _ID.fullmatch(text) is not None


@lru_cache(maxsize=64)
def _is_policy(text: str) -> bool:
    return _POLICY.fullmatch(text) is not None


@lru_cache(maxsize=1_024)
def _day(text: str) -> str:
    if not _DAY.fullmatch(text):
        raise LeafRejected("on is not of its form")
    try:
        return calendar_date(text)
    except NotADate as error:
        raise LeafRejected("on is not a calendar date") from error


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


def _outcome(record: _Record) -> Outcome:
    of, rows = record["of"], record["rows"]
    if not isinstance(of, list) or not of or not isinstance(rows, list):
        raise LeafRejected("an outcome has lists of leaves and rows")
    leaves = tuple(item for item in of if type(item) is int and item >= 0)
    words = tuple(item for item in rows if isinstance(item, str) and _ID.fullmatch(item))
    if len(leaves) != len(of) or len(words) != len(rows):
        raise LeafRejected("an outcome names leaves by index and rows by id or code")
    return Outcome(leaves, words)


def _closing(value: Json) -> Closing:
    if not isinstance(value, dict) or value.keys() != _CLOSING:
        raise LeafRejected("closing has not the members of a closing")
    bounds = _moment(value, "from"), _moment(value, "until")
    try:
        period = Period(_text(value, "period", _MONTH), *bounds)
    except ValueError as error:
        raise LeafRejected(str(error)) from error
    first, last = (None if value[name] is None else _count(value, name) for name in _ENDS)
    kinds = value["kinds"]
    if not isinstance(kinds, list):
        raise LeafRejected("kinds is not a list")
    return Closing(
        period,
        first,
        last,
        _count(value, "entries"),
        _count(value, "late"),
        _count(value, "minutes"),
        _count(value, "accounts"),
        _text(value, "balances", _HASH),
        tuple(_kind_total(one) for one in kinds),
    )


def _kind_total(value: Json) -> KindTotal:
    if not isinstance(value, dict) or value.keys() != _KIND_TOTAL:
        raise LeafRejected("kinds has kind, opening, in, out and closing")
    return KindTotal(
        _text(value, "kind", _WORD),
        _whole(value, "opening", -MOST_INTEGER),
        _count(value, "in"),
        _count(value, "out"),
        _whole(value, "closing", -MOST_INTEGER),
    )


def _ref(value: Json) -> tuple[int, int]:
    if type(value) is list and len(value) == 2:
        index, place = value
        if type(index) is type(place) is int and index >= 0 and place >= 0:
            return index, place
    raise LeafRejected("ref is not a leaf index and a place")


def _text(record: _Record, name: str, pattern: re.Pattern[str]) -> str:
    value = record[name]
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise LeafRejected(f"{name} is not of its form")
    return value


def _whole(record: _Record, name: str, least: int) -> int:
    value = record[name]
    if type(value) is not int or value < least:
        raise LeafRejected(f"{name} is not a whole number of at least {least}")
    return value


def _count(record: _Record, name: str) -> int:
    return _whole(record, name, 0)


def _moment(record: _Record, name: str) -> int:
    """Milliseconds since 1970 UTC, up to the last that has a date of four digits."""
    value = _whole(record, name, 0)
    if value > _LAST_MS:
        raise LeafRejected(f"{name} is beyond the year 9999")
    return value
