"""``timebank keys``: a key's life, from its file to its end; each step asks before it acts."""

import secrets
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ledger.approvals import COSIGNER, LOG, ROLES
from ledger.forks import FORKED
from ledger.keys import KeyFileOpen, KeyFileRejected, SigningKey
from ledger.notes import NoteRejected
from ledger.signatures import ML_DSA_44, OTHER
from ledger.spelling import is_word
from timebank.commands.shared import Data, Json, confirmed, opened, say, settings_of, told
from timebank.errors import KeyFileUnusable, KeyTextUnreadable
from timebank.founding import FOUNDER
from timebank.keys.actions import (
    add_key,
    end_key,
    freeze,
    keys_listed,
    request_of_end,
    request_of_freeze,
    request_of_key,
)
from timebank.keys.ceremony import approve, make_key, read_proof, read_request
from timebank.keys.further import FILES, make_further_key
from timebank.marker import read_marker

key_commands = typer.Typer(help="密钥 Signing keys and their life.", no_args_is_help=True)
request_commands = typer.Typer(help="申请 What root keys are asked to sign.", no_args_is_help=True)
key_commands.add_typer(request_commands, name="request")

KeyRole = StrEnum(  # type: ignore[misc]
    "KeyRole", {role.upper(): role for role in ROLES if role != COSIGNER}
)

Out = Annotated[Path, typer.Option("--out", help="写入文件 Write to this new file")]
Yes = Annotated[bool, typer.Option("--yes", help="不再询问 Do not ask")]
Approval = Annotated[
    Path | None,
    typer.Option("--approval", exists=True, dir_okay=False, help="根密钥的批准 Word of the roots"),
]
ProofFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="证明 Proof")]


@key_commands.command("list")
def list_command(data: Data = None, json: Json = False) -> None:
    """列出 Every key of the log, in the order in which they came."""
    with told(json), opened(data) as bank, bank.read() as connection:
        keys = keys_listed(connection)
    found = [
        {
            "key": one.key, "role": one.role, "vkey": one.vkey, "submissions": one.submissions,
            "added_at": one.added_at, "ended_at": one.ended_at,
        }
        for one in keys
    ]  # fmt: skip
    lines = [
        f"{one.role:<10} {one.key}  第 {one.added_at} 号叶子登记"
        + ("" if one.ended_at is None else f"，第 {one.ended_at} 号叶子停用")
        for one in keys
    ]
    say(json, {"keys": found}, *lines)


@key_commands.command("new")
def new_command(
    role: Annotated[KeyRole, typer.Option("--role", help="用途 What it is for")],
    out: Out,
    name: Annotated[
        str | None, typer.Option("--name", help="名称 Its name; a log key bears the log's")
    ] = None,
    key_file: Annotated[
        Path | None, typer.Option("--key-file", help="密钥文件 New file of the secret key")
    ] = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """生成 Make a key in a file of its own, and the proof that it is held."""
    with told(json):
        settings = settings_of(data)
        origin = read_marker(settings.data).origin
        if role.value == LOG:
            name, key_file = origin, key_file or _free_log_file(settings.keys_folder)
        if name is None or key_file is None:
            raise typer.BadParameter("--name and --key-file are needed")
        if out.exists():  # Before a key is made that no proof would go with.
            raise typer.BadParameter(f"--out: {out} is there already")
        try:
            proof = make_key(origin, role.value, name, key_file)
            _write(out, proof)
        except FileExistsError as error:
            raise typer.BadParameter(f"{error.filename} is there already") from error
        except NoteRejected as error:
            raise typer.BadParameter(f"--name: {error}") from error
        if role.value == LOG:
            vkey = read_proof(proof).vkey
            key_file = key_file.rename(key_file.with_name(f"{LOG}-{vkey.key_id.hex()}.key"))
    found = {"key_file": str(key_file), "proof": str(out), "name": name}
    say(json, found, f"密钥 {key_file}，证明 {out}；下一步：timebank keys add {out}")


@request_commands.command("add")
def request_add_command(proof: ProofFile, out: Out, data: Data = None, json: Json = False) -> None:
    """申请登记 Ask the root keys to let a key of an operator or of the log in."""
    with told(json), opened(data) as bank:
        _requested(request_of_key(bank, read_proof(_read(proof))), out, json)


@request_commands.command("revoke")
def request_revoke_command(
    key: Annotated[str, typer.Argument(help="密钥 Identifier, as keys list shows it")],
    out: Out,
    data: Data = None,
    json: Json = False,
) -> None:
    """申请停用 Ask the root keys to let a key of an operator or of the log end."""
    with told(json), opened(data) as bank:
        _requested(request_of_end(bank, key), out, json)


@request_commands.command("freeze")
def request_freeze_command(
    successor: Annotated[str, typer.Argument(help="后续账本 Origin of the log that follows")],
    out: Out,
    data: Data = None,
    json: Json = False,
) -> None:
    """申请冻结 Ask the root keys to end the log."""
    with told(json), opened(data) as bank:
        _requested(request_of_freeze(bank, successor), out, json)


@key_commands.command("approve")
def approve_command(
    request: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="申请 Request")],
    root: Annotated[
        Path, typer.Option("--root", exists=True, dir_okay=False, help="根密钥文件 Root key's file")
    ],
    out: Out,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """批准 Add one root key's line to a request; needs no book and no network."""
    with told(json):
        text = _read(request)
        asked = read_request(text)
        confirmed(f"{asked.zh}\n{asked.en}\n批准？Approve?", yes=yes)
        key = _key_in(root)
        _write(out, approve(text, key))
    say(json, {"approval": str(out), "by": key.name}, f"{key.name} 已批准：{out}")


