"""Fixtures of founded banks, for whoever tests the time bank rather than the ledger."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.banks import TriedBank, new_bank
from tests.support.forging import Opened, bank_with
from tests.support.founded import FoundedPostgres
from tests.support.postgres import Server


@pytest.fixture
def sqlite_bank(tmp_path: Path) -> Iterator[TriedBank]:
    """A newly founded bank in an SQLite file, with one station."""
    with new_bank(tmp_path) as bank:
        yield bank


@pytest.fixture(scope="session")
def founded_postgres(
    postgres_server: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[FoundedPostgres]:
    """The worker's one founded database on PostgreSQL."""
    place = FoundedPostgres(postgres_server, tmp_path_factory.mktemp("founded"))
    yield place
    place.close()


@pytest.fixture
def postgres_bank(tmp_path: Path, founded_postgres: FoundedPostgres) -> Iterator[TriedBank]:
    """A newly founded bank on PostgreSQL, served by a role that owns no table."""
    with new_bank(tmp_path, database=founded_postgres) as bank:
        yield bank


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def bank(request: pytest.FixtureRequest) -> TriedBank:
    """A newly founded bank, once on each database."""
    found: TriedBank = request.getfixturevalue(f"{request.param}_bank")
    return found


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opened]:
    """A bank under the given parts of a profile, on either database."""
    if request.param == "sqlite":
        yield lambda *parts, **rest: bank_with(tmp_path, *parts, **rest)
        return
    place: FoundedPostgres = request.getfixturevalue("founded_postgres")
    yield lambda *parts, **rest: bank_with(tmp_path, *parts, database=place, **rest)
