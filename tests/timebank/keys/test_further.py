"""timebank/keys/further.py: a further key is made once, and signs once a leaf names it."""

import sys
from pathlib import Path

import pytest

from ledger.approvals import COSIGNER, add_key_text
from ledger.keys import SigningKey
from ledger.notes import Signer, parse_note, sign_note
from ledger.signatures import ML_DSA_44, OTHER
from ledger.verify import verify
from tests.support.banks import FOUNDER, TriedBank
from timebank.audit.bundle import export
from timebank.errors import ExtraMissing, KeyFileUnusable, LogLineKeyExists
from timebank.keys.actions import add_key
from timebank.keys.ceremony import read_proof
from timebank.keys.further import FILES, make_further_key


def let_in(tried: TriedBank, key: Signer, proof: str) -> None:
    folder = tried.settings.keys_folder / "roots"
    roots = [SigningKey.load(folder / f"root-{number}.key") for number in (1, 2)]
    word = sign_note(add_key_text(tried.bank.origin, COSIGNER, key.vkey), *roots)
    add_key(tried.bank, FOUNDER, read_proof(proof), approval=word, key="enrol-it")


def test_an_sm2_key_signs_from_its_leaf_on_in_a_bank_that_was_open(
    sqlite_bank: TriedBank, tmp_path: Path
) -> None:
    checkpoint = sqlite_bank.settings.log_folder / "checkpoint"
    with sqlite_bank.again() as running:
        publisher = running.publisher()
        publisher.publish_now()
        key, proof = make_further_key(sqlite_bank.bank, OTHER)
        sqlite_bank.people("V0001")
        publisher.publish_now()
        assert parse_note(checkpoint.read_bytes()).lines_of(key.vkey) == ()
        assert not checkpoint.with_name("vkey-sm2").exists()
        let_in(sqlite_bank, key, proof)
        publisher.publish_now()
        assert len(parse_note(checkpoint.read_bytes()).lines_of(key.vkey)) == 1
    export(
        sqlite_bank.bank.database, sqlite_bank.bank.log_signer_of, tmp_path / "bundle",
        published=checkpoint.read_bytes(),
    )  # fmt: skip
    published = checkpoint.with_name("vkey-sm2")
    assert published.read_text("utf-8") == f"{key.vkey}\n"
    for folder in (checkpoint.parent, tmp_path / "bundle"):
        report = verify(folder, vkey=str(sqlite_bank.bank.log_key.vkey))
        assert (report.findings, report.not_checked) == ((), ())
    with pytest.raises(LogLineKeyExists) as refused:
        make_further_key(sqlite_bank.bank, OTHER)
    assert refused.value.facts == {"file": "log-sm2.key"}


def test_until_a_leaf_names_it_the_same_key_is_proven_again(sqlite_bank: TriedBank) -> None:
    first, _proof = make_further_key(sqlite_bank.bank, OTHER)
    again, proof = make_further_key(sqlite_bank.bank, OTHER)
    assert first.vkey == again.vkey == read_proof(proof).vkey
    (sqlite_bank.settings.log_folder).mkdir(exist_ok=True)
    (sqlite_bank.settings.log_folder / "vkey-sm2").write_text("x", "utf-8")
    with pytest.raises(LogLineKeyExists) as refused:  # Readers have seen another one.
        make_further_key(sqlite_bank.bank, OTHER)
    assert refused.value.facts == {"file": "vkey-sm2"}


def test_a_file_that_holds_no_such_key_is_not_written_over(sqlite_bank: TriedBank) -> None:
    file = sqlite_bank.settings.keys_folder / FILES[OTHER]
    file.write_text("x", "utf-8")
    file.chmod(0o600)
    with pytest.raises(KeyFileUnusable):
        make_further_key(sqlite_bank.bank, OTHER)
    assert file.read_text("utf-8") == "x"


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
