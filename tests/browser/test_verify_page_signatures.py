"""核验.html: its signatures, on both curves, judged as the libraries of the command line do."""

import hashlib
import random
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from nacl.bindings import crypto_core_ed25519_is_valid_point
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from ledger.approvals import is_possessed, possession_text, prove_possession
from ledger.notes import Note, SignatureLine, Vkey, sign_note
from ledger.signatures import ECDSA_P256, ED25519, KINDS
from tests.ledger.test_ed25519_edges import scalar_times_challenge
from tests.ledger.test_signatures import WEAK
from tests.support.counts import count
from tests.support.ed25519_edges import EDGES, LOW_ORDER, ORDER
from tests.support.log_builder import ORIGIN, key_of
from tests.support.p256 import P256Key, spki
from tests.support.scripts import text64

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551

# RFC 8032, 7.1: public key, message, signature of TEST 1, 2, 3 and SHA(abc).
RFC_8032 = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bac"
            "c61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e"
            "458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290"
            "ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
    (
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        hashlib.sha512(b"abc").hexdigest(),
        (
            "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ec"
            "fdfbc7c66431e0303dca179c138ac17ad9bef1177331a704"
        ),
    ),
]

Case = tuple[bytes, bytes, bytes]
"""Public key, text, signature."""


def both_codes(page: "Page", cases: list[Case]) -> list[list[bool]]:
    """What WebCrypto and the page's own code answer, for each case."""
    script = """async (cases) => {
      const jobs = cases.map(([key, text, signature]) =>
        ({ publicKey: bytes64(key), text: bytes64(text), signature: bytes64(signature) }));
      const answers = [];
      for (const own of [false, true]) answers.push(await ed25519Verifies(jobs, { own }));
      return answers;
    }"""
    answers = page.evaluate(script, [[text64(part) for part in case] for case in cases])
    return [list(pair) for pair in zip(*answers, strict=True)]


def test_signatures_of_rfc_8032(page: "Page") -> None:
    cases: list[Case] = [tuple(map(bytes.fromhex, case)) for case in RFC_8032]  # type: ignore[misc]
    assert both_codes(page, cases) == [[True, True]] * len(cases)


