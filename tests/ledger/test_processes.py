"""Several processes write to one book at once: their turns leave no gap and lose no answer."""

import pytest

from tests.ledger.crash.harness import Poster, judge, prepare

pytestmark = [pytest.mark.cluster, pytest.mark.slow]

POSTS = 30


def test_two_processes_share_a_book(book, tmp_path):
    prepare(book, tmp_path / "keys")
    # SQLite: whoever comes second waits in BEGIN IMMEDIATE; PostgreSQL: for the head's row.
    posters = [
        Poster(book.database.url, tmp_path / "keys", name, settings={"count": POSTS})
        for name in ("left", "right")
    ]
    answers = [told for poster in posters for told in poster.finish()]

    assert len(answers) == 2 * 8 * POSTS
    assert [told for told in answers if "fault" in told] == []
    leaves = [told["leaf"] for told in answers if "leaf" in told]
    assert len(leaves) == len(set(leaves))
    judge(book.database, book.log_key, answers)


def test_two_processes_with_the_same_keys_decide_each_once(book, tmp_path):
    prepare(book, tmp_path / "keys")
    posters = [
        Poster(book.database.url, tmp_path / "keys", "same", settings={"count": POSTS})
        for _ in range(2)
    ]
    left, right = ({told.pop("key"): told for told in poster.finish()} for poster in posters)

    for told in (*left.values(), *right.values()):
        told.pop("checkpoint", None)  # A repetition carries a later one.
    assert left == right
    judge(book.database, book.log_key, [{"key": key, **told} for key, told in left.items()])
