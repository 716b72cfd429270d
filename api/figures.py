"""Figures for ``/metrics`` and the lines of the access log; neither names anybody.

Every application has a registry of its own, so that two of them in one process (a test, a second
book) do not add up.
"""

import contextlib
import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from logging.handlers import TimedRotatingFileHandler
from queue import SimpleQueue
from threading import Thread

import orjson
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from api.middleware import Served
from timebank.config import Settings

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)


class Figures:
    """What is counted while serving; ``queued`` tells how many actions wait for the writer.

    ``size`` and ``public`` tell how many leaves are committed and how many are public, ``failing``
    tells 0 or 1 for each witness by name.
    """

    def __init__(
        self,
        queued: Callable[[], int],
        size: Callable[[], int],
        public: Callable[[], int],
        failing: Mapping[str, Callable[[], int]],
    ) -> None:
        self._registry = CollectorRegistry()
        self.groups = self._counter("timebank_groups", "Groups that the writer committed.")
        self.posts = self._counter("timebank_posts", "Actions decided through this process.")
        self._refusals = Counter(
            "timebank_refusals", "Problem documents by code.", ["code"], registry=self._registry
        )
        self.commit_seconds = Histogram(
            "timebank_commit_seconds",
            "From queueing an action to its acknowledgement.",
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._requests = Counter(
            "timebank_requests",
            "Answered requests.",
            ["method", "route", "status"],
            registry=self._registry,
        )
        self._served: dict[tuple[str, str, int], Counter] = {}
        self._request_seconds = Histogram(
            "timebank_request_seconds",
            "From a request's first byte to its answer's last.",
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._gauge("timebank_queue_depth", "Actions that wait for the writer.", queued)
        self._gauge("timebank_log_size", "Leaves of the committed log.", size)
        self._gauge("timebank_public_size", "Leaves below the public checkpoint.", public)
        witnesses = Gauge(
            "timebank_witness_failing",
            "1 where a witness did not cosign what it was asked last.",
            ["witness"],
            registry=self._registry,
        )
        for name, told in failing.items():
            witnesses.labels(name).set_function(told)

    def acknowledged(self, seconds: float) -> None:
        """Count an action that the writer answered after ``seconds``."""
        self.posts.inc()
        self.commit_seconds.observe(seconds)

    def refused(self, code: str) -> None:
        """Count a problem document."""
        self._refusals.labels(code).inc()

    def served(self, request: Served) -> None:
        """Count an answered request."""
        known = (request.method, request.route, request.status)
        counter = self._served.get(known)
        if counter is None:
            counter = self._served[known] = self._requests.labels(*known)
        counter.inc()
        self._request_seconds.observe(request.seconds)

    def text(self) -> bytes:
        """All figures in Prometheus' text format."""
        return generate_latest(self._registry)

    def _counter(self, name: str, what: str) -> Counter:
        return Counter(name, what, registry=self._registry)

    def _gauge(self, name: str, what: str, value: Callable[[], int]) -> None:
        Gauge(name, what, registry=self._registry).set_function(value)


class AccessLog:
    """One line a request, as JSON: id, method, route template, status, milliseconds.

    Goes to the file of the settings, one file a day, kept ``access_log_days``; without a file
    nothing is written.  A thread of its own writes, so that no request waits for the disk.
    """

    def __init__(self, settings: Settings) -> None:
        self._lines: SimpleQueue[bytes | None] = SimpleQueue()
        self._thread: Thread | None = None
        if settings.access_log_file is not None:
            settings.access_log_file.parent.mkdir(parents=True, exist_ok=True)
            handler = TimedRotatingFileHandler(
                settings.access_log_file,
                when="midnight",
                backupCount=settings.access_log_days,
                encoding="utf-8",
                utc=True,
            )
            self._thread = Thread(
                target=_write_lines, args=(self._lines, handler), name="access-log", daemon=True
            )
            self._thread.start()

    def write(self, at: datetime, request: Served) -> None:
        """Write the line of a request that was answered ``at`` an aware instant; never waits."""
        if self._thread is None:
            return
        told = {
            "at": at,
            "request": request.request_id,
            "method": request.method,
            "route": request.route,
            "status": request.status,
            "ms": round(request.seconds * 1_000, 1),
        }
        self._lines.put(orjson.dumps(told))

    def close(self) -> None:
        """Write what is left and let go of the file."""
        if self._thread is not None:
            self._lines.put(None)
            self._thread.join()
            self._thread = None


def _write_lines(lines: "SimpleQueue[bytes | None]", handler: TimedRotatingFileHandler) -> None:
    with contextlib.closing(handler):
        while (line := lines.get()) is not None:
            record = logging.LogRecord("access", logging.INFO, "", 0, line.decode(), None, None)
            handler.emit(record)
