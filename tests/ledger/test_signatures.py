"""ledger/signatures.py: each kind verifies what others signed, and nothing that was changed."""

import base64
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from nacl.signing import VerifyKey

from ledger.checkpoint import Checkpoint
from ledger.cosigners import Cosigner
from ledger.notes import NoteRejected, SignatureLine, Vkey, open_note, parse_note, sign_note
from ledger.signatures import (
    COSIGNATURE,
    ECDSA_P256,
    ED25519,
    KINDS,
    ML_DSA_44,
    MOST_SECONDS,
    cosigned_message,
    cosigned_text,
    stamped,
    unstamped,
)
from tests.support.log_builder import key_of
from tests.support.p256 import P256Key, spki

NOW_S = 1_679_315_147
CHECKPOINT = Checkpoint("example.com/behind-the-sofa", 20_852_163, bytes(range(32)))
TEXT = CHECKPOINT.text()
LOG = key_of("example.com/behind-the-sofa")


def signers() -> list[object]:
    return [
        LOG,
        P256Key("example.com/device"),
        Cosigner(COSIGNATURE, "witness.example.com/w1", bytes(32), lambda: NOW_S),
        Cosigner(ML_DSA_44, "example.com/behind-the-sofa", bytes(32), lambda: NOW_S),
    ]


@pytest.mark.parametrize("signer", signers(), ids=lambda one: f"0x{one.vkey.kind:02x}")
def test_each_kind_opens_what_it_signed_and_nothing_else(signer):
    note = sign_note(TEXT, LOG, signer) if signer is not LOG else sign_note(TEXT, LOG)
    vkey = Vkey.parse(str(signer.vkey), KINDS)

    assert vkey == signer.vkey
    assert open_note(note, [vkey]) == (TEXT, (vkey,))
    line = parse_note(note).lines[-1]
    for at in {0, 7, 8, 9, len(line.signature) // 2, len(line.signature) - 1}:
        changed = bytearray(line.signature)
        changed[at] ^= 1
        wrong = f"{TEXT}\n{SignatureLine(line.name, line.key_id, bytes(changed))}"
        with pytest.raises(NoteRejected, match="does not verify"):
            open_note(wrong, [vkey])
    with pytest.raises(NoteRejected, match="does not verify"):
        open_note(note.replace("20852163", "20852164", 1), [vkey])


def test_who_knows_the_log_key_alone_still_accepts_the_checkpoint():
    note = sign_note(TEXT, *signers())

    assert open_note(note, [LOG.vkey]) == (TEXT, (LOG.vkey,))
    keys = [one.vkey for one in signers() if one.vkey.kind != ECDSA_P256]
    assert [key.kind for key in open_note(note, keys)[1]] == [ED25519, COSIGNATURE, ML_DSA_44]


def test_an_ed25519_cosignature_is_what_the_specification_signs():
    witness = Cosigner(COSIGNATURE, "witness.example.com/w1", bytes(32), lambda: NOW_S)
    seconds, bare = unstamped(witness.sign_text(TEXT.encode()))

    message = f"cosignature/v1\ntime 1679315147\n{TEXT}".encode()
    assert seconds == NOW_S
    assert cosigned_text(NOW_S, TEXT.encode()) == message
    assert VerifyKey(witness.vkey.public).verify(message, bare) == message  # Another library's.


def test_an_ml_dsa_cosignature_signs_names_and_tree_byte_by_byte():
    message = cosigned_message("w", NOW_S, b"o\n258\n%b\next\n" % base64.b64encode(bytes(32)))

    assert message == (
        b"subtree/v1\n\0\x01w" + NOW_S.to_bytes(8, "big") + b"\x01o" + bytes(8)
        + b"\0\0\0\0\0\0\x01\x02" + bytes(32)
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("w", b"no checkpoint\n"),
        ("w", b"o\n1\nAAAA\n"),
        ("w", b"o\n-1\n%b\n" % base64.b64encode(bytes(32))),
        ("w", b"\n1\n%b\n" % base64.b64encode(bytes(32))),
        ("w", b"o" * 256 + b"\n1\n%b\n" % base64.b64encode(bytes(32))),
        ("w" * 256, TEXT.encode()),
    ],
    ids=["words", "root", "size", "no origin", "long origin", "long name"],
)
def test_an_ml_dsa_cosigner_signs_checkpoints_only(name, text):
    with pytest.raises(ValueError, match=r"checkpoint|bytes|base64|unpack|padding"):
        Cosigner(ML_DSA_44, name, bytes(32), lambda: NOW_S).sign_text(text)


