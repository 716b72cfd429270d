"""``timebank bench http``: acknowledged posts over HTTP beside an endpoint that does nothing.

Both servers run in a process of their own, with the same body, in turns.  Each post to the bank is
a whole service record: people found, overlaps judged, priced, signed, stored and synced before the
answer.
"""

import asyncio
import contextlib
import itertools
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import orjson
from rich.table import Table

from timebank.bank import Bank
from timebank.benchmarks.load import post_all, request
from timebank.clock import SystemClock
from timebank.config import Settings
from timebank.founding import FOUNDER, found
from timebank.people.actions import register
from timebank.people.model import Newcomer
from timebank.stations.sessions import sign_in

PEOPLE = 400
_COUNTS = {1: 300, 16: 1_500, 64: 3_000}
_START_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Posted:
    """One number of connections; rates are medians over the rounds, per second."""

    connections: int
    posts_per_second: int
    bare_per_second: int
    ratio: float


@dataclass(frozen=True, slots=True)
class HttpCard:
    """Every measurement of one run."""

    rounds: int
    people: int
    measured: tuple[Posted, ...]

    def to_dict(self) -> dict[str, Any]:
        """The card as JSON has it."""
        return asdict(self)

    def table(self) -> Table:
        """The card for a terminal."""
        table = Table(
            title="Acknowledged, durable, signed posts a second over HTTP",
            caption=f"median of {self.rounds} interleaved rounds; bare: FastAPI, same body",
        )
        for heading in ("connections", "posts/s", "bare/s", "ratio"):
            table.add_column(heading, justify="right")
        for row in self.measured:
            table.add_row(
                str(row.connections),
                f"{row.posts_per_second:,}",
                f"{row.bare_per_second:,}",
                f"{row.ratio:.2f}",
            )
        return table


def http(
    *,
    rounds: int = 3,
    counts: dict[int, int] | None = None,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> HttpCard:
    """Measure a bank on SQLite at each number of connections of ``counts`` (posts a round).

    Raises:
        RuntimeError: a server did not start, or a post was not acknowledged.
    """
    plan = counts or _COUNTS
    total, done = rounds * len(plan) * 2, 0
    seconds: dict[tuple[int, str], list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder) / "data")  # type: ignore[call-arg]
        token = _prepare(settings)
        with _server(_bank_command(settings)) as bank, _server(_BARE) as bare:
            doors = {"bank": (bank, _posts(bank, token)), "bare": (bare, _posts(bare, token))}
            for _round, (connections, count) in itertools.product(range(rounds), plan.items()):
                for name, (port, requests) in doors.items():
                    took, statuses = asyncio.run(
                        post_all("127.0.0.1", port, requests, connections, count)
                    )
                    if set(statuses) != {201}:
                        raise RuntimeError(f"{name} answered {statuses}")
                    seconds.setdefault((connections, name), []).append(took / count)
                    done += 1
                    progress(done, total)
    return HttpCard(rounds, PEOPLE, tuple(_posted(seconds, each) for each in plan))


def _posted(seconds: dict[tuple[int, str], list[float]], connections: int) -> Posted:
    bank, bare = seconds[connections, "bank"], seconds[connections, "bare"]
    ratios = [one / other for one, other in zip(bare, bank, strict=True)]
    return Posted(
        connections,
        round(1 / median(bank)),
        round(1 / median(bare)),
        round(median(ratios), 3),
    )


def _prepare(settings: Settings) -> str:
    """A book with a station and people; answers a clerk's token."""
    founded = found(
        settings,
        SystemClock(),
        origin="timebank.example/bench",
        policies=["plain-2026"],
        stations=[("BENCH", "Bench")],
    )
    clerk = next(one for one in founded.logins if one.role == "clerk")
    newcomers = [
        Newcomer(f"成员{letter}{number}", ((f"{letter}{number:05}", role),))
        for letter, role in (("V", "volunteer"), ("E", "elder"))
        for number in range(PEOPLE)
    ]
    with Bank.open(settings) as bank:
        register(bank, FOUNDER, newcomers, key="bench-people")
        return sign_in(bank, clerk.login, clerk.password)


def _posts(port: int, token: str) -> Iterator[bytes]:
    """Services that overlap with none of the others: ten minutes each, day by day backwards."""
    last = date(2026, 1, 31)
    for serial in itertools.count():
        turn, person = divmod(serial, PEOPLE)
        day, slot = divmod(turn, 60)
        on = last - timedelta(days=day)
        hour, minute = divmod(8 * 60 + slot * 10, 60)
        body = orjson.dumps(
            {
                "station": "BENCH",
                "volunteers": [f"V{person:05}"],
                "recipients": [f"E{person:05}"],
                "starts_at": f"{on}T{hour:02}:{minute:02}",
                "ends_at": f"{on}T{hour:02}:{minute + 9:02}",
                "content": "助餐",
                "stated_minutes": 9,
                "note": "",
                "reason": "测速",
            }
        )
        yield request(
            port,
            "/api/v1/records",
            body,
            Authorization=f"Bearer {token}",
            Idempotency_Key=f"bench-{serial:012}",
        )


_BARE = ["-m", "uvicorn", "--factory", "api.bare:create_bare", "--no-access-log",
         "--log-level", "warning"]  # fmt: skip


def _bank_command(settings: Settings) -> list[str]:
    quiet = "import os; os.environ['TIMEBANK_LOG_LEVEL'] = 'warning'"
    return [
        "-c",
        f"{quiet}; from timebank.cli import main; main()",
        "serve",
        "--data",
        str(settings.data),
    ]


@contextlib.contextmanager
def _server(command: list[str]) -> Iterator[int]:
    """A server process on a free port, answered for once it takes connections."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    process = subprocess.Popen(
        [sys.executable, *command, "--port", str(port)],
        stdout=subprocess.DEVNULL,  # That is where the card goes.
    )
    try:
        _wait(process, port)
        yield port
    finally:
        process.terminate()
        process.wait(30)


def _wait(process: "subprocess.Popen[bytes]", port: int) -> None:
    begin = perf_counter()
    while perf_counter() - begin < _START_SECONDS and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
    raise RuntimeError("the server did not start")
