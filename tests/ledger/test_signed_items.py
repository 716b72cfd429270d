"""ledger/group.py and turns.py: what somebody else signed goes in word for word, batches and forks.

A device's notes are signed here as the log's page says; the writer holds the operator's key only.
"""

import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.approvals import DEVICE, OPERATOR, prove_possession
from ledger.draft import Action
from ledger.enrolment import enrol_key, revoke_key
from ledger.errors import (
    FloorExceeded,
    KeyReused,
    SequenceBroken,
    SequenceForked,
    SigningKeyEnded,
    SigningKeyUnknown,
    SubmissionNotAllowed,
    SubmissionTooLarge,
)
from ledger.forks import FORKED
from ledger.journal import JournalEntry, Movement
from ledger.submission import FIRST_PREV, sign_submission
from ledger.submitted import read_submission, verified
from tests.ledger.test_group import as_one_group, leaves
from tests.support.books import ORIGIN, POLICY, TODAY
from tests.support.log_builder import key_of
from tests.support.soundness import assert_sound, every_row

POOL, ANNA = "acct_pool", "acct_anna"
TABLET, OTHER = key_of(f"{ORIGIN}/dev/1"), key_of(f"{ORIGIN}/dev/2")


class Device:
    """A key that is not the writer's, and where it believes its sequence to stand."""

    def __init__(self, book, key):
        self.book, self.key = book, key
        self.seq, self.prev, self.sent = 0, FIRST_PREV, 0

    def note(self, body, *, seq=None, prev=None):
        """The next note, or with ``seq`` one that moves nothing."""
        at = self.seq if seq is None else seq
        before = self.prev if prev is None else prev
        note, text_hash = sign_submission(ORIGIN, "record", body, self.key, seq=at, prev=before)
        if seq is None:
            self.seq, self.prev = at + 1, text_hash
        return note

    def action(self, note, decide, *, key=None, batch=None):
        self.sent += 1
        signed = verified(read_submission(note, ORIGIN, "record"), self.key.vkey)
        return Action(
            kind="record",
            decide=decide,
            signer=self.key.vkey.name,
            submitter=str(self.key.vkey),
            key=f"{self.key.vkey.name}-{self.sent:08}" if key is None else key,
            content=note.encode(),
            batch=batch,
            signed=signed,
        )

    def states(self, words="x", *, seq=None, **rest):
        """The action of one fact."""
        note = self.note({"words": words}, seq=seq)

        def decide(draft):
            draft.state(draft.new_id("record"), {"words": words})
            return {"said": words}

        return self.action(note, decide, **rest)

    def posts(self, rows, *, batch="batch_1"):
        """The action of a batch: minutes from Anna's to the pool, refused where she has not."""
        note = self.note({"batch": batch, "rows": [{"minutes": one} for one in rows]})

        def decide(draft):
            told = []
            for minutes in rows:
                facts = {"minutes": minutes}
                entry = JournalEntry("gift", (Movement(ANNA, POOL, minutes),), TODAY, POLICY)
                try:
                    with draft.attempt():
                        told.append(draft.post(entry, facts))
                except FloorExceeded as refusal:
                    draft.refuse_row(facts, refusal)
                    told.append(refusal.code)
            return {"rows": told}

        return self.action(note, decide, batch=batch)


@pytest.fixture
def opened(book):
    writer = book.writer()
    book.open_accounts(writer, {POOL: (None, None), ANNA: (0, None)})
    book.post(writer, POOL, ANNA, 100)
    for key in (TABLET, OTHER):
        enrols(book, writer, key)
    yield book
    assert_sound(book.database, book.log_key)


def enrols(book, writer, key):
    def decide(draft):
        proof = prove_possession(ORIGIN, DEVICE, key)
        return {"key": enrol_key(draft, key.vkey, role=DEVICE, possession=proof, facts={})}

    writer.write(book.action(decide, kind="key"))


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


# Forks -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seq", [0, 1, 2])
def test_a_second_text_under_a_used_number_ends_the_key(opened, tablet, seq):
    writer = opened.writer()
    for words in ("one", "two", "three"):
        writer.write(tablet.states(words))
    fork = tablet.states("another", seq=seq)
    refusal = refused(writer, fork, SequenceForked)
    assert refusal.facts == {"key": TABLET.name, "seq": seq}
    leaf = leaves(opened)[-1]
    assert (leaf["kind"], leaf["of"], leaf["reason"]) == ("revocation", TABLET.name, FORKED)
    assert json.loads(leaf["sub"].split("\n")[1])["evidence"] == fork.signed.note
    size = len(leaves(opened))
    refused(writer, fork, SequenceForked)  # The same attempt, the same answer.
    for later in (tablet.states("four"), tablet.states("again another", seq=1)):
        assert refused(writer, later, SigningKeyEnded).facts == {"key": TABLET.name}
    assert len(leaves(opened)) == size


