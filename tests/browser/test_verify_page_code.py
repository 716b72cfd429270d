"""核验.html: its own hashes, signatures and readers, run in the browser against other people's."""

import hashlib
import random
from typing import TYPE_CHECKING, Any

import pytest

from ledger.approvals import SUBMITTING_KINDS
from ledger.cosigners import Cosigner
from ledger.encoding import OutOfProfile, decode, encode
from ledger.leaf_parser import LeafRejected, parse
from ledger.notes import NoteRejected, Vkey, parse_note
from ledger.signatures import COSIGNATURE, ED25519
from ledger.submission import parse_submission
from tests.support.counts import count
from tests.support.log_builder import little_log, log_of_keys
from tests.support.p256 import P256Key
from tests.support.scripts import text64

if TYPE_CHECKING:
    from playwright.sync_api import Page


pytestmark = pytest.mark.browser

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
    successor = decode(little_log().leaves[0])
    assert isinstance(successor, dict)
    samples = [encode({**successor, "predecessor": little_log().note()})]
    samples += little_log().leaves + log_of_keys().leaves
    cases = mutations(samples, random.Random(seed), count(20_000, 3_000))
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
    signers = (log.log_key, log.operator, log.station, P256Key("example.com/phone"),
               Cosigner(COSIGNATURE, "example.com/w1", bytes(32), lambda: 7))  # fmt: skip
    cases = mutations([str(key.vkey).encode() for key in signers], random.Random(6), 2_000)
    for kinds, parse_vkey in (
        ((ED25519,), "parseVkey(text)"),
        (SUBMITTING_KINDS, "parseVkey(text, SUBMITTING_KINDS)"),
    ):
        told = accepted_by_page(
            page, f"(data) => {{ const text = textOf(data); {parse_vkey}; }}", cases
        )
        ours = [accepted(lambda data, kinds=kinds: Vkey.parse(data.decode("utf-8"), kinds), case)
                for case in cases]  # fmt: skip
        assert told == ours
