"""timebank/audit/verify_cli.py: what a stranger runs, and the exit code that a script reads."""

import json
import random
import re
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ledger.bundle import files_of
from ledger.keys import SigningKey
from tests.support.banks import TriedBank
from tests.support.books import finds
from tests.support.true_leaves import one_byte_changed
from timebank.audit.bundle import export
from timebank.audit.verify_cli import main
from timebank.cli import app


@pytest.fixture
def bundle(sqlite_bank: TriedBank, tmp_path: Path) -> Path:
    """A bundle of a book with one entry, and an older checkpoint of it beside it."""
    sqlite_bank.bank.publish()
    shutil.copy(sqlite_bank.settings.log_folder / "checkpoint", tmp_path / "older")
    sqlite_bank.people("V0001")
    sqlite_bank.issue("V0001", 90)
    export(sqlite_bank.bank.database, finds(sqlite_bank.bank.log_key), tmp_path / "bundle")
    return tmp_path / "bundle"


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str]:
    code = main([str(one) for one in arguments])
    return code, capsys.readouterr().out


def test_a_sound_bundle_ends_with_0(bundle: Path, sqlite_bank: TriedBank, capsys) -> None:
    code, said = run(capsys, bundle)
    assert code == 0
    assert " 0 faults: " in said.splitlines()[-1]
    vkey, older = sqlite_bank.bank.log_key.vkey, bundle.with_name("older")
    code, said = run(capsys, bundle, "--vkey", vkey, "--since", older, "--json")
    found = json.loads(said)
    assert code == 0
    assert (found["ok"], found["findings"]) == (True, [])
    assert "self-consistent" not in found["claim"]


def test_a_changed_byte_ends_with_1_and_names_its_file(bundle: Path, capsys) -> None:
    file = bundle / "journal.csv"
    file.write_bytes(file.read_bytes().replace(b",90,", b",91,"))
    code, said = run(capsys, bundle)
    assert code == 1
    assert any(line.startswith("journal.csv") for line in said.splitlines())
    code, said = run(capsys, bundle, "--json")
    assert code == 1
    assert "journal.csv" in {one["file"] for one in json.loads(said)["findings"]}


def test_a_changed_byte_of_any_file_ends_with_1_and_prints_file_and_leaf(
    bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = sorted(files_of(bundle))
    assert len(paths) > 9
    for path in paths:
        data = (bundle / path).read_bytes()
        (bundle / path).write_bytes(one_byte_changed(data, random.Random(path)))
        code, said = run(capsys, bundle)
        typed = CliRunner().invoke(app, ["verify", str(bundle)])
        (bundle / path).write_bytes(data)
        assert (code, typed.exit_code) == (1, 1)
        faults = said.splitlines()[:-1]
        assert faults
        assert all(re.match(rf"{re.escape(path)} leaf \d+: \w+: ", line) for line in faults), said
        assert typed.stdout.splitlines()[: len(faults)] == faults


def test_the_first_fault_alone_where_that_is_asked_for(bundle: Path, capsys) -> None:
    for name in ("journal.csv", "accounts.csv"):
        bundle.joinpath(name).write_bytes(b"")
    code, said = run(capsys, bundle)
    assert code == 1
    assert len(said.splitlines()) > 3
    code, said = run(capsys, bundle, "--first", "--json")
    assert code == 1
    assert len(json.loads(said)["findings"]) == 1


def test_another_logs_key_ends_with_1(bundle: Path, capsys) -> None:
    stranger = SigningKey.generate("timebank.example/test").vkey
    assert run(capsys, bundle, "--vkey", stranger)[0] == 1


@pytest.mark.parametrize("arguments", [["none"], ["bundle", "--vkey", "nonsense"], []])
def test_a_wrong_call_ends_with_2(
    bundle: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.chdir(bundle.parent)
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
