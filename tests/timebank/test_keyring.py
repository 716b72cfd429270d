"""timebank/keyring.py: keys lie in files of their owner's alone, and none is ever overwritten."""

import os
import sys
from pathlib import Path

import pytest

from ledger.cosigners import Cosigner
from ledger.signatures import COSIGNATURE, ML_DSA_44
from tests.support.parts import need
from timebank.errors import KeyFileUnusable
from timebank.keyring import (
    LOG_KEY,
    OPERATOR_KEY,
    SCHEDULER_KEY,
    load_keys,
    load_log_cosigner,
    load_log_cosigners,
    new_key,
    new_log_cosigner,
    new_log_sm2_key,
    station_file,
    station_key,
)

ORIGIN = "timebank.example/test"


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """A folder with the log's, the operator's, the scheduler's and one station's key."""
    new_key(tmp_path, LOG_KEY, ORIGIN)
    new_key(tmp_path, OPERATOR_KEY, f"{ORIGIN}/op")
    new_key(tmp_path, SCHEDULER_KEY, f"{ORIGIN}/scheduler")
    new_key(tmp_path, station_file("XFL"), f"{ORIGIN}/stn/XFL")
    return tmp_path


def test_every_key_is_loaded_by_the_name_of_its_file(keys: Path) -> None:
    (keys / "vault.key").write_text("no signing key")
    (keys / "notes.txt").write_text("none either")
    found = load_keys(keys)
    assert {file: key.name for file, key in found.items()} == {
        "log": ORIGIN, "operator": f"{ORIGIN}/op", "scheduler": f"{ORIGIN}/scheduler",
        "station-XFL": f"{ORIGIN}/stn/XFL",
    }  # fmt: skip


def test_a_key_is_made_once(keys: Path) -> None:
    before = (keys / "log.key").read_bytes()
    with pytest.raises(FileExistsError):
        new_key(keys, LOG_KEY, ORIGIN)
    assert (keys / "log.key").read_bytes() == before


@pytest.mark.parametrize("name", [LOG_KEY, OPERATOR_KEY, SCHEDULER_KEY])
def test_without_the_books_own_keys_nothing_is_loaded(keys: Path, name: str) -> None:
    (keys / f"{name}.key").unlink()
    with pytest.raises(KeyFileUnusable) as refused:
        load_keys(keys)
    assert refused.value.facts == {"file": f"{name}.key", "why": "missing"}


def test_the_logs_second_key_is_found_again_and_need_not_be_there(keys: Path) -> None:
    assert load_log_cosigner(keys, ORIGIN, lambda: 7) is None
    made = new_log_cosigner(keys, ORIGIN, lambda: 7)
    found = load_log_cosigner(keys, ORIGIN, lambda: 7)
    assert found is not None
    assert (found.vkey, made.vkey.kind) == (made.vkey, ML_DSA_44)
    assert set(load_keys(keys)) == {"log", "operator", "scheduler", "station-XFL"}
    with pytest.raises(FileExistsError):
        new_log_cosigner(keys, ORIGIN, lambda: 7)


def test_a_second_key_that_is_not_the_logs_is_refused(keys: Path) -> None:
    new_log_cosigner(keys, "timebank.example/other", lambda: 7)
    with pytest.raises(KeyFileUnusable):
        load_log_cosigner(keys, ORIGIN, lambda: 7)
    (keys / "log-mldsa.key").unlink()
    Cosigner.generate(COSIGNATURE, ORIGIN, lambda: 7).save(keys / "log-mldsa.key")
    with pytest.raises(KeyFileUnusable) as refused:
        load_log_cosigner(keys, ORIGIN, lambda: 7)
    assert refused.value.facts == {"file": "log-mldsa.key", "why": "no_key"}


def test_the_logs_further_keys_are_those_that_lie_there(
    keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert load_log_cosigners(keys, ORIGIN, lambda: 7) == ()
    sm2 = new_log_sm2_key(keys, ORIGIN)
    assert [key.vkey for key in load_log_cosigners(keys, ORIGIN, lambda: 7)] == [sm2.vkey]
    second = new_log_cosigner(keys, ORIGIN, lambda: 7)
    found = load_log_cosigners(keys, ORIGIN, lambda: 7)
    assert [key.vkey for key in found] == [second.vkey, sm2.vkey]
    with pytest.raises(FileExistsError):
        new_log_sm2_key(keys, ORIGIN)
    monkeypatch.setitem(sys.modules, "gmssl_pyx", None)  # As where the extra is not installed.
    assert [key.vkey for key in load_log_cosigners(keys, ORIGIN, lambda: 7)] == [second.vkey]


def test_an_sm2_key_that_is_not_the_logs_is_refused(keys: Path) -> None:
    file = keys / "log-sm2.key"
    new_log_sm2_key(keys, "timebank.example/other")
    with pytest.raises(KeyFileUnusable):
        load_log_cosigners(keys, ORIGIN, lambda: 7)
    file.write_text("nothing")
    with pytest.raises(KeyFileUnusable) as refused:
        load_log_cosigners(keys, ORIGIN, lambda: 7)
    assert refused.value.facts == {"file": "log-sm2.key", "why": "no_key"}


def test_a_file_that_holds_no_key_is_refused(keys: Path) -> None:
    file = keys / "station-XFL.key"
    file.write_text("nothing")
    file.chmod(0o600)
    with pytest.raises(KeyFileUnusable) as refused:
        load_keys(keys)
    assert refused.value.facts == {"file": "station-XFL.key", "why": "no_key"}
    with pytest.raises(KeyFileUnusable):
        station_key(keys, "XFL")


def test_a_key_that_others_may_read_is_refused(keys: Path) -> None:
    need(os.name == "posix", "files with owners and modes")
    (keys / "station-XFL.key").chmod(0o644)
    with pytest.raises(KeyFileUnusable) as refused:
        load_keys(keys)
    assert refused.value.facts["why"] == "open_to_others"


def test_a_stations_key_is_found_by_its_code_whatever_text_that_is(keys: Path) -> None:
    found = station_key(keys, "XFL")
    assert found is not None
    assert found.name == f"{ORIGIN}/stn/XFL"
    for code in ("", "EAST", "../log", "XFL/../XFL", "*", "\0", "幸" * 500):
        assert station_key(keys, code) is None
