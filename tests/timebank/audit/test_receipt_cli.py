"""timebank/audit/receipt_cli.py: what a receipt proves offline, and the exit code of a script."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from ledger.keys import SigningKey
from ledger.notes import parse_note
from ledger.receipt import Receipt
from tests.ledger.golden import GOLDEN
from tests.support.log_builder import LogBuilder, key_of, little_log
from tests.support.receipts import SECOND_KEY, WITNESS, cosigner, receipt_of
from timebank.audit.verify_cli import main

LOG = little_log()
VKEY = str(LOG.log_key.vkey)
FILE = GOLDEN / "receipt-of-10.tlog-proof"


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str]:
    code = main(["receipt", *(str(one) for one in arguments)])
    return code, capsys.readouterr().out


def test_a_sound_receipt_says_what_it_proves_in_two_languages(capsys) -> None:
    code, said = run(capsys, FILE, "--vkey", VKEY, "--witness", WITNESS.vkey)

    assert code == 0
    zh, en = said.split("\n\n")
    account = "acct_0000000000000000000000000000000"
    for line in (
        "凭证号：第 3 号", "事项：赠与", f"时间：15 分钟，{account}3 → {account}4",
        "服务日期：2023-03-01", "入账时间：2023-03-05 15:06:50（北京时间）",
        "第 10 条（从 0 数起），全日志 21 条", "签名：witness.example/w1 (c4f55f07)，2023-03-05",
        "不证明服务确实发生过",
    ):  # fmt: skip
        assert line in zh
    for line in (
        "Entry number: 3", "Kind: gift", f"Minutes: 15 min, {account}3 → {account}4",
        "Effective on: 2023-03-01", "leaf 10, counted from 0, of 21",
        "Signed by: timebank.example/xingfu (ff4486d0)", "does not prove that the service",
    ):  # fmt: skip
        assert line in en
    assert "No witness" not in said
    assert "未核对" not in said


def test_who_was_not_asked_about_is_told(capsys, tmp_path: Path) -> None:
    file = tmp_path / "r.tlog-proof"
    file.write_text(str(receipt_of(LOG, 10, WITNESS, SECOND_KEY)), "utf-8")

    _code, said = run(capsys, file, "--vkey", VKEY, "--witness", SECOND_KEY.vkey)

    assert "另有 1 行签名" in said
    assert "No witness was asked for" in said  # The log's own second key is none.


@pytest.mark.parametrize("index", [0, 3, 7, 9, 13, 14, 17, 18, 19])
def test_every_kind_of_leaf_has_words(capsys, tmp_path: Path, index: int) -> None:
    file = tmp_path / "r.tlog-proof"
    file.write_text(str(receipt_of(LOG, index)), "utf-8")

    code, said = run(capsys, file, "--vkey", VKEY)

    assert (code, f"第 {index} 条" in said) == (0, True)


def test_a_program_gets_the_facts(capsys) -> None:
    code, said = run(capsys, FILE, "--vkey", VKEY, "--witness", WITNESS.vkey, "--json")

    found = json.loads(said)
    assert code == 0
    assert (found["ok"], found["kind"], found["number"], found["index"]) == (True, "gift", 3, 10)
    assert found["movements"][0]["minutes"] == 15
    assert [one["at"] for one in found["signed"]] == [None, "2023-03-05T07:08:20+00:00"]


def test_what_was_changed_ends_with_1_and_its_rule(capsys, tmp_path: Path) -> None:
    file = tmp_path / "changed.tlog-proof"
    file.write_bytes(FILE.read_bytes().replace(b"index 10", b"index 11"))

    code, said = run(capsys, file, "--vkey", VKEY, "--json")
    assert (code, json.loads(said)["findings"][0]["rule"]) == (1, "inclusion")
    code, said = run(capsys, file, "--vkey", VKEY)
    assert code == 1
    assert said.startswith("核验未通过")
    assert "Rejected" in said


def test_a_demanded_witness_and_the_right_log_are_needed(capsys) -> None:
    stranger = SigningKey.generate("timebank.example/xingfu").vkey
    other = cosigner("witness.example/w2").vkey

    for more in (["--vkey", stranger], ["--vkey", VKEY, "--witness", other]):
        code, said = run(capsys, FILE, *more, "--json")
        assert (code, json.loads(said)["findings"][0]["rule"]) == (1, "signature")


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("log {log}\nwitness w {w1}\nquorum w\n", None),
        ("witness w {w1}\nwitness v {w2}\ngroup g any w v\nquorum g\n", None),
        ("witness w {w1}\nwitness v {w2}\ngroup g all w v\nquorum g\n", "quorum"),
        ("witness v {w2}\nquorum v\n", "quorum"),
        ("witness v {w2}\nquorum none\n", None),
        ("log {other}\nquorum none\n", "signature"),
        ("log {stranger}\nquorum none\n", "signature"),
    ],
)
def test_a_policy_says_which_logs_and_witnesses_must_have_signed(
    capsys, tmp_path: Path, text: str, rule: str | None
) -> None:
    policy = tmp_path / "trust.policy"
    stranger = SigningKey.generate("timebank.example/xingfu").vkey
    other, w2 = SigningKey.generate("timebank.example/other").vkey, cosigner("w2").vkey
    policy.write_text(
        text.format(log=VKEY, w1=WITNESS.vkey, w2=w2, other=other, stranger=stranger), "utf-8"
    )
    code, said = run(capsys, FILE, "--vkey", VKEY, "--policy", policy, "--json")
    found = json.loads(said)
    assert (code, [one["rule"] for one in found["findings"]]) == (
        (0, []) if rule is None else (1, [rule])
    )
    if "{w1}" in text and rule is None:
        assert [one["at"] for one in found["signed"]] == [None, "2023-03-05T07:08:20+00:00"]


def test_a_policy_that_names_the_log_stands_for_its_key(capsys, tmp_path: Path) -> None:
    policy = tmp_path / "trust.policy"
    policy.write_text(f"log {VKEY}\nquorum none\n", "utf-8")
    code, said = run(capsys, FILE, "--policy", policy, "--json")
    assert (code, json.loads(said)["not_checked"]) == (0, 1)
    other = SigningKey.generate("timebank.example/other").vkey
    policy.write_text(f"log {other}\nquorum none\n", "utf-8")
    code, said = run(capsys, FILE, "--policy", policy, "--json")
    assert (code, json.loads(said)["findings"][0]["rule"]) == (1, "origin")
    policy.write_text("quorum none\n", "utf-8")
    with pytest.raises(SystemExit) as ended:
        run(capsys, FILE, "--policy", policy)
    assert ended.value.code == 2


def test_a_false_line_of_a_known_witness_spoils_the_receipt(capsys, tmp_path: Path) -> None:
    policy, file = tmp_path / "trust.policy", tmp_path / "r.tlog-proof"
    policy.write_text(f"witness w {WITNESS.vkey}\nquorum none\n", "utf-8")
    receipt = receipt_of(LOG, 10)
    elsewhere = receipt_of(LOG, 10, WITNESS, size=11).note.lines[1]
    file.write_text(str(replace(receipt, note=receipt.note.with_lines(elsewhere))), "utf-8")
    code, said = run(capsys, file, "--vkey", VKEY, "--policy", policy, "--json")
    assert (code, json.loads(said)["findings"][0]["rule"]) == (1, "signature")
    assert run(capsys, file, "--vkey", VKEY)[0] == 0


def rule_of(capsys, file: Path, receipt: Receipt) -> str:
    file.write_text(str(receipt), "utf-8")
    _code, said = run(capsys, file, "--vkey", VKEY, "--json")
    rule: str = json.loads(said)["findings"][0]["rule"]
    return rule


def test_a_signed_leaf_must_be_a_leaf_of_its_place(capsys, tmp_path: Path) -> None:
    """A log could sign anything; what is no leaf of ours proves nothing about anybody's hours."""
    file, odd = tmp_path / "r.tlog-proof", LogBuilder()
    odd.log_key = key_of("timebank.example/xingfu")
    odd.leaves.append(b"not a leaf")
    odd.append("fact", "record_1", {}, sub=odd.sign("record", {"c": "x"}), index=7)

    assert rule_of(capsys, file, receipt_of(odd, 3)) == "leaf"
    assert rule_of(capsys, file, receipt_of(odd, 4)) == "leaf"
    bare = Receipt(3, receipt_of(odd, 3).proof, parse_note(odd.note()))
    assert rule_of(capsys, file, bare) == "leaf"


@pytest.mark.parametrize(
    "arguments",
    [
        ["none.tlog-proof", "--vkey", VKEY],
        [str(FILE)],
        [str(FILE), "--vkey", "nonsense"],
        [str(FILE), "--vkey", str(WITNESS.vkey)],
        [str(FILE), "--vkey", VKEY, "--witness", VKEY],
        [str(GOLDEN), "--vkey", VKEY],
        [str(FILE), "--vkey", VKEY, "--policy", "none"],
        [str(FILE), "--vkey", VKEY, "--policy", str(FILE)],
    ],
)
def test_a_wrong_call_ends_with_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["receipt", *arguments])
    assert ended.value.code == 2


def test_the_verifier_loads_no_database() -> None:
    script = (
        "import sys; from timebank.audit.verify_cli import main; "
        f"code = main(['receipt', {str(FILE)!r}, '--vkey', {VKEY!r}]); "
        "assert not {'sqlalchemy', 'sqlmodel', 'fastapi', 'pydantic'} & set(sys.modules); "
        "sys.exit(code)"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr
