"""ledger/trust_policy.py: read strictly, and a quorum is what the file says it is."""

import itertools

import pytest

from ledger.checkpoint import Checkpoint, sign_checkpoint
from ledger.merkle import EMPTY_ROOT
from ledger.notes import Vkey, parse_note
from ledger.signatures import COSIGNATURE, ML_DSA_44
from ledger.trust_policy import (
    MOST_WITNESSES,
    TrustPolicyRejected,
    parse_trust_policy,
    read_trust_policy,
)
from tests.support.log_builder import ORIGIN, cosigner_of, key_of

LOG = str(key_of(ORIGIN).vkey)
WITNESSES = {
    name: cosigner_of(f"witness.example/{name}", COSIGNATURE) for name in ("x1", "x2", "x3", "y1")
}
NAMED = "".join(f"witness {name} {one.vkey}\n" for name, one in WITNESSES.items())


def rejected(text: str | bytes, why: str) -> None:
    data = text if isinstance(text, bytes) else text.encode("utf-8")
    with pytest.raises(TrustPolicyRejected, match=why):
        parse_trust_policy(data)


def test_the_specifications_example_counts_as_it_says():
    text = (
        f"log {LOG}\n\n{NAMED}group X 2 x1 x2 x3\ngroup Y any y1\ngroup both all X Y\nquorum both\n"
    )
    policy = parse_trust_policy(text.encode())
    assert [log.vkey for log in policy.logs] == [key_of(ORIGIN).vkey]
    for count in range(5):
        for names in itertools.combinations(WITNESSES, count):
            expected = "y1" in names and len(set(names) - {"y1"}) >= 2
            assert policy.is_met(names) is expected, names


def test_blanks_comments_and_addresses_are_read():
    vkey = WITNESSES["x1"].vkey
    text = f" # a comment\n\t\n \tlog\t{LOG}  https://log.example/ \n\n"
    text += f"witness x1 {vkey} http://w\nquorum x1\n"
    policy = parse_trust_policy(text.encode())
    assert [log.url for log in policy.logs] == ["https://log.example/"]
    assert [(one.name, one.url) for one in policy.witnesses] == [("x1", "http://w")]
    assert policy.is_met({"x1"})
    assert not policy.is_met(set())


def test_quorum_none_is_met_by_nobody_and_may_be_all_there_is():
    assert parse_trust_policy(b"quorum none\n").is_met(())


def test_a_witness_may_have_either_kind_of_key():
    second = cosigner_of("witness.example/m", ML_DSA_44).vkey
    policy = parse_trust_policy(f"witness m {second}\nquorum m\n".encode())
    assert policy.witnesses[0].vkey == second


