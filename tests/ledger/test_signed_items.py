"""ledger/group.py and turns.py: what somebody else signed goes in word for word, batches and forks.

A device's notes are signed here as the log's page says; the writer holds the operator's key only.
"""

import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.errors import (
    FloorExceeded,
    SequenceBroken,
    SubmissionTooLarge,
)
from tests.ledger.test_group import as_one_group, leaves
from tests.support.books import ORIGIN
from tests.support.log_builder import key_of
from tests.support.signed_items import ANNA, OTHER, POOL, TABLET, Device, enrols
from tests.support.soundness import assert_sound, every_row


@pytest.fixture
def opened(book):
    writer = book.writer()
    book.open_accounts(writer, {POOL: (None, None), ANNA: (0, None)})
    book.post(writer, POOL, ANNA, 100)
    for key in (TABLET, OTHER):
        enrols(book, writer, key)
    yield book
    assert_sound(book.database, book.log_key)


@pytest.fixture
def tablet(opened):
    return Device(opened, TABLET)


def refused(writer, action, kind):
    with pytest.raises(kind) as raised:
        writer.write(action)
    return raised.value


# Batches -----------------------------------------------------------------------------------------


def test_one_signature_serves_many_rows_and_a_refused_row_spares_its_neighbours(opened, tablet):
    writer = opened.writer()
    size = len(leaves(opened))
    action = tablet.posts([60, 50, 40])
    decided = writer.write(action)

    batch, first, last, outcome = leaves(opened)[size:]
    assert decided.leaf_index == size
    assert (batch["kind"], batch["id"], batch["sub"]) == ("batch", "batch_1", action.signed.note)
    assert (first["ref"], last["ref"]) == ([size, 0], [size, 2])
    assert outcome["of"] == [size]
    assert outcome["rows"] == [first["id"], "floor_exceeded", last["id"]]
    assert json.loads(decided.answer) == {"rows": outcome["rows"]}
    again = writer.write(action)
    assert (again.answer, again.replayed, again.leaf_index) == (decided.answer, True, size)
    writer.write(tablet.states())


def test_a_batch_of_nothing_but_refused_rows_took_its_number(opened, tablet):
    writer = opened.writer()
    writer.write(tablet.posts([101, 102]))
    assert [leaf["kind"] for leaf in leaves(opened)[-2:]] == ["batch", "outcome"]
    writer.write(tablet.states())


def test_a_batch_that_is_refused_as_a_whole_took_its_number(opened, tablet):
    writer = opened.writer()
    note = tablet.note({"batch": "batch_1", "rows": [{}]})

    def decide(draft):
        raise FloorExceeded(account=ANNA, available=0, minutes=1, floor=0)

    refused(writer, tablet.action(note, decide, batch="batch_1"), FloorExceeded)
    leaf = leaves(opened)[-1]
    assert (leaf["kind"], leaf["by"], leaf["hash"]) == ("refused", TABLET.name, tablet.prev)
    writer.write(tablet.states())


@pytest.mark.parametrize("rows", [[{}], [{}, {}, {}], None, "words"])
def test_rows_that_are_not_what_was_decided_are_a_fault_that_changes_nothing(opened, tablet, rows):
    writer, before = opened.writer(), every_row(opened.database)

    def two(draft):
        for _time in range(2):
            draft.state(draft.new_id("record"), {})
        return {}

    note = tablet.note({"batch": "batch_1", "rows": rows}, seq=0)
    with pytest.raises(ValueError, match="each row"):
        writer.write(tablet.action(note, two, batch="batch_1"))
    assert every_row(opened.database) == before
    writer.write(tablet.states())


def test_a_thousand_rows_are_told_in_one_outcome(opened, tablet):
    """More than a note of services can hold: rows as short as they can be."""
    rows = [{} for _row in range(1_000)]
    note = tablet.note({"batch": "batch_1", "rows": rows})

    def decide(draft):
        for row in rows:
            draft.state(draft.new_id("record"), row)
        return {}

    opened.writer().write(tablet.action(note, decide, batch="batch_1"))
    assert len(leaves(opened)[-1]["rows"]) == 1_000


def test_a_note_that_could_be_no_evidence_is_not_taken(opened, tablet):
    note = tablet.note({"words": "x" * 60_000}, seq=0)
    with pytest.raises(SubmissionTooLarge):
        tablet.action(note, dict)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    groups=st.lists(
        st.lists(
            st.one_of(
                st.lists(st.integers(1, 40), min_size=1, max_size=5),
                st.sampled_from(["fact", "again", "gap", "house"]),
            ),
            min_size=1,
            max_size=5,
        ),
        min_size=1,
        max_size=4,
    )
)
def test_random_batches_leave_sound_books_and_gapless_sequences(sqlite_book, groups):
    live(sqlite_book, groups)


def test_batches_on_both_databases(book):
    live(book, [[[30, 90], "fact", [5]], ["again", [101, 1], "gap", "house"], [[7] * 20, "fact"]])


def live(book, groups):
    """Send groups of submissions of one device; each history has a device and accounts anew."""
    writer = book.writer()
    number = len(leaves(book))
    key = key_of(f"{ORIGIN}/dev/random-{number}")
    if number == 1:
        book.open_accounts(writer, {POOL: (None, None), ANNA: (0, None)})
    book.post(writer, POOL, ANNA, 50)
    enrols(book, writer, key)
    device, last = Device(book, key), None
    for place, group in enumerate(groups):
        actions = []
        for turn, wish in enumerate(group):
            if isinstance(wish, list):
                actions.append(device.posts(wish, batch=f"batch_{number}_{place}_{turn}"))
            elif wish == "fact":
                actions.append(device.states())
            elif wish == "again" and last is not None:
                actions.append(replace(last, key=f"again-{number}-{place}-{turn}"))
            elif wish == "gap":
                actions.append(device.states(seq=device.seq + 1))
            else:
                actions.append(book.posting(POOL, ANNA, 3))
            if wish == "fact" or isinstance(wish, list):
                last = actions[-1]
        for wish, told in zip(group, as_one_group(writer, actions), strict=True):
            if wish in ("again", "gap"):
                assert isinstance(told, SequenceBroken) or not isinstance(told, Exception)
            else:
                assert not isinstance(told, Exception), told
    writer.close()
    assert_sound(book.database, book.log_key)
