"""Stops a PostgreSQL server when the process that uses it ends, however that one ended.

Run as `python postgres_watcher.py PID DIRECTORY`: goes into the background at once, waits for the
process PID and then stops the server whose data lies in DIRECTORY/data and removes DIRECTORY.
Uses the standard library only and needs Linux (pidfd); elsewhere it does nothing.
"""

import contextlib
import os
import select
import shutil
import signal
import sys
from pathlib import Path


def _server_pid(data: Path) -> int | None:
    """Read the server's process id, if the process still works in that data directory."""
    try:
        pid = int((data / "postmaster.pid").read_text().split("\n", 1)[0])
        same = Path(f"/proc/{pid}/cwd").resolve() == data.resolve()
    except (OSError, ValueError):
        return None
    return pid if same else None


def _wait_for_end(pid: int, seconds: int | None = None) -> None:
    """Block until the process is gone, or the time is up."""
    with contextlib.suppress(ProcessLookupError):
        handle = os.pidfd_open(pid)
        select.select([handle], [], [], seconds)
        os.close(handle)


def _detach() -> None:
    """Leave the caller's process group and its open files, so that nobody waits for the watcher."""
    if os.fork():
        os._exit(0)
    os.setsid()
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)


def main() -> None:
    """Watch until the user of the server is gone, then clean up after it."""
    watched, directory = int(sys.argv[1]), Path(sys.argv[2])
    if not hasattr(os, "pidfd_open"):
        return
    _detach()
    _wait_for_end(watched)
    server = _server_pid(directory / "data")
    if server is not None:
        os.kill(server, signal.SIGQUIT)  # PostgreSQL's "immediate" shutdown
        _wait_for_end(server, seconds=30)
    shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
