"""Real servers over founded banks, and people at a keyboard in a real Chromium."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.banks import OPERATOR, TriedBank, new_bank
from tests.support.clients import PIN
from tests.support.server import serving
from tests.support.visitors import demands_two_people
from tests.support.walk import Walk
from timebank.people.actions import issue_card

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.support.browser import Browsers
    from tests.support.offline_auditor import OfflineAuditor
    from tests.support.typist import Typist


@pytest.fixture
def tried(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[TriedBank]:
    """A bank with V0001 (and a card), V0002, E0001; ``two_people`` as parameter: of that policy."""
    strict = getattr(request, "param", "") == "two_people"
    policy = demands_two_people(tmp_path / "policy") if strict else {}
    with new_bank(tmp_path, **policy) as made:
        made.people("V0001", "V0002", "E0001")
        issue_card(made.bank, OPERATOR, "V0001", PIN)
        yield made


@pytest.fixture
def typist(tried: TriedBank, browsers: "Browsers") -> Iterator["Typist"]:
    """Somebody without a mouse, in a browser without scripts, at a real server."""
    from tests.support.typist import Typist  # loads Playwright, which few tests need

    with serving(tried.bank) as served:
        context = browsers.start(java_script_enabled=False)
        yield Typist(context.new_page(), served, tried)


@pytest.fixture(params=["WebCrypto", "own"])
def auditor(
    browsers: "Browsers", tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator["OfflineAuditor"]:
    """Somebody with a page of their own; twice, as either code may verify the signatures."""
    yield from _auditor(browsers, tmp_path, own=request.param == "own")


@pytest.fixture
def own_auditor(browsers: "Browsers", tmp_path: Path) -> Iterator["OfflineAuditor"]:
    """The same with the page's own code for signatures."""
    yield from _auditor(browsers, tmp_path, own=True)


def _auditor(browsers: "Browsers", folder: Path, *, own: bool) -> Iterator["OfflineAuditor"]:
    from tests.support.offline_auditor import OfflineAuditor, write_page

    opened = OfflineAuditor(browsers.start(offline=True), write_page(folder), own=own)
    yield opened
    assert opened.complaints == []


@pytest.fixture
def page(browsers: "Browsers", tmp_path: Path) -> "Page":
    """The page as it lies on the disk, with everything of its verifier within reach."""
    from tests.support.offline_auditor import write_page

    opened = browsers.start(offline=True).new_page()
    opened.goto(write_page(tmp_path).as_uri())
    opened.evaluate(
        "globalThis.bytes64 = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0))"
    )
    return opened


@pytest.fixture(params=["zh", "en"])
def walk(request: pytest.FixtureRequest, tried: TriedBank, browsers: "Browsers") -> Iterator[Walk]:
    """A walk in each language; whatever was wrong on its way is told at its end."""
    from tests.support.eyes import SIZES, Eyes
    from tests.support.typist import Typist

    with serving(tried.bank) as served:
        context = browsers.start()
        cookie = {"name": "timebank_language", "value": request.param, "url": served.address}
        context.add_cookies([cookie])  # type: ignore[list-item]  # Playwright's own type
        page = context.new_page()
        # English words are the longer ones: the narrowest screen tells enough of them.
        sizes = SIZES if request.param == "zh" else SIZES[-1:]
        eyes = Eyes(page, served.address, sizes)
        yield Walk(Typist(page, served, tried), eyes)
        assert not eyes.complaints, "\n".join(eyes.complaints)
