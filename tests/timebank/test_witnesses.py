"""timebank/witnesses.py: the policy of the settings, and a book whose witnesses have their say."""

import shutil
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from ledger.book import read_head
from ledger.errors import LogForked
from ledger.notes import Vkey, parse_note
from ledger.signatures import COSIGNATURE, ML_DSA_44
from ledger.verify import verify
from tests.support.banks import TriedBank, new_bank
from tests.support.log_builder import cosigner_of, key_of
from tests.support.witnesses import Site, answer, made_up_witness, our_witness
from timebank.audit.bundle import export
from timebank.bank import Bank
from timebank.errors import KeyFileUnusable, SettingInvalid, WitnessKeyMissing, WitnessNameDiffers
from timebank.jobs.upkeep import published_size
from timebank.keyring import new_key
from timebank.witnesses import open_witness, witness_key

VKEY = cosigner_of("witness.example/w1", COSIGNATURE).vkey


def with_policy(tried: TriedBank, text: str) -> TriedBank:
    """The same book, to be opened with a policy beside its data folder."""
    file = tried.settings.data.with_name("trust.policy")
    file.write_text(text, "utf-8")
    tried.bank.close()
    tried.settings = tried.settings.model_copy(update={"witness_policy": file})
    return tried


def reopened(tried: TriedBank, site: Site) -> TriedBank:
    """The same book, opened with one witness that must cosign."""
    log = tried.bank.log_key.vkey
    with_policy(tried, f"log {log}\n{site.line()}quorum w1\n")
    tried.bank = Bank.open(tried.settings, tried.clock)
    return tried


def log_key_of(tried: TriedBank) -> Vkey:
    return tried.bank.log_key.vkey


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("quorum w1\n", "line 1"),
        (f"log {key_of('timebank.example/other').vkey}\nquorum none\n", "not this one"),
        (f"witness w1 {VKEY}\nquorum w1\n", "can never be the quorum"),
        (f"witness w1 {VKEY} ftp://w\nquorum w1\n", "address"),
    ],
)
def test_a_policy_that_cannot_be_used_stops_the_start(
    sqlite_bank: TriedBank, text: str, why: str
) -> None:
    with_policy(sqlite_bank, text)
    with pytest.raises(SettingInvalid, match=why) as refused:
        Bank.open(sqlite_bank.settings, sqlite_bank.clock)
    assert refused.value.facts["setting"] == "TIMEBANK_WITNESS_POLICY"


def test_a_policy_that_is_not_there_stops_the_start(sqlite_bank: TriedBank) -> None:
    with_policy(sqlite_bank, "quorum none\n").settings.witness_policy.unlink()  # type: ignore[union-attr]
    with pytest.raises(SettingInvalid, match="No such file"):
        Bank.open(sqlite_bank.settings, sqlite_bank.clock)


def test_what_is_published_bears_all_lines(sqlite_bank: TriedBank, tmp_path: Path) -> None:
    with our_witness(tmp_path / "w", log_key_of(sqlite_bank)) as site:
        tried = reopened(sqlite_bank, site)
        tried.people("V0001")
        tried.bank.publish()
        note = parse_note((tried.settings.log_folder / "checkpoint").read_bytes())
        (second,) = tried.bank.log_cosigners()
        assert [one.name for one in note.lines] == [
            tried.bank.log_key.name, second.vkey.name, site.vkey.name,
        ]  # fmt: skip
        assert published_size(tried.bank) == read_head(tried.bank.database).size


def test_a_bundle_of_an_idle_log_bears_all_lines(sqlite_bank: TriedBank, tmp_path: Path) -> None:
    with our_witness(tmp_path / "w", log_key_of(sqlite_bank)) as site:
        tried = reopened(sqlite_bank, site)
        tried.bank.publish()
    checkpoint = tried.settings.log_folder / "checkpoint"
    for grown, lines in ((False, 3), (True, 2)):
        if grown:
            tried.people("V0001")
        out = tmp_path / f"bundle-{lines}"
        export(
            tried.bank.database, tried.bank.log_signer_of, out,
            published=checkpoint.read_bytes(),
        )  # fmt: skip
        assert len(parse_note((out / "log" / "checkpoint").read_bytes()).lines) == lines
        assert verify(out, vkey=str(log_key_of(tried))).findings == ()


