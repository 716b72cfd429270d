"""ledger/signatures.py: what a note's Ed25519 line may be at the edges where libraries differ."""

from hashlib import sha512

import pytest
from nacl.bindings import crypto_sign_open
from nacl.exceptions import BadSignatureError

from ledger.notes import NoteRejected, SignatureLine, Vkey, open_note, sign_note
from tests.support.ed25519_edges import EDGES, LOW_ORDER, ORDER, SECOND_SPELLINGS
from tests.support.log_builder import key_of

TEXT = "text\n"
ALICE = key_of("example.com/alice")
LINE = ALICE.sign_text(TEXT.encode())


def opened(signature: bytes) -> bool:
    line = SignatureLine(ALICE.name, ALICE.vkey.key_id, signature)
    try:
        open_note(f"{TEXT}\n{line}", [ALICE.vkey])
    except NoteRejected:
        return False
    return True


def scalar_times_challenge(commitment: bytes, text: str = TEXT) -> int:
    """k·a of RFC 8032 for this commitment: with it, whoever holds the key may choose R."""
    seed = ALICE._seed
    clamped = bytearray(sha512(seed).digest()[:32])
    clamped[0] &= 248
    clamped[31] = clamped[31] & 63 | 64
    challenge = sha512(commitment + ALICE.vkey.public + text.encode()).digest()
    return int.from_bytes(challenge, "little") * int.from_bytes(clamped, "little") % ORDER


@pytest.mark.parametrize("edge", EDGES, ids=lambda edge: edge.what)
def test_each_known_edge_stays_on_its_side(edge):
    try:
        vkey = Vkey.ed25519("edge", edge.public)
    except NoteRejected:
        assert not edge.fit
    else:
        assert vkey.verifies(edge.text, edge.signature) is edge.opens


@pytest.mark.parametrize("times", range(1, 16))
def test_a_scalar_has_one_spelling(times):
    scalar = int.from_bytes(LINE[32:], "little") + times * ORDER
    if scalar < 2**256:
        assert not opened(LINE[:32] + scalar.to_bytes(32, "little"))
    assert opened(LINE)


@pytest.mark.parametrize("bit", range(8 * len(LINE)))
def test_no_bit_of_a_line_can_change(bit):
    changed = bytearray(LINE)
    changed[bit // 8] ^= 1 << bit % 8
    assert not opened(bytes(changed))


@pytest.mark.parametrize("length", [*range(64), 65, 96])
def test_a_line_has_64_bytes(length):
    assert not opened((LINE + LINE)[:length])


def test_the_identity_is_a_commitment_that_its_own_key_alone_can_make():
    one = LOW_ORDER[0]
    made = one + scalar_times_challenge(one).to_bytes(32, "little")
    assert opened(made), "openssl takes it"
    with pytest.raises(BadSignatureError):
        crypto_sign_open(made + TEXT.encode(), ALICE.vkey.public)


@pytest.mark.parametrize("commitment", [*LOW_ORDER[1:], *SECOND_SPELLINGS], ids=bytes.hex)
def test_no_other_commitment_of_low_order_nor_of_a_second_spelling(commitment):
    made = commitment + scalar_times_challenge(commitment).to_bytes(32, "little")
    assert not opened(made)


def test_what_is_signed_here_is_what_another_library_opens():
    note = sign_note(TEXT, ALICE)
    assert open_note(note, [ALICE.vkey])[0] == TEXT
    assert crypto_sign_open(LINE + TEXT.encode(), ALICE.vkey.public) == TEXT.encode()
