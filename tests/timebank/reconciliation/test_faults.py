"""Every planted fault is found by the checks that the reference page names, in their order."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from string import Formatter

import pytest
from sqlalchemy import Connection

from ledger.database import open_database
from ledger.tiles import TileFolder
from tests.support.banks import TriedBank, guards_put_aside
from tests.support.faults import FAULTS
from tests.support.lived_bank import lived_bank
from tests.support.planting import Fault
from tests.support.postgres import Server, fresh_database
from tests.support.variants import VARIANTS
from timebank.reconciliation.findings import GENERAL_WORDS
from timebank.reconciliation.model import NotCheckable
from timebank.reconciliation.registry import CHECKS
from timebank.reconciliation.view import View

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "checks.md"


@pytest.fixture(scope="module")
def sqlite_lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TriedBank]:
    """A lived-in book in a file, for all faults of this module."""
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


@contextmanager
def as_owner(tried: TriedBank) -> Iterator[Connection]:
    """A transaction of the database's owner that is rolled back."""
    database = open_database(tried.settings.owner_url())
    try:
        with database.writing.connect() as connection:
            transaction = connection.begin()
            try:
                yield connection
            finally:
                transaction.rollback()
    finally:
        database.dispose()


def found_by(tried: TriedBank, fault: Fault | None) -> dict[str, set[str]]:
    """The checks that yield anything once the fault is planted, in their order, with the codes."""
    with as_owner(tried) as connection:
        if fault is not None and fault.plant is not None:
            if fault.spares_guards:
                with guards_put_aside(connection, tried.is_sqlite):
                    fault.plant(connection, tried)
            else:
                fault.plant(connection, tried)
        folder = tried.settings.log_folder
        view = View(
            connection,
            tried.bank.now_ms(),
            folder,
            tried.bank.log_vkeys(),
            TileFolder(folder).checkpoint_note(),
            key_owners=tried.bank.wrapped_keys.owners,
        )
        if fault is not None and fault.change is not None:
            view = fault.change(view, tried)
        with closing(view):
            found = {check.name: list(check.run(view)) for check in CHECKS}
    for check in CHECKS:
        for one in found[check.name]:
            zh, en = check.words[one.what]
            assert placeholders(zh) | placeholders(en) <= one.facts.keys()
    return {name: {one.what for one in found[name]} for name in found if found[name]}


def placeholders(template: str) -> set[str]:
    return {name for _text, name, _form, _conversion in Formatter().parse(template) if name}


def test_a_lived_in_book_agrees_with_itself(lived: TriedBank) -> None:
    assert found_by(lived, None) == {}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_each_fault_is_found_by_its_checks_and_by_no_other(lived: TriedBank, fault: Fault) -> None:
    assert tuple(found_by(lived, fault)) == fault.found_by


@pytest.mark.parametrize("code", VARIANTS, ids="-".join)
def test_every_code_of_a_check_is_brought_out(lived: TriedBank, code: tuple[str, str]) -> None:
    check, what = code
    assert what in found_by(lived, Fault(what, (), VARIANTS[code]))[check]


def test_no_code_is_left_untried(sqlite_lived: TriedBank) -> None:
    tried = set(VARIANTS)
    for fault in FAULTS:
        for check, codes in found_by(sqlite_lived, fault).items():
            tried |= {(check, what) for what in codes}
    assert tried == {(check.name, what) for check in CHECKS for what in check.words}


def test_every_check_earns_its_place() -> None:
    assert {fault.found_by[0] for fault in FAULTS} == {check.name for check in CHECKS}


def test_the_reference_page_has_every_check_sentence_and_fault() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for number, check in enumerate(CHECKS, 1):
        needs = ", ".join(sorted(need.value for need in check.needs))
        row = f"| {number} | `{check.name}` | {check.what_zh} | {check.what_en} | {needs} |"
        assert f"{row} {check.severity.value} |" in page
        for code, (zh, en) in (check.words | GENERAL_WORDS).items():
            assert f"| `{code}` | {zh} | {en} |" in page
    for fault in FAULTS:
        also = ", ".join(f"`{name}`" for name in fault.found_by[1:]) or "–"
        assert f"| {fault.what} | `{fault.found_by[0]}` | {also} |" in page


def test_a_check_without_its_folder_says_so(sqlite_lived: TriedBank) -> None:
    with as_owner(sqlite_lived) as connection:
        bare = View(connection, sqlite_lived.bank.now_ms())
        published = next(check for check in CHECKS if check.name == "published_log")
        with pytest.raises(NotCheckable, match="no_folder"):
            list(published.run(bare))
