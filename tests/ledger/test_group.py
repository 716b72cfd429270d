"""ledger/group.py: items of one transaction see one another, and none can spoil its neighbours."""

import json
import threading
from dataclasses import replace

import pytest

from ledger.book import read_head
from ledger.draft import Action
from ledger.errors import (
    ContentOutOfProfile,
    FloorExceeded,
    KeyReused,
    PolicyNotFound,
    Refusal,
    SigningKeyUnknown,
    SubmissionTooLarge,
)
from ledger.journal import MOST_MOVEMENTS, JournalEntry, Movement
from ledger.keys import SigningKey
from tests.support.books import ORIGIN, POLICY, START_MS, TODAY
from tests.support.soundness import assert_sound, every_row, leaves_of

POOL, ANNA, BERTA = "acct_pool", "acct_anna", "acct_berta"


@pytest.fixture
def opened(book):
    writer = book.writer()
    book.open_accounts(writer, {POOL: (None, None), ANNA: (0, None), BERTA: (0, 100)})
    writer.close()
    yield book
    for left in book.writers:
        left.close()
    assert_sound(book.database, book.log_key)


def as_one_group(writer, actions):
    """Queue actions behind one that waits, so that they form a group; answers what became."""
    begun, book_is_free = threading.Event(), threading.Event()

    def wait(draft):
        begun.set()
        assert book_is_free.wait(60)
        return {}

    first = writer.submit(Action(kind="housekeeping", decide=wait))
    assert begun.wait(60)
    futures = [writer.submit(action) for action in actions]
    book_is_free.set()
    first.result()
    return [future.exception() or future.result() for future in futures]


def leaves(book):
    with book.database.read() as connection:
        return [json.loads(body) for body in leaves_of(connection)]


def stating(book, identifier, facts, **settings):
    def decide(draft):
        draft.state(identifier, facts)
        return {"fact": identifier}

    return book.action(decide, **settings)


def test_items_of_one_group_share_their_checkpoint_and_their_moment(opened):
    size = read_head(opened.database).size
    became = as_one_group(opened.writer(), [opened.posting(POOL, ANNA, m) for m in (1, 2, 3)])

    assert [decided.leaf_index for decided in became] == [size, size + 1, size + 2]
    assert {decided.checkpoint for decided in became} == {became[0].checkpoint}
    assert became[0].checkpoint.splitlines()[1] == str(size + 3)


def test_an_item_sees_the_items_before_it_and_not_those_after(opened):
    actions = [
        opened.posting(ANNA, BERTA, 60),
        opened.posting(POOL, ANNA, 60),
        opened.posting(ANNA, BERTA, 60),
        opened.posting(ANNA, BERTA, 1),
    ]
    refused = [isinstance(one, FloorExceeded) for one in as_one_group(opened.writer(), actions)]

    assert refused == [True, False, False, True]


def test_one_key_twice_in_a_group_is_decided_once(opened):
    actions = [
        opened.posting(POOL, ANNA, 60, key="once"),
        opened.posting(POOL, ANNA, 60, key="once"),
        opened.posting(POOL, ANNA, 61, key="once"),
        opened.posting(POOL, ANNA, 60, key="once", submitter="somebody else"),
        opened.posting(POOL, ANNA, 60, key="once", kind="other"),
    ]
    first, again, changed, elsewhere, other_kind = as_one_group(opened.writer(), actions)

    assert (again.answer, again.leaf_index) == (first.answer, first.leaf_index)
    assert (first.replayed, again.replayed) == (False, True)
    assert isinstance(changed, KeyReused)
    assert isinstance(other_kind, KeyReused)
    assert elsewhere.answer != first.answer
    assert read_head(opened.database).entries == 2


def test_an_action_that_breaks_spoils_no_neighbour(opened):
    def breaks(draft):
        draft.post(JournalEntry("gift", (Movement(POOL, ANNA, 7),), TODAY, POLICY), {})
        raise ZeroDivisionError

    actions = [
        opened.posting(POOL, ANNA, 1),
        opened.action(breaks, key="broken"),
        opened.posting(POOL, ANNA, 2),
    ]
    before = read_head(opened.database).size
    first, broken, last = as_one_group(opened.writer(), actions)

    assert isinstance(broken, ZeroDivisionError)
    assert (first.leaf_index, last.leaf_index) == (before, before + 1)
    opened.post(opened.writer(), POOL, ANNA, 3, key="broken")  # Not remembered: it was no answer.


def test_a_refusal_keeps_its_hash_its_code_and_who_asked(opened):
    with pytest.raises(FloorExceeded):
        opened.post(opened.writer(), ANNA, BERTA, 1)
    leaf = leaves(opened)[-1]

    assert (leaf["kind"], leaf["code"], leaf["by"]) == ("refused", "floor_exceeded", ORIGIN + "/op")
    assert len(leaf["hash"]) == 64
    assert leaf["id"].startswith("sub_")


def test_a_batch_is_one_submission_with_its_outcome_behind_it(opened):
    def decide(draft):
        draft.post(JournalEntry("gift", (Movement(POOL, ANNA, 7),), TODAY, POLICY), {"row": 0})
        try:
            draft.post(JournalEntry("gift", (Movement(ANNA, POOL, 8),), TODAY, POLICY), {"row": 1})
        except Refusal as refusal:
            draft.refuse_row({"row": 1}, refusal)
        draft.state("rec_1", {"row": 2})
        return {}

    size = read_head(opened.database).size
    decided = opened.writer().write(opened.action(decide, batch="batch_1"))
    batch, entry, fact, outcome = leaves(opened)[size:]

    assert (decided.leaf_index, batch["kind"], batch["id"]) == (size, "batch", "batch_1")
    assert (entry["ref"], fact["ref"]) == ([size, 0], [size, 2])
    assert (outcome["kind"], outcome["id"], outcome["of"]) == ("outcome", "batch_1", [size])
    assert outcome["rows"] == [entry["id"], "floor_exceeded", "rec_1"]


