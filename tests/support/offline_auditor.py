"""An auditor at a PC without network, who opens 核验.html from the disk and reads what it says."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import BrowserContext

from ledger.bundle import seal
from ledger.exports import write_exports
from ledger.leaf_parser import parse
from ledger.verify import verify
from tests.support.log_builder import ORIGIN, LogBuilder
from timebank.audit.verify_page import PAGE, page_bytes

Place = tuple[str, int | None, str]
"""File, leaf and rule of a finding."""

SINCE = "older checkpoint"
"""Stands for the name of the older checkpoint's file, which is nowhere in the bundle."""

_READ = """() => [...document.querySelectorAll("#faults tr")].map((row) => {
  const [file, leaf, rule] = row.cells;
  const code = (cell) => cell.querySelector("code").textContent;
  return [code(file), leaf.textContent === "—" ? null : Number(leaf.textContent), code(rule)];
})"""


@dataclass(frozen=True, slots=True)
class Told:
    """What the page said: the large line, the claim below it, every fault and the whole text."""

    verdict: str
    claim: str
    places: list[Place]
    text: str


class OfflineAuditor:
    """Opens the page at ``path`` and has bundles verified; ``complaints`` is what went wrong.

    With ``own`` the page verifies signatures by its own code.  With ``drops`` folders are dropped
    on the page instead of being chosen in the dialogue, which old headless browsers have not.
    """

    def __init__(
        self, context: BrowserContext, path: Path, *, own: bool = False, drops: bool = False
    ) -> None:
        self.complaints: list[str] = []
        self.own = own
        self._choose = self.drop if drops else self.choose
        self.page = context.new_page()
        self.page.on("console", lambda said: self.complaints.append(said.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda asked: self._asked(asked.url))
        self._url = f"file://{quote(str(path))}{'?own=1' if own else ''}"

    def open(self) -> None:
        """Load the page anew, with nothing chosen."""
        self.page.goto(self._url)

    def choose(self, folder: Path) -> None:
        """Choose a folder in the browser's dialogue."""
        self.page.set_input_files("#folder", folder)

    def drop(self, *dropped: Path) -> None:
        """Drop files or folders on the page, as the system's own windows do; wait for its word.

        What an earlier drop was told is taken off first: it would pass for the new answer.
        """
        self.page.evaluate(
            "document.querySelector('#notice').hidden = true;"
            "document.querySelector('#chosen').textContent = ''"
        )
        box = self.page.locator("fieldset").first.bounding_box()
        assert box is not None
        place = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
        data = {"items": [], "files": list(map(str, dropped)), "dragOperationsMask": 1}
        session = self.page.context.new_cdp_session(self.page)
        for step in ("dragEnter", "dragOver", "drop"):
            session.send("Input.dispatchDragEvent", {"type": step, **place, "data": data})
        session.detach()
        told = "#chosen:has-text('已选'), #notice:not([hidden])"
        self.page.wait_for_selector(told)

    def verify(
        self,
        folder: Path,
        *,
        vkey: str = "",
        since: Path | None = None,
        patience_ms: int = 60_000,
    ) -> Told:
        """Choose the folder, give what is there from elsewhere, start, and read the result."""
        self.open()
        self._choose(folder)
        self.page.fill("#vkey", vkey)
        if since is not None:
            self.page.set_input_files("#since", since)
        self.page.click("#start")
        done = "#result:not([hidden]), #notice:not([hidden])"
        self.page.wait_for_selector(done, timeout=patience_ms)
        assert not self.page.is_visible("#notice"), self.page.inner_text("#notice")
        places = [tuple(place) for place in self.page.evaluate(_READ)]
        if since is not None:
            places = [_shown(place, since.name) for place in places]
        return Told(
            self.page.inner_text("#verdict"),
            self.page.inner_text("#claim"),
            _sorted(places),
            self.page.inner_text("#result"),
        )

    def _asked(self, url: str) -> None:
        if not url.startswith(("file:", "blob:")):
            self.complaints.append(f"fetched {url}")


def at_the_command_line(
    folder: Path, *, vkey: str | None = None, since: Path | None = None
) -> list[Place]:
    """The places that the command-line verifier names, as :attr:`Told.places` has them."""
    findings = verify(folder, vkey=vkey, since=since).findings
    return _sorted([_shown((f.file, f.leaf, f.rule), str(since)) for f in findings])


def agree(
    auditor: OfflineAuditor, folder: Path, *, vkey: str | None = None, since: Path | None = None
) -> list[Place]:
    """What both verifiers name; the page must call it failed exactly where anything is named."""
    told = auditor.verify(folder, vkey=vkey or "", since=since)
    assert told.places == at_the_command_line(folder, vkey=vkey, since=since)
    assert ("不通过" in told.verdict) == bool(told.places)
    return told.places


def write_bundle(log: LogBuilder, folder: Path) -> Path:
    """A sealed bundle as an export makes it, the page included."""
    log.write_log(folder / "log")
    write_exports(folder, ORIGIN, map(parse, log.leaves))
    folder.joinpath(PAGE).write_bytes(page_bytes())
    seal(folder, log.checkpoint(), *log.signers())
    return folder


def write_page(folder: Path) -> Path:
    """The page by itself, as somebody keeps it who does not trust the one in the bundle."""
    path = folder / PAGE
    path.write_bytes(page_bytes())
    return path


def _shown(place: Place, since: str) -> Place:
    file, leaf, rule = place
    return (SINCE if file == since else file), leaf, rule


def _sorted(places: Sequence[Place]) -> list[Place]:
    return sorted(places, key=lambda place: (place[0], -1 if place[1] is None else place[1], place))
