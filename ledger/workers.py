"""Other processes that read bundles ahead of the one that judges them, fed through pipes.

Not `multiprocessing`, whose children load the caller's main module first: for ``timebank verify``
that is the whole bank, for a stranger's script it is that script once more.
"""

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import suppress
from typing import IO

from ledger.verify_reading import BundleReader, Reading

_CHILD = "import sys; sys.path[:] = sys.argv[1:]; from ledger.workers import serve; serve()"

_ALONE = 8
"""Bundles that are read sooner than another process has started."""

_AHEAD = 2
"""Bundles that a process is asked for before its first answer is taken: a bound of memory.

A question has so few bytes that asking never waits, however much the other has to answer.
"""


def readings(reader: BundleReader, cores: int = 1) -> Generator[Reading]:
    """Every bundle in order; with ``cores`` above 1 that many processes read them.

    They end with the last bundle, or when the iterator is closed.
    """
    bundles = reader.bundles
    workers = _started(reader, min(cores, bundles - _ALONE) if cores > 1 else 0)
    alone, ahead = min(_ALONE, bundles) if workers else bundles, _AHEAD * len(workers)
    try:
        for number in range(alone, min(alone + ahead, bundles)):
            workers[number % len(workers)].ask(number)
        for number in range(alone):
            yield reader.read(number)
        for number in range(alone, bundles):
            worker = workers[number % len(workers)]
            reading = worker.answer()
            if number + ahead < bundles:
                worker.ask(number + ahead)
            # Where the other has died, for lack of memory perhaps, it is done here.
            yield reader.read(number) if reading is None else reading
    finally:
        for worker in workers:
            worker.close()


def _started(reader: BundleReader, count: int) -> "list[Worker]":
    """As many processes as the system lets us have."""
    workers: list[Worker] = []
    with suppress(OSError):
        while len(workers) < count:
            workers.append(Worker(reader))
    return workers


class Worker:
    """One other process that reads bundles."""

    def __init__(self, reader: BundleReader) -> None:
        self.child = subprocess.Popen(
            [sys.executable, "-c", _CHILD, *sys.path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._write(pickle.dumps(reader, pickle.HIGHEST_PROTOCOL))

    def ask(self, number: int) -> None:
        """Have one bundle read."""
        self._write(pickle.dumps(number))

    def answer(self) -> Reading | None:
        """The first bundle that was asked for and not answered; ``None`` from a dead process."""
        try:
            reading: Reading = pickle.load(_pipe(self.child.stdout))
        except (OSError, EOFError, pickle.UnpicklingError):
            return None
        return reading

    def close(self) -> None:
        """End the process, whatever it is doing."""
        with suppress(BrokenPipeError), self.child:  # It may not have read everything.
            pass  # Leaving closes its pipes, at which it ends.

    def _write(self, data: bytes) -> None:
        pipe = _pipe(self.child.stdin)
        with suppress(BrokenPipeError):  # Told by the answer that does not come.
            pipe.write(data)
            pipe.flush()


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise OSError("a process without pipes")
    return pipe


def serve() -> None:
    """Answer questions on standard input until it ends; what a child process runs."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is the parent's to hear.
    asked, answers = sys.stdin.buffer, sys.stdout.buffer
    reader: BundleReader = pickle.load(asked)
    while True:
        try:
            number = pickle.load(asked)
        except EOFError:
            return
        try:
            answers.write(pickle.dumps(reader.read(number), pickle.HIGHEST_PROTOCOL))
            answers.flush()
        except BrokenPipeError:
            os._exit(0)  # Nobody listens any more, and Python would try once more to be heard.
