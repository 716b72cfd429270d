"""Canonical JSON: one value, one spelling, so that a hash names a fact and not a way to write it.

The profile is RFC 8785 narrowed until no two implementations can disagree: ASCII keys, no floats,
integers within ±(2^53-1), no lone surrogates, at most 60 KiB, at most 8 containers deep.  On that
profile orjson with sorted keys writes exactly the bytes of RFC 8785, fifty times faster.
"""

import orjson

from ledger.units import MOST_INTEGER

MOST_BYTES = 60 * 1024
"""The longest document; a leaf of that size still fits the uint16 length of an entry bundle."""

MOST_DEPTH = 8
"""How many containers may stand in one another, the outermost counted."""

Json = dict[str, "Json"] | list["Json"] | str | int | bool | None

_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER | orjson.OPT_PASSTHROUGH_SUBCLASS


class OutOfProfile(ValueError):
    """The value cannot be written within the profile, or the bytes are not its one spelling."""


def encode(value: Json) -> bytes:
    """The canonical bytes of ``value``, after every limit of the profile was checked.

    Raises:
        OutOfProfile: a float, a key that is not ASCII text, an integer beyond 2^53-1, a lone
            surrogate, too deep, another type, or more than :data:`MOST_BYTES` bytes.
    """
    _check(value, 1)
    data = encode_trusted(value)
    if len(data) > MOST_BYTES:
        raise OutOfProfile(f"{len(data)} bytes, at most {MOST_BYTES}")
    return data


def encode_trusted(value: object) -> bytes:
    """The canonical bytes of a value that our own code built from checked parts.

    Skips the walk over the value and the limit of size; the caller answers for both.

    Raises:
        OutOfProfile: what orjson itself cannot write.
    """
    try:
        return orjson.dumps(value, option=_OPTIONS)
    except TypeError as error:
        raise OutOfProfile(str(error)) from error


def decode(data: bytes) -> Json:
    """The value of ``data``, which must be exactly what :func:`encode` writes for it.

    Writing it again and comparing is what rejects duplicate keys, white space, other escapes,
    unsorted keys and every other second spelling at once.

    Raises:
        OutOfProfile: not JSON, beyond a limit of the profile, or not the canonical spelling.
    """
    value = decode_unchecked(data)
    _check(value, 1)
    return value


def decode_unchecked(data: bytes) -> Json:
    """:func:`decode` for a caller that looks at the type of every single member itself.

    Floats, keys that are not ASCII and deep nesting pass here.

    Raises:
        OutOfProfile: not JSON, not the canonical spelling, or too long.
    """
    if len(data) > MOST_BYTES:
        raise OutOfProfile(f"{len(data)} bytes, at most {MOST_BYTES}")
    try:
        value: Json = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise OutOfProfile(f"not JSON: {error.msg}") from error
    if encode_trusted(value) != data:
        raise OutOfProfile("not the canonical spelling")
    return value


def _check(value: object, depth: int) -> None:
    """Walk the value once; a float is the one thing that survives re-encoding and must not."""
    kind = type(value)
    if kind is dict or kind is list:
        if depth > MOST_DEPTH:
            raise OutOfProfile(f"deeper than {MOST_DEPTH}")
        items: object = value
        if isinstance(items, dict):
            for key in items:
                if type(key) is not str or not key.isascii():
                    raise OutOfProfile(f"key {key!r:.40} is not ASCII text")
            items = items.values()
        for item in items:  # type: ignore[attr-defined]
            inner = type(item)
            if inner is str:
                continue
            if inner is int and -MOST_INTEGER <= item <= MOST_INTEGER:
                continue
            _check(item, depth + 1)
    elif kind is int:
        if not -MOST_INTEGER <= value <= MOST_INTEGER:  # type: ignore[operator]
            raise OutOfProfile("integer beyond 2^53-1")
    elif kind is not str and kind is not bool and value is not None:
        raise OutOfProfile(f"{kind.__name__} is not in the profile")
