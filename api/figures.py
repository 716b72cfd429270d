"""Figures for ``/metrics`` and the lines of the access log; neither names anybody.

Every application has a registry of its own, so that two of them in one process (a test, a second
book) do not add up.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from logging.handlers import TimedRotatingFileHandler

import orjson
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from api.middleware import Served
from timebank.config import Settings

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)


class Figures:
    """What is counted while serving; ``queued`` tells how many actions wait for the writer."""

    def __init__(self, queued: Callable[[], int], size: Callable[[], int]) -> None:
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
        self._request_seconds = Histogram(
            "timebank_request_seconds",
            "From a request's first byte to its answer's last.",
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._gauge("timebank_queue_depth", "Actions that wait for the writer.", queued)
        self._gauge("timebank_log_size", "Leaves of the committed log.", size)

    def acknowledged(self, seconds: float) -> None:
        """Count an action that the writer answered after ``seconds``."""
        self.posts.inc()
        self.commit_seconds.observe(seconds)

    def refused(self, code: str) -> None:
        """Count a problem document."""
        self._refusals.labels(code).inc()

    def served(self, request: Served) -> None:
        """Count an answered request."""
        self._requests.labels(request.method, request.route, request.status).inc()
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
    nothing is written.
    """

    def __init__(self, settings: Settings) -> None:
        self._handler: TimedRotatingFileHandler | None = None
        if settings.access_log_file is not None:
            settings.access_log_file.parent.mkdir(parents=True, exist_ok=True)
            self._handler = TimedRotatingFileHandler(
                settings.access_log_file,
                when="midnight",
                backupCount=settings.access_log_days,
                encoding="utf-8",
                utc=True,
            )

    def write(self, at: datetime, request: Served) -> None:
        """Write the line of a request that was answered ``at`` an aware instant."""
        if self._handler is None:
            return
        line = orjson.dumps(
            {
                "at": at,
                "request": request.request_id,
                "method": request.method,
                "route": request.route,
                "status": request.status,
                "ms": round(request.seconds * 1_000, 1),
            }
        )
        record = logging.LogRecord("access", logging.INFO, "", 0, line.decode(), None, None)
        self._handler.emit(record)

    def close(self) -> None:
        """Let go of the file."""
        if self._handler is not None:
            self._handler.close()
