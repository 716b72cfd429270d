"""Other processes that read bundles ahead of the one that judges them, fed through pipes.

Not `multiprocessing`, whose children load the caller's main module first: for ``timebank verify``
that is the whole bank, for a stranger's script it is that script once more.
"""

import os
import pickle
import select
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Generator
from contextlib import suppress
from typing import IO

from ledger.verify_reading import BundleReader, Reading

_CHILD = "import sys; sys.path[:] = sys.argv[1:]; from ledger.workers import serve; serve()"

_FEW = 8
"""Bundles that are read sooner than another process has started."""

_AHEAD = 3
"""Bundles that one process has before it: it works while nobody takes its answers.

A question has so few bytes that asking never waits, however much the other has to answer.
"""

_HELD = 8
"""Bundles that wait for their turn besides; both bound the memory, half a megabyte each."""

_PIPE_BYTES = 512 * 1024
"""Room for :data:`_AHEAD` answers, on systems where that can be asked for."""

_LENGTH_BYTES = 8


def readings(reader: BundleReader, cores: int = 1) -> Generator[Reading]:
    """Every bundle in order, read by as many processes as ``cores``, of which this is one.

    The others end with the last bundle, or when the iterator is closed.
    """
    workers = _started(reader, cores - 1 if reader.bundles > _FEW else 0)
    ahead = _Ahead(reader, workers)
    try:
        for number in range(reader.bundles):
            yield ahead.take(number)
    finally:
        for worker in workers:
            worker.close()


def _started(reader: BundleReader, count: int) -> "list[Worker]":
    """As many other processes as the system lets us have."""
    workers: list[Worker] = []
    with suppress(OSError):
        while len(workers) < count:
            workers.append(Worker(reader))
    return workers


class _Ahead:
    """Bundles that were read before their turn; ``_next`` is the first that nobody has begun."""

    def __init__(self, reader: BundleReader, workers: "list[Worker]") -> None:
        self._reader = reader
        self._workers = workers
        self._held: dict[int, Reading] = {}
        self._next = 0

    def take(self, number: int) -> Reading:
        """A bundle whose turn it is; while another process has it, others are read here."""
        end = min(number + _AHEAD * len(self._workers) + _HELD, self._reader.bundles)
        while True:
            for worker in list(self._workers):
                if worker.has_said():
                    self._hear(worker)
            self._ask(end)
            if number in self._held:
                return self._held.pop(number)
            if self._next < end:
                self._next += 1
                self._held[self._next - 1] = self._reader.read(self._next - 1)
            else:
                self._hear(next(one for one in self._workers if number in one.asked))

    def _ask(self, end: int) -> None:
        for _round in range(_AHEAD):
            for worker in self._workers:
                if worker.ready and len(worker.asked) < _AHEAD and self._next < end:
                    worker.ask(self._next)
                    self._next += 1

    def _hear(self, worker: "Worker") -> None:
        """Take one answer; what a dead process leaves undone is done here."""
        try:
            answer = worker.hear()
        except (OSError, EOFError, pickle.UnpicklingError):
            for number in worker.asked:
                self._held[number] = self._reader.read(number)
            worker.asked.clear()
            self._workers.remove(worker)
            worker.close()
            return
        if answer is not None:
            self._held[worker.asked.popleft()] = answer


class Worker:
    """One other process; ``asked`` are the bundles that it has before it, ``ready`` once it is."""

    def __init__(self, reader: BundleReader) -> None:
        self.asked: deque[int] = deque()
        self.ready = False
        self.child = subprocess.Popen(
            [sys.executable, "-c", _CHILD, *sys.path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            pipesize=_PIPE_BYTES,
        )
        self._write(pickle.dumps(reader, pickle.HIGHEST_PROTOCOL))

    def ask(self, number: int) -> None:
        """Have one bundle read."""
        self.asked.append(number)
        self._write(pickle.dumps(number))

    def has_said(self) -> bool:
        """Whether :meth:`hear` need not wait; always, where a pipe cannot be asked that."""
        if sys.platform == "win32":
            return not self.ready or bool(self.asked)
        poll = select.poll()
        poll.register(_pipe(self.child.stdout), select.POLLIN)
        return bool(poll.poll(0))

    def hear(self) -> Reading | None:
        """The next answer; ``None`` is the first thing said, by a process that is ready.

        Raises:
            OSError, EOFError, UnpicklingError: it has died.
        """
        length = int.from_bytes(self._read(_LENGTH_BYTES), "big")
        answer: Reading | None = pickle.loads(self._read(length))
        self.ready = True
        return answer

    def close(self) -> None:
        """End the process, whatever it is doing."""
        with self.child:
            pass  # Leaving closes its pipes, at which it ends.

    def _read(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            piece = _pipe(self.child.stdout).read(count - len(data))
            if not piece:
                raise EOFError
            data += piece
        return data

    def _write(self, data: bytes) -> None:
        with suppress(BrokenPipeError):  # Told by the answer that does not come.
            while data:
                data = data[_pipe(self.child.stdin).write(data) :]


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise OSError("a process without pipes")
    return pipe


def serve() -> None:
    """Answer questions on standard input until it ends; what a child process runs."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is the parent's to hear.
    asked = sys.stdin.buffer
    try:
        reader: BundleReader = pickle.load(asked)
        _say(None)
        while True:
            _say(reader.read(pickle.load(asked)))
    except EOFError:
        return
    except BrokenPipeError:
        os._exit(0)  # Nobody listens any more, and Python would try once more to be heard.


def _say(answer: Reading | None) -> None:
    data = pickle.dumps(answer, pickle.HIGHEST_PROTOCOL)
    sys.stdout.buffer.write(len(data).to_bytes(_LENGTH_BYTES, "big") + data)
    sys.stdout.buffer.flush()
