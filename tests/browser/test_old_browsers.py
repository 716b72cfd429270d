"""核验.html in the oldest Chrome that it must work in, and in a younger one without Ed25519."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ledger import approvals
from tests.support.log_builder import ORIGIN, LogBuilder, little_log
from tests.support.old_browsers import BETWEEN, OLDEST, old_chromium
from tests.support.p256 import P256Key
from timebank.audit.verify_page import PAGE

if TYPE_CHECKING:
    from tests.support.browser import Browsers
    from tests.support.offline_auditor import OfflineAuditor

pytestmark = pytest.mark.browser

LAST = "log/tile/entries/000.p/23"
_HAS = """(algorithm) => crypto.subtle.generateKey(algorithm, false, ["sign", "verify"]).then(
  () => true,
  (error) => { if (error.name === "NotSupportedError") return false; throw error; },
)"""


def log_with_a_phone() -> LogBuilder:
    """Leaves of every kind, the last of them signed on P-256, as telephones do."""
    log = little_log()
    phone = P256Key(f"{ORIGIN}/dev/1")
    log.key(phone, approvals.DEVICE)
    log.fact(by=phone)
    return log


LOG = log_with_a_phone()


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A sound bundle with the page in it."""
    from tests.support.offline_auditor import write_bundle

    return write_bundle(LOG, tmp_path / "bundle")


@pytest.fixture(params=[OLDEST, BETWEEN])
def old_auditor(
    browsers: "Browsers", bundle: Path, request: pytest.FixtureRequest
) -> Iterator["OfflineAuditor"]:
    """Somebody with an old PC, who opens the page out of the bundle and never asks for its code."""
    from tests.support.offline_auditor import OfflineAuditor

    context = browsers.start(old_chromium(request.param), offline=True)
    opened = OfflineAuditor(context, bundle / PAGE, drops=True)
    opened.open()
    agent = opened.page.evaluate("navigator.userAgent")
    assert f"Chrome/{request.param}." in agent
    yield opened
    assert opened.complaints == []


def test_a_sound_bundle_passes_by_the_pages_own_ed25519(
    old_auditor: "OfflineAuditor", bundle: Path
) -> None:
    page = old_auditor.page
    assert not page.evaluate(_HAS, {"name": "Ed25519"})
    assert page.evaluate(_HAS, {"name": "ECDSA", "namedCurve": "P-256"})
    assert not page.evaluate("hasSubtleEd25519()")
    told = old_auditor.verify(bundle, vkey=str(LOG.log_key.vkey))
    assert "✓ 通过" in told.verdict
    assert told.places == []
    assert "没有查，因为是 P-256" not in told.text


def _a_changed_leaf(bundle: Path) -> None:
    _replaced(bundle / LAST, b'"v":1', b'"v":2')


def _a_changed_row(bundle: Path) -> None:
    _replaced(bundle / "journal.csv", b",90,", b",91,")


def _a_dropped_newest_row(bundle: Path) -> None:
    rows = bundle.joinpath("journal.csv").read_bytes().splitlines(keepends=True)
    bundle.joinpath("journal.csv").write_bytes(b"".join(rows[:-1]))


def _a_changed_signature(bundle: Path) -> None:
    note = bundle / "log/checkpoint"
    text = note.read_text("utf-8").rstrip("\n")
    note.write_text(f"{text[:-8]}{'A' if text[-8] != 'A' else 'B'}{text[-7:]}\n", "utf-8", "\n")


def _replaced(path: Path, old: bytes, new: bytes) -> None:
    data = path.read_bytes()
    assert old in data
    path.write_bytes(data.replace(old, new, 1))


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (_a_changed_leaf, (LAST, 0, "leaf_hash")),
        (_a_changed_row, ("journal.csv", 7, "export_differs")),
        (_a_dropped_newest_row, ("journal.csv", 17, "export_differs")),
        (_a_changed_signature, ("log/checkpoint", 22, "checkpoint")),
    ],
)
def test_a_fault_is_found_and_named_as_at_the_command_line(
    old_auditor: "OfflineAuditor",
    bundle: Path,
    change: Callable[[Path], None],
    place: tuple[str, int, str],
) -> None:
    from tests.support.offline_auditor import agree

    change(bundle)
    assert place in agree(old_auditor, bundle)


def test_a_phones_changed_text_is_found(old_auditor: "OfflineAuditor", tmp_path: Path) -> None:
    """P-256 is verified by the browser, not merely passed over."""
    from tests.support.offline_auditor import agree, write_bundle

    log = LogBuilder()
    phone = P256Key(f"{ORIGIN}/dev/1")
    log.key(phone, approvals.DEVICE)
    note = log.sign("record", {"a": 1}, by=phone)
    log.append("fact", log.new_id("record"), {}, sub=note.replace('"a":1', '"a":2'))
    places = agree(old_auditor, write_bundle(log, tmp_path / "forged"))
    assert [rule for _, _, rule in places] == ["signature"]