@key_commands.command("add")
def add_command(
    proof: ProofFile,
    approval: Approval = None,
    replaces: Annotated[
        str | None, typer.Option("--replaces", help="取代 Identifier of the key that ends with it")
    ] = None,
    station: Annotated[str, typer.Option("--station", help="站点代码 A device's station")] = "",
    staff: Annotated[str, typer.Option("--staff", help="登录名 Login of whose it is")] = "",
    own: Annotated[
        Path | None,
        typer.Option(
            "--own-key",
            exists=True,
            help="新运营密钥自行登记 The new key brings itself in",
        ),
    ] = None,
    yes: Yes = False,
    data: Data = None,
    json: Json = False,
) -> None:
    """登记 Let a key sign from the next leaf on."""
    with told(json), opened(data) as bank:
        read = read_proof(_read(proof))
        confirmed(f"登记 {read.role} 密钥 {read.vkey}？Enrol this key?", yes=yes)
        held = None if own is None else _key_in(own)
        key = add_key(
            bank, FOUNDER, read, approval=_word(approval), replaces=replaces, held=held,
            key=secrets.token_hex(16), station_code=station, login=staff,
        )  # fmt: skip
        bank.publish()
    say(json, {"key": key}, f"已登记 {key}")


@key_commands.command("revoke")
def revoke_command(
    key: Annotated[str, typer.Argument(help="密钥 Identifier, as keys list shows it")],
    reason: Annotated[str, typer.Option("--reason", help="原因 A word: lost, stolen, retired")],
    approval: Approval = None,
    yes: Yes = False,
    data: Data = None,
    json: Json = False,
) -> None:
    """停用 End a key for good; what it signed before stays true."""
    if reason == FORKED:
        raise typer.BadParameter("--reason: the book says so itself, once it has the evidence")
    if not is_word(reason):
        raise typer.BadParameter("--reason: one word of small letters, such as lost or stolen")
    with told(json), opened(data) as bank:
        confirmed(f"永久停用 {key}？End it for good?", yes=yes)
        leaf = end_key(
            bank, FOUNDER, key, reason=reason, approval=_word(approval), key=secrets.token_hex(16)
        )
        bank.publish()
    say(json, {"key": key, "leaf": leaf}, f"已停用 {key}")


@key_commands.command("freeze")
def freeze_command(
    successor: Annotated[str, typer.Option("--successor", help="后续账本 Origin that follows")],
    approval: Annotated[
        Path, typer.Option("--approval", exists=True, dir_okay=False, help="根密钥的批准")
    ],
    yes: Yes = False,
    data: Data = None,
    json: Json = False,
) -> None:
    """冻结 End the log for good, as after the theft of its key."""
    with told(json), opened(data) as bank:
        confirmed(f"永久冻结，后续账本 {successor}？Freeze the log for good?", yes=yes)
        leaf = freeze(
            bank, FOUNDER, successor=successor, approval=_read(approval),
            key=secrets.token_hex(16),
        )  # fmt: skip
        bank.publish()
    say(json, {"leaf": leaf, "successor": successor}, f"已冻结，后续账本 {successor}")


@key_commands.command("mldsa")
def mldsa_command(out: Out, data: Data = None, json: Json = False) -> None:
    """补签密钥 Make the log's ML-DSA-44 key, for a book that was founded without one."""
    _further(data, json, ML_DSA_44, out)


@key_commands.command("sm2")
def sm2_command(out: Out, data: Data = None, json: Json = False) -> None:
    """国密密钥 Make the log's SM2 key; needs the extra gm."""
    _further(data, json, OTHER, out)


def _further(data: Path | None, json: bool, kind: int, out: Path) -> None:
    with told(json), opened(data) as bank:
        key, proof = make_further_key(bank, kind)
        file = bank.settings.keys_folder / FILES[kind]
        _write(out, proof)
    found = {"key_file": str(file), "proof": str(out), "vkey": str(key.vkey)}
    say(
        json,
        found,
        f"密钥 {file}（请备份），证明 {out}；根密钥批准并登记后，下次公布起补签，服务不必重启。",
        f"下一步：timebank keys request add {out}",
    )


def _requested(text: str, out: Path, json: bool) -> None:
    request = read_request(text)
    _write(out, text)
    say(
        json,
        {"request": str(out)},
        request.zh,
        f"申请 {out}；请根密钥持有人：timebank keys approve",
    )


def _key_in(path: Path) -> SigningKey:
    try:
        return SigningKey.load(path)
    except KeyFileRejected as error:
        why = "open_to_others" if isinstance(error, KeyFileOpen) else "no_key"
        raise KeyFileUnusable(file=path.name, why=why) from error


def _free_log_file(folder: Path) -> Path:
    return folder / f"{LOG}-{secrets.token_hex(4)}.key"


def _word(approval: Path | None) -> str | None:
    return None if approval is None else _read(approval)


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise KeyTextUnreadable(what="file") from error


def _write(path: Path, text: str) -> None:
    try:
        with open(path, "x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise typer.BadParameter(f"--out: {path}: {error.strerror}") from error
