"""``timebank witness``: watch over other people's logs, with nothing but this program."""

from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from ledger.notes import NoteRejected, Vkey
from ledger.signatures import ED25519, ML_DSA_44
from timebank.clock import SystemClock, seconds
from timebank.commands.shared import Json, say, told
from timebank.witnesses import open_witness, witness_key

witness_commands = typer.Typer(
    help="见证 Witness the logs of other time banks", no_args_is_help=True
)

MOST_AT_ONCE = 64
"""Connections; more are told to come later, so that nobody can use up the machine."""

State = Annotated[
    Path,
    typer.Option("--state", help="见证人文件夹 Folder of the witness: its key and state"),
]


@witness_commands.command("vkey")
def vkey_command(
    state: State,
    name: Annotated[
        str | None, typer.Option(help="第一次：见证人名称 The first time: the witness's name")
    ] = None,
    json: Json = False,
) -> None:
    """见证人公钥 Print the witness's verifier key; with --name, make the key first."""
    with told(json):
        try:
            key = witness_key(state, _now_s, name)
        except NoteRejected as error:
            raise typer.BadParameter(str(error), param_hint="--name") from error
    say(json, {"vkey": str(key.vkey)}, str(key.vkey))


@witness_commands.command("serve")
def serve_command(
    state: State,
    log: Annotated[
        list[str], typer.Option("--log", help="日志公钥 Verifier key of a log, may be repeated")
    ],
    port: Annotated[int, typer.Option(min=1, max=65_535)] = 8_100,
    host: Annotated[str, typer.Option(help="监听地址 Address to listen on")] = "127.0.0.1",
    json: Json = False,
) -> None:
    """启动见证服务 Cosign checkpoints of these logs until stopped."""
    try:
        logs = [Vkey.parse(text.strip(), kinds=(ED25519, ML_DSA_44)) for text in log]
    except NoteRejected as error:
        raise typer.BadParameter(str(error), param_hint="--log") from error
    with told(json):
        key = witness_key(state, _now_s)
        witness = open_witness(state, key, logs)
    origins = list(dict.fromkeys(one.name for one in logs))
    door = f"http://{host}:{port}"
    say(
        json,
        {"vkey": str(key.vkey), "logs": origins, "serving": door},
        f"见证人 {key.vkey}",
        f"日志 {'、'.join(origins)}",
        f"启动 {door}",
    )
    # The factory is named, not imported: nothing below the API knows it.
    factory = uvicorn.importer.import_from_string("api.witness:create_witness")
    uvicorn.run(
        factory(witness),
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        server_header=False,
        limit_concurrency=MOST_AT_ONCE,
    )


def _now_s() -> int:
    return seconds(SystemClock().now())
