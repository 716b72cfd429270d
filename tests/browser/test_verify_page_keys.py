"""核验.html: keys that come and go, the log's own key handed over, and keys on P-256."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ledger import approvals
from ledger.bundle import seal
from ledger.checkpoint import sign_checkpoint
from ledger.keys import SigningKey
from ledger.notes import Note, SignatureLine, parse_note
from ledger.sm2_signer import Sm2SigningKey
from ledger.tiles import WIDTH
from tests.ledger import test_forks as forks
from tests.ledger import test_registry as registry
from tests.ledger import test_verify_further as further
from tests.ledger.test_succession import Plan
from tests.support.log_builder import ORIGIN, LogBuilder, log_of_keys
from tests.support.p256 import P256Key

if TYPE_CHECKING:
    from tests.support.browser import Browsers
    from tests.support.offline_auditor import OfflineAuditor

pytestmark = pytest.mark.browser


# Keys come and go -------------------------------------------------------------------------------


def changed_lines(folder: Path, change: Callable[[list[str]], list[str]]) -> None:
    """Put other signature lines under the checkpoint, and let the log's own key seal that."""
    path = folder / "log" / "checkpoint"
    text, _, tail = path.read_text("utf-8").rpartition("\n\n")
    lines = "".join(change(tail.splitlines(keepends=True)))
    path.write_text(f"{text}\n\n{lines}", "utf-8", newline="\n")


def test_a_handed_over_log_is_judged_alike_at_every_size(
    auditor: "OfflineAuditor", tmp_path: Path
) -> None:
    """The old key signs alone, both sign, the new one signs alone."""
    from tests.support.offline_auditor import agree, write_bundle

    old, new = registry.OLD, registry.NEW
    for size, by_old, by_new in (
        (registry.BEFORE, set(), {"checkpoint", "genesis", "note", "vkey"}),
        (registry.DURING, set(), set()),
        (registry.AFTER, {"checkpoint", "genesis", "note", "vkey"}, set()),
    ):
        folder = write_bundle(log_of_keys().cut(size), tmp_path / f"at {size}")
        for vkey, rules in ((None, set()), (old, by_old), (new, by_new)):
            assert {rule for _, _, rule in agree(auditor, folder, vkey=vkey)} == rules


def test_a_kept_checkpoint_leads_from_key_to_key_and_to_no_stranger(
    own_auditor: "OfflineAuditor", tmp_path: Path
) -> None:
    from tests.support.offline_auditor import agree, write_bundle

    whole, old, new = log_of_keys(), registry.OLD, registry.NEW
    folder, since = write_bundle(whole, tmp_path / "whole"), tmp_path / "older"
    for size in (0, registry.BEFORE, registry.DURING, registry.AFTER):
        since.write_text(log_of_keys().note(size), "utf-8", newline="\n")
        assert agree(own_auditor, folder, since=since) == []
        assert agree(own_auditor, folder, since=since, vkey=new) == []
        led = agree(own_auditor, folder, since=since, vkey=old) == []
        assert led == (size <= registry.DURING)
    not_of_then = sign_checkpoint(whole.checkpoint(registry.BEFORE), whole.log_key)
    since.write_text(not_of_then, "utf-8", newline="\n")
    places = agree(own_auditor, folder, since=since)
    assert places == [("older checkpoint", whole.size - 1, "checkpoint")]
    stranger = SigningKey(ORIGIN, bytes(32))
    log = log_of_keys().cut(registry.BEFORE)
    log.log_key, log._log_keys = stranger, [(stranger, 0, 1 << 53)]
    folder = write_bundle(log, tmp_path / "stranger")
    since.write_text(whole.note(4), "utf-8", newline="\n")
    places = agree(own_auditor, folder, since=since, vkey=old)
    assert "genesis" in {rule for _, _, rule in places}


