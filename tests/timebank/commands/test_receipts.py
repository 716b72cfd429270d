"""``timebank receipt``: written by the operator, believed by whoever verifies it."""

import json
from pathlib import Path

from typer.testing import CliRunner

from ledger.receipt import Receipt
from tests.support.banks import TriedBank
from timebank.audit.verify_cli import main
from timebank.cli import app


def run(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(one) for one in arguments])
    return result.exit_code, result.stdout


def test_a_receipt_is_written_and_verifies(sqlite_bank: TriedBank, tmp_path: Path) -> None:
    sqlite_bank.people("V0001")
    entry = sqlite_bank.issue("V0001", 90).body["entry"]
    data, file = sqlite_bank.settings.data, tmp_path / f"{entry}.tlog-proof"

    code, said = run("receipt", entry, "--out", file, "--data", data, "--json")

    told = json.loads(said)
    receipt = Receipt.parse(file.read_bytes())
    assert (code, told["leaf_index"], told["size"]) == (0, receipt.index, receipt.checkpoint.size)
    assert told["signed"] == [sqlite_bank.bank.log_key.vkey.name]
    assert main(["receipt", str(file), "--vkey", str(sqlite_bank.bank.log_key.vkey)]) == 0
    code, said = run("receipt", entry, "--out", file, "--data", data)
    assert (code, f"第 {receipt.index} 条" in said) == (0, True)


def test_an_unknown_entry_writes_nothing(sqlite_bank: TriedBank, tmp_path: Path) -> None:
    file, data = tmp_path / "none.tlog-proof", sqlite_bank.settings.data

    code, said = run("receipt", "entry_none", "--out", file, "--data", data, "--json")

    assert (code, json.loads(said)["error"]["code"]) == (1, "entry_not_found")
    assert not file.exists()


def test_a_folder_that_is_not_there_is_a_fault(sqlite_bank: TriedBank, tmp_path: Path) -> None:
    sqlite_bank.people("V0001")
    entry = sqlite_bank.issue("V0001", 90).body["entry"]
    file = tmp_path / "nowhere" / "r.tlog-proof"

    code, said = run("receipt", entry, "--out", file, "--data", sqlite_bank.settings.data, "--json")

    assert (code, json.loads(said)["error"]["code"]) == (1, "storage_fault")
