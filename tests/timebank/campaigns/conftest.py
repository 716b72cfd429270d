"""A bank with an open campaign, once on each database."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.campaigns import Month, month_with


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def month(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Month]:
    with ExitStack() as stack:
        database = None
        if request.param == "postgres":
            database = request.getfixturevalue("founded_postgres")
        yield stack.enter_context(month_with(tmp_path, database=database))


@pytest.fixture
def sqlite_month(tmp_path: Path) -> Iterator[Month]:
    with month_with(tmp_path) as made:
        yield made
