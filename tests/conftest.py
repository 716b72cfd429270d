"""Fixtures that every test may ask for; the work is done in `tests.support`."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests.support import books, postgres

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.support.browser import Browsers

# A busy machine is no fault of the code; how long a test may take is pytest-timeout's business.
# Under CI=true Hypothesis takes its own profile, which repeats the same examples each time.
if "CI" not in os.environ:
    settings.register_profile("house", deadline=None)
    settings.load_profile("house")

_DIRECTORY = pytest.StashKey[Path]()
_CONTROLLER = pytest.StashKey[int]()


def pytest_configure(config: pytest.Config) -> None:
    """Agree with all xdist workers on one place for the run's PostgreSQL server."""
    given = getattr(config, "workerinput", None)
    if given is None:
        config.stash[_DIRECTORY] = postgres.new_directory()
        config.stash[_CONTROLLER] = os.getpid()
    else:
        config.stash[_DIRECTORY] = Path(given["postgres_directory"])
        config.stash[_CONTROLLER] = given["controller_pid"]


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node) -> None:  # type: ignore[no-untyped-def]  # xdist's own type
    """Tell a new xdist worker where the run's PostgreSQL server is, or will be."""
    node.workerinput["postgres_directory"] = str(node.config.stash[_DIRECTORY])
    node.workerinput["controller_pid"] = node.config.stash[_CONTROLLER]


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the run's PostgreSQL server after the last worker has ended."""
    if not hasattr(config, "workerinput"):
        postgres.remove_shared_server(config.stash[_DIRECTORY])


@pytest.fixture(scope="session")
def postgres_server(request: pytest.FixtureRequest) -> postgres.Server:
    """The run's shared PostgreSQL server; never stop or kill it."""
    stash = request.config.stash
    return postgres.shared_server(stash[_DIRECTORY], stash[_CONTROLLER])


@pytest.fixture
def postgres_database(postgres_server: postgres.Server) -> Iterator[postgres.Database]:
    """A fresh, empty database of this test's own, with an owner's and a service's address."""
    with postgres.fresh_database(postgres_server) as database:
        yield database


@pytest.fixture
def private_postgres() -> Iterator[postgres.Server]:
    """A PostgreSQL server of this test's own, which it may `kill()` and `start()` again."""
    with postgres.private_server() as server:
        yield server


@pytest.fixture
def browsers(tmp_path: Path) -> Iterator["Browsers"]:
    """Browsers of this test's own: `start()` opens another one; mark the test `browser`."""
    from tests.support.browser import Browsers  # loads Playwright, which few tests need

    opened = Browsers(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def browser_page(browsers: "Browsers") -> "Page":
    """One empty page of a new Chromium, Chinese and on Shanghai time; mark the test `browser`."""
    return browsers.start().new_page()


@pytest.fixture
def sqlite_book(tmp_path: Path) -> Iterator[books.Book]:
    """A new book in an SQLite file."""
    with books.new_sqlite_book(tmp_path) as book:
        yield book


@pytest.fixture
def postgres_book(postgres_database: postgres.Database) -> Iterator[books.Book]:
    """A new book on PostgreSQL, served by a role that owns no table."""
    with books.new_book(
        postgres_database.service_url,
        postgres_database.owner_url,
        postgres_database.service_role,
    ) as book:
        yield book


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def book(request: pytest.FixtureRequest) -> books.Book:
    """A new book, once on each database."""
    found: books.Book = request.getfixturevalue(f"{request.param}_book")
    return found
