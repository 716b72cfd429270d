"""A lived-in book on each database, for this folder; what is planted is rolled back."""

from collections.abc import Iterator

import pytest

from tests.support.banks import TriedBank
from tests.support.lived_bank import lived_bank
from tests.support.postgres import Server, fresh_database


@pytest.fixture(scope="module")
def sqlite_lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TriedBank]:
    """A lived-in book in a file."""
    with lived_bank(tmp_path_factory.mktemp("lived")) as tried:
        yield tried


@pytest.fixture(scope="module")
def postgres_lived(
    tmp_path_factory: pytest.TempPathFactory, postgres_server: Server
) -> Iterator[TriedBank]:
    """The same on PostgreSQL."""
    with (
        fresh_database(postgres_server) as database,
        lived_bank(tmp_path_factory.mktemp("lived"), database) as tried,
    ):
        yield tried


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
)
def lived(request: pytest.FixtureRequest) -> TriedBank:
    """A lived-in book, on each database."""
    found: TriedBank = request.getfixturevalue(f"{request.param}_lived")
    return found
