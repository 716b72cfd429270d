"""ledger/leaves.py: what the writer writes are the golden bytes, leaf by leaf."""

import json

import pytest

from ledger.action import Staged
from ledger.encoding import MOST_BYTES
from ledger.errors import SubmissionTooLarge
from ledger.journal import JournalEntry, Movement
from ledger.leaf_parser import parse
from ledger.leaves import LeafMaker, new_nonces
from tests.ledger.golden import GOLDEN

LEAVES = GOLDEN.joinpath("leaves.jsonl").read_bytes().splitlines()
COMMON = {"v", "n", "t", "kind", "id", "rnd"}


def maker_of(record, monkeypatch):
    """A maker that draws the random bits which the leaf has."""
    monkeypatch.setattr("ledger.leaves.new_nonces", lambda count: [record["rnd"]] * count)
    return LeafMaker(record["t"])


def movements_of(post):
    return tuple(
        Movement(giver, receiver, minutes)
        for (giver, _), (receiver, minutes) in zip(post[::2], post[1::2], strict=True)
    )


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: parse(leaf).kind)
def test_the_golden_leaves_are_what_the_maker_writes(leaf, monkeypatch):
    record = json.loads(leaf)
    beside = {name: record[name] for name in record.keys() - COMMON}
    maker = maker_of(record, monkeypatch)

    assert maker.make(record["n"], record["kind"], record["id"], beside) == leaf


@pytest.mark.parametrize(
    "leaf",
    [leaf for leaf in LEAVES if parse(leaf).kind not in ("genesis", "outcome", "refused")],
    ids=lambda leaf: parse(leaf).kind,
)
def test_the_golden_leaves_are_what_a_staged_item_becomes(leaf, monkeypatch):
    record = json.loads(leaf)
    source = "ref" if "ref" in record else "sub"
    entry, beside = None, {}
    if "post" in record:
        entry = JournalEntry(
            record["kind"], movements_of(record["post"]), record["on"], record["pol"],
            record.get("of"),
        )  # fmt: skip
    else:
        beside = {name: record[name] for name in record.keys() - COMMON - {source}}
    staged = Staged(record["kind"], record["id"], beside, {}, entry)
    made = maker_of(record, monkeypatch).make_staged(
        record["n"], staged, record.get("no", 0), source, record[source]
    )

    assert made == leaf


def test_outcomes_share_out_what_became_of_the_rows():
    made = LeafMaker(7).outcomes(9, "batch_1", 3, [(0, 2), (2, 3)], ["a", "b", "c"])

    assert [(leaf.index, leaf.body.of, leaf.body.rows) for leaf in map(parse, made)] == [
        (9, (3,), ("a", "b")), (10, (4,), ("c",)),
    ]  # fmt: skip


@pytest.mark.parametrize("too_much", [-1, 0, 1])
def test_a_leaf_ends_at_its_bound(too_much):
    empty = LeafMaker(1).make(1, "fact", "record_1", {"sub": ""})
    note = "x" * (MOST_BYTES - len(empty) + too_much)
    if too_much <= 0:
        assert parse(LeafMaker(1).make(1, "fact", "record_1", {"sub": note})).sub == note
        return
    with pytest.raises(SubmissionTooLarge) as refusal:
        LeafMaker(1).make(1, "fact", "record_1", {"sub": note})
    assert refusal.value.facts == {"size": MOST_BYTES + 1, "most": MOST_BYTES}


@pytest.mark.parametrize("foreseen", [0, 1, 300])
def test_random_bits_are_distinct_and_of_their_form(foreseen):
    maker = LeafMaker(1)
    maker.foresee(foreseen)
    made = [maker.make(n, "fact", "record_1", {"sub": "x"}) for n in range(301)]

    assert len({json.loads(leaf)["rnd"] for leaf in made}) == 301
    assert all(parse(leaf) for leaf in made)
    assert new_nonces(0) == []
