"""ledger/key_check.py: keys and proofs of possession that two libraries would judge differently."""

import pytest

from ledger.cosigners import Cosigner
from ledger.key_check import check_new_key, check_possession
from ledger.notes import NoteRejected, Vkey
from ledger.signatures import COSIGNATURE, ECDSA_P256, ED25519, ML_DSA_44, key_id_of
from tests.ledger.test_ed25519_edges import scalar_times_challenge
from tests.support.ed25519_edges import EDGES, LOW_ORDER, SECOND_SPELLINGS
from tests.support.log_builder import key_of
from tests.support.p256 import P256Key

NAME = "example.com/new"
CHECKPOINT = b"example.com/log\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
ON_EDWARDS = pytest.mark.parametrize("kind", [ED25519, COSIGNATURE])


SIGNERS = {
    "Ed25519": key_of(NAME),
    "P-256": P256Key(NAME),
    "cosignature": Cosigner(COSIGNATURE, NAME, bytes(32), lambda: 7),
    "ML-DSA-44": Cosigner(ML_DSA_44, NAME, bytes(32), lambda: 7),
}


@pytest.mark.parametrize("signer", SIGNERS.values(), ids=SIGNERS)
def test_a_key_enters_with_its_own_signature_and_with_no_other(signer):
    signature = signer.sign_text(CHECKPOINT)

    check_new_key(signer.vkey)
    check_possession(signer.vkey, CHECKPOINT, signature)
    for at in (0, len(signature) // 2, len(signature) - 1):
        changed = bytearray(signature)
        changed[at] ^= 1
        with pytest.raises(NoteRejected, match="does not verify"):
            check_possession(signer.vkey, CHECKPOINT, bytes(changed))
    for text, line in (
        (CHECKPOINT[1:], signature),
        (CHECKPOINT, signature[:-1]),
        (CHECKPOINT, b""),
    ):
        with pytest.raises(NoteRejected, match="does not verify"):
            check_possession(signer.vkey, text, line)


@ON_EDWARDS
@pytest.mark.parametrize("public", [*LOW_ORDER, *SECOND_SPELLINGS], ids=bytes.hex)
def test_keys_of_low_order_and_second_spellings_stay_out(kind, public):
    with pytest.raises(NoteRejected, match="not a public key"):
        Vkey.of(kind, NAME, public)
    # Whoever spells a key without asking is told as well.
    with pytest.raises(NoteRejected, match="not a public key"):
        check_new_key(Vkey(NAME, bytes(4), kind, public))


@ON_EDWARDS
@pytest.mark.parametrize("edge", EDGES, ids=lambda edge: edge.what)
def test_nobody_enters_by_a_known_edge(kind, edge):
    vkey = Vkey(NAME, key_id_of(kind, NAME, edge.public), kind, edge.public)
    if edge.fit:  # Then it is the signature that is wrong.
        check_new_key(vkey)
    else:
        with pytest.raises(NoteRejected, match=r"full order|not a public key"):
            check_new_key(vkey)
    unfit = r"full order|not a public key"
    with pytest.raises(NoteRejected, match="does not verify" if edge.fit else unfit):
        check_possession(vkey, edge.text, edge.signature)


@ON_EDWARDS
def test_a_y_without_a_point_stays_out(kind):
    with pytest.raises(NoteRejected, match="full order"):
        check_new_key(Vkey.of(kind, NAME, (2).to_bytes(32, "little")))


def test_a_signature_about_which_the_libraries_differ_proves_nothing():
    alice, one = key_of("example.com/alice"), LOW_ORDER[0]
    made = one + scalar_times_challenge(one).to_bytes(32, "little")
    assert alice.vkey.verifies(b"text\n", made)
    with pytest.raises(NoteRejected, match="libraries differ"):
        check_possession(alice.vkey, b"text\n", made)


@pytest.mark.parametrize(
    "point",
    [b"\x04" + bytes(64), b"\x04" + b"\xff" * 64, b"\x04" + bytes(31) + b"\1" + bytes(31) + b"\1"],
    ids=["zero", "beyond the field", "off the curve"],
)
def test_p256_points_that_are_none_stay_out(point):
    spki = SIGNERS["P-256"].vkey.public
    assert spki[-65] == 4
    wrong = spki[:-65] + point
    vkey = Vkey(NAME, key_id_of(ECDSA_P256, NAME, wrong), ECDSA_P256, wrong)
    with pytest.raises(NoteRejected, match="not a public key"):
        check_new_key(vkey)


@pytest.mark.parametrize("kind", [0x05, 0xFE], ids=hex)
def test_a_kind_that_nobody_reads_stays_out(kind):
    with pytest.raises(NoteRejected, match="not a public key"):
        check_new_key(Vkey(NAME, bytes(4), kind, bytes(32)))
