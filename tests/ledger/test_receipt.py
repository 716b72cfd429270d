"""ledger/receipt.py: one spelling, demanded signers, and nothing that was changed passes."""

import base64
import hashlib
import random
from dataclasses import replace

import pytest
from tlog_scales import tlog as scales
from tlog_scales.signing import Vkey as ScalesKey

from ledger.keys import SigningKey
from ledger.merkle import leaf_hash
from ledger.notes import Note, SignatureLine, Vkey
from ledger.receipt import MOST_BYTES, Receipt, ReceiptRejected, verify_receipt
from ledger.sm2_signer import Sm2SigningKey
from tests.ledger.golden import GOLDEN
from tests.support.counts import count, full_run
from tests.support.log_builder import ORIGIN, LogBuilder, key_of, little_log
from tests.support.receipts import SECOND_KEY, SIGNED_AT_S, WITNESS, receipt_of

LOG = little_log()
GIFT = 10
"""Leaf of the little log that is an entry with a submission of its own."""

LOG_VKEY = LOG.log_key.vkey


def judged(data: str | bytes, *witnesses: Vkey, log: Vkey = LOG_VKEY):
    receipt = Receipt.parse(data)
    return verify_receipt(receipt, receipt.extra, log, witnesses)


def rejected(data: str | bytes, *witnesses: Vkey, log: Vkey = LOG_VKEY) -> str:
    with pytest.raises(ReceiptRejected) as caught:
        judged(data, *witnesses, log=log)
    return caught.value.rule


@pytest.mark.parametrize("size", [1, 2, 3, 4, 8, 11, 16, 17, 21])
def test_every_leaf_of_every_tree_has_its_receipt(size):
    for index in range(size):
        receipt = receipt_of(LOG, index, size=size)
        assert Receipt.parse(str(receipt)) == receipt
        assert Receipt.parse(str(receipt).encode()) == receipt
        assert judged(str(receipt)).checkpoint == LOG.checkpoint(size)


def test_the_golden_receipt_still_verifies():
    data = GOLDEN.joinpath("receipt-of-10.tlog-proof").read_bytes()

    proven = judged(data, WITNESS.vkey)

    assert Receipt.parse(data).extra == LOG.leaves[GIFT]
    assert [one.vkey for one in proven.signed] == [LOG_VKEY, WITNESS.vkey]
    assert [one.at and int(one.at.timestamp()) for one in proven.signed] == [None, SIGNED_AT_S]
    assert proven.strangers == 0


def test_lines_of_keys_that_nobody_asked_about_are_counted():
    assert judged(str(receipt_of(LOG, GIFT, WITNESS, SECOND_KEY))).strangers == 2


def test_the_logs_second_key_is_demanded_like_a_witness():
    proven = judged(str(receipt_of(LOG, GIFT, WITNESS, SECOND_KEY)), SECOND_KEY.vkey)

    assert [one.vkey.kind for one in proven.signed] == [0x01, 0x06]
    assert rejected(str(receipt_of(LOG, GIFT, WITNESS)), SECOND_KEY.vkey) == "signature"


def test_on_paper_the_long_lines_are_left_out():
    whole = receipt_of(LOG, GIFT, SECOND_KEY, WITNESS)

    paper = whole.for_paper()

    assert paper == receipt_of(LOG, GIFT, WITNESS)
    assert len(judged(str(paper), WITNESS.vkey).signed) == 2
    assert len(str(whole)) - len(str(paper)) > 3_000


def test_on_paper_there_is_no_sm2_line_however_short_it_is():
    key = Sm2SigningKey.generate(ORIGIN)
    for _ in range(20):  # Of 70 to 72 bytes, by chance.
        whole = receipt_of(LOG, GIFT, WITNESS, key)
        assert whole.for_paper() == receipt_of(LOG, GIFT, WITNESS)


def test_another_log_and_another_leaf_are_told_apart():
    text = str(receipt_of(LOG, GIFT))
    stranger = SigningKey.generate(ORIGIN).vkey
    other = LogBuilder()
    other.log_key = key_of("timebank.example/other")

    assert rejected(text, log=stranger) == "signature"
    assert rejected(str(receipt_of(other, 2)), log=other.log_key.vkey) == "origin"
    with pytest.raises(ReceiptRejected, match=r"^inclusion"):
        verify_receipt(Receipt.parse(text), LOG.leaves[GIFT - 1], LOG_VKEY)


def test_two_lines_of_one_key_are_refused():
    receipt = receipt_of(LOG, GIFT)
    twice = replace(receipt, note=Note(receipt.note.text, receipt.note.lines * 2))

    assert rejected(str(twice)) == "signature"


VALID = str(receipt_of(LOG, GIFT, WITNESS))


@pytest.mark.parametrize(
    "text",
    [
        "",
        VALID.replace("@v1", "@v2"),
        VALID.replace("extra ", "extra  "),
        VALID.replace("extra ", "Extra "),
        VALID.replace("index 10", "index 010"),
        VALID.replace("index 10", "index +10"),
        VALID.replace("index 10", "index １０"),
        VALID.replace("index 10", "index 21"),
        VALID.replace("index 10", f"index {2**53}"),
        VALID.replace("index 10\n", "index 10\n\n"),
        VALID.replace("index 10\n", ""),
        VALID.replace("\n", "\r\n"),
        VALID.replace("=\n\n", "=\n", 1),
        VALID.replace("extra ", "extra \nextra ", 1),
        VALID[:22] + "\nextra " + VALID[VALID.index("\nindex") :],
        VALID + "\n",
        " " + VALID,
        "\ufeff" + VALID,
        VALID + "x" * MOST_BYTES,
        VALID.encode() + b"\xff",
        VALID + "\ud800",
    ],
)
def test_there_is_one_spelling(text):
    assert rejected(text) == "receipt"


