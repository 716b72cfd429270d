"""The application over a bank of each test, or one of the module for tests that only ask."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.banks import new_bank
from tests.support.clients import Desk, desk_of


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A started application over a new bank in an SQLite file."""
    with new_bank(tmp_path) as tried, desk_of(tried) as found:
        yield found


@pytest.fixture(scope="module")
def shared_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Likewise for a whole module; its tests leave nothing behind that another would see."""
    with new_bank(tmp_path_factory.mktemp("shared")) as tried, desk_of(tried) as found:
        yield found
