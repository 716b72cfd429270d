"""``timebank opening …``: an older scheme's balances, from the rehearsal to the third person."""

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from timebank.answers import Answer
from timebank.commands.shared import (
    Data,
    Json,
    Key,
    asked,
    opened,
    progress,
    say,
    staff_actor,
    told,
)
from timebank.errors import MissingField
from timebank.errors.base import STATES
from timebank.openings.actions import Signed, confirm_openings, return_opening, reverse_opening
from timebank.openings.approving import approve_openings
from timebank.openings.importing import OpeningResult, import_openings
from timebank.openings.model import State
from timebank.openings.queries import (
    ShownList,
    ShownOpening,
    ids_by_place,
    lists_listed,
    openings_listed,
)
from timebank.stations.sessions import checked_staff
from timebank.words import minutes_zh

opening_commands = typer.Typer(help="期初余额 Opening balances", no_args_is_help=True)

_ALL = 1_000_000
"""Rows and lists that the command line shows at most: more than a district has."""

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)]
Login = Annotated[
    str | None, typer.Option("--as", help="登录名 Login of who acts; by default the operator")
]
Batch = Annotated[str, typer.Argument(help="名单编号 Id of the list")]
Place = Annotated[int, typer.Argument(min=1, help="名单中的序号 The row's place in the list")]
Reason = Annotated[str, typer.Option("--reason", help="原因 Why")]


@opening_commands.command("check")
def check_command(file: File, login: Login = None, data: Data = None, json: Json = False) -> None:
    """只检查名单 What a list would come to: rows taken and refused; nothing is written."""
    with told(json), opened(data) as bank:
        actor = staff_actor(bank, login)
        with progress(json, "名单 list") as bar:
            result = import_openings(
                bank, actor, actor.station_code, file, key=secrets.token_hex(16), dry_run=True,
                progress=bar,
            )  # fmt: skip
    say(json, told_of(result), *lines_of(result))
    if result.refusals:
        raise typer.Exit(1)


