"""A book on either database in which a week has passed, with its draw still to be made."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.support.banks import TriedBank
from tests.support.call_backs import a_week
from tests.support.forging import Opened


@pytest.fixture
def week(opened: Opened) -> Iterator[TriedBank]:
    """Twelve services, and the Monday after them at five in the morning."""
    with opened(people=()) as tried:
        a_week(tried, 12)
        tried.clock.move(timedelta(days=3, hours=20))
        yield tried
