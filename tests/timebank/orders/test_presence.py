"""timebank/orders/presence.py: distances to the metre, and codes that belong to one order."""

import pytest

from timebank.orders.presence import (
    Detail,
    Fence,
    Means,
    Point,
    point_in,
    read_code,
    scanned_link,
    scanned_text,
)

ORDER, OTHER = "ordr_" + "1" * 32, "ordr_" + "2" * 32


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("31.230416,121.473701", Point(31_230_416, 121_473_701)),
        (" 31.2304164 , 121.4737006 ", Point(31_230_416, 121_473_701)),
        ("-90,-180", Point(-90_000_000, -180_000_000)),
        ("90,180", Point(90_000_000, 180_000_000)),
    ],
)
def test_a_position_is_read(text: str, point: Point) -> None:
    assert point_in(text) == point


@pytest.mark.parametrize(
    "text",
    ["", "31.23", "31.23,121.47,3", "90.000001,0", "0,180.000001", "NaN,0", "1e9999,0",
     "north,east", "31.23,121.47" + "0" * 40],
)  # fmt: skip
def test_what_is_no_position(text: str) -> None:
    with pytest.raises(ValueError, match="no position"):
        point_in(text)


@pytest.mark.parametrize(
    ("one", "other", "metres"),
    [
        # Degrees of latitude are 111.195 km everywhere; of longitude half as long at 60 degrees.
        ("31,121", "31,121", 0),
        ("31,121", "32,121", 111_195),
        ("60,10", "60,11", 55_598),
        ("0,0", "0,1", 111_195),
        ("31.000000,121", "31.002698,121", 300),
        ("31.000000,121", "31.002707,121", 301),
    ],
)
def test_distances_in_whole_metres(one: str, other: str, metres: int) -> None:
    assert point_in(one).metres_to(point_in(other)) == metres
    assert point_in(other).metres_to(point_in(one)) == metres


@pytest.mark.parametrize(
    ("distance", "limit", "fence"),
    [
        (299, 300, Fence.INSIDE),
        (300, 300, Fence.INSIDE),
        (301, 300, Fence.OUTSIDE),
        (None, 300, Fence.UNKNOWN),
        (301, 0, None),
        (None, 0, None),
    ],
)
def test_the_limit_itself_is_inside(distance: int | None, limit: int, fence: Fence | None) -> None:
    assert Detail(distance_metres=distance, limit_metres=limit).fence is fence


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("0417", (Means.CODE, "0417")),
        ("", (Means.CODE, "")),
        (scanned_text(ORDER, "0417"), (Means.QR, "0417")),
        (scanned_text(OTHER, "0417"), (Means.QR, "")),
        ("timebank:visit:", (Means.QR, "")),
        (scanned_link("https://bank.example", ORDER, "0417"), (Means.QR, "0417")),
        (scanned_link("https://bank.example", OTHER, "0417"), (Means.QR, "")),
        (
            f"http://bank.example/my/work/{ORDER}#0417",
            (Means.CODE, f"http://bank.example/my/work/{ORDER}#0417"),
        ),
    ],
)
def test_a_slip_opens_its_own_order(text: str, read: tuple[Means, str]) -> None:
    assert read_code(text, ORDER) == read
