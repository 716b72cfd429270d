"""A book with a row in every table, and those who attack it.

One book serves a whole module: what is refused changes nothing, which every attack asserts.
"""

import pytest

from tests.ledger.attacks.attacker import Attacker, end, fill
from tests.support import books, postgres


@pytest.fixture(scope="module")
def sqlite_owner(tmp_path_factory):
    with books.new_sqlite_book(tmp_path_factory.mktemp("attacked")) as book:
        fill(book)
        end(book)
        yield Attacker(book.owner_url, book)


@pytest.fixture(scope="module")
def postgres_victim(postgres_server):
    with (
        postgres.fresh_database(postgres_server) as place,
        books.new_book(place.service_url, place.owner_url, place.service_role) as book,
    ):
        fill(book)
        end(book)
        yield book


@pytest.fixture(scope="module")
def postgres_owner(postgres_victim):
    return Attacker(postgres_victim.owner_url, postgres_victim)


@pytest.fixture(scope="module")
def postgres_service(postgres_victim):
    return Attacker(postgres_victim.database.url, postgres_victim)


@pytest.fixture(
    params=[
        "sqlite_owner",
        pytest.param("postgres_owner", marks=pytest.mark.postgres),
        pytest.param("postgres_service", marks=pytest.mark.postgres),
    ]
)
def attacker(request):
    """Whoever can reach the tables: the file's owner, the tables' owner, the service's role."""
    return request.getfixturevalue(request.param)