def test_an_outage_is_seen_and_keeps_nobody_from_posting(
    sqlite_bank: TriedBank, tmp_path: Path
) -> None:
    with made_up_witness(lambda body: answer(503)) as (site, _told):
        tried = reopened(sqlite_bank, site)
        with TestClient(create_app(tried.bank)) as client:
            tried.people("V0001", "E0001")
            tried.issue("V0001", 60)
            tried.bank.publish()
            figures = client.get("/metrics").text
            said = client.get("/readyz")
    parts = {one["name"]: one for one in said.json()["parts"]}
    assert parts["witnesses"] == {
        "name": "witnesses", "ready": False, "why": "w1:refused", "needed": False,
    }  # fmt: skip
    assert parts["publisher"]["ready"]
    assert said.status_code == 200
    assert 'timebank_witness_failing{witness="w1"} 1.0' in figures
    assert "timebank_public_size 0.0" in figures
    assert published_size(tried.bank) == 0


def test_a_server_with_its_witnesses_is_ready(sqlite_bank: TriedBank, tmp_path: Path) -> None:
    with our_witness(tmp_path / "w", log_key_of(sqlite_bank)) as site:
        tried = reopened(sqlite_bank, site)
        with TestClient(create_app(tried.bank)) as client:
            tried.bank.publish()
            parts = {one["name"]: one["ready"] for one in client.get("/readyz").json()["parts"]}
            figures = client.get("/metrics").text
    assert parts["witnesses"]
    assert 'timebank_witness_failing{witness="w1"} 0.0' in figures
    assert f"timebank_public_size {read_head(tried.bank.database).size}.0" in figures


def test_a_machine_that_was_set_back_as_a_whole_is_not_written(
    sqlite_bank: TriedBank, tmp_path: Path
) -> None:
    """Data folder and public log are one old copy; only the witness knows."""
    with our_witness(tmp_path / "w", log_key_of(sqlite_bank)) as site:
        tried = reopened(sqlite_bank, site)
        tried.people("V0001")
        tried.bank.publish()
        tried.bank.close()
        backup = shutil.copytree(tried.settings.data, tmp_path / "backup")
        with Bank.open(tried.settings, tried.clock) as bank:
            tried.bank = bank
            tried.people("V0002")
            bank.publish()
        shutil.rmtree(tried.settings.data)
        shutil.copytree(backup, tried.settings.data)

        with Bank.open(tried.settings, tried.clock) as bank:
            tried.bank = bank
            for _again in range(2):
                with pytest.raises(LogForked, match="old copy"):
                    tried.people("V0003")
            with pytest.raises(LogForked, match="old copy"):
                bank.guard()


def test_a_book_that_was_founded_before_there_was_a_second_key(tmp_path: Path) -> None:
    with new_bank(tmp_path) as tried:
        tried.bank.close()
        (tried.settings.keys_folder / "log-mldsa.key").unlink()
        with Bank.open(tried.settings, tried.clock) as bank:
            bank.publish()
            assert bank.log_cosigners() == []
        note = parse_note((tried.settings.log_folder / "checkpoint").read_bytes())
        assert len(note.lines) == 1
        cosigner_of("timebank.example/other", ML_DSA_44).save(
            tried.settings.keys_folder / "log-mldsa.key"
        )
        with pytest.raises(KeyFileUnusable):
            Bank.open(tried.settings, tried.clock)


def test_a_witness_has_one_key_and_one_name(tmp_path: Path) -> None:
    state = tmp_path / "witness"
    with pytest.raises(WitnessKeyMissing):
        witness_key(state, lambda: 7)
    assert not state.exists()
    made = witness_key(state, lambda: 7, "witness.example/a")
    assert witness_key(state, lambda: 7).vkey == made.vkey
    assert witness_key(state, lambda: 7, "witness.example/a").vkey == made.vkey
    with pytest.raises(WitnessNameDiffers):
        witness_key(state, lambda: 7, "witness.example/b")
    (state / "witness.key").unlink()
    new_key(state, "witness", "witness.example/a")
    with pytest.raises(KeyFileUnusable):
        witness_key(state, lambda: 7)
    open_witness(state, made, [VKEY])
