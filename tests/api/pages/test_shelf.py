"""api/pages/shelf.py: results stay for a while, for the one who made them, within bounds."""

import pytest

from api.pages import shelf
from api.pages.shelf import Kept, Shelf
from timebank.records.importing import ImportResult

LASTING_MS = 1_000


def kept(actor_id: str = "staff_1", sheet: bytes = b"x", at_ms: int = 0) -> Kept:
    return Kept(actor_id, "register.xlsx", ImportResult("", "dry_run", "台账"), sheet, at_ms)


@pytest.mark.parametrize(("now_ms", "there"), [(999, True), (1_000, False), (1_001, False)])
def test_a_result_lasts_a_while(now_ms, there):
    one = Shelf(LASTING_MS)
    one.put("a", kept())
    assert (one.get("a", "staff_1", now_ms) is not None) is there


def test_a_result_is_for_the_one_who_made_it():
    one = Shelf(LASTING_MS)
    one.put("a", kept("staff_1"))
    assert one.get("a", "staff_2", 0) is None
    assert one.get("b", "staff_1", 0) is None


@pytest.mark.parametrize(("puts", "first_stays"), [(49, True), (50, True), (51, False)])
def test_the_oldest_makes_room(puts, first_stays):
    one = Shelf(LASTING_MS)
    for number in range(puts):
        one.put(str(number), kept())
    assert (one.get("0", "staff_1", 0) is not None) is first_stays


def test_the_weight_is_bounded_but_for_one(monkeypatch):
    monkeypatch.setattr(shelf, "MOST_BYTES", 10)
    one = Shelf(LASTING_MS)
    one.put("a", kept(sheet=b"x" * 6))
    one.put("b", kept(sheet=b"x" * 5))
    assert one.get("a", "staff_1", 0) is None
    one.put("c", kept(sheet=b"x" * 11))
    assert one.get("c", "staff_1", 0) is not None
