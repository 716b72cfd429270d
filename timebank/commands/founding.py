"""``timebank init``: a new book with its keys, policy, stations and first staff."""

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from ledger.approvals import Roots
from ledger.notes import NoteRejected
from timebank.clock import SystemClock
from timebank.commands.shared import (
    USAGE,
    Data,
    Json,
    progress,
    say,
    settings_of,
    settings_of_former,
    told,
)
from timebank.founding import Founded, found
from timebank.succession import found_successor

DEFAULT_ORIGIN = "timebank.example/book"


Policies = Annotated[
    list[str] | None, typer.Option("--policy", help="规则 Policy profile, may be repeated")
]
Stations = Annotated[
    list[str] | None,
    typer.Option("--station", help="站点 CODE=NAME, may be repeated", metavar="CODE=NAME"),
]
RootKeys = Annotated[
    list[str] | None,
    typer.Option("--root", help="根公钥 vkey of a root key made elsewhere, may be repeated"),
]
SuccessorOf = Annotated[
    Path | None,
    typer.Option(
        "--successor-of",
        exists=True,
        file_okay=False,
        help="冻结账本的最后账本包 Last bundle of the frozen book that this one follows",
    ),
]
Former = Annotated[
    Path | None,
    typer.Option(
        "--former",
        exists=True,
        file_okay=False,
        help="冻结账本的数据文件夹 Data folder of the frozen book",
    ),
]
FormerDatabase = Annotated[
    str | None,
    typer.Option(
        "--former-database",
        envvar="TIMEBANK_FORMER_DATABASE_URL",
        help="冻结账本的数据库 URL of the frozen book's database, where it is no file",
    ),
]


def init(
    data: Data = None,
    policy: Policies = None,
    station: Stations = None,
    origin: Annotated[
        str, typer.Option(help="日志来源 Origin of the log: a name that is yours alone")
    ] = DEFAULT_ORIGIN,
    root: RootKeys = None,
    roots_needed: Annotated[
        int, typer.Option("--roots-needed", min=1, max=16, help="须同意的根密钥数 How many agree")
    ] = 2,
    successor_of: SuccessorOf = None,
    former: Former = None,
    former_database: FormerDatabase = None,
    json: Json = False,
) -> None:
    """建立新账本 Found a new book: keys, tables, policy, stations, first staff."""
    stations = [_pair(text) for text in station or []]
    if (successor_of is None) != (former is None):
        raise typer.BadParameter("--successor-of and --former go together")
    if former is not None and (policy or stations):
        raise typer.BadParameter("--policy and --station come over from the former book")
    with told(json):
        try:
            roots = Roots.of(roots_needed, root) if root else None
        except NoteRejected as error:
            raise typer.BadParameter(f"--root: {error}") from error
        if successor_of is None or former is None:
            made = found(
                settings_of(data),
                SystemClock(),
                origin=origin,
                policies=policy or ["plain-2026"],
                stations=stations,
                roots=roots,
            )
        else:
            with progress(json, "核验 verify") as bar:
                made = found_successor(
                    settings_of(data),
                    SystemClock(),
                    origin=origin,
                    bundle=successor_of,
                    former=settings_of_former(former, former_database),
                    roots=roots,
                    cores=os.cpu_count() or 1,
                    progress=bar,
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
    lines = [f"账本已建立 {made.book}，规则 {made.policy}"]
    if made.root_keys:
        lines.append(f"根密钥在 {made.root_keys}：请交三人分别保管，并从本机移走")
    if not made.logins:
        return [*lines, "人员、站点、余额和未结冻结已从前一账本转来；登录名、口令和密码不变"]
    lines.append("首批登录（口令只显示这一次）：")
    return lines + [f"  {one.role:<9} {one.login:<20} {one.password}" for one in made.logins]


def _pair(text: str) -> tuple[str, str]:
    code, separator, name = text.partition("=")
    if not separator or not name.strip():
        typer.echo(f"--station CODE=NAME，收到 {text!r}", err=True)
        raise typer.Exit(USAGE)
    return code.strip(), name.strip()
