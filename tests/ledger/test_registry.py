"""ledger/registry.py and verify_keys.py: every fault of the keys is found at its leaf."""

import hashlib

import pytest

from ledger import approvals
from ledger.approvals import DEVICE, LOG, OPERATOR, add_key_text, freeze_text, revoke_key_text
from ledger.checkpoint import Checkpoint
from ledger.keys import SigningKey
from ledger.leaf_parser import parse
from ledger.merkle import root_of
from ledger.notes import parse_note, sign_note
from ledger.tiles import WIDTH
from ledger.verify import verify
from tests.support import independent_model
from tests.support import leaf_spelling as spelled
from tests.support.log_builder import ORIGIN, LogBuilder, key_of, log_of_keys

DEVICE_1, DEVICE_2 = key_of(f"{ORIGIN}/dev/1"), key_of(f"{ORIGIN}/dev/2")
SECOND = key_of(f"{ORIGIN}/op/2")
NEW_LOG = SigningKey(ORIGIN, hashlib.sha256(b"another log key").digest())
NEXT = "timebank.example/xingfu2"


def one_root_only(log):
    text = add_key_text(ORIGIN, OPERATOR, SECOND.vkey)
    log.key(SECOND, OPERATOR, approval=log.approve(text, log.roots[0]))


def an_operator_without_a_word(log):
    log.key(SECOND, OPERATOR)


def a_word_for_another_key(log):
    text = add_key_text(ORIGIN, OPERATOR, DEVICE_1.vkey)
    log.key(SECOND, OPERATOR, approval=log.approve(text))


def a_station_brings_a_device(log):
    log.key(DEVICE_1, DEVICE, by=log.station)


def a_log_key_under_another_name(log):
    log.key(DEVICE_1, LOG, approval=log.approve(add_key_text(ORIGIN, LOG, DEVICE_1.vkey)))


def a_device_under_the_logs_name(log):
    log.key(NEW_LOG, DEVICE)


def a_role_that_there_is_not(log):
    log.key(DEVICE_1, "clerk")


def a_device_replaces_a_station(log):
    log.key(DEVICE_1, DEVICE, of=log.station.name)


def a_key_replaces_nobody(log):
    log.key(DEVICE_1, DEVICE, of="nobody")


def a_name_used_again(log):
    log.key(DEVICE_1, DEVICE)
    log.revoke(DEVICE_1.name)
    log.key(DEVICE_1, DEVICE)


def revoked_twice(log):
    log.revoke(log.station.name)
    log.revoke(log.station.name)


def the_last_operator_revoked(log):
    text = revoke_key_text(ORIGIN, log.operator.name)
    log.revoke(log.operator.name, approval=log.approve(text))


def an_operator_revoked_without_a_word(log):
    text = add_key_text(ORIGIN, OPERATOR, SECOND.vkey)
    log.key(SECOND, OPERATOR, approval=log.approve(text))
    log.revoke(SECOND.name)


def signed_after_the_end(log):
    log.revoke(log.station.name)
    log.fact()


def signed_by_what_was_replaced(log):
    new = key_of(f"{ORIGIN}/stn/XF01b")
    log.key(new, "station", of=log.station.name)
    log.fact()


def frozen_without_a_word(log):
    log.freeze(NEXT, "")


def a_leaf_after_the_freeze(log):
    log.freeze(NEXT, log.approve(freeze_text(ORIGIN, NEXT)))
    log.fact()


def a_policy_that_leaf_0_does_not_announce(log):
    log.leaves.clear()
    log._chains.clear()
    log.numbers = 0
    log.genesis()
    log.key(log.station, "station")
    log.policy("other-2023")


FAULTS = [
    (one_root_only, "key_approval"),
    (an_operator_without_a_word, "key_approval"),
    (a_word_for_another_key, "key_approval"),
    (a_station_brings_a_device, "key_role"),
    (a_log_key_under_another_name, "key_form"),
    (a_device_under_the_logs_name, "key_form"),
    (a_role_that_there_is_not, "key_role"),
    (a_device_replaces_a_station, "key_role"),
    (a_key_replaces_nobody, "key_unknown"),
    (a_name_used_again, "key_repeated"),
    (revoked_twice, "key_unknown"),
    (the_last_operator_revoked, "key_role"),
    (an_operator_revoked_without_a_word, "key_approval"),
    (signed_after_the_end, "key_unknown"),
    (signed_by_what_was_replaced, "key_unknown"),
    (frozen_without_a_word, "key_approval"),
    (a_leaf_after_the_freeze, "frozen"),
    (a_policy_that_leaf_0_does_not_announce, "genesis"),
]


@pytest.mark.parametrize(("plant", "rule"), FAULTS, ids=lambda x: getattr(x, "__name__", x))
def test_a_planted_fault_is_found_at_its_leaf(tmp_path, plant, rule):
    log = LogBuilder()
    plant(log)
    report = verify(log.write_bundle(tmp_path / "bundle"), vkey=str(log.log_key.vkey))
    assert (log.size - 1, rule) in [(one.leaf, one.rule) for one in report.findings]


