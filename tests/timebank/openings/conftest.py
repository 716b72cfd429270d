"""A bank to which an older scheme comes, once on each database."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.openings import Scheme, scheme_with


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def scheme(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Scheme]:
    with ExitStack() as stack:
        database = None
        if request.param == "postgres":
            database = request.getfixturevalue("founded_postgres")
        yield stack.enter_context(scheme_with(tmp_path, database=database))
