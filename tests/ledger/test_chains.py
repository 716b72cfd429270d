"""ledger/chains.py: who signed what, in which order, and what became of each row of a batch."""

import pytest

from ledger.approvals import prove_possession
from ledger.keys import SigningKey
from ledger.notes import sign_note
from ledger.submission import FIRST_PREV, hash_text, sign_submission, write_text
from ledger.verify import verify
from tests.support import leaf_spelling as spelled
from tests.support.log_builder import ORIGIN, LogBuilder, key_of

NEW = key_of(f"{ORIGIN}/stn/XF02")


def sound_log():
    log = LogBuilder()
    log.issuance = log.account("issuance", None)
    log.wang = log.account("member")
    return log


def found(log, tmp_path):
    report = verify(log.write_log(tmp_path / "log"))
    return [(finding.leaf, finding.rule) for finding in report.findings]


def fact(log, sub):
    log.append("fact", log.new_id("record"), {}, sub=sub)


def forged_by_another_key(log):
    forger = key_of("forger")
    forger.vkey = log.station.vkey
    fact(log, log.sign("record", {}, by=forger))


def signature_of_another_text(log):
    note = log.sign("record", {"a": 1})
    fact(log, note.replace('"a":1', '"a":2'))


def signed_by_a_stranger(log):
    fact(log, log.sign("record", {}, by=key_of("stranger")))


def signed_by_a_namesake(log):
    fact(log, log.sign("record", {}, by=SigningKey(log.station.name, bytes(32))))


def signed_before_enrolment(log):
    fact(log, log.sign("record", {}, by=NEW))
    log.key(NEW, "station")


def signed_by_the_logs_own_key(log):
    fact(log, log.sign("record", {}, by=log.log_key))


def two_signatures(log):
    fact(log, log.sign("record", {}, log.operator))


def no_submission(log):
    fact(log, "not a note")


def for_another_log(log):
    note, _ = sign_submission("other.example", "record", {}, log.station, seq=0, prev=FIRST_PREV)
    fact(log, note)


def seq_left_out(log):
    log.sign("record", {})
    fact(log, log.sign("record", {}))


def seq_again(log):
    log.fact()
    log._chains[log.station.name] = 0, FIRST_PREV
    fact(log, log.sign("record", {}))


def prev_of_another(log):
    log.fact()
    log._chains[log.station.name] = 1, "ab" * 32
    fact(log, log.sign("record", {}))


def same_submission_twice(log):
    note = log.sign("record", {})
    fact(log, note)
    fact(log, note)


def key_by_a_station(log):
    log.key(NEW, "station", by=log.station)


def key_without_possession(log):
    sub = log.sign("key", {}, by=log.operator)
    log.append("key", NEW.name, spelled.key_facts(str(NEW.vkey), "station"), sub=sub)


def enrolled_with(log, proof):
    body = {"vkey": str(NEW.vkey), "role": "station", "possession": proof}
    sub = log.sign("key", body, by=log.operator)
    log.append("key", NEW.name, spelled.key_facts(str(NEW.vkey), "station"), sub=sub)


def key_of_another_in_possession(log):
    enrolled_with(log, prove_possession(ORIGIN, "station", key_of("x")))


def key_with_forged_possession(log):
    forger = key_of("x")
    forger.vkey = NEW.vkey
    enrolled_with(log, prove_possession(ORIGIN, "station", forger))


def key_again(log):
    log.key(log.station, "station")


def key_under_another_name(log):
    body = {"possession": prove_possession(ORIGIN, "station", NEW)}
    sub = log.sign("key", body, by=log.operator)
    log.append("key", "other", spelled.key_facts(str(NEW.vkey), "station"), sub=sub)


def key_that_is_none(log):
    vkey = str(NEW.vkey)[:-6] + "AAAA=="
    sub = log.sign("key", {}, NEW, by=log.operator)
    log.append("key", NEW.name, spelled.key_facts(vkey, "station"), sub=sub)


