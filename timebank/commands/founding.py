"""``timebank init``: a new book with its keys, policy, stations and first staff."""

from pathlib import Path
from typing import Annotated, Any

import typer

from ledger.approvals import Roots
from ledger.checkpoint import Checkpoint
from ledger.notes import NoteRejected, parse_note
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
    root: Annotated[
        list[str] | None,
        typer.Option("--root", help="根公钥 vkey of a root key made elsewhere, may be repeated"),
    ] = None,
    roots_needed: Annotated[
        int, typer.Option("--roots-needed", min=1, max=16, help="须同意的根密钥数 How many agree")
    ] = 2,
    successor_of: Annotated[
        Path | None,
        typer.Option(
            "--successor-of",
            exists=True,
            dir_okay=False,
            help="前一账本的最后检查点 Last checkpoint",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """建立新账本 Found a new book: keys, tables, policy, stations, first staff."""
    stations = [_pair(text) for text in station or []]
    with told(json):
        try:
            roots = Roots.of(roots_needed, root) if root else None
        except NoteRejected as error:
            raise typer.BadParameter(f"--root: {error}") from error
        made = found(
            settings_of(data),
            SystemClock(),
            origin=origin,
            policies=policy or ["plain-2026"],
            stations=stations,
            roots=roots,
            predecessor=None if successor_of is None else _checkpoint(successor_of),
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
    lines.append("首批登录（口令只显示这一次）：")
    return lines + [f"  {one.role:<9} {one.login:<20} {one.password}" for one in made.logins]


def _checkpoint(path: Path) -> str:
    """The note in a file, which must be a checkpoint; whoever reads the log judges its lines."""
    try:
        note = parse_note(path.read_bytes())
        Checkpoint.parse(note.text)
    except NoteRejected as error:
        raise typer.BadParameter(f"--successor-of: {error}") from error
    return str(note)


def _pair(text: str) -> tuple[str, str]:
    code, separator, name = text.partition("=")
    if not separator or not name.strip():
        typer.echo(f"--station CODE=NAME，收到 {text!r}", err=True)
        raise typer.Exit(USAGE)
    return code.strip(), name.strip()