def test_every_key_that_counts_must_sign_and_unknown_lines_are_ignored(
    own_auditor: "OfflineAuditor", tmp_path: Path
) -> None:
    from tests.support.offline_auditor import agree, write_bundle

    log = log_of_keys().cut(registry.DURING)
    folder = write_bundle(log, tmp_path / "bundle")
    strangers = [str(SignatureLine(ORIGIN, bytes([kind]) * 4, bytes(width)))
                 for kind, width in ((4, 72), (6, 2_428), (255, 72))]  # fmt: skip
    for change, rules in (
        (lambda lines: [*lines[:1], *strangers, *lines[1:]], set()),
        (lambda lines: lines[::-1], set()),
        (lambda lines: lines[:1], {"log_key", "vkey"}),
        (lambda lines: lines[1:], {"log_key"}),
        (lambda lines: [*lines, lines[1]], {"log_key", "vkey"}),
        (lambda lines: [*lines, lines[0]], {"log_key"}),
        (lambda lines: strangers, {"checkpoint"}),
    ):
        shutil.rmtree(folder)
        write_bundle(log, folder)
        changed_lines(folder, change)
        seal(folder, log.checkpoint(), *log.signers())
        assert {rule for _, _, rule in agree(own_auditor, folder)} == rules
    for vkey in (registry.NEW, str(SigningKey(ORIGIN, bytes(32)).vkey), str(log.operator.vkey)):
        folder.joinpath("log", "vkey").write_text(f"{vkey}\n", "utf-8", newline="\n")
        agree(own_auditor, folder)
        agree(own_auditor, folder, vkey=registry.OLD)


def test_a_checkpoint_of_no_leaves_over_a_log_that_has_some_is_told_alike(
    own_auditor: "OfflineAuditor", tmp_path: Path
) -> None:
    from tests.support.offline_auditor import agree, write_bundle

    log = LogBuilder()
    while log.size < WIDTH:
        log.refuse()
    folder = write_bundle(log, tmp_path / "bundle")
    for signer in (log.log_key, SigningKey(ORIGIN, bytes(32))):
        none = sign_checkpoint(LogBuilder(bare=True).checkpoint(), signer)
        folder.joinpath("log", "checkpoint").write_text(none, "utf-8", newline="\n")
        assert agree(own_auditor, folder) != []


def test_the_evidence_of_a_fork_is_judged_alike(
    own_auditor: "OfflineAuditor", tmp_path: Path
) -> None:
    from tests.support.offline_auditor import agree, write_bundle

    for seq in (0, 1, 3):
        log = forks.log_of_a_device()
        forks.ended(log, forks.note(seq))
        assert agree(own_auditor, write_bundle(log, tmp_path / f"fork of {seq}")) == []
    for plant in forks.FALSE:
        log = forks.log_of_a_device()
        plant(log)
        places = agree(own_auditor, write_bundle(log, tmp_path / plant.__name__))
        assert [rule for _, _, rule in places] == ["key_evidence"], plant.__name__
    log = forks.log_of_a_device()
    forger = SigningKey(forks.TABLET.name, bytes(32))
    forger.vkey = forks.TABLET.vkey
    forks.ended(log, forks.note(1, by=forger))
    places = agree(own_auditor, write_bundle(log, tmp_path / "never signed"))
    assert [rule for _, _, rule in places] == ["signature"]


# A P-256 key ------------------------------------------------------------------------------------


def log_of_a_phone() -> tuple[LogBuilder, P256Key]:
    """A device that has no Ed25519 comes and states a fact."""
    log, phone = LogBuilder(), P256Key(f"{ORIGIN}/dev/1")
    log.key(phone, approvals.DEVICE)
    log.fact(by=phone)
    return log, phone


def test_a_phones_signatures_are_checked_or_named_as_unchecked(
    auditor: "OfflineAuditor", tmp_path: Path
) -> None:
    from tests.support.offline_auditor import write_bundle

    log, phone = log_of_a_phone()
    told = auditor.verify(write_bundle(log, tmp_path / "bundle"), vkey=str(log.log_key.vkey))
    assert told.places == []
    if not auditor.own:
        assert "✓ 通过" in told.verdict
        assert "没有查，因为是 P-256" not in told.text
        return
    assert "没有查完" in told.verdict
    assert "通过" not in told.verdict
    assert "有 2 个签名没有查" in told.claim
    assert f"3 {phone.name}, 4 {phone.name}" in told.text
    assert told.text.count("2 个签名没有查") == 3, "the claim, keys and submissions"


def padded(der: bytes) -> bytes:
    """The same two numbers, the first with a zero that does not belong there."""
    return bytes([0x30, der[1] + 1, 0x02, der[3] + 1, 0]) + der[4:]