def test_stray_bits_of_base64_are_refused():
    at = VALID.index("=\n\n")  # The last proof line's, which carries two bits too many.
    digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    stray = digits[digits.index(VALID[at - 1]) ^ 1]

    assert rejected(VALID[: at - 1] + stray + VALID[at:]) == "receipt"


# Wrong proofs: whatever is done to a valid receipt, it convicts nobody any more -----------------

FAMILIES = {
    "small": (VALID, (WITNESS.vkey,)),
    "with_ml_dsa": (
        str(receipt_of(LOG, GIFT, WITNESS, SECOND_KEY)),
        (WITNESS.vkey, SECOND_KEY.vkey),
    ),
    "first_of_one": (str(receipt_of(LOG, 0, size=1)), ()),
    "last": (str(receipt_of(LOG, 20)), ()),
}


@pytest.fixture(params=FAMILIES, ids=str)
def family(request):
    text, witnesses = FAMILIES[request.param]
    assert judged(text, *witnesses)
    return text.encode(), witnesses


def sampled(things: range, scaled: int) -> list[int]:
    chosen = random.Random(20260701).sample(things, min(count(10**9, scaled), len(things)))
    return list(things) if full_run() else sorted(chosen)


def test_no_single_bit_may_change(family):
    data, witnesses = family
    for bit in sampled(range(8 * len(data)), 600):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        rejected(bytes(changed), *witnesses)


def test_no_byte_may_be_missing_at_either_end_or_within(family):
    data, witnesses = family
    for at in sampled(range(len(data)), 150):
        rejected(data[:at], *witnesses)
        rejected(data[at + 1 :], *witnesses)
        rejected(data[:at] + data[at + 1 :], *witnesses)


def test_no_byte_may_be_added(family):
    data, witnesses = family
    for at in sampled(range(len(data) + 1), 150):
        for more in (b"\n", b"A", b" "):
            rejected(data[:at] + more + data[at:], *witnesses)


def test_no_other_index_and_no_other_leaf_fit(family):
    data, witnesses = family
    receipt = Receipt.parse(data)
    for index in range(receipt.checkpoint.size):
        if index != receipt.index:
            moved = replace(receipt, index=index)
            assert rejected(str(moved), *witnesses) == "inclusion"
            other = replace(receipt, extra=LOG.leaves[index])
            assert rejected(str(other), *witnesses) == "inclusion"


def test_no_hash_may_be_dropped_added_or_moved(family):
    data, witnesses = family
    receipt = Receipt.parse(data)
    proof = receipt.proof
    wrong = [(*proof[:at], *proof[at + 1 :]) for at in range(len(proof))]
    wrong += [(*proof[:at], bytes(32), *proof[at:]) for at in range(len(proof) + 1)]
    wrong += [(*proof[:at], leaf_hash(b""), *proof[at:]) for at in range(len(proof) + 1)]
    if len(proof) > 1:
        wrong.append(proof[::-1])
    for one in wrong:
        assert rejected(str(replace(receipt, proof=one)), *witnesses) == "inclusion"


def test_an_interior_node_is_no_leaf():
    receipt = receipt_of(LOG, 0, size=2)
    node = leaf_hash(LOG.leaves[0]) + receipt.proof[0]

    assert rejected(str(replace(receipt, proof=(), extra=node))) == "inclusion"


def test_a_later_tree_needs_a_later_proof():
    early, late = receipt_of(LOG, GIFT, size=20), receipt_of(LOG, GIFT)

    assert rejected(str(replace(early, note=late.note))) == "inclusion"


def test_a_well_formed_line_of_a_stranger_changes_nothing():
    receipt = receipt_of(LOG, GIFT)
    line = SignatureLine("witness.example/unknown", b"\1\2\3\4", bytes(72))
    more = replace(receipt, note=Note(receipt.note.text, (*receipt.note.lines, line)))

    assert judged(str(more)).strangers == 1


@pytest.mark.parametrize(("index", "size"), [(0, 1), (0, 2), (2, 3), (10, 21), (20, 21), (7, 8)])
def test_a_judge_that_we_did_not_write_takes_the_parts_of_a_receipt(index, size):
    """tlog-scales reads no receipts, so the text is cut here, without our own reader."""
    head, _, note = str(receipt_of(LOG, index, WITNESS, size=size)).partition("\n\n")
    _header, extra, place, *rows = head.splitlines()
    leaf = base64.b64decode(extra.removeprefix("extra "))
    hashes = [base64.b64decode(row) for row in rows]
    leaf_index = int(place.removeprefix("index "))

    checkpoint = scales.Checkpoint.from_text(note)
    checkpoint.verify(ScalesKey.from_string(str(LOG_VKEY)))
    proof = scales.InclusionProof(leaf_index, checkpoint.size, hashes)
    proof.check(hashlib.sha256(b"\0" + leaf).digest(), checkpoint.root_hash)
    with pytest.raises(scales.InclusionProofInvalid):
        proof.check(hashlib.sha256(b"\0" + leaf + b" ").digest(), checkpoint.root_hash)
