"""ledger/sm2.py and sm2_signer.py: 国密 lines, held against OpenSSL and the standard's example."""

import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from ledger.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from ledger.keys import KeyFileOpen, KeyFileRejected
from ledger.notes import NoteRejected, Vkey, open_note, parse_note, sign_note
from ledger.signatures import ED25519, KINDS, OTHER
from ledger.sm2 import NEEDS_GM, SM2_NAME, new_sm2_pair, sm2_sign
from ledger.sm2_signer import LOG_SM2_KEY, Sm2SigningKey, log_sm2_key
from tests.support.log_builder import ORIGIN, key_of, little_log
from tests.support.parts import need_program

TEXT = "时间银行\n"
SPKI = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200")
ORDER = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123

# GB/T 32918.5-2017, A.2: the recommended curve, "message digest", the default signer's id.
SECRET = bytes.fromhex("3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8")
POINT = bytes.fromhex(
    "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
    "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
)
SIGNATURE = encode_dss_signature(
    0xF5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3,
    0xB1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA,
)


@pytest.fixture
def key() -> Sm2SigningKey:
    return Sm2SigningKey(ORIGIN, SECRET, SM2_NAME + POINT)


@pytest.fixture
def without_gm(monkeypatch: pytest.MonkeyPatch):
    """The library as it is where nobody installed it."""
    return lambda: monkeypatch.setitem(sys.modules, "gmssl_pyx", None)


def openssl(folder: Path, *arguments: str) -> bytes:
    done = subprocess.run(
        [need_program("openssl"), *arguments], cwd=folder, capture_output=True, check=False
    )
    assert done.returncode == 0, (done.stdout + done.stderr).decode()
    return done.stdout


def test_the_example_of_the_standard_verifies(key):
    assert key.vkey.verifies(b"message digest", SIGNATURE)
    assert not key.vkey.verifies(b"message digesT", SIGNATURE)


def test_what_is_signed_here_openssl_verifies(key, tmp_path):
    public = base64.encodebytes(SPKI + POINT).decode()
    tmp_path.joinpath("key.pem").write_text(
        f"-----BEGIN PUBLIC KEY-----\n{public}-----END PUBLIC KEY-----\n"
    )
    tmp_path.joinpath("text").write_bytes(TEXT.encode())
    tmp_path.joinpath("sig").write_bytes(key.sign_text(TEXT.encode()))
    said = openssl(
        tmp_path, "pkeyutl", "-verify", "-pubin", "-inkey", "key.pem", "-rawin", "-digest", "sm3",
        "-pkeyopt", "distid:1234567812345678", "-in", "text", "-sigfile", "sig",
    )  # fmt: skip
    assert b"Verified Successfully" in said
    said = openssl(
        tmp_path, "dgst", "-sm3", "-verify", "key.pem", "-sigopt", "distid:1234567812345678",
        "-signature", "sig", "text",
    )  # fmt: skip
    assert b"Verified OK" in said


def test_what_openssl_signs_is_verified_here(tmp_path):
    openssl(tmp_path, "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:SM2",
            "-out", "key.pem")  # fmt: skip
    spki = openssl(tmp_path, "pkey", "-in", "key.pem", "-pubout", "-outform", "DER")
    vkey = Vkey.of(OTHER, ORIGIN, SM2_NAME + spki.removeprefix(SPKI))
    tmp_path.joinpath("text").write_bytes(TEXT.encode())
    openssl(
        tmp_path, "pkeyutl", "-sign", "-inkey", "key.pem", "-rawin", "-digest", "sm3",
        "-pkeyopt", "distid:1234567812345678", "-in", "text", "-out", "sig",
    )  # fmt: skip
    signature = tmp_path.joinpath("sig").read_bytes()
    assert vkey.verifies(TEXT.encode(), signature)
    assert not vkey.verifies(TEXT.encode() + b"\n", signature)


def test_a_checkpoint_carries_an_sm2_line_beside_the_first(key):
    log = little_log()
    note = sign_checkpoint(log.checkpoint(), log.log_key, key)

    assert open_checkpoint(note, [log.log_key.vkey]) == log.checkpoint()
    vkey = Vkey.parse(str(key.vkey), KINDS)
    assert vkey == key.vkey
    assert [one.kind for one in open_note(note, [log.log_key.vkey, vkey])[1]] == [ED25519, OTHER]
    assert Checkpoint.parse(open_note(note, [vkey])[0]) == log.checkpoint()
    with pytest.raises(NoteRejected, match="does not verify"):
        open_note(note.replace("\n21\n", "\n22\n", 1), [vkey])
    with pytest.raises(NoteRejected, match="may stand here"):
        Vkey.parse(str(key.vkey))


