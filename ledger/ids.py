"""Opaque identifiers that sort by the time they were made.

An id is a prefix that says what it names, an underscore and 32 lowercase hexadecimal digits:
48 bits of milliseconds since 1970 UTC, then 80 random bits.  Time first keeps new rows at one end
of an index; random keys would cost a factor of five there.
"""

import os
import re
import time

_ID = re.compile(r"([a-z]{2,10})_[0-9a-f]{32}\Z", re.ASCII)
_RANDOM_DIGITS = 20


def new_id(prefix: str, now_ms: int | None = None) -> str:
    """One id of ``prefix``; ``now_ms`` is UTC milliseconds, by default the system's clock."""
    return new_ids(prefix, 1, now_ms)[0]


def new_ids(prefix: str, count: int, now_ms: int | None = None) -> list[str]:
    """``count`` distinct ids of one moment, ascending, for a whole group at once."""
    moment = time.time_ns() // 1_000_000 if now_ms is None else now_ms
    head = f"{prefix}_{moment & 0xFFFF_FFFF_FFFF:012x}"
    digits = os.urandom(_RANDOM_DIGITS // 2 * count).hex()
    tails = [digits[at : at + _RANDOM_DIGITS] for at in range(0, len(digits), _RANDOM_DIGITS)]
    tails.sort()
    return [head + tail for tail in tails]


def is_id(text: object, prefix: str | None = None) -> bool:
    """Whether ``text`` has the exact shape of an id, and of that ``prefix`` where one is given."""
    if type(text) is not str:
        return False
    shape = _ID.match(text)
    return shape is not None and prefix in (None, shape.group(1))


def made_at_ms(identifier: str) -> int:
    """The UTC milliseconds inside an id; how far to trust them is up to who made the id."""
    return int(identifier[-32:-20], 16)