@pytest.mark.parametrize("rows", [0, 1, 999, 1000, 1001])
def test_a_batch_of_any_length_is_cut_into_parts(opened, rows):
    def decide(draft):
        for row in range(rows):
            draft.state(f"rec_{row}", {"row": row})
        return {}

    size = read_head(opened.database).size
    opened.writer().write(opened.action(decide, batch="batch_1"))
    kinds = [leaf["kind"] for leaf in leaves(opened)[size:]]

    parts = max(1, -(-rows // 1000))
    assert kinds == ["batch"] * parts + ["fact"] * rows + ["outcome"] * parts


def test_a_batch_is_cut_where_its_bytes_no_longer_fit_one_leaf(opened):
    def decide(draft):
        for row in range(9):
            draft.state(f"rec_{row}", {"note": '"护理\\' * 2_000, "row": row})
        return {}

    size = read_head(opened.database).size
    opened.writer().write(opened.action(decide, batch="batch_1"))
    made = leaves(opened)[size:]

    parts = [leaf for leaf in made if leaf["kind"] == "batch"]
    assert len(parts) > 2
    assert next(len(leaf["rows"]) for leaf in made if leaf["kind"] == "outcome") > 1


def test_facts_that_no_leaf_can_carry_are_refused_and_remembered(opened):
    writer = opened.writer()
    for identifier, facts, refusal in (
        ("rec_1", {"hours": 0.5}, ContentOutOfProfile),
        ("rec_2", {"note": "\ud800"}, ContentOutOfProfile),
        ("rec_3", {"小时": 1}, ContentOutOfProfile),
        ("rec_4", {"minutes": 2**53}, ContentOutOfProfile),
        ("rec_5", {"note": "x" * 61_500}, ContentOutOfProfile),
        ("rec_6", {"note": "x" * 61_200}, SubmissionTooLarge),
        ("rec_7", {"note": '"' * 30_000}, SubmissionTooLarge),
    ):
        for _ in range(2):
            with pytest.raises(refusal):
                writer.write(stating(opened, identifier, facts, key=identifier))
    writer.write(stating(opened, "rec_8", {"note": "x" * 60_000}))


def test_the_largest_entry_fits_its_leaf(opened):
    names = {f"acct_{serial:032x}": (None, None) for serial in range(2)}
    writer = opened.writer()

    def opening(draft):
        for name in names:
            draft.open_account(name, "pool", floor=None, ceiling=None, facts={})
        return {}

    def posting(draft):
        move = Movement(*names, 2**31 - 1)
        return {
            "entry": draft.post(
                JournalEntry("roster", (move,) * MOST_MOVEMENTS, TODAY, POLICY), {"rows": 500}
            )
        }

    writer.write(opened.action(opening, batch="batch_1"))
    writer.write(opened.action(posting))


def test_housekeeping_stores_no_leaf_and_is_not_remembered(opened):

    before = every_row(opened.database)
    writer = opened.writer()
    assert writer.write(Action(kind="housekeeping", decide=lambda draft: {"done": 1})).answer

    def states(draft):
        draft.state("rec_1", {})
        return {}

    for decide, settings in ((states, {}), (lambda draft: {}, {"batch": "batch_1"})):
        with pytest.raises(ValueError, match="housekeeping"):
            writer.write(Action(kind="housekeeping", decide=decide, **settings))
    assert every_row(opened.database) == before


def test_a_submission_is_one_leaf(opened):
    before = every_row(opened.database)
    writer = opened.writer()

    def two(draft):
        draft.state("rec_1", {})
        draft.state("rec_2", {})
        return {}

    for decide in (two, lambda draft: {}):
        with pytest.raises(ValueError, match="one leaf"):
            writer.write(opened.action(decide))
    assert every_row(opened.database) == before


def test_who_holds_no_key_of_the_book_submits_nothing_and_nothing_is_remembered(opened):
    before = every_row(opened.database)
    stranger = SigningKey.generate(f"{ORIGIN}/stranger")
    writer = opened.writer()
    action = opened.posting(POOL, ANNA, 1, key="mine")
    for signer in ("", stranger.name):
        with pytest.raises(SigningKeyUnknown):
            writer.write(replace(action, signer=signer))
    assert every_row(opened.database) == before
    assert not writer.write(action).replayed


def test_another_key_under_an_enrolled_name_cannot_sign(opened):
    opened.operator_key = SigningKey.generate(opened.operator)
    with pytest.raises(SigningKeyUnknown):
        opened.post(opened.writer(), POOL, ANNA, 1)


def test_a_remembered_refusal_is_replayed_although_it_would_pass_today(opened):
    writer = opened.writer()
    late = opened.posting(POOL, ANNA, 1, key="early")

    def too_early(draft):
        return {
            "entry": draft.post(
                JournalEntry("service", (Movement(POOL, ANNA, 1),), TODAY, "plain-2027"), {}
            )
        }

    with pytest.raises(PolicyNotFound):
        writer.write(replace(late, decide=too_early))
    with pytest.raises(PolicyNotFound) as again:
        writer.write(late)
    assert again.value.facts == {"policy": "plain-2027"}


def test_recorded_moments_never_go_back_when_the_clock_does(opened):
    writer = opened.writer()
    opened.now_ms = START_MS + 5_000
    opened.post(writer, POOL, ANNA, 1)
    opened.now_ms = START_MS
    opened.post(opened.writer(), POOL, ANNA, 1)

    assert [leaf["t"] for leaf in leaves(opened)[-2:]] == [START_MS + 5_000] * 2