# One key of the log takes over from another ---------------------------------------------------


def vkeys() -> tuple[str, str]:
    log = log_of_keys()
    (old, _, _), (new, _, _) = log._log_keys
    return str(old.vkey), str(new.vkey)


OLD, NEW = vkeys()
WHOLE = log_of_keys()
BEFORE, DURING, AFTER = 5, 6, WHOLE.size
"""Sizes at which the old key signs alone, both sign, the new one signs alone."""


def cut(folder, size):
    """The published log at ``size`` leaves with the key file of that time."""
    return log_of_keys().cut(size).write_log(folder)


@pytest.mark.parametrize(("size", "lines"), [(BEFORE, 1), (DURING, 2), (AFTER, 1)])
def test_a_handed_over_log_is_sound_at_every_size(tmp_path, size, lines):
    folder = cut(tmp_path / "log", size)
    assert len(parse_note(folder.joinpath("checkpoint").read_bytes()).lines) == lines
    assert verify(folder).findings == ()


@pytest.mark.parametrize(
    ("size", "key", "sound"),
    [
        (BEFORE, OLD, True), (BEFORE, NEW, False),
        (DURING, OLD, True), (DURING, NEW, True),
        (AFTER, OLD, False), (AFTER, NEW, True),
    ],
)  # fmt: skip
def test_which_key_a_reader_must_have_been_given(tmp_path, size, key, sound):
    report = verify(cut(tmp_path / "log", size), vkey=key)
    assert (report.findings == ()) is sound
    assert sound or "checkpoint" in {one.rule for one in report.findings}


def test_a_kept_checkpoint_leads_from_the_old_key_to_the_new_one(tmp_path):
    since = tmp_path / "kept"
    since.write_text(WHOLE.note(BEFORE), "utf-8")
    report = verify(cut(tmp_path / "log", AFTER), vkey=OLD, since=since)
    assert (report.findings, report.identity, report.freshness) == ((), True, True)


def test_a_log_that_a_stranger_signed_is_not_led_to(tmp_path):
    """Somebody with another key and the same first leaves cannot claim to have taken over."""
    stranger = SigningKey(ORIGIN, bytes(32))
    since = tmp_path / "kept"
    since.write_text(WHOLE.note(BEFORE), "utf-8")
    log = LogBuilder()
    log.log_key = stranger
    log._log_keys = [(stranger, 0, 1 << 53)]
    for leaf in log_of_keys().leaves[3:BEFORE]:
        log.leaves.append(leaf)
    folder = log.write_log(tmp_path / "log")
    report = verify(folder, vkey=OLD, since=since)
    assert "genesis" in {one.rule for one in report.findings}


def test_a_checkpoint_that_lacks_the_line_of_a_key_is_found(tmp_path):
    folder = cut(tmp_path / "log", DURING)
    note = parse_note(folder.joinpath("checkpoint").read_bytes())
    alone = f"{note.text}\n{note.lines[1]}"
    folder.joinpath("checkpoint").write_text(alone, "utf-8")
    report = verify(folder)
    assert [(one.rule, one.leaf) for one in report.findings] == [("log_key", 0)]


def test_a_checkpoint_of_no_leaves_over_a_log_that_has_some_is_found(tmp_path):
    log = LogBuilder()
    while log.size < WIDTH:
        log.refuse()
    folder = log.write_log(tmp_path / "log")
    folder.joinpath("checkpoint").write_text(log.note(0).replace("\n0\n", "\n00\n"), "utf-8")
    assert "checkpoint" in {one.rule for one in verify(folder).findings}
    forged = sign_note(Checkpoint(ORIGIN, 0, root_of([])).text(), key_of("stranger"))
    folder.joinpath("checkpoint").write_text(forged, "utf-8")
    assert [one.rule for one in verify(folder).findings] == ["checkpoint"]


def test_a_stranger_written_from_the_page_agrees(tmp_path):
    assert independent_model.read(WHOLE.write_bundle(tmp_path / "bundle")).problems == []
    for plant, _rule in FAULTS[:3] + FAULTS[12:16]:
        log = LogBuilder()
        plant(log)
        bundle = log.write_bundle(tmp_path / plant.__name__)
        assert independent_model.read(bundle).problems != [], plant.__name__


def test_the_members_of_the_new_leaves():
    assert [parse(leaf).kind for leaf in WHOLE.leaves] == [
        "genesis", "key", "policy", "key", "key", "key", "account", "revocation", "revocation",
        "key", "freeze",
    ]  # fmt: skip
    assert spelled.revocation_facts("a", "lost") == {"of": "a", "reason": "lost"}
    assert approvals.ROLES_OF_ROOTS == (OPERATOR, LOG, approvals.COSIGNER)