def batch_without_rows(log):
    log.append("batch", log.new_id("batch"), {}, sub=log.sign("register", {"rows": 5}))


def batch_for_another(log):
    batch_id = log.new_id("batch")
    body = {"rows": [], "batch": "batch_other"}
    index = log.append("batch", batch_id, {}, sub=log.sign("register", body))
    log.append("outcome", batch_id, spelled.outcome_facts([index], []))


def opened(log, rows=2):
    batch_id = log.new_id("batch")
    body = {"rows": [{"place": n} for n in range(rows)]}
    return batch_id, log.append("batch", batch_id, {}, sub=log.sign("register", body))


def row(log, index, place):
    return log.entry([(log.issuance, log.wang, 5)], ref=(index, place))


def row_beyond_the_last(log):
    batch_id, index = opened(log)
    row(log, index, 2)
    log.append("outcome", batch_id, spelled.outcome_facts([index], ["refused", "refused"]))


def row_of_no_batch(log):
    row(log, 1, 0)


def row_of_the_future(log):
    row(log, log.size + 1, 0)
    batch_id, index = opened(log, 1)
    log.append("outcome", batch_id, spelled.outcome_facts([index], ["refused"]))


def row_used_twice(log):
    batch_id, index = opened(log)
    told = row(log, index, 0)
    row(log, index, 0)
    log.append("outcome", batch_id, spelled.outcome_facts([index], [told, "refused"]))


def row_used_after_the_outcome(log):
    _, index = opened(log)
    log.append("outcome", f"batch_{log._ids:032x}", spelled.outcome_facts([index], ["no", "no"]))
    row(log, index, 0)


def outcome_never_told(log):
    opened(log)


def outcome_tells_another_id(log):
    batch_id, index = opened(log)
    row(log, index, 0)
    told = [log.new_id("entry"), "refused"]
    log.append("outcome", batch_id, spelled.outcome_facts([index], told))


def outcome_hides_an_entry(log):
    batch_id, index = opened(log)
    row(log, index, 0)
    log.append("outcome", batch_id, spelled.outcome_facts([index], ["refused", "refused"]))


def outcome_invents_an_entry(log):
    batch_id, index = opened(log)
    told = [log.new_id("entry"), "refused"]
    log.append("outcome", batch_id, spelled.outcome_facts([index], told))


def outcome_of_too_few_rows(log):
    batch_id, index = opened(log)
    log.append("outcome", batch_id, spelled.outcome_facts([index], ["refused"]))


def outcome_of_no_batch(log):
    log.append("outcome", log.new_id("batch"), spelled.outcome_facts([1], ["refused"]))


def outcome_of_one_batch_twice(log):
    batch_id, index = opened(log, 1)
    facts = spelled.outcome_facts([index, index], ["refused", "refused"])
    log.append("outcome", batch_id, facts)


def outcome_under_another_id(log):
    _, index = opened(log, 1)
    log.append("outcome", "batch_other", spelled.outcome_facts([index], ["refused"]))


def outcome_twice(log):
    log.batch([[(log.issuance, log.wang, 5)]])
    index = log.size - 3
    log.append("outcome", f"batch_{6:032x}", spelled.outcome_facts([index], ["refused"]))


