"""Fixtures of founded banks, for whoever tests the time bank rather than the ledger."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.banks import TriedBank, new_bank
from tests.support.postgres import Database


@pytest.fixture
def sqlite_bank(tmp_path: Path) -> Iterator[TriedBank]:
    """A newly founded bank in an SQLite file, with one station."""
    with new_bank(tmp_path) as bank:
        yield bank


@pytest.fixture
def postgres_bank(tmp_path: Path, postgres_database: Database) -> Iterator[TriedBank]:
    """A newly founded bank on PostgreSQL, served by a role that owns no table."""
    with new_bank(tmp_path, database=postgres_database) as bank:
        yield bank


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def bank(request: pytest.FixtureRequest) -> TriedBank:
    """A newly founded bank, once on each database."""
    found: TriedBank = request.getfixturevalue(f"{request.param}_bank")
    return found
