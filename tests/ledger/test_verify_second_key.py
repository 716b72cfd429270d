"""ledger/verify.py on logs with a second key: its line is there and true, or the file is named."""

from functools import cache
from pathlib import Path

import pytest

from ledger.bundle import files_of
from ledger.checkpoint import sign_checkpoint
from ledger.notes import Vkey, open_note
from ledger.signatures import COSIGNATURE, ED25519, ML_DSA_44
from ledger.verify import verify
from ledger.witness_state import Asked
from tests.support.log_builder import ORIGIN, LogBuilder, cosigner_of, little_log
from tests.support.witnesses import request_of

GOLDEN = Path(__file__).parents[1] / "golden" / "cosigned"
KEY = "log/vkey-mldsa"


@cache
def cosigned_log() -> LogBuilder:
    log = LogBuilder(bare=True)
    log.genesis(str(cosigner_of(ORIGIN).vkey))
    log.cosigners = [cosigner_of(ORIGIN)]
    return log


@pytest.fixture
def bundle(tmp_path):
    return cosigned_log().write_bundle(tmp_path / "bundle")


def files_named(folder) -> set[str]:
    return {finding.file for finding in verify(folder).findings}


def test_a_sound_bundle_with_a_second_key_has_no_finding(bundle):
    vkey = bundle.joinpath("log/vkey").read_text("utf-8")
    report = verify(bundle, vkey=vkey)
    assert (report.findings, report.hash_only) == ((), ())
    assert KEY in set(files_of(bundle))
    assert verify(bundle / "log", vkey=vkey).findings == ()


def test_who_knows_the_first_key_alone_still_accepts_the_checkpoint(bundle):
    note = bundle.joinpath("log/checkpoint").read_bytes()
    key = Vkey.parse(bundle.joinpath("log/vkey").read_text("utf-8").strip())
    assert open_note(note, [key])[1] == (key,)


@pytest.mark.slow
@pytest.mark.parametrize("path", ["log/checkpoint", KEY])
@pytest.mark.parametrize("part", range(2))
def test_no_byte_can_change(bundle, path, part):
    target = bundle.joinpath(path)
    data = target.read_bytes()
    for at in range(part, len(data), 2):
        target.write_bytes(data[:at] + bytes([data[at] ^ (1 << at % 8)]) + data[at + 1 :])
        assert files_named(bundle) == {path}, f"byte {at}"


@pytest.mark.parametrize("path", ["log/checkpoint", KEY])
@pytest.mark.parametrize(
    "change",
    [lambda data: b"", lambda data: data[:-1], lambda data: data + b"\n", lambda data: data * 2],
    ids=["emptied", "cut", "longer", "doubled"],
)
def test_no_file_can_grow_or_shrink(bundle, path, change):
    target = bundle.joinpath(path)
    target.write_bytes(change(target.read_bytes()))
    assert files_named(bundle) == {path}


def test_a_second_line_that_was_taken_away_is_missed(tmp_path):
    folder = cosigned_log().write_log(tmp_path / "log")
    plain = sign_checkpoint(cosigned_log().checkpoint(), cosigned_log().log_key)
    folder.joinpath("checkpoint").write_text(plain, "utf-8")
    assert [str(one) for one in verify(folder).findings] == [
        "checkpoint leaf 0: checkpoint: the log's second key, in vkey-mldsa, did not sign"
    ]


def test_the_second_line_alone_is_no_checkpoint(tmp_path):
    folder = cosigned_log().write_log(tmp_path / "log")
    only = sign_checkpoint(cosigned_log().checkpoint(), *cosigned_log().cosigners)
    folder.joinpath("checkpoint").write_text(only, "utf-8")
    assert files_named(folder) == {"checkpoint"}


def test_a_key_of_another_name_is_not_this_logs(tmp_path):
    folder = cosigned_log().write_log(tmp_path / "log")
    other = cosigner_of("timebank.example/other")
    folder.joinpath("vkey-mldsa").write_text(f"{other.vkey}\n", "utf-8")
    assert files_named(folder) == {"vkey-mldsa"}


def test_a_missing_key_is_named_in_a_bundle_and_may_be_missing_in_a_folder(bundle):
    bundle.joinpath(KEY).unlink()
    assert files_named(bundle) == {KEY}
    assert files_named(bundle / "log") == set()


def test_a_bundle_without_its_manifest_may_have_the_key(bundle):
    bundle.joinpath("manifest.json").unlink()
    assert files_named(bundle) == {"manifest.json"}
    bundle.joinpath("manifest.note").unlink()
    assert files_named(bundle) == {"manifest.json", "manifest.note"}


def test_the_golden_cosigned_checkpoint_still_opens():
    """Signatures that were made once, by keys that are gone: their bytes must always be read."""
    keys = [
        Vkey.parse(line, kinds=(ED25519, COSIGNATURE, ML_DSA_44))
        for line in GOLDEN.joinpath("vkeys").read_text("utf-8").splitlines()
    ]
    note = GOLDEN.joinpath("checkpoint").read_bytes()
    assert [key.kind for key in keys] == [ED25519, ML_DSA_44, COSIGNATURE]
    assert open_note(note, keys)[1] == tuple(keys)


def test_the_golden_request_to_a_witness_is_written_and_read():
    golden = GOLDEN.joinpath("add-checkpoint").read_bytes()
    assert request_of(little_log(), 7, 21) == golden
    assert Asked.parse(golden).old_size == 7
