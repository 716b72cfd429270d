"""Visitors of the pages, and a desk whose policy demands a second person."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.banks import new_bank
from tests.support.clients import Desk, desk_of
from tests.support.visitors import Visitor, demands_two_people

Visit = Callable[..., Visitor]


@pytest.fixture
def visit(desk: Desk) -> Visit:
    """Makes a visitor of a role, at a bank with V0001, V0002 and E0001."""
    desk.tried.people("V0001", "V0002", "E0001")
    return lambda role="": Visitor(desk, role)


@pytest.fixture
def strict_desk(tmp_path: Path) -> Iterator[Desk]:
    """A desk where whatever is logged awaits another person."""
    policy = demands_two_people(tmp_path / "policy")
    with new_bank(tmp_path, **policy) as tried, desk_of(tried) as found:
        yield found


@pytest.fixture(scope="module")
def known_desk(shared_desk: Desk) -> Desk:
    """The module's own desk with V0001 and E0001, for tests that write nothing."""
    shared_desk.tried.people("V0001", "E0001")
    return shared_desk
