"""checks/travel.py: the way between two visits, in threes around its bounds."""

from typing import Any

import pytest
from sqlalchemy import text

from tests.support.banks import TriedBank
from tests.support.integrity import owned, put_areas, put_at, put_records, seen_by, visit
from timebank.integrity.model import LEAST_METRES, distance_metres
from timebank.reconciliation.checks.travel import CHECK
from timebank.reconciliation.model import Difference, sentence


def found(
    tried: TriedBank, apart: int, *rows: dict[str, Any], far: str = "HILL", travel: int = 0
) -> list[Difference]:
    with owned(tried) as connection:
        put_areas(connection, apart)
        if far:
            put_at(connection, "pers_far", far)
        made = put_records(connection, tried, rows)
        if travel:
            spent = text("INSERT INTO record_time VALUES (1, :record, :travel, 0, 1)")
            connection.execute(spent, {"record": made[-1], "travel": travel})
        return seen_by(CHECK, connection, tried)


FIRST = visit("08:00", "09:00")


def far(starts: str, ends: str = "12:00", **rest: Any) -> dict[str, Any]:
    return visit(starts, ends, elder="pers_far", **rest)


@pytest.mark.parametrize(("metres", "is_found"), [(9_999, 0), (10_000, 0), (10_001, 1)])
def test_a_kilometre_a_minute(lived: TriedBank, metres: int, is_found: int) -> None:
    said = found(lived, metres, FIRST, far("09:10"))
    assert [one.what for one in said] == ["too_far"] * is_found
    if said:
        zh, _en = sentence(CHECK.words, "too_far", said[0].facts)
        assert "在 XFL，2023-04-06T09:00 止；此次在 HILL，相距 10001 米，路上 10 分钟。" in zh


@pytest.mark.parametrize("off", [-1, 0, 1])
def test_short_ways_say_nothing(lived: TriedBank, off: int) -> None:
    assert len(found(lived, LEAST_METRES + off, FIRST, far("09:00"))) == (off >= 0)


@pytest.mark.parametrize(("travel", "is_found"), [(29, 1), (30, 0), (31, 0)])
def test_what_a_record_states_as_travel_is_time_on_the_way(
    lived: TriedBank, travel: int, is_found: int
) -> None:
    assert len(found(lived, 40_000, FIRST, far("09:10"), travel=travel)) == is_found


def test_where_no_place_is_known_nothing_is_said(lived: TriedBank) -> None:
    assert not found(lived, 40_000, FIRST, far("09:00"), far="")  # Both are at the station's.
    assert not found(lived, 40_000, FIRST, far("09:00"), far="NOWHERE")
    with owned(lived) as connection:
        put_records(connection, lived, [FIRST, far("09:00")])
        assert not seen_by(CHECK, connection, lived)


def test_a_night_lies_between(lived: TriedBank) -> None:
    next_day = {"started_at": "2023-04-07T08:00", "ended_at": "2023-04-07T09:00"}
    assert not found(lived, 900_000, visit("22:00", "23:00"), far("08:00") | next_day)


def test_two_volunteers_are_two_people(lived: TriedBank) -> None:
    assert not found(lived, 40_000, FIRST, far("09:00", volunteer="pers_other"))


def test_a_way_is_measured_across(lived: TriedBank) -> None:
    assert distance_metres(3_000, -4_000) == 5_000