def test_a_phones_faults_are_told_alike(browsers: "Browsers", tmp_path: Path) -> None:
    from tests.support.offline_auditor import OfflineAuditor, agree, write_bundle, write_page

    auditor = OfflineAuditor(browsers.start(offline=True), write_page(tmp_path))

    def planted(plant: Callable[[LogBuilder, P256Key], None]) -> list[tuple]:
        log, phone = log_of_a_phone()
        plant(log, phone)
        return agree(auditor, write_bundle(log, tmp_path / plant.__name__))

    def another_text(log: LogBuilder, phone: P256Key) -> None:
        note = log.sign("record", {"a": 1}, by=phone)
        log.append("fact", log.new_id("record"), {}, sub=note.replace('"a":1', '"a":2'))

    def another_spelling(log: LogBuilder, phone: P256Key) -> None:
        note = parse_note(log.sign("record", {}, by=phone))
        line = note.lines[0]
        again = SignatureLine(line.name, line.key_id, padded(line.signature))
        log.append("fact", log.new_id("record"), {}, sub=str(Note(note.text, (again,))))

    def another_phone(log: LogBuilder, phone: P256Key) -> None:
        log.fact(by=P256Key(phone.name, 10))

    def the_same_key_again(log: LogBuilder, phone: P256Key) -> None:
        log.key(P256Key(f"{ORIGIN}/dev/2"), approvals.DEVICE)

    def an_operator(log: LogBuilder, phone: P256Key) -> None:
        key = P256Key(f"{ORIGIN}/op/2", 10)
        text = approvals.add_key_text(ORIGIN, approvals.OPERATOR, key.vkey)
        log.key(key, approvals.OPERATOR, approval=log.approve(text))

    def not_possessed(log: LogBuilder, phone: P256Key) -> None:
        forger = P256Key(f"{ORIGIN}/dev/2", 10)
        forger.vkey = P256Key(forger.name, 11).vkey
        log.key(forger, approvals.DEVICE)

    def brings_itself(log: LogBuilder, phone: P256Key) -> None:
        key = P256Key(f"{ORIGIN}/dev/2", 10)
        log.key(key, approvals.DEVICE, by=key)

    for plant, rules in (
        (another_text, ["signature"]),
        (another_spelling, ["signature"]),
        (another_phone, ["key_unknown"]),
        (the_same_key_again, ["key_repeated"]),
        (an_operator, ["key_role"]),
        (not_possessed, ["key_possession"]),
        (brings_itself, []),
    ):
        assert [rule for _, _, rule in planted(plant)] == rules, plant.__name__
    assert auditor.complaints == []


# Further keys of the log ------------------------------------------------------------------------


def test_further_keys_that_came_later_are_judged_alike(
    browsers: "Browsers", tmp_path: Path
) -> None:
    from tests.support.offline_auditor import OfflineAuditor, agree, write_bundle, write_page

    auditor = OfflineAuditor(browsers.start(offline=True), write_page(tmp_path))
    sound = further.later(further.ML_DSA, further.sm2_key())
    assert agree(auditor, write_bundle(sound, tmp_path / "sound")) == []
    unnamed = further.log_with(further.ML_DSA, named=())
    places = agree(auditor, write_bundle(unnamed, tmp_path / "unnamed"))
    assert places == [("log/vkey-mldsa", unnamed.size - 1, "vkey")]
    other = further.later(further.sm2_key())
    other.cosigners = [Sm2SigningKey.generate(ORIGIN)]
    places = agree(auditor, write_bundle(other, tmp_path / "other"))
    assert places == [("log/vkey-sm2", 3, "vkey")]
    for change, rule in further.LATER_FAULTS:
        if change is further.held_by_nobody:
            continue  # Signatures of this kind are not verified by the page, which says so.
        log = further.log_with()
        change(log)
        places = agree(auditor, write_bundle(log, tmp_path / change.__name__))
        assert [rule for _, _, rule in places] == [rule]


def test_a_log_that_follows_another_says_what_was_not_compared(
    auditor: "OfflineAuditor", tmp_path: Path
) -> None:
    from tests.support.offline_auditor import write_bundle

    told = auditor.verify(write_bundle(Plan().log(), tmp_path / "next"))
    assert told.places == []
    assert "没有与它核对" in told.text
    assert "没有与它核对" not in auditor.verify(write_bundle(LogBuilder(), tmp_path / "one")).text