@pytest.mark.parametrize("seconds", [0, MOST_SECONDS - 1, MOST_SECONDS])
def test_times_that_a_cosignature_may_state(seconds):
    assert unstamped(stamped(seconds, b"s")) == (seconds, b"s")


@pytest.mark.parametrize("signature", [b"", bytes(8), stamped(MOST_SECONDS + 1, b"s")])
def test_what_is_no_stamped_signature(signature):
    with pytest.raises(ValueError, match="not a cosignature"):
        unstamped(signature)


def test_openssl_verifies_what_a_device_signed(tmp_path: Path):
    device = P256Key("example.com/device")
    public = base64.encodebytes(device.vkey.public).decode()
    tmp_path.joinpath("key.pem").write_text(
        f"-----BEGIN PUBLIC KEY-----\n{public}-----END PUBLIC KEY-----\n"
    )
    tmp_path.joinpath("text").write_bytes(TEXT.encode())
    tmp_path.joinpath("sig").write_bytes(device.sign_text(TEXT.encode()))
    command = ["openssl", "dgst", "-sha256", "-verify", "key.pem", "-signature", "sig", "text"]

    said = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert said.stdout == b"Verified OK\n"
    tmp_path.joinpath("text").write_bytes(TEXT.encode() + b" ")
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 1


@pytest.mark.parametrize(
    ("kind", "public"),
    [
        (ED25519, bytes(31)),
        (ED25519, bytes(33)),
        (COSIGNATURE, bytes(31)),
        (ML_DSA_44, bytes(1_311)),
        (ML_DSA_44, bytes(1_313)),
        (ECDSA_P256, b""),
        (ECDSA_P256, spki(ec.derive_private_key(7, ec.SECP384R1()).public_key())),
        (ECDSA_P256, spki(ec.derive_private_key(7, ec.SECP256R1()).public_key()) + b"\0"),
        (ECDSA_P256, P256Key("x").vkey.public.replace(b"\x2a\x86", b"\x2b\x86", 1)),
        (0x05, bytes(32)),
        (0xFF, bytes(32)),
    ],
    ids=lambda value: f"0x{value:02x}" if isinstance(value, int) else f"{len(value)} bytes",
)
def test_what_is_no_key_of_its_kind(kind, public):
    with pytest.raises(NoteRejected, match="not a public key"):
        Vkey.of(kind, "example.com/x", public)


def test_a_reader_says_which_kinds_may_stand_where():
    for signer in signers()[1:]:
        with pytest.raises(NoteRejected, match="may stand here"):
            Vkey.parse(str(signer.vkey))


def test_the_id_of_a_p256_key_is_the_hash_of_the_key_alone():
    private = ec.generate_private_key(ec.SECP256R1())
    one, other = (Vkey.of(ECDSA_P256, name, spki(private.public_key())) for name in ("a", "b"))
    assert one.key_id == other.key_id


# Points whose order divides 8, and second spellings of points: libsodium's list and y + p.
WEAK = [
    "00" * 32,
    "00" * 31 + "80",
    "01" + "00" * 31,
    "01" + "00" * 30 + "80",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "ec" + "ff" * 30 + "7f",
    "ed" + "ff" * 30 + "7f",
    "ee" + "ff" * 30 + "7f",
    "f0" + "ff" * 30 + "ff",
]


@pytest.mark.parametrize("kind", [ED25519, COSIGNATURE], ids=hex)
@pytest.mark.parametrize("public", WEAK)
def test_a_key_under_which_anybody_could_sign_is_none(kind, public):
    """OpenSSL accepts them; under the neutral point R = A, S = 0 signs every text."""
    with pytest.raises(NoteRejected):
        Vkey.of(kind, "example.com/weak", bytes.fromhex(public))
