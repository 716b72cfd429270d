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
from ledger.notes import line_of, parse_note
from tests.support.banks import TriedBank
from tests.support.books import finds
from tests.support.forging import log
from tests.support.receipts import cosigner
from tests.support.true_leaves import one_byte_changed
from timebank.audit.bundle import export
from timebank.audit.verify_cli import main
from timebank.cli import app


@pytest.fixture
def bundle(sqlite_bank: TriedBank, tmp_path: Path) -> Path:
    """A bundle of a book with one entry, and an older checkpoint of it beside it."""
    sqlite_bank.bank.publish()
    shutil.copy(sqlite_bank.settings.log_folder / "checkpoint", tmp_path / "older")
    sqlite_bank.people("V0001", "E0001")
    log(sqlite_bank)
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
        faults = [line for line in said.splitlines()[:-1] if "derived again" not in line]
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


def test_a_policy_and_a_size_from_elsewhere_are_held_against_the_log(
    bundle: Path, sqlite_bank: TriedBank, capsys
) -> None:
    witness, policy = cosigner("witness.example/w1"), bundle.with_name("trust.policy")
    head = bundle / "log" / "checkpoint"
    size = json.loads(run(capsys, bundle, "--json")[1])["size"]
    for text, code, claim in (
        (f"log {sqlite_bank.bank.log_key.vkey}\nquorum none\n", 0, "against the given key"),
        (f"witness w {witness.vkey}\nquorum w\n", 1, "self-consistent only"),
    ):
        policy.write_text(text, "utf-8")
        ended, said = run(capsys, bundle, "--policy", policy)
        assert (ended, claim in said.splitlines()[-1]) == (code, True)
        typed = CliRunner().invoke(app, ["verify", str(bundle), "--policy", str(policy)])
        assert (typed.exit_code, typed.stdout) == (code, said)
    assert f"log/checkpoint leaf {size - 1}: quorum: 0 of 1 witnesses" in said
    note = parse_note(head.read_bytes())
    line = line_of(witness, note.text.encode("utf-8"))
    head.write_text(str(note.with_lines(line)), "utf-8")
    _ended, said = run(capsys, bundle / "log", "--policy", policy)
    assert "was cosigned by witness.example/w1 at 2023-03-05T07:08:20Z" in said
    for asked, code in ((size, 0), (size + 1, 1)):
        assert run(capsys, bundle / "log", "--size", asked)[0] == code
        arguments = ["verify", str(bundle / "log"), "--size", str(asked)]
        assert CliRunner().invoke(app, arguments).exit_code == code


@pytest.mark.parametrize(
    "arguments",
    [
        ["none"],
        ["bundle", "--vkey", "nonsense"],
        ["bundle", "--size", "0"],
        ["bundle", "--size", "many"],
        ["bundle", "--policy", "none"],
        ["bundle", "--policy", "older"],
        [],
    ],
)
def test_a_wrong_call_ends_with_2(
    bundle: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.chdir(bundle.parent)
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert CliRunner().invoke(app, ["verify", *arguments]).exit_code == 2
