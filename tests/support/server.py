"""A real server on a free port of this machine, in a thread of the test's own process.

The test keeps hold of the bank and of its clock while browsers talk to it over HTTP.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import uvicorn

from api.app import create_app
from timebank.bank import Bank


@dataclass(frozen=True, slots=True)
class Served:
    """Where a bank is served: ``address`` is its root, without a slash at the end."""

    bank: Bank
    address: str

    def at(self, path: str) -> str:
        """The address of a path that begins with a slash."""
        return self.address + path


@contextmanager
def serving(bank: Bank) -> Iterator[Served]:
    """Serve ``bank`` until the test ends; the bank stays open.

    The socket listens before the server runs, so the first request waits instead of failing.
    """
    with running(create_app(bank)) as address:
        yield Served(bank, address)


@contextmanager
def running(application: Any, lifespan: Literal["on", "auto"] = "on") -> Iterator[str]:
    """Run an ASGI application on a free port; yields its address without a slash at the end."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(
            application,
            lifespan=lifespan,
            log_level="warning",
            ws="none",
            timeout_graceful_shutdown=5,
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(timeout=30)
    assert not thread.is_alive(), "the server did not stop"
