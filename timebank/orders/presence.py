"""At the door: how a visit is signed in and out, and how far from the agreed place that was.

Positions are compared and thrown away; the distance alone is kept.  Both positions of a comparison
must come from the same system: maps made in China are some hundred metres off the satellites' own.
"""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from math import cos, hypot, radians

SCANNED = "timebank:visit:"
"""How the text of a visit slip's QR code begins; the order's id and the door code follow."""

LONGEST_SCAN = 300
"""Characters of a scanned code, with room to spare."""

_LINK = re.compile(r"https://[^\s#]{1,200}/my/work/(ordr_[0-9a-z]{1,40})#([0-9]{4})", re.ASCII)
_MILLION = 1_000_000
_METRES_A_DEGREE = 111_195
_MOST_DEGREES = (90, 180)
_LONGEST_POINT = 40


class Means(StrEnum):
    """How somebody showed that a visit began or ended; permanent words.

    ``qr`` and ``code`` stand on the elder's slip, scanned or typed.  ``card``: the elder signed in
    with card and PIN and said so, or staff had the volunteer's card read.  ``clerk``: staff wrote
    it down.  ``word``: the volunteer alone says when the visit ended.
    """

    QR = "qr"
    CODE = "code"
    CARD = "card"
    CLERK = "clerk"
    WORD = "word"


class Word(StrEnum):
    """On whose word staff confirm a visit; permanent words."""

    ELDER = "elder"
    FAMILY = "family"
    STATION = "station"


class Fence(StrEnum):
    """Where a step was taken, seen from the agreed place and the policy's limit."""

    INSIDE = "inside"
    OUTSIDE = "outside"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Detail:
    """What was said or measured with a step, see :class:`timebank.orders.tables.OrderDetail`."""

    means: str = ""
    stated_at: str = ""
    distance_metres: int | None = None
    limit_metres: int = 0
    word: str = ""
    record_id: str = ""

    @property
    def fence(self) -> Fence | None:
        """Whether the limit was kept; ``None`` where there was none to keep."""
        if not self.limit_metres:
            return None
        if self.distance_metres is None:
            return Fence.UNKNOWN
        return Fence.INSIDE if self.distance_metres <= self.limit_metres else Fence.OUTSIDE


@dataclass(frozen=True, slots=True)
class Point:
    """A position in millionths of a degree, north and east."""

    latitude: int
    longitude: int

    def metres_to(self, other: "Point") -> int:
        """The distance in whole metres; exact to a metre within a city."""
        middle = (self.latitude + other.latitude) // 2
        north = (self.latitude - other.latitude) * _METRES_A_DEGREE
        east = (self.longitude - other.longitude) * _METRES_A_DEGREE
        east_here = east * cos(radians(middle / _MILLION))
        return round(hypot(north, east_here) / _MILLION)


def point_in(text: str) -> Point:
    """The position that ``"31.230416,121.473701"`` states: degrees north and east.

    Raises:
        ValueError: it is no such text, or no place on earth.
    """
    parts = text[:_LONGEST_POINT].split(",")
    try:
        degrees = [Decimal(part.strip()) for part in parts]
    except InvalidOperation:
        raise ValueError("no position") from None
    fits = len(text) <= _LONGEST_POINT and len(degrees) == len(_MOST_DEGREES)
    if not fits or not all(
        one.is_finite() and abs(one) <= most
        for one, most in zip(degrees, _MOST_DEGREES, strict=True)
    ):
        raise ValueError("no position")
    north, east = (round(one * _MILLION) for one in degrees)
    return Point(north, east)


def scanned_text(order_id: str, door_code: str) -> str:
    """What the QR code on the elder's slip says."""
    return f"{SCANNED}{order_id}:{door_code}"


def scanned_link(base: str, order_id: str, door_code: str) -> str:
    """The same as an address below ``base`` that a telephone's own camera opens.

    The code stands behind ``#``, which no browser sends: no server and no log sees it.
    """
    return f"{base}/my/work/{order_id}#{door_code}"


def read_code(text: str, order_id: str) -> tuple[Means, str]:
    """How a code came, and its digits; the slip of another order has none for this one."""
    link = _LINK.fullmatch(text)
    if link is not None:
        return Means.QR, link[2] if link[1] == order_id else ""
    if not text.startswith(SCANNED):
        return Means.CODE, text
    named, _, digits = text[len(SCANNED) :].partition(":")
    return Means.QR, digits if named == order_id else ""
