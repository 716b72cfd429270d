"""Other processes that verify signatures, a core each, fed through pipes.

Not `multiprocessing`, whose children load the caller's main module first: for ``timebank verify``
that is the whole bank, for a stranger's script it is that script once more.
"""

import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import IO

from ledger.notes import Vkey

Job = tuple[int, Vkey, bytes, bytes]
"""A signature to verify: leaf index, key, text, signature."""

Wrong = list[tuple[int, str]]
"""Leaf index and key's name of each that does not verify."""

_CHILD = "import sys; sys.path[:] = sys.argv[1:]; from ledger.workers import serve; serve()"


def wrong_signatures(jobs: list[Job]) -> Wrong:
    """Those of ``jobs`` that do not verify, in their order."""
    return [
        (index, vkey.name)
        for index, vkey, text, signature in jobs
        if not vkey.verifies(text, signature)
    ]


class SignatureWorkers:
    """As many processes as ``cores``; one starts when there is work that no other takes."""

    def __init__(self, cores: int) -> None:
        # A thread only waits at its process's pipe.
        self._threads = ThreadPoolExecutor(cores, thread_name_prefix="signatures")
        self._own = threading.local()
        self._children: list[subprocess.Popen[bytes]] = []

    def submit(self, jobs: list[Job]) -> "Future[Wrong]":
        """Have ``jobs`` verified; never waits."""
        return self._threads.submit(self._ask, jobs)

    def close(self) -> None:
        """Drop what nobody has begun, and end the processes."""
        self._threads.shutdown(cancel_futures=True)
        for child in self._children:
            with suppress(BrokenPipeError), child:  # One that died may not have read everything.
                pass  # Leaving closes its input, at which it ends.

    def _ask(self, jobs: list[Job]) -> Wrong:
        """The child's answer; where it has died, for lack of memory perhaps, our own."""
        try:
            into, out = self._pipes()
            # In one write: between several, the thread would wait for the interpreter each time.
            into.write(pickle.dumps(jobs, pickle.HIGHEST_PROTOCOL))
            into.flush()
            found: Wrong = pickle.load(out)
        except (OSError, EOFError, pickle.UnpicklingError):
            return wrong_signatures(jobs)
        return found

    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        if not hasattr(self._own, "pipes"):
            child = subprocess.Popen(
                [sys.executable, "-c", _CHILD, *sys.path],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
            self._children.append(child)
            if child.stdin is None or child.stdout is None:
                raise OSError("a process without pipes")
            self._own.pipes = child.stdin, child.stdout
        pipes: tuple[IO[bytes], IO[bytes]] = self._own.pipes
        return pipes


@contextmanager
def signature_workers(cores: int) -> Iterator[SignatureWorkers | None]:
    """Processes for the other cores, where there are any."""
    if cores < 2:
        yield None
        return
    workers = SignatureWorkers(cores)
    try:
        yield workers
    finally:
        workers.close()


def serve() -> None:
    """Answer jobs on standard input until it ends; what a child process runs."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is the parent's to hear.
    while True:
        try:
            jobs = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        pickle.dump(wrong_signatures(jobs), sys.stdout.buffer, pickle.HIGHEST_PROTOCOL)
        sys.stdout.flush()
