"""kill -9 at random moments under load: what was acknowledged is there, and nothing by halves."""

import random
import shutil

import pytest

from ledger.database import open_database, sqlite_url
from tests.ledger.crash.harness import judge, prepare, quick_judge
from tests.support import books, postgres
from tests.support.counts import count

pytestmark = [pytest.mark.crash, pytest.mark.slow]

KILLS_A_BOOK = 10


def test_sqlite_under_a_process_that_is_killed(start, tmp_path):
    template = tmp_path / "template"
    template.mkdir()
    with books.new_sqlite_book(template) as book:
        prepare(book, tmp_path / "keys")
        log_key = book.log_key
    kills, told = count(200, 12), 0
    for first in range(0, kills, KILLS_A_BOOK):
        folder = tmp_path / f"book-{first}"
        shutil.copytree(template, folder)
        url = sqlite_url(folder / "book.sqlite3")
        answers = []
        for kill in range(first, min(first + KILLS_A_BOOK, kills)):
            poster = start(url, tmp_path / "keys", f"kill{kill}")
            poster.read(random.randint(1, 120))
            answers += poster.kill()
            database = open_database(url)
            quick_judge(database, answers)
            database.dispose()
        database = open_database(url)
        judge(database, log_key, answers)
        database.dispose()
        told += len(answers)
        shutil.rmtree(folder)
    assert told >= kills
    print(f"{kills} kills, {told} answers, all found")


@pytest.mark.postgres
def test_postgresql_under_a_process_that_is_killed(start, tmp_path, postgres_book):
    prepare(postgres_book, tmp_path / "keys")
    kills, answers = count(50, 4), []
    for kill in range(kills):
        poster = start(postgres_book.database.url, tmp_path / "keys", f"kill{kill}")
        poster.read(random.randint(1, 60))
        answers += poster.kill()
        quick_judge(postgres_book.database, answers)
    judge(postgres_book.database, postgres_book.log_key, answers)
    print(f"{kills} kills, {len(answers)} answers, all found")


@pytest.mark.postgres
def test_postgresql_whose_server_is_killed(start, tmp_path, private_postgres):
    kills, answers = count(20, 2), []
    with (
        postgres.fresh_database(private_postgres) as place,
        books.new_book(place.service_url, place.owner_url, place.service_role) as book,
    ):
        prepare(book, tmp_path / "keys")
        for kill in range(kills):
            poster = start(book.database.url, tmp_path / "keys", f"kill{kill}")
            poster.read(random.randint(1, 120))
            private_postgres.kill()
            poster.read(20)  # Faults by now, one an attempt.
            private_postgres.start()
            poster.read_until_stored(40)  # And answers again, in the same process.
            told = poster.kill()
            assert any("fault" in one for one in told)
            answers += told
            book.database.dispose()
            quick_judge(book.database, answers)
        judge(book.database, book.log_key, answers)
        book.database.dispose()
    print(f"{kills} kills of the server, {len(answers)} answers, all found")


def test_the_judge_misses_nothing_that_is_taken_away(start, tmp_path):
    """Planted: answers that the book never gave, and one that it gave otherwise."""
    with books.new_sqlite_book(tmp_path) as book:
        prepare(book, tmp_path / "keys")
        answers = start(
            book.database.url, tmp_path / "keys", "plain", threads=2, settings={"count": 8}
        ).finish()
        judge(book.database, book.log_key, answers)
        good = next(told for told in answers if "answer" in told)
        for wrong in (
            {**good, "key": "plain-0-99"},
            {**good, "leaf": int(str(good["leaf"])) + 1},
            {**good, "answer": "{}"},
            {"key": good["key"], "refused": "floor_exceeded"},
        ):
            with pytest.raises(AssertionError):
                judge(book.database, book.log_key, [*answers, wrong])
        note = str(good["checkpoint"]).split("\n")
        forged = "\n".join([note[0], "1", *note[2:]])
        with pytest.raises(ValueError, match="signature"):
            judge(book.database, book.log_key, [{**good, "checkpoint": forged}])
