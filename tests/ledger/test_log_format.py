"""docs/reference/log-format.md and tests/golden/log: the format holds still, as the page says."""

import json
import re
from pathlib import Path

import pytest

from ledger.findings import Finding
from ledger.leaf_parser import parse
from ledger.merkle import Frontier, leaf_hashes
from ledger.verify import verify
from tests.ledger.golden import GOLDEN, write

ROOT = Path(__file__).parents[2]
PAGE = ROOT.joinpath("docs/reference/log-format.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```\w+ golden\n(.*?)\n```$", PAGE, re.MULTILINE | re.DOTALL)


def files_in(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_today_writes_the_golden_bytes(tmp_path):
    write(tmp_path)
    today, golden = files_in(tmp_path), files_in(GOLDEN)
    assert today.keys() == golden.keys()
    for path, data in golden.items():
        assert today[path] == data, path


def test_the_golden_bundle_still_verifies():
    vkey = GOLDEN.joinpath("bundle/log/vkey").read_text("utf-8")
    report = verify(GOLDEN / "bundle", vkey=vkey, since=GOLDEN / "checkpoint-at-9")
    assert (report.findings, report.judged_leaves, report.freshness) == ((), 21, True)


def test_the_golden_leaves_still_read_and_give_the_golden_frontier():
    leaves = GOLDEN.joinpath("leaves.jsonl").read_bytes().splitlines()
    assert [parse(leaf).index for leaf in leaves] == list(range(21))
    data = bytes.fromhex(GOLDEN.joinpath("frontier.hex").read_text("utf-8"))
    assert Frontier.from_bytes(data) == Frontier().append(leaf_hashes(leaves))


def test_every_example_on_the_page_stands_in_a_golden_file():
    everything = b"\0".join(files_in(GOLDEN).values()).decode("utf-8", "replace")
    leaves = GOLDEN.joinpath("leaves.jsonl").read_text("utf-8").splitlines()
    readable = "\n".join(json.loads(leaf).get("sub", "") for leaf in leaves)
    absent = [example for example in EXAMPLES if example not in everything + readable]
    assert (len(EXAMPLES), absent) == (15, [])


@pytest.mark.parametrize("name", ["leaves.jsonl"])
def test_the_first_bundle_begins_as_the_page_says(name):
    bundle = GOLDEN.joinpath("bundle/log/tile/entries/000.p/21").read_bytes()
    first = GOLDEN.joinpath(name).read_bytes().splitlines()[0]
    assert bundle[:2] == bytes([0x02, 0x8E]) == len(first).to_bytes(2, "big")
    assert bundle[2:].startswith(first)


def rules_in_the_code() -> set[str]:
    """The rule of every finding: the word that stands before its evidence."""
    said = re.compile(
        r"(?:_say\(\s*[\w.]+,\s*|(?:\.add|Finding)\(\s*[^,]+(?:\([^()]*\))?,\s*[^,]+,\s*)\"(\w+)\""
    )
    files = [
        *ROOT.glob("ledger/verify*.py"),
        ROOT / "ledger/replay.py",
        ROOT / "ledger/chains.py",
        ROOT / "ledger/registry.py",
        ROOT / "timebank/audit/verify_page.py",
    ]
    return {rule for file in files for rule in said.findall(file.read_text("utf-8"))}


def test_every_rule_stands_on_the_page_and_no_other():
    table = PAGE.partition("## Findings of the verifier")[2]
    told = {
        rule
        for row in re.findall(r"^\| (`.+?`) \|", table, re.MULTILINE)
        for rule in re.findall(r"`(\w+)`", row)
    }
    assert told - rules_in_the_code() == {"export_differs"} - rules_in_the_code()
    assert rules_in_the_code() <= told
    assert len(told) > 40


def test_a_finding_names_file_leaf_and_rule():
    assert str(Finding("a", 7, "floor", "x")) == "a leaf 7: floor: x"
    assert str(Finding("a", None, "note", "x")) == "a: note: x"