def test_a_fork_of_a_batch_and_of_a_refused_number_are_found(opened):
    writer = opened.writer()
    for key, first in ((TABLET, "batch"), (OTHER, "refused")):
        device = Device(opened, key)
        if first == "batch":
            writer.write(device.posts([1, 2]))
        else:
            note = device.note({"words": "x"})

            def no(draft):
                raise FloorExceeded(account=ANNA, available=0, minutes=1, floor=0)

            refused(writer, device.action(note, no), FloorExceeded)
            refused(writer, device.action(note, no), SequenceBroken)
        writer.write(device.states("one"))
        writer.write(device.states("two"))
        refused(writer, device.states("other", seq=0), SequenceForked)


@pytest.mark.parametrize("seq", [0, 1, 2])
def test_a_replay_of_the_same_text_ends_nothing(opened, tablet, seq):
    writer = opened.writer()
    sent = [tablet.states(words) for words in ("one", "two", "three")]
    for action in sent:
        writer.write(action)
    size = len(leaves(opened))
    assert writer.write(sent[seq]).replayed
    refused(writer, replace(sent[seq], key="another-key"), SequenceBroken)
    assert len(leaves(opened)) == size
    writer.write(tablet.states("four"))


@pytest.mark.parametrize("seq", [1, 2])
def test_a_number_that_was_not_used_is_no_fork(opened, tablet, seq):
    writer = opened.writer()
    writer.write(tablet.states("one"))
    refused(writer, tablet.action(tablet.note({}, seq=seq, prev="1" * 64), dict), SequenceBroken)
    writer.write(tablet.states("two"))


def test_content_that_differs_under_one_attempt_is_not_even_looked_at(opened, tablet):
    writer = opened.writer()
    writer.write(tablet.states("one", key="attempt"))
    refused(writer, tablet.states("two", seq=0, key="attempt"), KeyReused)
    writer.write(tablet.states("two"))


def test_a_fork_among_other_items_of_its_group(opened, tablet):
    writer, other = opened.writer(), Device(opened, OTHER)
    told = as_one_group(
        writer,
        [
            other.states("one"),
            tablet.states("one"),
            tablet.states("two"),
            tablet.states("forked", seq=0),
            other.posts([10, 200]),
            tablet.states("three"),
            tablet.states("forked once more", seq=1),
            opened.posting(POOL, ANNA, 5),
            other.states("two"),
        ],
    )
    codes = [getattr(one, "code", "stored") for one in told]
    assert codes == [
        "stored", "stored", "stored", "sequence_forked", "stored", "signing_key_ended",
        "signing_key_ended", "stored", "stored",
    ]  # fmt: skip
    assert [leaf["kind"] for leaf in leaves(opened)].count("revocation") == 1


def test_two_forks_under_one_attempt_are_one(opened, tablet):
    writer = opened.writer()
    writer.write(tablet.states("one"))
    fork = tablet.states("other", seq=0)
    told = as_one_group(writer, [fork, fork])
    assert [one.code for one in told] == ["sequence_forked"] * 2
    assert [leaf["kind"] for leaf in leaves(opened)].count("revocation") == 1


def test_another_process_ends_the_key_just_so(opened, tablet):
    opened.writer().write(tablet.states("one"))
    refused(opened.writer(), tablet.states("other", seq=0), SequenceForked)


def test_where_nobody_may_end_the_key_nothing_is_taken_all_the_same(opened, tablet):
    opened.writer().write(tablet.states("one"))
    opened.operator_key = key_of(opened.operator)  # A namesake of the key that counts.
    size = len(leaves(opened))
    refused(opened.writer(), tablet.states("other", seq=0), SequenceBroken)
    assert len(leaves(opened)) == size


def test_nobody_ends_a_key_for_a_fork_by_word_alone(opened):
    def decide(draft):
        return {"end": revoke_key(draft, TABLET.name, reason=FORKED, facts={})}

    with pytest.raises(ValueError, match="evidence"):
        opened.writer().write(opened.action(decide, kind="revocation"))


# Who may submit what -----------------------------------------------------------------------------


def test_a_role_submits_its_kinds_only(opened, tablet):
    writer = opened.writer(may_submit=lambda role, kind: (role, kind) == (OPERATOR, "test"))
    size = len(leaves(opened))
    refusal = refused(writer, tablet.states("one", seq=0), SubmissionNotAllowed)
    assert refusal.facts == {"key": TABLET.name, "kind": "record"}
    kinds = {"kind": "other"}
    for action in (opened.posting(POOL, ANNA, 1, **kinds), tablet.states("x", seq=4)):
        refused(writer, action, SubmissionNotAllowed)
    assert len(leaves(opened)) == size
    opened.post(writer, POOL, ANNA, 1)
    opened.writer().write(tablet.states("one"))


def test_a_key_that_is_unknown_ended_or_the_logs_signs_nothing(opened, tablet):
    writer = opened.writer()
    stranger = Device(opened, key_of(f"{ORIGIN}/dev/9"))
    refused(writer, stranger.states(), SigningKeyUnknown)
    namesake = replace(tablet.states(seq=0).signed, vkey=str(OTHER.vkey))
    refused(writer, replace(tablet.states(seq=0), signed=namesake), SigningKeyUnknown)
    end = opened.action(
        lambda draft: {"end": revoke_key(draft, TABLET.name, reason="lost", facts={})},
        kind="revocation",
    )
    writer.write(end)
    refused(writer, tablet.states(), SigningKeyEnded)
