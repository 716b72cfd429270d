"""``timebank person``: looking at somebody's data, handing it out, and forgetting it."""

import secrets
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import orjson
import typer

from timebank.commands.shared import Data, Json, Key, confirmed, opened, say, staff_actor, told
from timebank.people.accesses import IDENTITY, look
from timebank.people.exporting import as_html, export_for_relative, export_person
from timebank.people.forgetting import FORGOTTEN, forget
from timebank.people.model import Relation

person_commands = typer.Typer(
    help="个人信息 Look at, hand out or forget a person's data.", no_args_is_help=True
)

Number = Annotated[str, typer.Argument(help="人员编号 Member number")]
Login = Annotated[str | None, typer.Option("--as", help="登录名 Login of who acts")]


class Form(StrEnum):
    """What an export is written as."""

    JSON = "json"
    HTML = "html"


@person_commands.command("show")
def show_command(
    number: Number,
    reason: Annotated[str, typer.Option("--reason", help="查看原因 Why; the person can read it")],
    login: Login = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """查看 Show a person unmasked; the look and its reason are recorded."""
    with told(json), opened(data) as bank:
        found = look(bank, staff_actor(bank, login), number, reason)
    shown = {name: getattr(found, name) for name in IDENTITY}
    lines = (f"{name}：{value}" for name, value in shown.items() if value)
    say(json, {"person": found.person_id, **shown}, *lines)


@person_commands.command("export")
def export_command(
    number: Number,
    out: Annotated[Path, typer.Option("--out", help="写入文件 Write to this file")],
    form: Annotated[Form, typer.Option("--format")] = Form.JSON,
    relative: Annotated[
        Relation | None,
        typer.Option(
            "--relative", help="逝者近亲属的关系 What the dead person's relative is to them"
        ),
    ] = None,
    proof: Annotated[
        str, typer.Option("--proof", help="关系证明 What the relative showed as proof")
    ] = "",
    login: Login = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """副本 Write everything about a person to a file; the export is recorded as a look."""
    if bool(proof) and relative is None:
        raise typer.BadParameter("--proof belongs to --relative")
    with told(json), opened(data) as bank:
        actor = staff_actor(bank, login)
        if relative is None:
            found = export_person(bank, actor, number)
        else:
            found = export_for_relative(bank, actor, number, relative, proof)
        content = as_html(found).encode() if form is Form.HTML else orjson.dumps(found) + b"\n"
        with open(out, "xb") as file:  # Never over somebody else's.
            out.chmod(0o600)
            file.write(content)
    person = found["person"]["person_id"]
    say(json, {"out": str(out), "person": person}, f"已写入 {out}；此次导出已记录")


@person_commands.command("forget")
def forget_command(
    number: Number,
    yes: Annotated[bool, typer.Option("--yes", help="不再询问 Do not ask")] = False,
    login: Login = None,
    key: Key = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """注销 Restrict a person's data, or destroy it where the books need not keep it any more."""
    asked = f"注销 {number}？保存期满的信息将永久销毁。Forget {number}? What is destroyed stays so."
    with told(json), opened(data) as bank:
        confirmed(asked, yes=yes)
        actor = staff_actor(bank, login)
        done = forget(bank, actor, number, key=key or secrets.token_hex(16))
        bank.publish()
    if done.outcome == FORGOTTEN:
        line = (
            f"已注销，个人信息已销毁。旧备份在 {done.unreadable_on} 前仍可能读出："
            "请在此之前删除密钥库的旧备份。"
        )
    else:
        line = (
            f"已停止使用；账务须保存到 {done.until_on}，届时自动销毁；"
            f"旧备份到 {done.unreadable_on} 不再可读。"
        )
    say(json, done.as_json(), line)
