"""``timebank init``: a new book with its keys, policy, stations and first staff."""

from typing import Annotated, Any

import typer

from timebank.clock import SystemClock
from timebank.commands.shared import USAGE, Data, Json, say, settings_of, told
from timebank.founding import Founded, found

DEFAULT_ORIGIN = "timebank.example/book"


def init(
    data: Data = None,
    policy: Annotated[
        list[str] | None, typer.Option("--policy", help="规则 Policy profile, may be repeated")
    ] = None,
    station: Annotated[
        list[str] | None,
        typer.Option("--station", help="站点 CODE=NAME, may be repeated", metavar="CODE=NAME"),
    ] = None,
    origin: Annotated[
        str, typer.Option(help="日志来源 Origin of the log: a name that is yours alone")
    ] = DEFAULT_ORIGIN,
    json: Json = False,
) -> None:
    """建立新账本 Found a new book: keys, tables, policy, stations, first staff."""
    stations = [_pair(text) for text in station or []]
    with told(json):
        made = found(
            settings_of(data),
            SystemClock(),
            origin=origin,
            policies=policy or ["plain-2026"],
            stations=stations,
        )
    say(json, told_of(made), *lines_of(made))


def told_of(made: Founded) -> dict[str, Any]:
    """A new book for a program; the passwords are told this once."""
    return {
        "book": made.book,
        "origin": made.origin,
        "policy": made.policy,
        "logins": [
            {
                "login": one.login,
                "password": one.password,
                "role": one.role,
                "station": one.station_code,
            }
            for one in made.logins
        ],
    }


def lines_of(made: Founded) -> list[str]:
    """A new book for a person."""
    lines = [f"账本已建立 {made.book}，规则 {made.policy}", "首批登录（口令只显示这一次）："]
    return lines + [f"  {one.role:<9} {one.login:<20} {one.password}" for one in made.logins]


def _pair(text: str) -> tuple[str, str]:
    code, separator, name = text.partition("=")
    if not separator or not name.strip():
        typer.echo(f"--station CODE=NAME，收到 {text!r}", err=True)
        raise typer.Exit(USAGE)
    return code.strip(), name.strip()
