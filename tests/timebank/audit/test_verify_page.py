"""timebank/audit/verify_page.py: one closed file, its words complete, its bytes known."""

import base64
import re
from hashlib import sha256
from importlib import resources
from pathlib import Path

import pytest

from ledger.bundle import seal
from ledger.verify import verify
from tests.support.banks import TriedBank
from tests.support.books import finds
from tests.support.log_builder import little_log
from timebank.audit.bundle import export
from timebank.audit.verify_cli import main
from timebank.audit.verify_page import KNOWN, PAGE, VERIFIER, VERSION, VIEW, judge_page, page_bytes

LITTLE = little_log()
PARTS = resources.files("timebank.audit") / "page"
FORMAT = Path(__file__).parents[3] / "docs" / "reference" / "log-format.md"


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A sound bundle with the page in it."""
    folder = LITTLE.write_bundle(tmp_path / "bundle")
    return sealed(folder, page_bytes())


def sealed(folder: Path, page: bytes) -> Path:
    folder.joinpath(PAGE).write_bytes(page)
    seal(folder, LITTLE.checkpoint(), LITTLE.log_key)
    return folder


def test_the_pages_bytes_are_known() -> None:
    """Another byte is another version: before a release change the hash, after it add a version."""
    assert KNOWN[VERSION] == sha256(page_bytes()).hexdigest()
    assert max(KNOWN) == VERSION


def test_the_page_admits_its_own_parts_and_nothing_else() -> None:
    page = page_bytes().decode("utf-8")
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy is not None
    hashes = [
        base64.b64encode(sha256(part.encode()).digest()).decode()
        for part in re.findall(r"<(?:script|style)[^>]*>(.*?)</(?:script|style)>", page, re.DOTALL)
    ]
    assert len(hashes) == 3
    assert re.findall(r"'sha256-([^']+)'", policy[1]) == [*hashes[1:], hashes[0]]
    for rule in ("default-src 'none'", "connect-src 'none'", "worker-src blob:"):
        assert rule in policy[1]
    assert "unsafe" not in policy[1]
    for foreign in ("http:", "https:", "eval(", "Function(", "innerHTML", "import(", "{{"):
        assert foreign not in page
    assert not re.search(r"<[a-z][^>]* (on\w+|style|src|href)=", page)


def test_the_parts_stay_short_and_all_are_used() -> None:
    names = {part.name for part in PARTS.iterdir()}
    assert names == {*VERIFIER, *VIEW, "page.html", "style.css"}
    for part in PARTS.iterdir():
        assert part.read_text("utf-8").count("\n") < 400, part.name


def test_every_rule_of_the_format_has_words_and_a_place_among_the_checks() -> None:
    table = FORMAT.read_text("utf-8").partition("## Findings of the verifier")[2]
    rows = re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
    rules = {rule for row in rows for rule in re.findall(r"`([a-z_]+)`", row)}
    words = (PARTS / "words.js").read_text("utf-8")
    named, _, checks = words.partition("const CHECKS = [")
    assert set(re.findall(r"^  ([a-z_]+): \[", named, re.MULTILINE)) == rules - {"page_differs"}
    checks = checks.partition("];\n")[0]
    grouped = re.findall(r'"([a-z_]+)"', re.sub(r"\[\[.*?\],\s", "", checks, flags=re.DOTALL))
    grouped = [rule for rule in grouped if rule in rules]
    assert sorted(grouped) == sorted(rules - {"page_differs"})


def test_a_page_that_is_known_needs_no_mention(bundle: Path) -> None:
    report = verify(bundle)
    assert report.hash_only == (PAGE,)
    judged = judge_page(bundle, report)
    assert (judged.hash_only, judged.findings) == ((), ())


def test_a_changed_page_is_found_though_the_logs_own_key_sealed_it(bundle: Path, capsys) -> None:
    sealed(bundle, page_bytes().replace(b"faults === 0", b"faults >= 0"))
    report = judge_page(bundle, verify(bundle))
    last = LITTLE.size - 1
    assert [(f.file, f.leaf, f.rule) for f in report.findings] == [(PAGE, last, "page_differs")]
    assert main([str(bundle)]) == 1
    assert f"{PAGE} leaf {last}: page_differs" in capsys.readouterr().out


def test_a_page_of_another_version_is_covered_by_its_hash_only(bundle: Path) -> None:
    mark = b'page" content="%d"'
    sealed(bundle, page_bytes().replace(mark % VERSION, mark % (VERSION + 1)))
    report = judge_page(bundle, verify(bundle))
    assert (report.findings, report.hash_only) == ((), (PAGE,))
    bundle.joinpath(PAGE).write_bytes(b"x")
    report = judge_page(bundle, verify(bundle))
    assert [(f.file, f.rule) for f in report.findings] == [(PAGE, "manifest_hash")]


def test_a_bundle_without_the_page_is_judged_as_before(bundle: Path) -> None:
    bundle.joinpath(PAGE).unlink()
    seal(bundle, LITTLE.checkpoint(), LITTLE.log_key)
    report = verify(bundle)
    assert judge_page(bundle, report) == report
    assert report.findings == ()


def test_every_export_has_the_page(sqlite_bank: TriedBank, tmp_path: Path) -> None:
    export(sqlite_bank.bank.database, finds(sqlite_bank.bank.log_key), tmp_path / "bundle")
    assert tmp_path.joinpath("bundle", PAGE).read_bytes() == page_bytes()
    assert f'"{PAGE}":' in tmp_path.joinpath("bundle", "manifest.json").read_text("utf-8")
    report = verify(tmp_path / "bundle")
    assert report.findings == ()
