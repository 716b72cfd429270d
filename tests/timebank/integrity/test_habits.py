"""checks/round_numbers.py and checks/late_records.py: habits of a month that is over."""

from math import comb
from typing import Any

import pytest

from tests.support.banks import TriedBank
from tests.support.integrity import MARCH, owned, put_records, seen_by, spread
from timebank.integrity.model import (
    LATE_PERCENT,
    LEAST_OTHERS,
    LEAST_RECORDS,
    binomial_tail,
    is_beyond_others,
)
from timebank.reconciliation.checks import late_records, round_numbers
from timebank.reconciliation.model import Check

APRIL = 1_680_278_400_000


def found(
    tried: TriedBank, check: Check, rows: list[dict[str, Any]], **at: int
) -> list[tuple[str, str]]:
    with owned(tried) as connection:
        put_records(connection, tried, rows)
        return [(one.subject, one.what) for one in seen_by(check, connection, tried, **at)]


def late(count: int, of: int, **rest: Any) -> list[dict[str, Any]]:
    rows = spread(count, recorded_by="staff_late", **rest)
    days = ("2023-01-28", "2023-03-01")
    return [row | {"service_on": days[n >= of], "recorded_ms": MARCH} for n, row in enumerate(rows)]


def rounding(count: int, whole: int, others: int = 60) -> list[dict[str, Any]]:
    usual = spread(others, others // 3, recorded_by="staff_usual")
    return [*usual, *spread(count, whole, recorded_by="staff_round")]


@pytest.mark.parametrize("off", [-1, 0, 1])
def test_three_tenths_of_a_month_are_much(lived: TriedBank, off: int) -> None:
    said = found(lived, late_records.CHECK, late(100, LATE_PERCENT + off))
    handler = ("handler staff_late 2023-03", "handler_late")
    station = ("station XFL 2023-03", "station_late")
    assert said == [station, handler] * (off >= 0)


@pytest.mark.parametrize(
    ("on", "is_late"), [("2023-01-28", True), ("2023-01-29", False), ("2023-01-30", False)]
)
def test_late_is_what_is_older_than_a_months_register(
    lived: TriedBank, on: str, is_late: bool
) -> None:
    """Thirty-one days before the first of March."""
    rows = [row | {"service_on": on} for row in late(40, 40)]
    assert bool(found(lived, late_records.CHECK, rows)) is is_late


@pytest.mark.parametrize("off", [-1, 0, 1])
def test_a_few_late_records_are_no_habit(lived: TriedBank, off: int) -> None:
    count = LEAST_RECORDS + off
    assert len(found(lived, late_records.CHECK, late(count, count))) == 2 * (off >= 0)


@pytest.mark.parametrize("off", [-1, 0, 1])
def test_a_month_is_judged_when_it_is_over(lived: TriedBank, off: int) -> None:
    rows = late(40, 40)
    assert bool(found(lived, late_records.CHECK, rows, now_ms=APRIL + off)) is (off >= 0)


@pytest.mark.parametrize("off", [-1, 0, 1])
def test_whole_hours_need_enough_records_and_enough_others(lived: TriedBank, off: int) -> None:
    handler = [("handler staff_round 2023-03", "handler_rounds")] * (off >= 0)
    few = LEAST_RECORDS + off
    assert found(lived, round_numbers.CHECK, rounding(few, few)) == handler
    others = LEAST_OTHERS + off
    assert found(lived, round_numbers.CHECK, rounding(40, 40, others)) == handler


def test_who_rounds_as_everybody_does_is_left_alone(lived: TriedBank) -> None:
    assert not found(lived, round_numbers.CHECK, rounding(60, 20))
    assert not found(lived, round_numbers.CHECK, rounding(60, 60), now_ms=APRIL - 1)


def test_a_volunteer_is_judged_by_their_visits(lived: TriedBank) -> None:
    rows = [*spread(60, 20), *spread(30, 30, volunteer="pers_round")]
    said = found(lived, round_numbers.CHECK, rows)
    assert said == [("person pers_round 2023-03", "volunteer_rounds")]


@pytest.mark.parametrize(("whole", "expected"), [(57, False), (58, True), (59, True)])
def test_a_difference_must_be_large_besides(whole: int, expected: bool) -> None:
    """A third of very many others: 25 points more begin at 58.33 of 100."""
    assert is_beyond_others(10_000, whole * 100 + 34, 30_000, 10_000) is expected


@pytest.mark.parametrize(
    ("whole", "expected"),
    [(24, False), (25, False), (26, True), (27, True)],
)
def test_the_chance_is_less_than_one_in_ten_thousand(whole: int, expected: bool) -> None:
    """30 records against half of 998: add-one smoothing leaves exactly one half."""
    chance = sum(comb(30, n) for n in range(whole, 31)) / 2**30
    assert binomial_tail(30, whole, 0.5) == pytest.approx(chance, rel=1e-9)
    assert is_beyond_others(30, whole, 998, 499) is expected
    assert (chance < 1 / 10_000) is expected


@pytest.mark.parametrize(("k", "chance"), [(0, 1.0), (1, 0.999), (10, 0.5**10)])
def test_the_tail_at_its_ends(k: int, chance: float) -> None:
    assert binomial_tail(10, k, 0.5) == pytest.approx(chance, abs=1e-3)


def test_march_begins_where_the_stations_are() -> None:
    assert MARCH == 1_677_600_000_000
