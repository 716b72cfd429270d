"""A process that posts until somebody kills it, and tells its pipe what was acknowledged.

Run as ``python -m tests.ledger.crash.poster JSON``.  Each line of the output is one answer, in one
write, after the ledger gave it.
"""

import itertools
import json
import os
import resource
import sys
import threading
from pathlib import Path

from sqlalchemy import event

from ledger.database import open_database
from ledger.errors import LedgerFault, Refusal
from ledger.keys import SigningKey
from ledger.writer import Writer
from tests.ledger.crash.load import action_of
from tests.support.books import START_MS


def main() -> None:
    """Post with several threads under keys ``<name>-<thread>-<number>``."""
    given = json.loads(sys.argv[1])
    folder = Path(given["keys"])
    database = open_database(given["url"])
    for pragma in given.get("pragmas", []):
        # Registered after the ledger's own listener, so that it has the last word.
        event.listen(database.writing, "connect", lambda c, _r, p=pragma: c.execute(p))
    log_key, operator = SigningKey.load(folder / "log"), SigningKey.load(folder / "operator")
    writer = Writer(
        database,
        log_signer=log_key,
        signers={operator.name: operator},
        now_ms=lambda: START_MS,
    )
    room = Room(given.get("bytes"))
    numbers = range(given["count"]) if "count" in given else itertools.count()

    def post(thread: int) -> None:
        for number in numbers:
            key = f"{given['name']}-{thread}-{number}"
            say(answer_to(writer, key, operator.name, room))

    threads = [threading.Thread(target=post, args=(n,)) for n in range(given["threads"])]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    writer.close()
    database.dispose()


def answer_to(writer: Writer, key: str, signer: str, room: "Room") -> dict[str, object]:
    """What became of one key."""
    try:
        decided = writer.write(action_of(key, signer))
    except Refusal as refusal:
        return {"key": key, "refused": refusal.code}
    except LedgerFault as fault:
        room.was_missing()
        return {"key": key, "fault": str(fault)}
    return {
        "key": key,
        "leaf": decided.leaf_index,
        "answer": decided.answer.decode(),
        "checkpoint": decided.checkpoint,
    }


def say(answer: dict[str, object]) -> None:
    """One line, in one write that a kill cannot tear."""
    line = json.dumps(answer).encode() + b"\n"
    assert len(line) < 4096
    os.write(1, line)


class Room:
    """Room for files: ``most`` bytes each, until it was missing five times."""

    def __init__(self, most: int | None) -> None:
        self._hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        self._missed = 0
        self._lock = threading.Lock()
        if most is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, self._hard))

    def was_missing(self) -> None:
        """Count a fault; the fifth makes room, as an operator would."""
        with self._lock:
            self._missed += 1
            if self._missed == 5:
                resource.setrlimit(resource.RLIMIT_FSIZE, (self._hard, self._hard))


if __name__ == "__main__":
    main()
