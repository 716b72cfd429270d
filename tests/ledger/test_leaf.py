"""ledger/leaf.py and ledger/leaf_parser.py: every kind reads back, and nothing else is read."""

import orjson
import pytest

from ledger import leaf
from ledger.encoding import MOST_BYTES
from ledger.errors import SubmissionTooLarge
from ledger.journal import MOST_MOVEMENTS
from ledger.leaf_parser import LeafRejected, parse
from ledger.units import MOST_INTEGER, MOST_MINUTES
from tests.support import leaf_spelling as spelled
from tests.support.log_builder import little_log

LOG = little_log()
KINDS = {parse(data).kind: data for data in LOG.leaves}
A, B = "acct_a", "acct_b"


def entry(movements: list[tuple[str, str, int]], **changes: object) -> bytes:
    facts = spelled.entry_facts(1, "2023-03-05", "plain-2023", movements) | changes
    return spelled.encode_leaf(5, 7, "gift", "entry_1", "A" * 22, facts, ref=(3, 0))


def changed(data: bytes, **changes: object) -> bytes:
    """The leaf with other members; ``...`` leaves one out."""
    record = orjson.loads(data) | changes
    kept = {name: value for name, value in record.items() if value is not ...}
    return orjson.dumps(kept, option=orjson.OPT_SORT_KEYS)


def test_the_little_log_has_every_kind():
    assert set(KINDS) == {
        "genesis", "key", "policy", "account", "batch", "outcome", "service", "gift", "hold",
        "release", "expiry", "settlement", "reversal", "refused", "fact",
    }  # fmt: skip


@pytest.mark.parametrize("index", range(LOG.size))
def test_every_leaf_reads_back(index):
    read = parse(LOG.leaves[index])
    record = orjson.loads(LOG.leaves[index])
    assert (read.index, read.recorded_ms, read.kind) == (index, record["t"], record["kind"])
    assert read.identifier == record["id"]
    assert read.sub == record.get("sub")
    assert list(read.ref or ()) == record.get("ref", [])


def test_an_entry_has_its_movements():
    read = parse(entry([(A, B, 90), (B, A, 1)])).body
    assert isinstance(read, leaf.Entry)
    assert read == leaf.Entry(1, "2023-03-05", "plain-2023", ((A, B, 90), (B, A, 1)), None)


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize(
    "changes",
    [
        {"v": 2}, {"v": True}, {"v": 1.0}, {"v": ...}, {"n": -1}, {"n": 1.5}, {"n": "1"},
        {"n": True}, {"t": -1}, {"t": 253_402_300_800_000}, {"t": None}, {"kind": "Gift"},
        {"kind": "no-thing"}, {"kind": ["gift"]}, {"id": ""}, {"id": "a b"}, {"id": "x" * 121},
        {"id": 5}, {"rnd": "A" * 21}, {"rnd": "A" * 21 + "B"}, {"rnd": "A" * 23}, {"rnd": ...},
        {"extra": 1}, {"sub": None}, {"ref": None}, {"ref": [1]}, {"ref": [1, -1]},
        {"ref": [1, 0, 0]}, {"ref": [True, 0]}, {"ref": [1, 0], "sub": "x"}, {"post": 1},
    ],
    ids=repr,
)  # fmt: skip
def test_no_leaf_reads_with_a_wrong_common_member(kind, changes):
    with pytest.raises(LeafRejected):
        parse(changed(KINDS[kind], **changes))


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_no_leaf_reads_without_one_of_its_members_or_under_another_kind(kind):
    record = orjson.loads(KINDS[kind])
    for name in record:
        with pytest.raises(LeafRejected):
            parse(changed(KINDS[kind], **{name: ...}))
    moves = {"service", "gift"}
    same_members = [moves, {"release", "expiry"}, {"settlement", "reversal"}]
    for other in KINDS:
        if other != kind and not any({kind, other} <= alike for alike in same_members):
            # A carried fact and a batch differ only in what may carry them.
            if {kind, other} == {"fact", "batch"}:
                continue
            with pytest.raises(LeafRejected):
                parse(changed(KINDS[kind], kind=other))


