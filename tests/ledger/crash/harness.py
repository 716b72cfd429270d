"""Starting posters, ending them, and holding the book against what they were told."""

import contextlib
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import text

from ledger.database import Database, open_database, sqlite_url
from ledger.keys import SigningKey
from ledger.leaf_parser import parse
from ledger.store import Store
from tests.ledger.crash.load import LIMITS, SUBMITTER
from tests.support.books import Book
from tests.support.soundness import assert_sound, faults_of, leaves_of

ROOT = Path(__file__).parents[3]


def prepare(book: Book, keys: Path) -> None:
    """Open the load's accounts and put the book's keys where a poster finds them."""
    writer = book.writer()
    book.open_accounts(writer, LIMITS)
    writer.close()
    keys.mkdir()
    book.log_key.save(keys / "log")
    book.operator_key.save(keys / "operator")


@dataclass
class Poster:
    """A process that posts to ``url``; ``answers`` are the lines that it has told so far."""

    url: str
    keys: Path
    name: str
    threads: int = 8
    settings: dict[str, object] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    answers: list[dict[str, object]] = field(default_factory=list)

    def __post_init__(self) -> None:
        given = {
            "url": self.url, "keys": str(self.keys), "name": self.name, "threads": self.threads,
            **self.settings,
        }  # fmt: skip
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.ledger.crash.poster", json.dumps(given)],
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), **self.environment},
        )

    def read(self, count: int) -> None:
        """Wait for ``count`` more answers, or for the end."""
        assert self.process.stdout is not None
        for _ in range(count):
            line = self.process.stdout.readline()
            if not line:
                return
            self.answers.append(json.loads(line))

    def read_until_stored(self, count: int) -> None:
        """Wait until ``count`` more attempts were not faults."""
        while count > 0:
            before = len(self.answers)
            self.read(1)
            assert len(self.answers) > before, "the poster came to its end"
            count -= "fault" not in self.answers[-1]

    def rest(self) -> None:
        """Read what is still in the pipe; a line that was cut is no answer."""
        assert self.process.stdout is not None
        for line in self.process.stdout.read().splitlines(keepends=True):
            if line.endswith(b"\n"):
                self.answers.append(json.loads(line))

    def kill(self) -> list[dict[str, object]]:
        """End it with SIGKILL and answer all that it was told."""
        self.process.kill()
        self.rest()
        self.close()
        return self.answers

    def finish(self) -> list[dict[str, object]]:
        """Let it come to its end and answer all that it was told."""
        self.rest()
        self.close()
        assert self.process.returncode == 0
        return self.answers

    def close(self) -> None:
        """Reap it."""
        assert self.process.stdout is not None
        self.process.wait()
        self.process.stdout.close()


def lost(database: Database, answers: list[dict[str, object]]) -> list[str]:
    """What of the acknowledged answers is not in the book, or not as it was told."""
    with database.writing.connect() as connection, connection.begin():
        Store(connection).lock_head()  # A server may still be busy for a client that is gone.
    with database.read() as connection:
        known = {
            row.key: (row.refused, bytes(row.answer).decode(), row.leaf_index)
            for row in connection.execute(
                text("SELECT * FROM idempotency_key WHERE submitter = :who"), {"who": SUBMITTER}
            )
        }
        leaves = leaves_of(connection)
    wrong = []
    for told in answers:
        if "fault" in told:
            continue
        found = known.get(str(told["key"]))
        if found is None:
            wrong.append(f"{told['key']} is gone")
        elif "refused" in told:
            if not found[0] or json.loads(found[1])["code"] != told["refused"]:
                wrong.append(f"{told['key']} was refused otherwise")
        elif found != (0, told["answer"], told["leaf"]):
            wrong.append(f"{told['key']} was told otherwise")
        else:
            leaf, answer = parse(leaves[found[2]]), json.loads(found[1])
            if "id" in answer and leaf.identifier != answer["id"]:
                wrong.append(f"{told['key']} has another leaf")
    return wrong


def newest_checkpoints(answers: list[dict[str, object]], most: int = 3) -> list[str]:
    """The last few checkpoints that were told, and one at random."""
    notes = sorted(
        {str(told["checkpoint"]) for told in answers if "checkpoint" in told},
        key=lambda note: int(note.splitlines()[1]),
    )
    return [*notes[-most:], *random.sample(notes, min(1, len(notes)))]


def judge(database: Database, log_key: SigningKey, answers: list[dict[str, object]]) -> None:
    """Fail unless every answer is found with its bytes and the book is whole."""
    assert lost(database, answers) == []
    assert_sound(database, log_key, *newest_checkpoints(answers))


def quick_judge(database: Database, answers: list[dict[str, object]]) -> None:
    """:func:`judge` without publishing and verifying the log once more."""
    assert lost(database, answers) == []
    assert faults_of(database) == []


@contextlib.contextmanager
def copied(folder: Path, to: Path) -> Iterator[Database]:
    """The book of a copied folder."""
    shutil.copytree(folder, to)
    database = open_database(sqlite_url(to / "book.sqlite3"))
    yield database
    database.dispose()
