"""ledger/verify_policy.py: which witnesses must have cosigned is for the reader to say."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from ledger.checkpoint import sign_checkpoint
from ledger.cosigners import Cosigner
from ledger.findings import Report
from ledger.notes import parse_note
from ledger.signatures import COSIGNATURE, ML_DSA_44
from ledger.trust_policy import TrustPolicy, parse_trust_policy
from ledger.verify import verify
from tests.support.log_builder import ORIGIN, LogBuilder, cosigner_of, key_of, log_of_keys

NAMES = ("a", "b", "c", "d")
SIGNED_AT_S = 1_678_000_100
WITNESSES = {
    name: cosigner_of(f"witness.example/{name}", COSIGNATURE, SIGNED_AT_S + place)
    for place, name in enumerate(NAMES)
}
NAMED = "".join(f"witness {name} {one.vkey}\n" for name, one in WITNESSES.items())
STRANGER = cosigner_of("witness.example/stranger", COSIGNATURE)
NO_QUORUM = ["checkpoint: quorum"]


@cache
def log() -> LogBuilder:
    made = LogBuilder()
    made.account("member")
    return made


def policy(rest: str) -> TrustPolicy:
    return parse_trust_policy((NAMED + rest).encode())


def published(folder: Path, *cosigners: Cosigner) -> Path:
    """The log with these lines under its checkpoint."""
    log().write_log(folder)
    note = sign_checkpoint(log().checkpoint(), log().log_key, *cosigners)
    folder.joinpath("checkpoint").write_text(note, "utf-8")
    return folder


def cosigned_by(folder: Path, names: str) -> Path:
    return published(folder, *(WITNESSES[name] for name in names))


def rules(report: Report) -> list[str]:
    return [f"{one.file}: {one.rule}" for one in report.findings]


@pytest.mark.parametrize(
    ("names", "enough"), [("", False), ("a", False), ("ab", True), ("abc", True), ("d", False)]
)
def test_a_quorum_is_reached_or_the_checkpoint_is_at_fault(tmp_path, names, enough):
    two_of_three = policy("group offices 2 a b c\nquorum offices\n")
    report = verify(cosigned_by(tmp_path, names), policy=two_of_three)
    assert rules(report) == ([] if enough else NO_QUORUM)
    if not enough:
        assert str(report.findings[0]) == (
            f"checkpoint leaf {log().size - 1}: quorum: "
            f"{len(names)} of 4 witnesses cosigned: no quorum"
        )


@pytest.mark.parametrize(
    ("names", "enough"), [("ab", False), ("abd", True), ("acd", True), ("ad", False), ("bcd", True)]
)
def test_groups_of_groups_count_as_the_policy_says(tmp_path, names, enough):
    nested = policy("group near 2 a b c\ngroup both all near d\nquorum both\n")
    assert rules(verify(cosigned_by(tmp_path, names), policy=nested)) == (
        [] if enough else NO_QUORUM
    )


def test_a_false_line_of_a_known_witness_is_told_even_where_the_others_are_enough(tmp_path):
    folder = cosigned_by(tmp_path, "ab")
    elsewhere = sign_checkpoint(log().checkpoint(2), WITNESSES["c"])
    note = parse_note(folder.joinpath("checkpoint").read_bytes())
    with_false = note.with_lines(*parse_note(elsewhere).lines)
    folder.joinpath("checkpoint").write_text(str(with_false), "utf-8")
    any_of = policy("group offices any a b c\nquorum offices\n")
    report = verify(folder, policy=any_of)
    assert rules(report) == NO_QUORUM
    assert "the line of witness.example/c is false" in report.findings[0].evidence
    only_that = verify(folder, policy=policy("quorum c\n"))
    assert rules(only_that) == 2 * NO_QUORUM
    assert rules(verify(folder)) == []  # Who has no policy knows no witness.


def test_a_line_that_stands_twice_does_not_count(tmp_path):
    folder = cosigned_by(tmp_path, "a")
    note = parse_note(folder.joinpath("checkpoint").read_bytes())
    folder.joinpath("checkpoint").write_text(str(note.with_lines(note.lines[1])), "utf-8")
    assert rules(verify(folder, policy=policy("quorum a\n"))) == 2 * NO_QUORUM


def test_a_witness_that_the_policy_does_not_know_is_ignored(tmp_path):
    folder = published(tmp_path, STRANGER, WITNESSES["a"])
    report = verify(folder, policy=policy("quorum a\n"))
    assert rules(report) == []
    assert [one.vkey for one in report.claims.witnesses] == [WITNESSES["a"].vkey]
    assert rules(verify(folder, policy=policy("quorum b\n"))) == NO_QUORUM


def test_the_claim_names_the_witnesses_and_their_times(tmp_path):
    folder = cosigned_by(tmp_path, "ba")
    vkey = str(log().log_key.vkey)
    report = verify(folder, policy=policy("group both all a b\nquorum both\n"), vkey=vkey)
    assert report.claim == (
        "verified against the given key, and was cosigned by "
        "witness.example/a at 2023-03-05T07:08:20Z, witness.example/b at 2023-03-05T07:08:21Z"
    )
    assert [one.at for one in report.claims.witnesses] == [
        datetime.fromtimestamp(SIGNED_AT_S + place, UTC) for place in (0, 1)
    ]
    assert report.as_json()["witnesses"] == [
        {"vkey": str(WITNESSES["a"].vkey), "at": "2023-03-05T07:08:20+00:00"},
        {"vkey": str(WITNESSES["b"].vkey), "at": "2023-03-05T07:08:21+00:00"},
    ]
    assert (report.identity, report.freshness) == (True, True)
    assert verify(folder, policy=policy("quorum a\n")).claim.endswith(
        "; the log's identity was taken from the folder"
    )


def test_a_witness_may_have_either_kind_of_key(tmp_path):
    second = cosigner_of("witness.example/m", ML_DSA_44)
    asked = parse_trust_policy(f"witness m {second.vkey}\nquorum m\n".encode())
    assert rules(verify(published(tmp_path, second), policy=asked)) == []
    assert rules(verify(published(tmp_path), policy=asked)) == NO_QUORUM


def test_nobody_is_asked_where_the_quorum_is_none(tmp_path):
    report = verify(cosigned_by(tmp_path, ""), policy=policy("quorum none\n"))
    assert (rules(report), report.claim) == ([], "self-consistent only")


def test_a_log_that_the_policy_names_needs_no_other_word_for_its_identity(tmp_path):
    folder = cosigned_by(tmp_path, "")
    named = policy(f"log {key_of('log.example/x').vkey}\nlog {log().log_key.vkey}\nquorum none\n")
    report = verify(folder, policy=named)
    assert (rules(report), report.identity, report.freshness) == ([], True, False)
    stranger = policy(f"log {key_of('log.example/x').vkey}\nquorum none\n")
    report = verify(folder, policy=stranger)
    assert (rules(report), report.identity) == (["vkey: vkey"], False)
    assert report.findings[0].leaf == 0


def test_a_second_key_of_the_log_may_be_the_one_in_the_policy(tmp_path):
    second = cosigner_of(ORIGIN)
    named = parse_trust_policy(f"log {second.vkey}\nquorum none\n".encode())
    report = verify(published(tmp_path, second), policy=named)
    assert (rules(report), report.identity) == ([], True)
    assert rules(verify(published(tmp_path), policy=named)) == ["vkey: vkey"]


@pytest.mark.parametrize(("size", "known"), [(6, True), (7, True), (8, False)])
def test_while_a_log_key_takes_over_either_is_known(tmp_path, size, known):
    """Leaf 5 brings in the second key, leaf 7 ends the first one."""
    first = f"log {key_of(ORIGIN).vkey}\nquorum none\n"
    folder = log_of_keys().write_log(tmp_path, size)
    report = verify(folder, policy=parse_trust_policy(first.encode()))
    assert ("vkey: vkey" not in rules(report)) is known


def test_a_checkpoint_that_is_not_the_logs_has_no_witnesses(tmp_path):
    folder = cosigned_by(tmp_path, "a")
    only = sign_checkpoint(log().checkpoint(), WITNESSES["a"])
    folder.joinpath("checkpoint").write_text(only, "utf-8")
    report = verify(folder, policy=policy("quorum a\n"))
    assert (rules(report), report.claims.witnesses) == (["checkpoint: checkpoint"], ())


@pytest.mark.parametrize("more", [-1, 0, 1])
def test_a_pinned_size_must_be_reached(tmp_path, more):
    asked = log().size + more
    report = verify(cosigned_by(tmp_path, ""), least_size=asked)
    if more > 0:
        assert [str(one) for one in report.findings] == [
            (
                f"checkpoint leaf {log().size - 1}: size: "
                f"has {log().size} leaves, not the {asked} that were asked for"
            )
        ]
        assert (report.freshness, report.claim) == (False, "self-consistent only")
    else:
        assert (report.findings, report.freshness) == ((), True)
        assert report.claim == (
            f"has at least {asked} leaves; the log's identity was taken from the folder"
        )


def test_everything_from_elsewhere_makes_one_sentence(tmp_path):
    since = tmp_path / "older"
    since.write_text(log().note(2), "utf-8")
    report = verify(
        cosigned_by(tmp_path / "log", "a"), since=since, least_size=3,
        policy=policy(f"log {log().log_key.vkey}\nquorum a\n"),
    )  # fmt: skip
    assert report.findings == ()
    assert report.claim == (
        "verified against the given key, and extends the given checkpoint and has at least 3 "
        "leaves and was cosigned by witness.example/a at 2023-03-05T07:08:20Z"
    )


def test_a_stop_at_the_first_fault_claims_no_freshness(tmp_path):
    folder = cosigned_by(tmp_path, "a")
    folder.joinpath("tile/0/000.p/4").write_bytes(bytes(128))
    report = verify(folder, policy=policy("quorum a\n"), least_size=1, first=True)
    assert (len(report.findings), report.freshness) == (1, False)
