"""``close-down`` and ``kit``: what an operator leaves behind, checked and reopened without them."""

from pathlib import Path
from typing import Annotated, Any

import typer

from ledger.notes import NoteRejected
from timebank.clock import SystemClock
from timebank.commands.founding import lines_of, told_of
from timebank.commands.shared import (
    REFUSED,
    Data,
    Json,
    opened,
    progress,
    say,
    settings_of,
    staff_actor,
    told,
)
from timebank.kit.checking import check_kit
from timebank.kit.making import make_kit
from timebank.kit.reopening import reopen

kit_commands = typer.Typer(
    help="移交包 Check the kit of a book that was closed down, or reopen it.", no_args_is_help=True
)

Kit = Annotated[
    Path, typer.Argument(exists=True, file_okay=False, help="移交包文件夹 Folder of the kit")
]
Vkey = Annotated[str | None, typer.Option(help="别处得到的日志公钥 vkey from elsewhere")]


def close_down_command(
    out: Annotated[Path, typer.Option("--out", help="新文件夹 New folder for the kit")],
    login: Annotated[str | None, typer.Option("--as", help="登录名 Login of who acts")] = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """停办移交 Everything that must outlive the operator: log, tables, each member's statement."""
    with told(json), opened(data) as bank, progress(json, "移交 close down") as bar:
        made = make_kit(bank, staff_actor(bank, login), out, progress=bar)
    answer: dict[str, Any] = {
        "out": str(out), "size": made.size, "members": made.members, "rows": made.rows,
        "files": made.files, "successor": made.successor,
    }  # fmt: skip
    ended = f"日志已冻结，后继 {made.successor}" if made.successor else "日志尚未冻结，不能据此恢复"
    said = f"{out}：{made.members} 人的对账单，{made.size} 条日志，{made.files} 个文件；{ended}"
    say(json, answer, said)


@kit_commands.command("check")
def check_command(kit: Kit, vkey: Vkey = None, json: Json = False) -> None:
    """核对 Check every file, the whole log and each member's statement; needs no book."""
    try:
        with told(json), progress(json, "核对 check") as bar:
            found = check_kit(kit, vkey=vkey, progress=bar)
    except NoteRejected as error:
        raise typer.BadParameter(str(error), param_hint="--vkey") from error
    answer: dict[str, Any] = {
        "ok": found.ok, "files": found.files, "members": found.members,
        "faults": [{"file": one.file, "why": one.why} for one in found.faults],
        "key": "given" if found.is_known else "own",
    }  # fmt: skip
    count = f"{found.files} 个文件，{found.members} 份期末证明，{len(found.faults)} 处不符"
    whose = [] if found.is_known else ["未给 --vkey：只核对了自身一致 self-consistent only"]
    say(json, answer, *map(str, found.faults), count, *whose)
    if not found.ok:
        raise typer.Exit(REFUSED)


@kit_commands.command("reopen")
def reopen_command(
    kit: Kit,
    vault_key: Annotated[
        Path, typer.Option("--vault-key", help="原保险库主密钥文件 Key file of the former vault")
    ],
    origin: Annotated[str, typer.Option(help="新日志来源 Origin of the log that follows")],
    vkey: Vkey = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """恢复 Found the book that follows, with people, stations, balances and holds of the kit."""
    try:
        with told(json), progress(json, "恢复 reopen") as bar:
            made = reopen(
                settings_of(data),
                SystemClock(),
                kit=kit,
                vault_key=vault_key,
                origin=origin,
                vkey=vkey,
                progress=bar,
            )
    except NoteRejected as error:
        raise typer.BadParameter(str(error), param_hint="--vkey") from error
    say(json, told_of(made), *lines_of(made))
