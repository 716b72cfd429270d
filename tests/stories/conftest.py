"""A station's counter over a new bank for each story."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.banks import new_bank
from tests.support.clients import desk_of
from tests.support.counter import Station


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    """Members with cards, staff with logins, and the plain policy."""
    with new_bank(tmp_path) as tried, desk_of(tried) as desk:
        yield Station(desk)