# The fault, the rule that finds it, and how many leaves before the end it stands.
FAULTS = [
    (forged_by_another_key, "signature", 1),
    (signature_of_another_text, "signature", 1),
    (signed_by_a_stranger, "key_unknown", 1),
    (signed_by_a_namesake, "key_unknown", 1),
    (signed_before_enrolment, "key_unknown", 2),
    (signed_by_the_logs_own_key, "key_unknown", 1),
    (two_signatures, "submission_form", 1),
    (no_submission, "submission_form", 1),
    (for_another_log, "submission_origin", 1),
    (seq_left_out, "sequence", 1),
    (seq_again, "sequence", 1),
    (prev_of_another, "sequence", 1),
    (same_submission_twice, "sequence", 1),
    (key_by_a_station, "key_role", 1),
    (key_without_possession, "key_possession", 1),
    (key_of_another_in_possession, "key_possession", 1),
    (key_with_forged_possession, "key_possession", 1),
    (key_again, "key_repeated", 1),
    (key_under_another_name, "key_form", 1),
    (key_that_is_none, "key_form", 1),
    (batch_without_rows, "batch_form", 1),
    (batch_for_another, "batch_form", 2),
    (row_beyond_the_last, "ref_unknown", 2),
    (row_of_no_batch, "ref_unknown", 1),
    (row_of_the_future, "ref_unknown", 3),
    (row_used_twice, "ref_repeated", 2),
    (row_used_after_the_outcome, "ref_unknown", 1),
    (outcome_never_told, "outcome_missing", 1),
    (outcome_tells_another_id, "outcome_differs", 1),
    (outcome_hides_an_entry, "outcome_differs", 1),
    (outcome_invents_an_entry, "outcome_differs", 2),
    (outcome_of_too_few_rows, "outcome_differs", 1),
    (outcome_of_no_batch, "outcome_unknown", 1),
    (outcome_of_one_batch_twice, "outcome_unknown", 1),
    (outcome_under_another_id, "outcome_unknown", 1),
    (outcome_twice, "outcome_unknown", 1),
]


@pytest.mark.parametrize(
    ("plant", "rule", "from_end"), FAULTS, ids=lambda x: getattr(x, "__name__", x)
)
def test_a_planted_fault_is_found_at_its_leaf(tmp_path, plant, rule, from_end):
    log = sound_log()
    plant(log)
    assert (log.size - from_end, rule) in found(log, tmp_path)


def test_without_a_fault_nothing_is_found(tmp_path):
    log = sound_log()
    log.key(NEW, "station")
    log.batch([[(log.issuance, log.wang, 5)], "refused"])
    log.batch([])
    fact(log, log.sign("record", {}, by=NEW))
    assert found(log, tmp_path) == []


def test_an_outcome_may_cover_the_parts_of_one_batch(tmp_path):
    log = sound_log()
    batch_id = log.new_id("batch")
    parts = [
        log.append("batch", batch_id, {}, sub=log.sign("register", {"rows": [{}] * rows}))
        for rows in (2, 1)
    ]
    told = [row(log, parts[0], 1), row(log, parts[1], 0)]
    log.append("outcome", batch_id, spelled.outcome_facts(parts, ["refused", *told]))
    assert found(log, tmp_path) == []


def test_an_outcome_may_stand_before_the_leaves_of_its_rows(tmp_path):
    log = sound_log()
    batch_id, index = opened(log, 1)
    entry_id = log.new_id("entry")
    log.append("outcome", batch_id, spelled.outcome_facts([index], [entry_id]))
    log.entry([(log.issuance, log.wang, 5)], ref=(index, 0), entry_id=entry_id)
    assert found(log, tmp_path) == []


@pytest.mark.parametrize("refused", [1, 2])
def test_a_refused_submission_that_was_signed_took_its_number(tmp_path, refused):
    log = sound_log()
    for _ in range(refused):
        seq, prev = log._chains.get(log.station.name, (0, FIRST_PREV))
        text_hash = hash_text(write_text(ORIGIN, "gift", {"minutes": 5}, seq=seq, prev=prev))
        log.sign("gift", {"minutes": 5})
        facts = spelled.refused_facts(text_hash, "floor_exceeded", log.station.name)
        log.append("refused", log.new_id("sub"), facts)
    log.fact()
    log.fact()
    assert found(log, tmp_path) == []


def test_the_text_under_a_note_is_what_was_signed(tmp_path):
    """The same text with a second, valid note over it is still a repetition."""
    log = sound_log()
    text = write_text(ORIGIN, "record", {}, seq=0, prev=FIRST_PREV)
    fact(log, sign_note(text, log.station))
    fact(log, sign_note(text, log.station))
    assert found(log, tmp_path) == [(log.size - 1, "sequence")]
