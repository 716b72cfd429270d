"""checks/overlaps.py: hours that meet are no overlap, and a pairing's helpers come together."""

from typing import Any

import pytest
from sqlalchemy import text

from tests.support.banks import TriedBank
from tests.support.integrity import owned, put_records, seen_by, visit
from tests.support.planting import paired
from timebank.reconciliation.checks.overlaps import CHECK
from timebank.reconciliation.model import Difference


def found(
    tried: TriedBank, *rows: dict[str, Any], orders: str = "", planted: tuple[str, ...] = ()
) -> list[Difference]:
    with owned(tried) as connection:
        put_records(connection, tried, rows)
        for statement in planted:
            assert connection.execute(text(statement)).rowcount
        if orders:
            assert connection.execute(text(orders)).rowcount
        return seen_by(CHECK, connection, tried)


def signed_in(starts: str, ends: str, **who: str) -> str:
    """The matched order of the book, as a visit of that morning."""
    changed = {"volunteer_id": "pers_planted", "elder_id": "pers_elder", **who}
    hours = f"signed_in_at = '2023-04-06T{starts}', signed_out_at = "
    hours += f"'2023-04-06T{ends}'" if ends else "''"
    state = "awaiting_confirmation" if ends else "signed_in"
    people = ", ".join(f"{name} = '{value}'" for name, value in changed.items())
    return f"UPDATE service_order SET state = '{state}', {hours}, {people} WHERE state = 'matched'"


@pytest.mark.parametrize(("starts", "is_found"), [("08:59", 1), ("09:00", 0), ("09:01", 0)])
def test_a_volunteer_in_two_places(lived: TriedBank, starts: str, is_found: int) -> None:
    rows = visit("08:00", "09:00", elder="pers_a"), visit(starts, "10:00", elder="pers_b")
    said = found(lived, *rows)
    assert [one.what for one in said] == ["volunteer_twice"] * is_found
    if said:
        assert said[0].facts["person"] == "pers_planted"
        assert said[0].facts["other_ends"] == "2023-04-06T09:00"


@pytest.mark.parametrize(
    ("starts", "is_found"),
    [("07:49", 1), ("07:50", 0), ("08:00", 0), ("08:10", 0), ("08:11", 1), ("09:00", 0)],
)
def test_helpers_of_a_pairing_come_together(lived: TriedBank, starts: str, is_found: int) -> None:
    rows = visit("08:00", "09:00"), visit(starts, "10:00", volunteer="pers_other")
    said = found(lived, *rows, planted=pairing("pers_planted", "pers_other"))
    assert [one.what for one in said] == ["elder_twice"] * is_found


def test_helpers_whom_no_pairing_binds_are_an_overlap(lived: TriedBank) -> None:
    rows = visit("08:00", "09:00"), visit("08:00", "09:00", volunteer="pers_other")
    for planted in ((), pairing("pers_planted"), pairing("pers_planted", "pers_third")):
        assert [one.what for one in found(lived, *rows, planted=planted)] == ["elder_twice"]


@pytest.mark.parametrize(
    ("column", "day", "is_found"),
    [
        ("from_on", "2023-04-05", 0), ("from_on", "2023-04-06", 0), ("from_on", "2023-04-07", 1),
        ("until_on", "2023-04-05", 1), ("until_on", "2023-04-06", 0), ("until_on", "2023-04-07", 0),
    ],
)  # fmt: skip
@pytest.mark.parametrize("table", ["pairing", "pairing_member"])
def test_a_pairing_holds_from_its_first_day_to_its_last(
    lived: TriedBank, table: str, column: str, day: str, is_found: int
) -> None:
    rows = visit("08:00", "09:00"), visit("08:00", "09:00", volunteer="pers_other")
    planted = (*pairing("pers_planted", "pers_other"), f"UPDATE {table} SET {column} = '{day}'")
    assert len(found(lived, *rows, planted=planted)) == is_found


def test_a_visit_of_a_pairing_that_nobody_confirmed_yet(lived: TriedBank) -> None:
    rows = [visit("08:00", "09:00", volunteer="pers_other")]
    orders = signed_in("08:05", "09:00")
    assert len(found(lived, *rows, orders=orders)) == 1
    assert not found(lived, *rows, orders=orders, planted=pairing("pers_planted", "pers_other"))


def pairing(*people: str) -> tuple[str, ...]:
    """Say that the elder of the planted visits is paired with these, since March."""
    pairing, member = paired("2023-03-01")
    return (
        pairing.replace("o.elder_id,", "'pers_elder',"),
        *(
            member.replace("'pair_1', 1, o.volunteer_id", f"'pair_1', {place}, '{who}'")
            for place, who in enumerate(people, 1)
        ),
    )


def test_who_helps_is_not_helped_at_the_same_time(lived: TriedBank) -> None:
    rows = (
        visit("08:00", "09:00"),
        visit("08:00", "09:00", volunteer="pers_other", elder="pers_planted"),
    )
    assert [one.what for one in found(lived, *rows)] == ["volunteer_twice"]


def test_a_long_visit_overlaps_what_comes_after_a_short_one(lived: TriedBank) -> None:
    rows = [
        visit("08:00", "12:00", elder="pers_a"),
        visit("08:30", "08:40", elder="pers_b"),
        visit("11:00", "11:30", elder="pers_c"),
    ]
    assert len(found(lived, *rows)) == 2


def test_what_was_rejected_took_nobodys_time(lived: TriedBank) -> None:
    assert not found(lived, visit("08:00", "09:00"), visit("08:30", "09:00", live=0))


@pytest.mark.parametrize(("starts", "is_found"), [("08:59", 1), ("09:00", 0), ("09:01", 0)])
def test_a_visit_that_nobody_confirmed_yet(lived: TriedBank, starts: str, is_found: int) -> None:
    rows = [visit("08:00", "09:00", elder="pers_a")]
    said = found(lived, *rows, orders=signed_in(starts, "10:00"))
    assert [one.what for one in said] == ["volunteer_twice"] * is_found
    assert all(one.subject.startswith("order ordr_") for one in said)


@pytest.mark.parametrize(("starts", "is_found"), [("07:59", 1), ("08:00", 1), ("09:00", 0)])
def test_a_visit_that_goes_on(lived: TriedBank, starts: str, is_found: int) -> None:
    rows = [visit("08:00", "09:00", elder="pers_a")]
    said = found(lived, *rows, orders=signed_in(starts, ""))
    assert len(said) == is_found
