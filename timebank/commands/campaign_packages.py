"""The part of ``timebank campaign …`` that makes and submits a unit's package."""

import secrets
from contextlib import ExitStack
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Annotated

import typer

from timebank.campaigns.editions import edition_bytes, forget_edition
from timebank.campaigns.keeping import keep_report, write_summary
from timebank.campaigns.packaging import submit_package, summary_of
from timebank.campaigns.photographs import keep_photograph
from timebank.campaigns.queries import kept_of
from timebank.campaigns.whole import whole_package
from timebank.commands.shared import Data, Json, Key, opened, say, staff_actor, told

Login = Annotated[
    str | None, typer.Option("--as", help="登录名 Login of who acts; by default the operator")
]
Campaign = Annotated[str, typer.Argument(help="活动编号 Id of the campaign")]
Unit = Annotated[str, typer.Argument(help="单位代码 Code of the unit")]
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)]
Out = Annotated[Path, typer.Option("--out", dir_okay=False, help="写到 Where to write")]
Until = Annotated[
    datetime | None,
    typer.Option("--until", formats=["%Y-%m-%d"], help="截至服务日期 Last service day"),
]


def whole_command(
    campaign: Campaign,
    out: Out,
    until: Until = None,
    login: Login = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """全部单位的材料 Write every unit's latest package with tables over all units, as one file."""
    until_on = until.date().isoformat() if until else ""
    told_bytes = sha256()
    with told(json), opened(data) as bank, bank.read() as connection:
        actor = staff_actor(bank, login)
        pieces = whole_package(bank, connection, actor, campaign, until_on=until_on)
        with ExitStack() as after:
            target = None
            for piece in pieces:
                # Opened with the first piece, so that a refusal leaves no empty file behind.
                target = target or after.enter_context(out.open("wb"))
                told_bytes.update(piece)
                target.write(piece)
    found = {"out": str(out), "sha256": told_bytes.hexdigest()}
    say(json, found, f"已写到 {out}，SHA-256 {found['sha256']}。")


def photograph_command(
    campaign: Campaign,
    unit: Unit,
    file: File,
    caption: Annotated[str, typer.Option("--caption", help="说明 What it shows")],
    consent: Annotated[
        bool, typer.Option("--consent", help="已取得肖像同意 Who can be recognised has agreed")
    ] = False,
    login: Login = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """照片 Keep a photograph for the package, without what the camera wrote."""
    with told(json), opened(data) as bank:
        made = keep_photograph(
            bank, staff_actor(bank, login), campaign, unit, file.read_bytes(), caption=caption,
            consent=consent,
        )  # fmt: skip
    say(json, {"photograph": made}, f"已保存照片 {made}。")


def press_command(
    campaign: Campaign,
    unit: Unit,
    title: Annotated[str, typer.Option("--title", help="标题 Title")],
    outlet: Annotated[str, typer.Option("--outlet", help="媒体 Outlet")],
    on: Annotated[datetime, typer.Option("--on", formats=["%Y-%m-%d"], help="日期 Day")],
    link: Annotated[str, typer.Option("--link", help="链接 Address")] = "",
    login: Login = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """有关报道 Keep a press report for the package."""
    with told(json), opened(data) as bank:
        made = keep_report(
            bank, staff_actor(bank, login), campaign, unit, title=title, outlet=outlet,
            published_on=on.date(), link=link,
        )  # fmt: skip
    say(json, {"report": made}, f"已保存报道 {made}。")


def summary_command(
    campaign: Campaign,
    unit: Unit,
    text: Annotated[
        Path | None,
        typer.Option("--text", exists=True, dir_okay=False, help="总结文本 Own text, in UTF-8"),
    ] = None,
    login: Login = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """总结 Show the summary, drafted from the figures, or keep the unit's own."""
    with told(json), opened(data) as bank:
        actor = staff_actor(bank, login)
        if text is not None:
            write_summary(bank, actor, campaign, unit, text.read_text(encoding="utf-8"))
        with bank.read() as connection:
            kept = kept_of(bank, connection, actor, campaign, unit)
            said = summary_of(connection, actor, campaign, kept)
    say(json, {"summary": said, "own": bool(kept.summary)}, said)


def submit_command(
    campaign: Campaign,
    unit: Unit,
    until: Until = None,
    login: Login = None,
    key: Key = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """报送总结材料 Keep the package as the unit's next edition and report it."""
    with told(json), opened(data) as bank:
        made = submit_package(
            bank, staff_actor(bank, login), campaign, unit,
            until_on=None if until is None else until.date(), key=key or secrets.token_hex(16),
        )  # fmt: skip
        bank.publish()
    say(json, {"edition": made.number, "digest": made.digest}, f"已报送第 {made.number} 版。")


def package_command(
    campaign: Campaign,
    unit: Unit,
    edition: Annotated[int, typer.Argument(min=1, help="版次 Which edition")],
    out: Out,
    login: Login = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """取出总结材料 Write an edition as it was submitted, byte for byte."""
    with told(json), opened(data) as bank, bank.read() as connection:
        actor = staff_actor(bank, login)
        out.write_bytes(edition_bytes(bank, connection, actor, campaign, unit, edition))
    say(json, {"out": str(out)}, f"已写到 {out}。")


def forget_command(
    campaign: Campaign,
    unit: Unit,
    edition: Annotated[int, typer.Argument(min=1, help="版次 Which edition")],
    login: Login = None,
    key: Key = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """销毁一版总结材料 Destroy the key of an edition, so that nobody can open it any more."""
    with told(json), opened(data) as bank:
        actor = staff_actor(bank, login)
        made_key = key or secrets.token_hex(16)
        answer = forget_edition(bank, actor, campaign, unit, edition, key=made_key)
        bank.publish()
    say(json, answer.body, f"第 {edition} 版已不能再打开。")
