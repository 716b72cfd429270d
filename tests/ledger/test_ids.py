"""ledger/ids.py: ids keep their shape, sort by time, and do not repeat."""

import pytest

from ledger.ids import is_id, made_at_ms, new_id, new_ids

NOW_MS = 1_678_000_000_123


def test_an_id_has_its_prefix_its_moment_and_its_shape():
    made = new_id("entry", NOW_MS)
    assert is_id(made, "entry")
    assert made_at_ms(made) == NOW_MS


def test_a_group_of_ids_ascends_and_follows_the_earlier_one():
    earlier, later = new_ids("entry", 500, NOW_MS), new_ids("entry", 500, NOW_MS + 1)
    assert earlier + later == sorted(set(earlier + later))


@pytest.mark.parametrize("count", [0, 1, 2])
def test_as_many_as_asked_for(count):
    assert len(new_ids("hold", count)) == count


@pytest.mark.parametrize(
    "text",
    [
        "entry_",
        "entry_" + "0" * 31,
        "entry_" + "0" * 33,
        "entry_" + "G" * 32,
        "Entry_" + "0" * 32,
        "entry_" + "0" * 32 + "\n",
        5,
        None,
    ],
    ids=repr,
)
def test_other_shapes_are_no_ids(text):
    assert not is_id(text)


def test_another_prefix_is_another_thing():
    assert not is_id(new_id("hold"), "entry")