@opening_commands.command("import")
def import_command(
    file: File,
    station: Annotated[str, typer.Option("--station", help="站点代码 Station code")],
    login: Login = None,
    key: Key = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """导入名单 Take a list: each row awaits its holder, and nothing can be spent."""
    with told(json), opened(data) as bank:
        actor = staff_actor(bank, login)
        with progress(json, "名单 list") as bar:
            result = import_openings(
                bank, actor, station, file, key=key or secrets.token_hex(16), progress=bar
            )
        bank.publish()
    say(json, told_of(result) | {"batch": result.batch_id}, *lines_of(result))


@opening_commands.command("list")
def list_command(
    batch: Annotated[str | None, typer.Argument(help="名单编号 Id of a list")] = None,
    state: Annotated[
        State | None, typer.Option("--state", help="只看此状态 Rows of this state")
    ] = None,
    login: Login = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """名单与各行 The lists that were handed in, or the rows of one."""
    with told(json), opened(data) as bank, bank.read() as connection:
        actor = staff_actor(bank, login)
        if batch is None:
            lists = lists_listed(connection, actor, most=_ALL)
            found = {"lists": [_list_told(one) for one in lists]}
            lines = [_list_line(one) for one in lists] or ["还没有导入名单。No list yet."]
        else:
            wanted = "" if state is None else state.value
            rows = openings_listed(bank, connection, actor, batch, state=wanted, most=_ALL)
            found = {"rows": [_row_told(one) for one in rows]}
            lines = [_row_line(one) for one in rows] or ["没有这样的行。No such row."]
    say(json, found, *lines)


@opening_commands.command("confirm")
def confirm_command(
    batch: Batch,
    slip: Annotated[
        list[str], typer.Option("--slip", help="序号=确认单编号 PLACE=NUMBER of a signed paper")
    ],
    login: Login = None,
    key: Key = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """登记本人确认 Record the papers that holders have signed."""
    with told(json), opened(data) as bank:
        actor = staff_actor(bank, login)
        given = dict(_slip_in(one) for one in slip)
        with bank.read() as connection:
            ids = ids_by_place(connection, actor, batch, given)
        signed = [Signed(ids[place], number) for place, number in given.items()]
        answer = confirm_openings(bank, actor, signed, key=key or secrets.token_hex(16))
        bank.publish()
    say(json, answer.body, f"已登记 {answer.body['confirmed']} 行的本人确认，待复核。")


@opening_commands.command("approve")
def approve_command(
    batch: Batch,
    login: Annotated[
        str | None, typer.Option("--as", help="复核人登录名 Approver's login; asked for if missing")
    ] = None,
    password: Annotated[
        str | None, typer.Option(help="口令 Password of the approver; asked for where missing")
    ] = None,
    key: Key = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """复核入账 Post what is confirmed, as neither who imported nor who recorded it."""
    who = asked(login, "复核人登录名 Approver's login", secret=False)
    secret = asked(password, "口令 Password")
    with told(json), opened(data) as bank:
        actor = checked_staff(bank, who, secret)
        with progress(json, "入账 posting") as bar:
            made = approve_openings(
                bank, actor, batch, key=key or secrets.token_hex(16), progress=bar
            )
        bank.publish()
    found = {
        "approved": made.approved,
        "minutes": made.minutes,
        "overflow": made.overflow,
        "waiting": made.waiting,
        "own": made.own,
        "refused": [{"place": place, "why": code} for place, code in made.refused],
    }
    lines = [f"已入账 {made.approved} 行，{minutes_zh(made.minutes)}；{made.waiting} 行待本人确认"]
    if made.overflow:
        lines.append(f"超出账户上限、转入公共时间池：{minutes_zh(made.overflow)}")
    if made.own:
        lines.append(f"{made.own} 行由您登记本人确认，须由另一人复核")
    lines += [f"  第 {place} 行没有入账（{code}）" for place, code in made.refused]
    say(json, found, *lines)


@opening_commands.command("return")
def return_command(
    batch: Batch,
    place: Place,
    reason: Reason,
    login: Login = None,
    key: Key = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """退回一行 Send a row back that is not posted."""
    _end(return_opening, "已退回", batch, place, reason, login, key, data, json)


@opening_commands.command("reverse")
def reverse_command(
    batch: Batch,
    place: Place,
    reason: Reason,
    login: Login = None,
    key: Key = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """冲销一行 Reverse a posted row by a linked entry."""
    _end(reverse_opening, "已冲销", batch, place, reason, login, key, data, json)


# Parts -------------------------------------------------------------------------------------


def told_of(result: OpeningResult) -> dict[str, Any]:
    """A list for a program."""
    return {
        "accepted": result.accepted,
        "already": result.already,
        "refused": result.refused,
        "minutes": result.minutes,
        "stated_minutes": result.stated_minutes,
        "refusals": [
            {"sheet": one.sheet, "row": one.row, "why": one.code} for one in result.refusals
        ],
    }


def lines_of(result: OpeningResult) -> list[str]:
    """A list for a person: the figures, then each refusal."""
    state = "待本人确认" if result.batch_id else "仅检查，没有写入"
    taken = f"接受 {result.accepted} 行，{minutes_zh(result.minutes)}（{state}）"
    others = f"退回 {result.refused} 行；此前已登记 {result.already} 行"
    lines = [f"《{result.title}》", f"{taken}；{others}"]
    if result.stated_minutes is not None:
        lines.append(f"名单自填合计：{minutes_zh(result.stated_minutes)}")
    lines += [f"  {one.explanation}（{one.code}）{one.mend}" for one in result.refusals]
    if result.batch_id:
        lines.append(f"名单编号：{result.batch_id}")
    return lines


def _list_told(one: ShownList) -> dict[str, Any]:
    return {
        "batch": one.batch_id, "station": one.station_code, "title": one.title, "rows": one.rows,
        "awaiting_holder": one.awaiting_holder, "awaiting_approval": one.awaiting_approval,
        "posted": one.posted, "returned": one.returned, "refused": one.refused,
        "minutes": one.minutes, "posted_minutes": one.posted_minutes,
    }  # fmt: skip


def _list_line(one: ShownList) -> str:
    return (
        f"{one.batch_id}  {one.station_code}《{one.title}》 {one.rows} 行：待本人确认 "
        f"{one.awaiting_holder}，待复核 {one.awaiting_approval}，已入账 {one.posted}，"
        f"退回 {one.returned}"
    )


def _row_told(one: ShownOpening) -> dict[str, Any]:
    return {
        "place": one.place, "opening": one.opening_id, "number": one.number, "name": one.name,
        "page": one.page, "minutes": one.minutes, "stands_on": one.stands_on,
        "state": one.state, "slip": one.slip, "credited_minutes": one.credited_minutes,
        "overflow_minutes": one.overflow_minutes, "entry": one.entry_id, "reason": one.reason,
    }  # fmt: skip


def _row_line(one: ShownOpening) -> str:
    return (
        f"{one.place:>5}  {one.name}（{one.number}）  {minutes_zh(one.minutes)}  "
        f"截至 {one.stands_on}  {one.page}  {STATES[one.state][0]}"
    )


def _slip_in(given: str) -> tuple[int, str]:
    place, _equals, number = given.partition("=")
    if not place.strip().isascii() or not place.strip().isdecimal():
        raise MissingField(field="slip")
    return int(place), number


def _end(
    step: Callable[..., Answer],
    done: str,
    batch: str,
    place: int,
    reason: str,
    login: str | None,
    key: str | None,
    data: Path | None,
    json: bool,
) -> None:
    """Send a row back or reverse it, and say so."""
    with told(json), opened(data) as bank:
        actor = staff_actor(bank, login)
        with bank.read() as connection:
            opening_id = ids_by_place(connection, actor, batch, [place])[place]
        answer = step(bank, actor, opening_id, reason, key=key or secrets.token_hex(16))
        bank.publish()
    say(json, answer.body, f"第 {place} 行{done}。")
