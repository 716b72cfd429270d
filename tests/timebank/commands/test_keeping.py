"""timebank/commands/keeping.py and witness.py: the doctor, and an office that is a witness."""

import hashlib
import shutil
import sys
from pathlib import Path

import pytest

from ledger.notes import Vkey
from ledger.signatures import COSIGNATURE
from tests.support.log_builder import ORIGIN, key_of
from tests.timebank.commands.test_cli import run, told


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The data folder of a new book with one station."""
    folder = tmp_path / "data"
    told("init", "--data", folder, "--station", "XFL=幸福里")
    return folder


def test_the_doctor_says_what_the_book_is_not_protected_against(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert any("rollback" in warning for warning in told("doctor", "--data", data)["warnings"])
    policy = tmp_path / "trust.policy"
    policy.write_text("quorum none\n", "utf-8")
    monkeypatch.setenv("TIMEBANK_WITNESS_POLICY", str(policy))
    assert any("Root keys" in warning for warning in told("doctor", "--data", data)["warnings"])
    shutil.rmtree(tmp_path.joinpath("data.keys", "roots"))
    assert told("doctor", "--data", data)["warnings"] == []
    tmp_path.joinpath("data.keys", "log-mldsa.key").unlink()
    assert any("log-mldsa.key" in warning for warning in told("doctor", "--data", data)["warnings"])
    made = told("keys", "sm2", "--out", tmp_path / "sm2.proof", "--data", data)
    assert made["key_file"].endswith("log-sm2.key")
    assert not any("SM2" in warning for warning in told("doctor", "--data", data)["warnings"])
    with monkeypatch.context() as patched:
        patched.setitem(sys.modules, "gmssl_pyx", None)  # As where the extra is not installed.
        assert any("SM2" in warning for warning in told("doctor", "--data", data)["warnings"])
    policy.write_text("quorum w1\n", "utf-8")
    assert told("doctor", "--data", data, code=2)["error"]["code"] == "setting_invalid"


def test_a_witness_gets_its_key_once(tmp_path: Path) -> None:
    state = tmp_path / "witness"
    assert told("witness", "vkey", "--state", state, code=1)["error"]["code"] == (
        "witness_key_missing"
    )
    run("witness", "vkey", "--state", state, "--name", "two words", code=2)
    made = run("witness", "vkey", "--state", state, "--name", "witness.example/w").stdout
    assert told("witness", "vkey", "--state", state) == {"vkey": made.strip()}
    vkey = Vkey.parse(made.strip(), kinds=(COSIGNATURE,))
    assert vkey.name == "witness.example/w"
    other = told("witness", "vkey", "--state", state, "--name", "witness.example/x", code=1)
    assert other["error"]["code"] == "witness_name_differs"


def test_a_witness_that_cannot_serve_says_why(tmp_path: Path) -> None:
    state, log = tmp_path / "witness", key_of(ORIGIN).vkey
    run("witness", "serve", "--state", state, code=2)
    run("witness", "serve", "--state", state, "--log", "no key", code=2)
    missing = told("witness", "serve", "--state", state, "--log", log, code=1)
    assert missing["error"]["code"] == "witness_key_missing"
    own = run("witness", "vkey", "--state", state, "--name", "witness.example/w").stdout.strip()
    run("witness", "serve", "--state", state, "--log", own, code=2)
    file = f"log-{hashlib.sha256(ORIGIN.encode()).hexdigest()[:32]}"
    state.joinpath(file).write_text("damaged")
    damaged = told("witness", "serve", "--state", state, "--log", log, code=1)
    assert damaged["error"]["code"] == "witness_damaged"