def test_no_bit_of_key_text_or_signature_can_change(page: "Page") -> None:
    """Both codes answer as the library of the command line does."""
    key, text, signature = map(bytes.fromhex, RFC_8032[2])
    cases = []
    for part, size in enumerate((32, 2, 64)):
        for bit in range(8 * size):
            parts = [bytearray(key), bytearray(text), bytearray(signature)]
            parts[part][bit // 8] ^= 1 << bit % 8
            cases.append(tuple(map(bytes, parts)))
    assert both_codes(page, cases) == [[False, False]] * len(cases)


def edge_cases() -> list[Case]:
    """S beyond the order, other lengths, weak keys and keys off the curve, small R."""
    private = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    key, text = private.public_key().public_bytes_raw(), b"one hour\n"
    good = private.sign(text)
    r, s = good[:32], int.from_bytes(good[32:], "little")
    other_s = [s + ORDER, s + 2 * ORDER, ORDER - s, 0, ORDER - 1, ORDER, ORDER + 1, 2**256 - 1]
    signatures = [good, b"", good[:63], good + b"\0", bytes(64)]
    signatures += [r + value.to_bytes(32, "little") for value in other_s]
    cases = [(key, text, signature) for signature in signatures]
    weak = [bytes.fromhex(public) for public in WEAK]
    cases += [(public, text, public + bytes(32)) for public in weak]
    cases += [(public, text, good) for public in (*weak, b"\2" + bytes(31), key[:31], key + b"\0")]
    return cases


def test_edges_are_judged_as_at_the_command_line_and_by_libsodium(page: "Page") -> None:
    cases = edge_cases()
    ours = []
    for key, text, signature in cases:
        kind = KINDS[ED25519]
        ours.append(kind.is_key(key) and kind.verifies("", key, text, signature))
    assert both_codes(page, cases) == [[one, one] for one in ours]
    assert ours == [True] + [False] * (len(cases) - 1)
    for key, text, signature in cases[1:]:
        if len(key) == 32 and len(signature) == 64:
            with pytest.raises(BadSignatureError):
                VerifyKey(key).verify(text, signature)


def test_a_nonce_of_zero_is_judged_as_at_the_command_line(page: "Page") -> None:
    """R is the neutral point; only the owner of the key can make such a signature."""
    seed, text, r = bytes(32), b"one hour\n", b"\1" + bytes(31)
    key = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    half = bytearray(hashlib.sha512(seed).digest()[:32])
    half[0] &= 248
    half[31] = (half[31] & 63) | 64
    h = int.from_bytes(hashlib.sha512(r + key + text).digest(), "little")
    s = h * int.from_bytes(half, "little") % ORDER
    case = (key, text, r + s.to_bytes(32, "little"))
    assert KINDS[ED25519].verifies("", *case)
    assert both_codes(page, [case]) == [[True, True]]


def test_signatures_of_many_keys(page: "Page") -> None:
    noise = random.Random(3)
    cases: list[Case] = []
    for number in range(count(500, 60)):
        private = Ed25519PrivateKey.from_private_bytes(noise.randbytes(32))
        text = noise.randbytes(number)
        cases.append((private.public_key().public_bytes_raw(), text, private.sign(text)))
    assert both_codes(page, cases) == [[True, True]] * len(cases)


def der(*numbers: bytes, head: int = 0x30, mark: int = 0x02) -> bytes:
    """A SEQUENCE of INTEGERs, however wrongly spelled."""
    body = b"".join(bytes([mark, len(number)]) + number for number in numbers)
    return bytes([head, len(body)]) + body


def p256_cases() -> list[Case]:
    """Numbers at their bounds, other spellings of them, other keys, and every bit changed."""
    phone, text = P256Key("example.com/phone"), b"one hour\n"
    public, good = phone.vkey.public, phone.sign_text(text)
    r, s = decode_dss_signature(good)
    pairs = [(r, P256_ORDER - s), (r, 0), (0, s), (r, P256_ORDER), (P256_ORDER + r, s), (s, r),
             (r, P256_ORDER + s), (P256_ORDER - 1, 1), (1, 1)]  # fmt: skip
    signatures = [good, *(encode_dss_signature(*pair) for pair in pairs)]
    one, two = (number.to_bytes(33, "big") for number in (r, s))
    short_one, short_two = (
        number.to_bytes((number.bit_length() + 8) // 8, "big") for number in (r, s)
    )
    signatures += [der(one, two), der(b"\0" + one, two), der(one[1:], two[1:]), der(b"", two),
                   der(short_one, short_two, head=0x31), der(short_one, short_two, mark=0x03),
                   der(short_one), der(short_one, short_two, b"\1"), one[1:] + two[1:], b"",
                   good + b"\0", good[:-1], b"\x30\x81" + good[1:], der(b"\x80", b"\1"),
                   b"\x30\x80" + good[2:] + b"\0\0", der(b"\0\1", b"\1")]  # fmt: skip
    cases = [(public, text, signature) for signature in signatures]
    curve = phone.private.public_key()
    compressed = curve.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    points = [public[-65:], compressed, b"\0", b"\4" + bytes(64), b"\4" + b"\xff" * 64,
              b"\6" + public[-64:], public[-65:] + b"\0"]  # fmt: skip
    for point in points:
        bits = bytes([3, len(point) + 1, 0]) + point
        body = public[2:23] + bits
        cases.append((bytes([0x30, len(body)]) + body, text, good))
    other = spki(ec.derive_private_key(7, ec.SECP384R1()).public_key())
    cases += [(other, text, good), (public[:-1], text, good), (b"", text, good)]
    for part in range(3):
        for bit in range(8 * len((public, text, good)[part])):
            parts = [bytearray(public), bytearray(text), bytearray(good)]
            parts[part][bit // 8] ^= 1 << bit % 8
            cases.append(tuple(map(bytes, parts)))  # type: ignore[arg-type]
    return cases


def test_p256_is_judged_as_at_the_command_line_or_not_at_all(page: "Page") -> None:
    """Without WebCrypto nothing passes: what could be a signature is said to be unchecked."""
    cases, kind = p256_cases(), KINDS[ECDSA_P256]
    ours = [kind.verifies("", *case) for case in cases]
    script = """async (cases) => {
      const jobs = cases.map(([key, text, signature]) => ({ vkey: { kind: 2,
        publicKey: bytes64(key) }, text: bytes64(text), signature: bytes64(signature) }));
      const answers = [jobs.map(({ vkey }) => isP256Key(vkey.publicKey))];
      for (const own of [false, true]) answers.push(await signaturesVerify(jobs, { own }));
      return answers;
    }"""
    keys, told, unchecked = page.evaluate(
        script, [[text64(part) for part in case] for case in cases]
    )
    assert keys == [kind.is_key(key) for key, _text, _signature in cases]
    assert told == ours
    assert sum(ours) == 3, "the signature twice, as its key was put together anew, and with -s"
    assert set(unchecked) == {None, False}
    assert all(answer is None for answer, one in zip(unchecked, ours, strict=True) if one)


def test_keys_in_the_group_of_the_base_point_are_those_of_libsodium(page: "Page") -> None:
    noise = random.Random(7)
    keys = [edge.public for edge in EDGES] + [
        key_of(str(number)).vkey.public for number in range(5)
    ]
    keys += [noise.randbytes(32) for _ in range(20)]
    keys = [key for key in keys if KINDS[ED25519].is_key(key)]
    told = page.evaluate("(keys) => keys.map((key) => isOfFullOrder(bytes64(key)))",
                         list(map(text64, keys)))  # fmt: skip
    assert told == [crypto_core_ed25519_is_valid_point(key) for key in keys]
    assert set(told) == {True, False}


def proofs() -> list[tuple[Vkey, str, str]]:
    """Keys, roles and notes that shall prove that the key is held; the first two do."""
    key, phone, other = key_of("example.com/dev"), P256Key("example.com/dev"), key_of("other")
    text = possession_text(ORIGIN, "device", key.vkey)
    made = [
        (key.vkey, "device", prove_possession(ORIGIN, "device", key)),
        (phone.vkey, "device", prove_possession(ORIGIN, "device", phone)),
        (key.vkey, "staff", prove_possession(ORIGIN, "device", key)),
        (key.vkey, "device", prove_possession("other.example", "device", key)),
        (key.vkey, "device", prove_possession(ORIGIN, "device", phone)),
        (key.vkey, "device", sign_note(text, other)),
        (key.vkey, "device", sign_note(text, key, other)),
        (key.vkey, "device", sign_note(text, key, key)),
        (key.vkey, "device", text),
        (key.vkey, "device", ""),
    ]
    made += [
        (key.vkey, "device", str(Note(text, (SignatureLine(key.name, key.vkey.key_id, wrong),))))
        for wrong in (bytes(64), b"x")
    ]
    return made


def test_possession_is_proven_to_both_alike(page: "Page") -> None:
    script = """async ([origin, cases]) => Promise.all(cases.map(async ([vkey, role, note]) => {
      const told = [];
      const registry = new Registry((...said) => told.push(said), origin, { own: false });
      const key = parseVkey(vkey, SUBMITTING_KINDS);
      await registry.possessed({ index: 1 }, key, role, { possession: note });
      return told.length === 0;
    }))"""
    cases = proofs()
    told = page.evaluate(script, [ORIGIN, [[str(vkey), *rest] for vkey, *rest in cases]])
    assert told == [is_possessed(note, ORIGIN, role, vkey) for vkey, role, note in cases]
    assert told == [True, True] + [False] * (len(cases) - 2)


def test_a_proof_about_which_the_libraries_differ_is_none(page: "Page") -> None:
    """R is the neutral point; OpenSSL takes the signature, libsodium does not."""
    alice, one = key_of("example.com/alice"), LOW_ORDER[0]
    made = one + scalar_times_challenge(one).to_bytes(32, "little")
    script = """async ([vkey, signature]) => {
      const [key, job] = [parseVkey(vkey), { text: "text\\n", signature: bytes64(signature) }];
      const registry = new Registry(() => {}, "", { own: false });
      const line = { name: key.name, keyId: key.keyId, signature: job.signature };
      const text = bytesOf(job.text);
      return [await signaturesVerify([{ vkey: key, text, signature: job.signature }],
        { own: false }), await registry.holds({ text: job.text, lines: [line] }, key)];
    }"""
    assert page.evaluate(script, [str(alice.vkey), text64(made)]) == [[True], False]
    assert alice.vkey.verifies(b"text\n", made)
