"""核验.html: its own hashes, signatures and readers, run in the browser against other people's."""

import base64
import hashlib
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from ledger.encoding import OutOfProfile, decode
from ledger.leaf_parser import LeafRejected, parse
from ledger.notes import NoteRejected, Vkey, parse_note
from ledger.signatures import ED25519, KINDS
from ledger.submission import parse_submission
from tests.ledger.test_signatures import WEAK
from tests.support.counts import count
from tests.support.log_builder import little_log

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.support.browser import Browsers

pytestmark = pytest.mark.browser

ORDER = 2**252 + 27742317777372353535851937790883648493

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


@pytest.fixture
def page(browsers: "Browsers", tmp_path: Path) -> "Page":
    """The page as it lies on the disk, with everything of its verifier within reach."""
    from tests.support.offline_auditor import write_page

    opened = browsers.start(offline=True).new_page()
    opened.goto(write_page(tmp_path).as_uri())
    opened.evaluate(
        "globalThis.bytes64 = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0))"
    )
    return opened


def text64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


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


# Hashes -------------------------------------------------------------------------------------------


def test_hashes_are_those_of_the_standard_library(page: "Page") -> None:
    """FIPS 180-4's examples, and every length around the bounds of a block."""
    noise = random.Random(1)
    texts = [
        b"",
        b"abc",
        b"a" * 1_000_000,
        b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
    ]
    texts += [noise.randbytes(length) for length in range(260)]
    for name in ("sha256", "sha512"):
        told = page.evaluate(
            f"(texts) => texts.map((text) => hexOf({name}(bytes64(text))))",
            list(map(text64, texts)),
        )
        assert told == [hashlib.new(name, text).hexdigest() for text in texts]


def test_a_hash_in_pieces_is_the_hash_of_the_whole(page: "Page") -> None:
    text = random.Random(2).randbytes(1_000)
    script = """([text, cuts]) => {
      const [hash, data] = [new Sha256(), bytes64(text)];
      let at = 0;
      for (const cut of [...cuts, data.length]) { hash.update(data.subarray(at, cut)); at = cut; }
      return hexOf(hash.digest());
    }"""
    for cuts in ([], [0, 0], [1], [63, 64, 65], [64, 128, 500], [999], list(range(0, 1_000, 7))):
        assert page.evaluate(script, [text64(text), cuts]) == hashlib.sha256(text).hexdigest()


# Signatures ---------------------------------------------------------------------------------------


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


# Readers ------------------------------------------------------------------------------------------


def accepted(read: Any, data: Any) -> bool:
    try:
        read(data)
    except (LeafRejected, NoteRejected, OutOfProfile, UnicodeDecodeError):
        return False
    return True


def accepted_by_page(page: "Page", reader: str, cases: list[bytes]) -> list[bool]:
    """Whether the page's reader takes each; anything but a refusal of form fails the test."""
    script = f"""(cases) => cases.map((text) => {{
      try {{ ({reader})(bytes64(text)); return true; }}
      catch (error) {{ if (error instanceof Rejected) return false; throw error; }}
    }})"""
    return page.evaluate(script, list(map(text64, cases)))


VALUES = (
    "0", "-0", "1", "-1", "1.0", "1.5", "1e3", "9007199254740991", "9007199254740992",
    "9007199254740993", "-9007199254740992", "18446744073709551616", "true", "null", '""', '"a"',
    '"A b"', "[]", "{}", "[1,0]", "[[]]", '"2023-02-29"', '"2024-02-29"', '"3000-01-01"',
    '"1969-12-31"', '"\\ud800"', '"\ud55c"', '"\\u0041"', '"\\u001f"', '"\\u001F"', '"\u007f"',
    '"\u2028"', '"__proto__"', '"constructor"',
)  # fmt: skip


def mutations(samples: list[bytes], noise: random.Random, number: int) -> list[bytes]:
    """Samples with a byte changed, put in or taken out, or with another value somewhere."""
    made = list(samples)
    while len(made) < number:
        data = bytearray(noise.choice(samples))
        at = noise.randrange(len(data))
        match noise.randrange(5):
            case 0:
                data[at] ^= 1 << noise.randrange(8)
            case 1:
                del data[at]
            case 2:
                data.insert(at, noise.choice(b'"\\,:{}[]-.09aZ \n+=\xc3\xff'))
            case _:
                colon = bytes(data).find(b":", at)
                ends = [end for end in (bytes(data).find(c, colon) for c in b",}") if end > 0]
                if colon > 0 and ends:
                    data[colon + 1 : min(ends)] = noise.choice(VALUES).encode("utf-8")
        made.append(bytes(data))
    return made


@pytest.mark.parametrize("seed", range(3))
def test_leaves_are_read_and_refused_alike(page: "Page", seed: int) -> None:
    cases = mutations(little_log().leaves, random.Random(seed), count(20_000, 2_000))
    told = accepted_by_page(page, "parseLeaf", cases)
    assert [
        case for case, one in zip(cases, told, strict=True) if one != accepted(parse, case)
    ] == []
    assert 0 < sum(told) < len(told)


def test_bodies_and_submissions_are_read_and_refused_alike(page: "Page") -> None:
    subs = [sub.encode() for leaf in little_log().leaves if (sub := parse(leaf).sub)]
    cases = mutations(subs, random.Random(4), count(20_000, 2_000))
    told = accepted_by_page(page, "(data) => parseSubmission(textOf(data))", cases)
    ours = [accepted(lambda data: parse_submission(data.decode("utf-8")), case) for case in cases]
    assert [case for case, a, b in zip(cases, told, ours, strict=True) if a != b] == []
    values = [value.encode("utf-8") for value in VALUES]
    nested = [b'{"a":' * depth + b"1" + b"}" * depth for depth in (1, 7, 8, 9, 20_000)]
    bodies = [*values, *nested, b'{"a":1,"a":1}', b'{"b":1,"a":1}', b'{"10":1,"9":1}',
              b'{"\xc3\xa9":1}', b'{"a": 1}', b"\xef\xbb\xbf{}", b"{}\n", b"", b"\xff"]  # fmt: skip
    told = accepted_by_page(page, "(data) => readJson(textOf(data))", bodies)
    assert told == [accepted(decode, body) for body in bodies]


def test_notes_and_keys_are_read_and_refused_alike(page: "Page") -> None:
    log = little_log()
    notes = [log.note().encode(), *(log.note(size).encode() for size in (0, 1, 20))]
    many = log.note() + log.note().splitlines(keepends=True)[-1] * 63
    cases = [*mutations(notes, random.Random(5), 2_000), many.encode(),
             (many + many.splitlines(keepends=True)[-1]).encode()]  # fmt: skip
    told = accepted_by_page(page, "(data) => parseNote(textOf(data))", cases)
    assert told == [accepted(parse_note, case) for case in cases]
    keys = [str(key.vkey).encode() for key in (log.log_key, log.operator, log.station)]
    cases = mutations(keys, random.Random(6), 2_000)
    told = accepted_by_page(page, "(data) => parseVkey(textOf(data))", cases)
    assert told == [accepted(lambda data: Vkey.parse(data.decode("utf-8")), case) for case in cases]
