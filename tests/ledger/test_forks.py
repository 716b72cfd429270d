"""ledger/forks.py: the leaf that ends a forked key has its evidence; false evidence is found."""

import hashlib

import pytest

from ledger.approvals import DEVICE
from ledger.encoding import MOST_BYTES
from ledger.errors import SubmissionTooLarge
from ledger.forks import FORKED, check_fits_as_evidence, evidence_of
from ledger.keys import SigningKey
from ledger.submission import FIRST_PREV, sign_submission
from ledger.verify import verify
from tests.support import leaf_spelling as spelled
from tests.support.log_builder import ORIGIN, LogBuilder, key_of
from tests.support.p256 import P256Key

TABLET = key_of(f"{ORIGIN}/dev/1")


def log_of_a_device(key=TABLET) -> LogBuilder:
    """A device states three facts, numbers 0 to 2, and is refused a fourth, number 3."""
    log = LogBuilder()
    log.key(key, DEVICE)
    for place in range(3):
        sub = log.sign("record", {"place": place}, by=key)
        log.append("fact", log.new_id("record"), {}, sub=sub)
    log.refused_note = log.sign("record", {"place": 3}, by=key)
    text = log.refused_note.split("\n\n")[0] + "\n"
    digest = hashlib.sha256(text.encode()).hexdigest()
    refused = spelled.refused_facts(digest, "duplicate", key.name)
    log.append("refused", log.new_id("sub"), refused)
    return log


def note(seq, *, by=TABLET, origin=ORIGIN, prev=FIRST_PREV, body=None):
    body = {"place": "another"} if body is None else body
    return sign_submission(origin, "record", body, by, seq=seq, prev=prev)[0]


def ended(log, evidence, **rest):
    log.revoke(rest.get("of", TABLET.name), reason=FORKED, evidence=evidence)


def found(log, tmp_path):
    report = verify(log.write_log(tmp_path / "log"))
    return [(finding.leaf, finding.rule) for finding in report.findings]


@pytest.mark.parametrize("seq", [0, 1, 2, 3])
def test_a_second_text_under_a_used_number_ends_the_key(tmp_path, seq):
    log = log_of_a_device()
    ended(log, note(seq))
    assert found(log, tmp_path) == []
    log.fact(by=TABLET)
    assert [rule for _leaf, rule in found(log, tmp_path)] == ["key_unknown"]


def test_a_fork_of_a_key_on_p256_is_judged_too(tmp_path):
    phone = P256Key(f"{ORIGIN}/dev/1")
    log = log_of_a_device(phone)
    ended(log, note(1, by=phone))
    assert found(log, tmp_path) == []


def nothing(log):
    ended(log, None)


def words(log):
    ended(log, "words")


def a_number_that_was_not_used(log):
    ended(log, note(4))


def the_text_in_the_log(log):
    ended(log, note(0, body={"place": 0}))


def the_text_that_was_refused(log):
    ended(log, log.refused_note)


def another_keys_note(log):
    ended(log, note(1, by=log.station))


def a_namesakes_note(log):
    ended(log, note(1, by=SigningKey(TABLET.name, bytes(32))))


def a_note_to_another_log(log):
    ended(log, note(1, origin="timebank.example/elsewhere"))


def two_lines(log):
    other = sign_submission(
        ORIGIN, "record", {"place": "x"}, TABLET, log.station, seq=1, prev=FIRST_PREV
    )
    ended(log, other[0])


FALSE = (
    nothing,
    words,
    a_number_that_was_not_used,
    the_text_in_the_log,
    the_text_that_was_refused,
    another_keys_note,
    a_namesakes_note,
    a_note_to_another_log,
    two_lines,
)


@pytest.mark.parametrize("plant", FALSE)
def test_false_evidence_is_found_at_its_leaf(tmp_path, plant):
    log = log_of_a_device()
    at = log.size
    plant(log)
    assert found(log, tmp_path) == [(at, "key_evidence")]


def test_evidence_that_the_key_never_signed_is_found(tmp_path):
    log = log_of_a_device()
    forger = SigningKey(TABLET.name, bytes(32))
    forger.vkey = TABLET.vkey
    at = log.size
    ended(log, note(1, by=forger))
    assert found(log, tmp_path) == [(at, "signature")]


def test_a_key_that_ended_before_is_the_registrys_to_name(tmp_path):
    log = log_of_a_device()
    log.revoke(TABLET.name)
    at = log.size
    ended(log, note(1))
    assert found(log, tmp_path) == [(at, "key_unknown")]


def test_other_reasons_need_no_evidence(tmp_path):
    log = log_of_a_device()
    log.revoke(TABLET.name, evidence="words")
    assert found(log, tmp_path) == []


@pytest.mark.parametrize("facts", [None, [], {}, {"evidence": 7}, {"evidence": "words"}])
def test_what_is_no_evidence_is_none(facts):
    assert evidence_of(facts) is None


@pytest.mark.parametrize("letter", ["a", '"', "\\", "\n", "时"])
def test_a_note_fits_if_a_leaf_can_carry_it_within_another_note(letter):
    most = MOST_BYTES - 2_048
    bytes_each = {"a": 1, '"': 4, "\\": 4, "\n": 3, "时": 3}[letter]
    fits = (most - 6) // bytes_each  # The marks around it take one pair and one escaped pair.
    for count in (fits - 1, fits):
        check_fits_as_evidence(letter * count)
    with pytest.raises(SubmissionTooLarge):
        check_fits_as_evidence(letter * (fits + 1))
