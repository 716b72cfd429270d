"""One call of the operating system that goes wrong: before it did its work, or after it.

Files are written, renamed, made durable and removed by a handful of calls.  They are counted in one
thread, so that a test can let each of them fail in turn; everything above them is the real thing.
"""

import builtins
import errno
import io
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest


class Died(BaseException):
    """The process ended here: nothing of it runs any more, no handler either."""


@dataclass
class Calls:
    """The calls on files below ``folder`` so far; number ``wrong_at`` goes wrong, from 0.

    With ``effect`` it has done its work by then.  ``dies`` ends the process instead of an error.
    ``unsynced`` are folders that have a name which the disk may still forget.
    """

    folder: Path
    wrong_at: int = -1
    effect: bool = False
    dies: bool = False
    seen: list[str] = field(default_factory=list)
    unsynced: set[str] = field(default_factory=set)
    checkpoint_too_early: list[str] = field(default_factory=list)
    dead: bool = False

    def make(self, name: str, real: Callable[..., Any], *given: Any, **named: Any) -> Any:
        """Count one call and let it happen, or not."""
        if self.dead:
            raise Died
        at = len(self.seen)
        self.seen.append(name)
        if at != self.wrong_at:
            return real(*given, **named)
        if self.effect:
            with suppress(OSError):  # A folder that is there, a file that is not.
                made = real(*given, **named)
                if name in ("open", "read"):  # What a write answers is a length, and no handle.
                    _let_go(made)
        if self.dies:
            self.dead = True
            raise Died
        raise OSError(errno.EIO, f"{name} went wrong")

    def is_ours(self, path: object) -> bool:
        """Whether a call is on a file below the folder, or on one that was opened there."""
        if isinstance(path, int):
            return True
        return str(path).startswith(str(self.folder)) or not os.path.isabs(str(path))

    def note(self, name: str, path: object, target: object = None) -> None:
        """Remember which folders the disk has to hear of, and which were made known to it."""
        if name == "fsync" and isinstance(path, int):
            self.unsynced.discard(os.readlink(f"/proc/self/fd/{path}"))
        elif name == "replace":
            if str(target).endswith("/checkpoint") and self.unsynced:
                self.checkpoint_too_early += sorted(self.unsynced)
            self.unsynced.add(str(Path(str(target)).parent))
        elif name in ("mkdir", "rmtree"):
            self.unsynced.add(str(Path(str(path)).parent))


def _let_go(made: Any) -> None:
    """Close what a call opened for somebody who never gets it."""
    if isinstance(made, int):
        os.close(made)
    elif made is not None and hasattr(made, "close"):
        made.close()


class _Written:
    """An opened file whose writes are counted as well."""

    def __init__(self, calls: Calls, file: Any) -> None:
        self._calls, self._file = calls, file

    def __enter__(self) -> "_Written":
        return self

    def __exit__(self, *raised: object) -> None:
        self._file.close()

    def write(self, data: bytes) -> int:
        return int(self._calls.make("write", self._file.write, data))

    def flush(self) -> None:
        self._calls.make("flush", self._file.flush)

    def fileno(self) -> int:
        return int(self._file.fileno())

    def close(self) -> None:
        self._file.close()


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch, calls: Calls) -> Iterator[Calls]:
    """Count this thread's calls in ``calls`` for as long as the block lasts."""
    here = threading.get_ident()

    def hooked(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(path: Any, *given: Any, **named: Any) -> Any:
            if threading.get_ident() != here or not calls.is_ours(path):
                return real(path, *given, **named)
            return calls.make(name, done, path, *given, **named)

        def done(path: Any, *given: Any, **named: Any) -> Any:
            made = real(path, *given, **named)
            calls.note(name, path, *given[:1])
            return made

        return call

    def opened(path: Any, mode: str = "r", *given: Any, **named: Any) -> Any:
        if threading.get_ident() != here or "x" not in mode or not calls.is_ours(path):
            return real_open(path, mode, *given, **named)
        return _Written(calls, calls.make("open", real_open, path, mode, *given, **named))

    real_open = builtins.open
    with monkeypatch.context() as system:
        system.setattr(builtins, "open", opened)
        system.setattr(io, "open", hooked("read", io.open))
        for name in ("fsync", "mkdir", "open", "replace", "rmdir", "unlink"):
            system.setattr(os, name, hooked(name, getattr(os, name)))
        yield calls
