"""ledger/turns.py: whose turn it is, sequences that fork, and who may submit what."""

import json
from dataclasses import replace

import pytest

from ledger.approvals import OPERATOR
from ledger.enrolment import revoke_key
from ledger.errors import (
    FloorExceeded,
    KeyReused,
    SequenceBroken,
    SequenceForked,
    SigningKeyEnded,
    SigningKeyUnknown,
    SubmissionNotAllowed,
)
from ledger.forks import FORKED
from tests.ledger.test_group import as_one_group, leaves
from tests.support.books import ORIGIN
from tests.support.log_builder import key_of
from tests.support.signed_items import ANNA, OTHER, POOL, TABLET, Device, enrols
from tests.support.soundness import assert_sound


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
