"""``policy check | rehearse | adopt | list``: a city's rules, tried before they are in force."""

import secrets
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from timebank.bank import Bank
from timebank.commands.shared import (
    REFUSED,
    Data,
    Json,
    Key,
    confirmed,
    opened,
    progress,
    say,
    staff_actor,
    told,
)
from timebank.errors import ProfilesOverlap
from timebank.policy.actions import adopt
from timebank.policy.consistency import check_timeline, last_day
from timebank.policy.faults import Fault
from timebank.policy.load import examine
from timebank.policy.model import Profile
from timebank.policy.sheet import Sheet, sheet_of
from timebank.records.rehearsing import ASSUMPTIONS, Amounts, Rehearsed, rehearse
from timebank.words import minutes_zh

policy_commands = typer.Typer(
    help="规则 The book's policy: try a draft, adopt it, see what is in force.",
    no_args_is_help=True,
)

Draft = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, help="规则文件 The draft, a TOML file")
]


@policy_commands.command("check")
def check_command(file: Draft, data: Data = None, json: Json = False) -> None:
    """检查草案 Everything that is wrong with a draft, or its sheet; --data asks a book too."""
    with told(json):
        found = _examined(file)
        faults = found[1] if isinstance(found, tuple) else ()
        if isinstance(found, Profile) and data is not None:
            with opened(data) as bank:
                faults = _beside_the_book(bank, found)
    name = found.name if isinstance(found, Profile) else found[0]
    if faults or not isinstance(found, Profile):
        listed = [{"where": one.where, "zh": one.zh, "en": one.en} for one in faults]
        lines = [line for one in faults for line in (f"{one.where}：{one.zh}", f"  {one.en}")]
        head = f"{file}：{len(faults)} 处有误 {len(faults)} faults"
        say(json, {"ok": False, "profile": name, "faults": listed}, head, *lines)
        raise typer.Exit(REFUSED)
    sheet = sheet_of(found)
    say(json, {"ok": True, **_head(found), **sheet.as_json(), "faults": []})
    if not json:
        _print_sheet(found, sheet)


@policy_commands.command("rehearse")
def rehearse_command(
    file: Draft,
    from_on: Annotated[
        datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="服务日期起 First day")
    ],
    to_on: Annotated[
        datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="服务日期止 Last day")
    ],
    station: Annotated[str, typer.Option("--station", help="站点代码 Only this station's")] = "",
    login: Annotated[str | None, typer.Option("--as", help="登录名 Login of who asks")] = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """预演 What past services would have been worth under a draft; writes nothing."""
    if to_on < from_on:
        raise typer.BadParameter("lies before --from", param_hint="--to")
    with told(json), opened(data) as bank, progress(json, "预演 rehearse") as bar:
        profile = _readable(file)
        actor = staff_actor(bank, login)
        with bank.read() as connection:
            found = rehearse(
                bank, connection, actor, profile, first=from_on.date(), last=to_on.date(),
                station_code=station, progress=bar,
            )  # fmt: skip
    say(json, found.as_json())
    if not json:
        _print_rehearsed(found)


