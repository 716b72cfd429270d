"""checks/speed.py: in threes around each bound, on both databases."""

from typing import Any

import pytest

from tests.support.banks import TriedBank
from tests.support.integrity import DAY_MS, owned, put_records, seen_by
from timebank.integrity.model import (
    AT_ONCE_MS,
    AT_ONCE_RECORDS,
    ENTERED_WITHIN_MS,
    FAST_ACTS,
    REVIEWED_WITHIN_MS,
    ROW_READ_MS,
    ROWS_WORTH_READING,
)
from timebank.reconciliation.checks.speed import CHECK
from timebank.reconciliation.model import Difference, sentence

NOON = 1_680_753_600_000
"""12:00 on 6 April 2023 at the stations."""


def found(tried: TriedBank, rows: list[dict[str, Any]], *statements: str) -> list[Difference]:
    with owned(tried) as connection:
        put_records(connection, tried, rows)
        for statement in statements:
            assert connection.exec_driver_sql(statement).rowcount
        return seen_by(CHECK, connection, tried)


def entered(count: int, span_ms: int, **rest: Any) -> list[dict[str, Any]]:
    """Records of one person: ``count`` of them, spread evenly over ``span_ms``."""
    return [
        {"recorded_by": "staff_quick", "recorded_ms": NOON + span_ms * n // (count - 1), **rest}
        for n in range(count)
    ]


def reviewed(count: int, span_ms: int, **rest: Any) -> list[dict[str, Any]]:
    return [
        row | {
            "recorded_by": "staff_slow", "reviewed_by": "staff_quick",
            "reviewed_ms": row["recorded_ms"], "recorded_ms": NOON - DAY_MS * (n + 1),
        }
        for n, row in enumerate(entered(count, span_ms, **rest))
    ]  # fmt: skip


@pytest.mark.parametrize("off", [-1, 0, 1])
def test_records_entered_in_less_than_a_minute(lived: TriedBank, off: int) -> None:
    said = found(lived, entered(FAST_ACTS, ENTERED_WITHIN_MS + off))
    assert [one.what for one in said] == ["entered_fast"] * (off < 0)
    if said:
        assert said[0].subject == "handler staff_quick 2023-04-06"
        zh, en = sentence(CHECK.words, said[0].what, said[0].facts)
        assert zh == "当天登记或确认了 10 次，其中最密的 10 次前后只用 59 秒，界限为 60 秒。"
        assert "the densest 10 took 59 seconds, less than 60" in en


@pytest.mark.parametrize("off", [-1, 0, 1])
def test_nine_records_are_nobodys_business(lived: TriedBank, off: int) -> None:
    said = found(lived, entered(FAST_ACTS + off, 1_000))
    assert [one.what for one in said] == ["entered_fast"] * (off >= 0)


def test_rows_of_an_import_and_of_an_earlier_book_were_not_typed(lived: TriedBank) -> None:
    assert not found(lived, entered(30, 10, batch_id="batch_1"))
    assert not found(lived, entered(30, 10, marks="carried_over"))


def test_what_a_device_hands_in_as_one_note_is_one_act(lived: TriedBank) -> None:
    """Nine moments, however many records each of them brought."""
    several = [row for row in entered(FAST_ACTS - 1, 1_000) for _record in range(20)]
    assert not found(lived, several)
    assert found(lived, [*several, *entered(2, 501)])


@pytest.mark.parametrize("off", [-1, 0, 1])
def test_reviews_in_less_than_half_a_minute(lived: TriedBank, off: int) -> None:
    said = found(lived, reviewed(FAST_ACTS, REVIEWED_WITHIN_MS + off))
    assert [one.what for one in said] == ["reviewed_fast"] * (off < 0)


@pytest.mark.parametrize(("batches", "is_fast"), [(9, False), (10, True), (11, True)])
def test_an_import_that_is_approved_is_one_review(
    lived: TriedBank, batches: int, is_fast: bool
) -> None:
    rows = [
        {
            "recorded_by": "staff_slow", "recorded_ms": NOON - DAY_MS, "reviewed_by": "staff_quick",
            "reviewed_ms": NOON + batch, "batch_id": f"batch_{batch}",
        }
        for batch in range(batches) for _row in range(3)
    ]  # fmt: skip
    assert bool(found(lived, rows)) is is_fast


@pytest.mark.parametrize("off", [-1, 0, 1])
@pytest.mark.parametrize("more", [-1, 0, 1])
def test_a_pair_that_approves_at_once(lived: TriedBank, off: int, more: int) -> None:
    rows = [
        {
            "recorded_by": "staff_a", "recorded_ms": NOON + n * 600_000, "reviewed_by": "staff_b",
            "reviewed_ms": NOON + n * 600_000 + AT_ONCE_MS + off,
        }
        for n in range(AT_ONCE_RECORDS + more)
    ]  # fmt: skip
    said = found(lived, rows)
    assert [one.what for one in said] == ["reviewed_at_once"] * (off < 0 and more >= 0)
    if said:
        assert said[0].subject == "handler staff_b 2023-04-06"
        assert said[0].facts["by"] == "staff_a"


@pytest.mark.parametrize("off", [-1, 0, 1])
@pytest.mark.parametrize("more", [-1, 0, 1])
def test_an_import_that_nobody_can_have_read(lived: TriedBank, off: int, more: int) -> None:
    rows = ROWS_WORTH_READING + more
    took = rows * ROW_READ_MS + off
    batch = (
        "INSERT INTO register_batch (book_id, batch_id, station_code, title, file_hash, reason, "
        "imported_by, imported_ms, approved_by, approved_ms, state, accepted, refused, minutes, "
        f"refusals) VALUES (1, 'batch_1', 'XFL', '', '', '', 'staff_a', {NOON}, 'staff_b', "
        f"{NOON + took}, 'posted', {rows}, 0, 1, '[]')"
    )
    said = found(lived, [], batch)
    assert [one.subject for one in said] == ["batch batch_1"] * (off < 0 and more >= 0)


def test_the_day_is_the_stations_own(lived: TriedBank) -> None:
    """Midnight is at 16:00 UTC."""
    midnight = NOON + 12 * 3_600_000
    for start, day in ((midnight - 5_000, "2023-04-06"), (midnight, "2023-04-07")):
        rows = [row | {"recorded_ms": start + n} for n, row in enumerate(entered(FAST_ACTS, 9))]
        (said,) = found(lived, rows)
        assert said.subject == f"handler staff_quick {day}"
