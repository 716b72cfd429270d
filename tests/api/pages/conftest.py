"""Visitors of the pages, and a desk whose policy demands a second person."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.banks import new_bank
from tests.support.clients import Desk, desk_of
from tests.support.orders import CLERK, Journey
from tests.support.visitors import Visitor, demands_two_people
from timebank.people.kinship import note_kinship
from timebank.people.model import Relation

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


@pytest.fixture
def journey(desk):
    """E0001 with five hours, whose daughter is E0002; V0001 and V0002 help."""
    made = Journey(desk.tried)
    note_kinship(desk.tried.bank, CLERK, "E0001", "E0002", Relation.CHILD, "户口簿")
    return made