@policy_commands.command("adopt")
def adopt_command(
    file: Draft,
    yes: Annotated[bool, typer.Option("--yes", help="不再询问 Do not ask")] = False,
    login: Annotated[str | None, typer.Option("--as", help="登录名 Login of who acts")] = None,
    key: Key = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """采用 Bring a profile into the book from its first day on; it is never edited again."""
    with told(json), opened(data) as bank:
        profile = _readable(file)
        actor = staff_actor(bank, login)
        confirmed(
            f"采用 {profile.shown_title_zh()}（{profile.version}），自 {profile.in_force_from} 起？"
            "之后不能修改或撤回。Adopt it? It can never be edited or withdrawn.",
            yes=yes,
        )
        answer = adopt(bank, actor, profile, key=key or secrets.token_hex(16))
        bank.publish()
    found = {**_head(profile), "leaf_index": answer.leaf_index}
    say(
        json,
        found,
        f"已采用 {profile.version}，自 {profile.in_force_from} 起：第 {answer.leaf_index} 号叶子",
    )


@policy_commands.command("list")
def list_command(data: Data = None, json: Json = False) -> None:
    """规则一览 Every adopted profile with the days on which it is in force."""
    with told(json), opened(data) as bank:
        today, profiles = bank.today(), check_timeline(bank.profiles)
    rows = [
        {**_head(one, last_day(one, profiles)), "in_force": _covers(one, profiles, today)}
        for one in profiles
    ]
    lines = [
        f"{'●' if row['in_force'] else ' '} {row['in_force_from']} – "
        f"{row['in_force_until'] or '……'}  {row['profile']}  {one.shown_title_zh()}"
        for row, one in zip(rows, profiles, strict=True)
    ]
    say(json, {"policies": rows}, *lines)


# Drafts ----------------------------------------------------------------------------------------


def _examined(file: Path) -> Profile | tuple[str, tuple[Fault, ...]]:
    try:
        return examine(file.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        return "?", (Fault("TOML", "文件不是 UTF-8 编码", "the file is not UTF-8"),)


def _readable(file: Path) -> Profile:
    """The profile of a file.

    Raises:
        ProfileInvalid, ProfileUnitNotTime: the first thing that is wrong with it.
    """
    found = _examined(file)
    if isinstance(found, Profile):
        return found
    raise found[1][0].refusal(found[0])


def _beside_the_book(bank: Bank, profile: Profile) -> tuple[Fault, ...]:
    """What keeps a draft that is in order out of this book."""
    if profile.version in {one.version for one in bank.profiles}:
        return (Fault("name", "账本已采用这份规则", "the book has adopted it before"),)
    try:
        check_timeline([*bank.profiles, profile])
    except ProfilesOverlap as overlap:
        return (Fault("in_force_from", overlap.in_chinese(), str(overlap)),)
    return ()


def _covers(profile: Profile, profiles: tuple[Profile, ...], day: date) -> bool:
    last = last_day(profile, profiles)
    return profile.in_force_from <= day and (last is None or day <= last)


def _head(profile: Profile, until: date | None = None) -> dict[str, Any]:
    last = until or profile.in_force_until
    return {
        "profile": profile.version,
        "family": profile.family,
        "title_zh": profile.title_zh,
        "title_en": profile.title_en,
        "example": profile.example,
        "in_force_from": profile.in_force_from.isoformat(),
        "in_force_until": None if last is None else last.isoformat(),
        "replaces": profile.replaces,
    }


# For people ------------------------------------------------------------------------------------


def _print_sheet(profile: Profile, sheet: Sheet) -> None:
    until = profile.in_force_until or "另行规定 until another replaces it"
    say(
        False,
        {},
        f"{profile.shown_title_zh()} {profile.title_en}（{profile.version}）没有错误 no faults",
        f"自 {profile.in_force_from} 起 in force from，至 {until}",
    )
    table = Table("键 Key", "项目 What", "值 Value", "依据 Clause")
    for line in sheet.lines:
        table.add_row(line.key, line.title_zh, line.value, line.source)
    Console().print(table)
    say(False, {}, f"未设置（关闭）unset, off: {', '.join(sheet.unset) or '—'}")


def _print_rehearsed(found: Rehearsed) -> None:
    table = Table(
        "编号 Number", "服务 Services", "不计 Refused", "入账 Credited", "入池 Pool", "支出 Charged"
    )
    for number, one in found.members:
        table.add_row(number or "—", *_cells(one))
    table.add_section()
    table.add_row("合计 Total", *_cells(found.total))
    Console().print(table)
    saved = found.total.credited_after - found.total.credited_before
    lines = [f"{code}：{count} 条服务记录不计 records refused" for code, count in found.refused]
    sign = "多" if saved >= 0 else "少"
    told_zh = f"按草案入账{sign} {minutes_zh(abs(saved))}；没有写入任何内容 nothing was written"
    say(False, {}, told_zh, *lines, *(f"· {zh} {en}" for zh, en in ASSUMPTIONS))


def _cells(one: Amounts) -> tuple[str, ...]:
    return (
        str(one.services),
        str(one.refused),
        f"{one.credited_before} → {one.credited_after}",
        f"{one.overflow_before} → {one.overflow_after}",
        f"{one.charged_before} → {one.charged_after}",
    )