def test_names_are_opaque_octets():
    vkeys = [WITNESSES[name].vkey for name in ("x1", "x2")]
    kelvin, broken = "\u212a".encode(), b"\xff\xfe"
    data = b"witness %b %b\nwitness %b %b\ngroup K any %b %b\nquorum K\n" % (
        kelvin, str(vkeys[0]).encode(), broken, str(vkeys[1]).encode(), kelvin, broken,
    )  # fmt: skip
    policy = parse_trust_policy(data)
    assert [name.encode("utf-8", "surrogateescape") for name in policy.groups["K"].members] == [
        kelvin, broken,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no quorum"),
        ("quorum none", "no newline"),
        ("quorum none\nquorum none\n", "second quorum"),
        ("quorum x1\n" + NAMED, "not defined above"),
        (NAMED + "quorum x9\n", "not defined above"),
        (NAMED + "quorum\n", "not a line"),
        (NAMED + "quorum x1 x2\n", "not a line"),
        ("include other\nquorum none\n", "line 1: not a line"),
        ("Quorum none\n", "not a line"),
        ("quorum none # why\n", "not a line"),
        (f"log {LOG}\nlog {LOG}\nquorum none\n", "line 2: a log of this key"),
        (f"log {WITNESSES['x1'].vkey}\nquorum none\n", "of a kind"),
        (f"witness w {LOG}\nquorum none\n", "of a kind"),
        ("log x\nquorum none\n", "not a verifier key"),
        (b"log \xff+00000000+AQ==\nquorum none\n", "line 1"),
        (NAMED + NAMED + "quorum none\n", "line 5: a witness of this key"),
        (f"witness none {WITNESSES['x1'].vkey}\nquorum none\n", "taken"),
        (NAMED + "group x1 any x2\nquorum none\n", "taken"),
        (NAMED + "group none any x2\nquorum none\n", "taken"),
        (NAMED + "group g any g\nquorum none\n", "not defined above"),
        (NAMED + "group g any none\nquorum none\n", "not defined above"),
        (NAMED + "group g any x1 x1\nquorum none\n", "member already"),
        (NAMED + "group g any x1\ngroup h any x1\nquorum none\n", "member already"),
        (NAMED + "group g any\nquorum none\n", "not a line"),
        (NAMED + "group g most x1\nquorum none\n", "all, any or a number"),
        (NAMED + "group g 0 x1\nquorum none\n", "all, any or a number"),
        (NAMED + "group g 01 x1\nquorum none\n", "all, any or a number"),
        (NAMED + "group g -1 x1\nquorum none\n", "all, any or a number"),
        (NAMED + "group g ２ x1 x2\nquorum none\n", "all, any or a number"),
        (NAMED + "group g 3 x1 x2\nquorum none\n", "3 of 2"),
        ("quorum none\r\n", "control character"),
        ("quorum\x0bnone\n", "control character"),
        ("quorum none\n\x7f\n", "control character"),
        ("#" + "x" * 2**18 + "\nquorum none\n", "bytes"),
    ],
)
def test_whatever_is_no_policy_is_rejected(text, why):
    rejected(text, why)


def test_a_key_is_a_duplicate_whatever_name_it_bears():
    one = WITNESSES["x1"].vkey
    other = Vkey.of(COSIGNATURE, "witness.example/other", one.public)
    rejected(f"witness a {one}\nwitness b {other}\nquorum none\n", "of this key")


@pytest.mark.parametrize("extra", [-1, 0, 1])
def test_there_are_no_more_witnesses_than_a_note_has_lines_for(extra):
    lines = "".join(
        f"witness w{n} {cosigner_of(f'witness.example/{n}', COSIGNATURE).vkey}\n"
        for n in range(MOST_WITNESSES + extra)
    )
    if extra > 0:
        rejected(lines + "quorum none\n", "more than")
    else:
        policy = parse_trust_policy((lines + "quorum none\n").encode())
        assert len(policy.witnesses) == MOST_WITNESSES + extra


def test_a_policy_is_read_from_a_file_that_must_be_there(tmp_path):
    path = tmp_path / "trust.policy"
    with pytest.raises(TrustPolicyRejected, match="No such file"):
        read_trust_policy(path)
    path.write_text(NAMED + "quorum x1\n", "utf-8")
    assert read_trust_policy(path).quorum == "x1"


def test_only_true_single_lines_count_as_witnessed():
    policy = parse_trust_policy((NAMED + "quorum x1\n").encode())
    head = Checkpoint(ORIGIN, 0, EMPTY_ROOT)
    x1, x2 = WITNESSES["x1"], WITNESSES["x2"]
    note = parse_note(sign_checkpoint(head, key_of(ORIGIN), x1, x2))
    assert policy.witnessed(note) == {"x1", "x2"}
    assert policy.witnessed(note.with_lines(note.lines[1])) == {"x2"}
    assert policy.false_lines(note) == ()
    assert policy.false_lines(note.with_lines(note.lines[1])) == (x1.vkey,)
    elsewhere = parse_note(sign_checkpoint(Checkpoint(ORIGIN, 0, bytes(32)), x1))
    assert policy.witnessed(parse_note(sign_checkpoint(head, x2)).with_lines(*elsewhere.lines)) == {
        "x2"
    }