def test_a_batch_is_never_a_row_of_a_batch():
    assert parse(changed(KINDS["fact"], sub=..., ref=[1, 0])).ref == (1, 0)
    with pytest.raises(LeafRejected):
        parse(changed(KINDS["batch"], sub=..., ref=[1, 0]))


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("genesis", {"origin": "two words"}),
        ("genesis", {"vkey": "x"}),
        ("genesis", {"operator": "x+00000000"}),
        ("key", {"role": "Operator"}),
        ("key", {"id": 'a"b'}),
        ("policy", {"pol": "a,b"}),
        ("policy", {"pol": "=1+1"}),
        ("account", {"account": None}),
        ("account", {"account": {"kind": "member", "floor": 0}}),
        ("account", {"account": {"kind": "member", "floor": 1, "ceiling": None}}),
        ("account", {"account": {"kind": "member", "floor": 0, "ceiling": -1}}),
        ("account", {"account": {"kind": "member", "floor": False, "ceiling": None}}),
        ("account", {"account": {"kind": "member", "floor": -MOST_INTEGER - 1, "ceiling": None}}),
        ("account", {"account": {"kind": "a:b", "floor": 0, "ceiling": None}}),
        ("hold", {"hold": {"from": A, "to": A, "minutes": 1, "expires": 1}}),
        ("hold", {"hold": {"from": A, "to": B, "minutes": 0, "expires": 1}}),
        ("hold", {"hold": {"from": A, "to": B, "minutes": MOST_MINUTES + 1, "expires": 1}}),
        ("hold", {"hold": {"from": A, "to": B, "minutes": 1, "expires": -1}}),
        ("hold", {"hold": {"from": A, "to": B, "minutes": 1}}),
        ("hold", {"hold": [A, B, 1, 1]}),
        ("release", {"of": "Hold"}),
        ("outcome", {"of": []}),
        ("outcome", {"of": 3}),
        ("outcome", {"of": [True]}),
        ("outcome", {"rows": "x"}),
        ("outcome", {"rows": [1]}),
        ("outcome", {"rows": ["A code"]}),
        ("refused", {"hash": "AB" * 32}),
        ("refused", {"hash": "ab" * 31}),
        ("refused", {"code": "no way"}),
        ("refused", {"by": ""}),
        ("gift", {"no": -1}),
        ("gift", {"no": True}),
        ("gift", {"on": "2023-02-29"}),
        ("gift", {"on": "20230305"}),
        ("gift", {"on": ["2023-03-05"]}),
        ("gift", {"pol": ""}),
        ("settlement", {"of": None}),
    ],
    ids=lambda value: repr(value)[:60],
)
def test_no_leaf_reads_with_a_wrong_member_of_its_own(kind, changes):
    with pytest.raises(LeafRejected):
        parse(changed(KINDS[kind], **changes))


@pytest.mark.parametrize(
    "post",
    [
        [], {}, [[A, -1]], [[A, -1], [B, 1], [A, -1]], [[A, 1], [B, -1]], [[A, -1], [B, 2]],
        [[A, -1], [A, 1]], [[A, 0], [B, 0]], [[A, -1.0], [B, 1.0]], [[A, -1], [B, True]],
        [[A, -1, 0], [B, 1]], [[5, -1], [B, 1]], [["a b", -1], [B, 1]], [None, None], ["ab", "cd"],
        [[A, -MOST_MINUTES - 1], [B, MOST_MINUTES + 1]], [[A, -1], ["=cmd", 1]],
    ],
    ids=repr,
)  # fmt: skip
def test_postings_come_in_pairs_that_cancel(post):
    with pytest.raises(LeafRejected):
        parse(entry([], post=post))


@pytest.mark.parametrize("minutes", [1, 2, MOST_MINUTES])
def test_minutes_up_to_the_bound(minutes):
    body = parse(entry([(A, B, minutes)])).body
    assert isinstance(body, leaf.Entry)
    assert body.movements == ((A, B, minutes),)


@pytest.mark.parametrize(("count", "fits"), [(MOST_MOVEMENTS, True), (MOST_MOVEMENTS + 1, False)])
def test_movements_up_to_the_bound(count, fits):
    data = entry([(A, B, 1)] * count)
    if fits:
        assert parse(data).body.movements == ((A, B, 1),) * count
        return
    with pytest.raises(LeafRejected):
        parse(data)


@pytest.mark.parametrize(("size", "fits"), [(MOST_BYTES, True), (MOST_BYTES + 1, False)])
def test_a_leaf_ends_at_its_bound(size, fits):
    empty = spelled.encode_leaf(1, 1, "fact", "record_1", "A" * 22, {}, sub="")
    note = "x" * (size - len(empty))
    if fits:
        data = spelled.encode_leaf(1, 1, "fact", "record_1", "A" * 22, {}, sub=note)
        assert parse(data).sub == note
        return
    with pytest.raises(SubmissionTooLarge) as refusal:
        spelled.encode_leaf(1, 1, "fact", "record_1", "A" * 22, {}, sub=note)
    assert refusal.value.facts == {"size": size, "most": MOST_BYTES}


@pytest.mark.parametrize("data", [b"", b"[]", b"null", b"{}", b'"x"', b"{", b"\xff"], ids=repr)
def test_what_is_no_leaf_at_all(data):
    with pytest.raises(LeafRejected):
        parse(data)
