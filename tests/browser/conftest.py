"""Real servers over founded banks, and people at a keyboard in a real Chromium."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.banks import OPERATOR, TriedBank, new_bank
from tests.support.clients import PIN
from tests.support.server import serving
from tests.support.visitors import demands_two_people
from timebank.people.actions import issue_card

if TYPE_CHECKING:
    from tests.support.browser import Browsers
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