def test_no_bit_of_a_signature_can_change_and_it_has_one_spelling(key):
    r, s = decode_dss_signature(SIGNATURE)
    wrong = [
        (int.from_bytes(SIGNATURE, "big") ^ 1 << bit).to_bytes(len(SIGNATURE), "big")
        for bit in range(0, 8 * len(SIGNATURE), 7)
    ]
    wrong += [SIGNATURE[:cut] for cut in range(0, len(SIGNATURE), 9)]
    wrong += [
        SIGNATURE + b"\0",
        encode_dss_signature(s, r),
        encode_dss_signature(r, ORDER - s),
        encode_dss_signature(r, s + ORDER),
        encode_dss_signature(r + ORDER, s),
        encode_dss_signature(0, s),
        encode_dss_signature(r, 0),
        b"\x30\x81" + SIGNATURE[1:],
    ]
    for changed in wrong:
        assert not key.vkey.verifies(b"message digest", changed)


@pytest.mark.parametrize(
    "public",
    [
        POINT,
        SM2_NAME,
        SM2_NAME + POINT[1:],
        SM2_NAME + POINT + b"\0",
        SM2_NAME + b"\x02" + POINT[1:],
        SM2_NAME + POINT[:-1] + bytes([POINT[-1] ^ 1]),
        SM2_NAME + b"\x04" + bytes(64),
        SM2_NAME + b"\x04" + b"\xff" * 64,
        b"something-else" + POINT,
    ],
    ids=["bare", "no point", "coordinates", "long", "compressed", "off the curve", "zero",
         "beyond the field", "another type"],
)  # fmt: skip
def test_what_is_no_sm2_key(public):
    with pytest.raises(NoteRejected, match="not a public key of type 0xff"):
        Vkey.of(OTHER, ORIGIN, public)
    with pytest.raises(ValueError, match="not an SM2 key"):
        sm2_sign(SECRET, public, b"x")


def test_a_key_comes_back_from_its_file_and_from_no_other(tmp_path):
    key = Sm2SigningKey.generate(ORIGIN)
    path = tmp_path / LOG_SM2_KEY
    assert log_sm2_key(tmp_path) is None
    key.save(path)
    with pytest.raises(FileExistsError):
        key.save(path)
    again = log_sm2_key(tmp_path)
    assert again is not None
    assert (again.vkey, again.name) == (key.vkey, ORIGIN)
    assert open_note(sign_note(TEXT, again), [key.vkey])[0] == TEXT
    assert "PRIVATE" not in repr(key)
    assert key._secret.hex() not in repr(key)
    path.chmod(0o644)
    if os.name != "nt":
        with pytest.raises(KeyFileOpen):
            log_sm2_key(tmp_path)


def lines() -> dict[str, str]:
    """Files that are no key file of this kind."""
    other = Sm2SigningKey(ORIGIN, *new_sm2_pair())

    def line(name: str, key_id: bytes, data: bytes) -> str:
        return f"PRIVATE+KEY+{name}+{key_id.hex()}+{base64.b64encode(data).decode()}\n"

    start = b"\xff" + SM2_NAME
    right = Vkey.of(OTHER, ORIGIN, SM2_NAME + POINT).key_id
    return {
        "an Ed25519 key": line(ORIGIN, key_of(ORIGIN).vkey.key_id, b"\x01" + bytes(32)),
        "no point": line(ORIGIN, right, start + SECRET),
        "another's secret": line(ORIGIN, right, start + other._secret + POINT),
        "a secret out of range": line(ORIGIN, right, start + b"\xff" * 32 + POINT),
        "another name": line("other", right, start + SECRET + POINT),
        "another type": line(ORIGIN, right, b"\xffsm9" + SECRET + POINT),
        "nothing": "",
    }


@pytest.mark.parametrize("what", lines())
def test_a_file_of_another_kind_is_refused(tmp_path, what):
    path = tmp_path / LOG_SM2_KEY
    path.write_text(lines()[what], "utf-8")
    path.chmod(0o600)
    with pytest.raises(KeyFileRejected, match="holds no"):
        log_sm2_key(tmp_path)


def test_without_the_extra_such_keys_are_refused_and_their_lines_passed_over(
    key, tmp_path, without_gm
):
    log = little_log()
    note = sign_checkpoint(log.checkpoint(), log.log_key, key)
    key.save(tmp_path / LOG_SM2_KEY)
    without_gm()

    assert open_checkpoint(note, [log.log_key.vkey]) == log.checkpoint()
    assert len(parse_note(note).lines) == 2
    for take_up in (
        lambda: Vkey.parse(str(key.vkey), KINDS),
        lambda: log_sm2_key(tmp_path),
        lambda: Sm2SigningKey.generate(ORIGIN),
    ):
        with pytest.raises(ValueError, match="extra gm") as told:
            take_up()
        assert NEEDS_GM in str(told.value)
    with pytest.raises(NoteRejected, match="not a public key"):
        Vkey.of(OTHER, ORIGIN, b"something-else" + POINT)
    assert not key.vkey.verifies(b"message digest", SIGNATURE)
    with pytest.raises(ValueError, match="extra gm"):
        key.sign_text(b"x")
