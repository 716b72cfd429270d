"""Random histories on both databases: the ledger, a small reference and the export agree."""

import itertools
import shutil
from contextlib import contextmanager

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from ledger.database import open_database, sqlite_url
from ledger.keys import SigningKey
from tests.ledger.histories.machine import History
from tests.ledger.histories.reference import Post, Reference
from tests.support import books
from tests.support.counts import count
from timebank.migrations.upgrade import upgrade

STEPS = 30


@contextmanager
def founded(database):
    """A new book in empty tables."""
    log_key = SigningKey.generate(books.ORIGIN)
    operator_key = SigningKey.generate(f"{books.ORIGIN}/op")
    books.found_book(
        database, log_signer=log_key, operator_signer=operator_key, recorded_ms=books.START_MS
    )
    book = books.Book(database, log_key, operator_key)
    try:
        yield book
    finally:
        for writer in book.writers:
            writer.close()
        database.dispose()


def run(new_book, examples, *, reference=Reference, **how):
    members = {"new_book": staticmethod(new_book), "new_reference": reference}
    run_state_machine_as_test(
        type("HistoryHere", (History,), members),
        settings=settings(
            max_examples=examples,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            **how,
        ),
    )


@pytest.fixture
def new_sqlite_book(tmp_path):
    """Makes a context manager that founds one more book."""
    template = tmp_path / "template.sqlite3"
    made = open_database(sqlite_url(template))
    upgrade(made)
    made.dispose()
    numbers = itertools.count()

    def new_book():
        path = tmp_path / f"book-{next(numbers)}.sqlite3"
        shutil.copy(template, path)
        return founded(open_database(sqlite_url(path)))

    return new_book


def test_random_histories_on_sqlite(new_sqlite_book):
    run(new_sqlite_book, count(400, 15))


@pytest.mark.postgres
def test_random_histories_on_postgresql(migrated):
    run(lambda: founded(open_database(migrated.emptied().service_url)), count(200, 6))


class Generous(Reference):
    """Gives ten minutes more than there are."""

    def _spendable(self, account, minutes):
        super()._spendable(account, minutes - 10)


class Forgetful(Reference):
    """Keeps minutes aside when their hold is settled."""

    def _settle(self, wish, identifier):
        super()._settle(wish, identifier)
        hold = self.holds[wish.hold]
        self.held[hold.payer] += hold.minutes - wish.minutes


class Sloppy(Reference):
    """Leaves the first movements of a refused entry standing."""

    def judge(self, wish, identifier):
        code = super().judge(wish, identifier)
        if code == "ceiling_exceeded" and isinstance(wish, Post) and len(wish.moves) > 1:
            self.posted[wish.moves[0][0]] -= 1
            self.posted[wish.moves[0][1]] += 1
        return code


class Patient(Reference):
    """Still pays a hold at its very deadline, and a day later."""

    def _settle(self, wish, identifier):
        if wish.hold in self.holds:
            self.holds[wish.hold].expires_ms += 86_400_000
        super()._settle(wish, identifier)


@pytest.mark.slow
@pytest.mark.parametrize("wrong", [Generous, Forgetful, Sloppy, Patient])
def test_a_ledger_that_is_slightly_different_is_told_apart(new_sqlite_book, wrong):
    with pytest.raises(AssertionError):
        run(
            new_sqlite_book,
            200,
            reference=wrong,
            derandomize=True,
            phases=[Phase.generate],
            database=None,
        )
