"""``timebank bench …``: speed as a ratio to a bare baseline that is measured in the same run."""

from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console

from timebank.benchmarks.core import run_core
from timebank.benchmarks.http import http
from timebank.benchmarks.log import log
from timebank.benchmarks.matching import matching
from timebank.benchmarks.paper import paper
from timebank.benchmarks.verify import verification
from timebank.commands.shared import Json, progress, say

bench_commands = typer.Typer(help="测速 Benchmarks", no_args_is_help=True)


class Measured(StrEnum):
    """Which databases are measured."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"
    BOTH = "both"


@bench_commands.command("core")
def core_command(
    database: Annotated[Measured, typer.Option("--database")] = Measured.SQLITE,
    url: Annotated[
        str | None, typer.Option(help="空的 PostgreSQL 库 URL of an empty PostgreSQL database")
    ] = None,
    rounds: Annotated[int, typer.Option(min=1, max=50)] = 5,
    json: Json = False,
) -> None:
    """账本核心 Durable double-entry entries per second beside bare inserts."""
    card = run_core(Console(stderr=True), database=database.value, url=url, rounds=rounds)
    if json:
        say(True, card.to_dict())
    else:
        Console().print(card.table())


@bench_commands.command("http")
def http_command(
    rounds: Annotated[int, typer.Option(min=1, max=20)] = 3, json: Json = False
) -> None:
    """网络接口 Acknowledged posts per second beside an endpoint that does nothing."""
    with progress(json, "bench http") as bar:
        card = http(rounds=rounds, progress=bar)
    if json:
        say(True, card.to_dict())
    else:
        Console().print(card.table())


@bench_commands.command("verify")
def verify_command(
    leaves: Annotated[int, typer.Option(min=100, max=1_000_000)] = 40_000,
    rounds: Annotated[int, typer.Option(min=1, max=20)] = 3,
    json: Json = False,
) -> None:
    """核验 Leaves verified per second beside bare hashes and signatures, on one core and two."""
    with progress(json, "bench verify") as bar:
        card = verification(leaves=leaves, rounds=rounds, progress=bar)
    if json:
        say(True, card.to_dict())
    else:
        Console().print(card.table())


@bench_commands.command("log")
def log_command(
    rounds: Annotated[int, typer.Option(min=1, max=20)] = 3, json: Json = False
) -> None:
    """日志 Entries appended and published per second beside writing the same bytes."""
    with progress(json, "bench log") as bar:
        card = log(rounds=rounds, progress=bar)
    if json:
        say(True, card.to_dict())
    else:
        Console().print(card.table())


@bench_commands.command("matching")
def matching_command(
    orders: Annotated[int, typer.Option(min=1, max=10_000)] = 1_000,
    volunteers: Annotated[int, typer.Option(min=1, max=50_000)] = 5_000,
    rounds: Annotated[int, typer.Option(min=1, max=20)] = 3,
    json: Json = False,
) -> None:
    """派单 A day of orders given out at once, beside best first: points and seconds."""
    with progress(json, "bench matching") as bar:
        card = matching(requests=orders, volunteers=volunteers, rounds=rounds, progress=bar)
    if json:
        say(True, card.to_dict())
    else:
        Console().print(card.table())


@bench_commands.command("paper")
def paper_command(
    rounds: Annotated[int, typer.Option(min=1, max=20)] = 3, json: Json = False
) -> None:
    """纸质对账单 Seconds, bytes and memory of a statement laid out, of 30 and of 3,000 lines."""
    with progress(json, "bench paper") as bar:
        card = paper(rounds=rounds, progress=bar)
    if json:
        say(True, card.to_dict())
    else:
        Console().print(card.table())
