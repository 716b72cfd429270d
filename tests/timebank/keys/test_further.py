"""timebank/keys/further.py: a further key is made once, signs from the next start, and is shown."""

import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from ledger.leaf import Genesis
from ledger.leaf_parser import parse
from ledger.notes import parse_note
from ledger.publication import read_leaves
from ledger.signatures import ML_DSA_44, OTHER
from ledger.verify import verify
from tests.support.banks import TriedBank
from timebank.audit.bundle import export
from timebank.bank import Bank
from timebank.errors import ExtraMissing, LogLineKeyExists
from timebank.keyring import new_log_cosigner
from timebank.keys.further import FILES, make_further_key, refuse_a_second


def genesis_of(tried: TriedBank) -> Genesis:
    with tried.bank.read() as connection:
        (data,) = read_leaves(connection, 0, 1)
    body = parse(data).body
    assert isinstance(body, Genesis)
    return body


def test_an_sm2_key_signs_from_the_next_start_on(sqlite_bank: TriedBank, tmp_path: Path) -> None:
    vkey = make_further_key(sqlite_bank.bank, OTHER)
    checkpoint = sqlite_bank.settings.log_folder / "checkpoint"
    sqlite_bank.bank.publish()
    assert parse_note(checkpoint.read_bytes()).lines_of(vkey) == ()
    sqlite_bank.people("V0001")
    with Bank.open(sqlite_bank.settings, sqlite_bank.clock) as bank:
        bank.publish()
        assert len(parse_note(checkpoint.read_bytes()).lines_of(vkey)) == 1
        export(
            bank.database, bank.log_signer_of, tmp_path / "bundle",
            cosigners=bank.log_cosigners, published=checkpoint.read_bytes(),
        )  # fmt: skip
    published = checkpoint.with_name("vkey-sm2")
    assert published.read_text("utf-8") == f"{vkey}\n"
    for folder in (checkpoint.parent, tmp_path / "bundle"):
        report = verify(folder, vkey=str(sqlite_bank.bank.log_key.vkey))
        assert (report.findings, report.not_checked) == ((), ())
    with pytest.raises(LogLineKeyExists) as refused:
        make_further_key(sqlite_bank.bank, OTHER)
    assert refused.value.facts == {"file": "log-sm2.key"}
    (sqlite_bank.settings.keys_folder / "log-sm2.key").unlink()
    with pytest.raises(LogLineKeyExists) as refused:  # Readers have seen the lost one.
        make_further_key(sqlite_bank.bank, OTHER)
    assert refused.value.facts == {"file": "vkey-sm2"}


def test_without_the_extra_no_sm2_key_is_made(
    sqlite_bank: TriedBank, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "gmssl_pyx", None)
    with pytest.raises(ExtraMissing, match="extra gm is needed"):
        make_further_key(sqlite_bank.bank, OTHER)
    assert not (sqlite_bank.settings.keys_folder / "log-sm2.key").exists()


def test_a_key_that_the_first_leaf_names_is_restored_and_never_replaced(
    sqlite_bank: TriedBank,
) -> None:
    (sqlite_bank.settings.keys_folder / FILES[ML_DSA_44]).unlink()
    with pytest.raises(LogLineKeyExists):
        make_further_key(sqlite_bank.bank, ML_DSA_44)


def test_a_book_that_was_founded_without_a_second_key_may_get_one(
    sqlite_bank: TriedBank, tmp_path: Path
) -> None:
    """Its first leaf names none, and neither folder has one."""
    older = replace(genesis_of(sqlite_bank), cosigners=())
    keys, log = tmp_path / "keys", tmp_path / "log"
    keys.mkdir()
    log.mkdir()
    refuse_a_second(ML_DSA_44, older, keys, log)
    made = new_log_cosigner(keys, older.origin, lambda: 7)
    with pytest.raises(LogLineKeyExists):
        refuse_a_second(ML_DSA_44, older, keys, log)
    shutil.rmtree(keys)
    (log / "vkey-mldsa").write_text(f"{made.vkey}\n", "utf-8")
    with pytest.raises(LogLineKeyExists):
        refuse_a_second(ML_DSA_44, older, keys, log)
    refuse_a_second(OTHER, older, keys, log)
