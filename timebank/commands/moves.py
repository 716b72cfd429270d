"""``timebank moves …``: members who go to another district and who come, and station by station."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from timebank.answers import Answer
from timebank.bank import Bank
from timebank.clearing.between_stations import as_csv, between_stations
from timebank.commands.partners import (
    Approver,
    File,
    Login,
    Month,
    OneId,
    Out,
    Password,
    approves,
    asks,
)
from timebank.commands.shared import Data, Json, Key, opened, say, staff_actor, told
from timebank.errors.base import STATES
from timebank.moves.arriving import approve_arrival, return_arrival, state_arrival
from timebank.moves.departing import approve_departure, ask_departure, return_departure
from timebank.moves.issuing import credit_statement
from timebank.moves.queries import ShownMove, arrivals_listed, departures_listed, is_arrival
from timebank.stations.model import Actor
from timebank.words import minutes_zh

move_commands = typer.Typer(help="转往其他区 Moves between books", no_args_is_help=True)

_MOST = 500
"""Moves of each direction that the command line shows, the newest first."""

Number = Annotated[str, typer.Argument(help="成员编号 Member number")]


@move_commands.command("list")
def list_command(login: Login = None, data: Data = None, json: Json = False) -> None:
    """转出与转入 Moves of both directions, the newest first; names masked."""
    with told(json), opened(data) as bank, bank.read() as connection:
        actor = staff_actor(bank, login)
        away = departures_listed(bank, connection, actor, most=_MOST)
        come = arrivals_listed(bank, connection, actor, most=_MOST)
    lines = [*(_line("转出", one) for one in away), *(_line("转入", one) for one in come)]
    found = {"away": [asdict(one) for one in away], "in": [asdict(one) for one in come]}
    say(json, found, *(lines or ["没有转出或转入。"]))


@move_commands.command("depart")
def depart_command(
    number: Number,
    to: Annotated[str, typer.Argument(help="对方账本名 Origin of the partner's log")],
    slip: Annotated[str, typer.Option("--slip", help="协议编号 Number of the signed agreement")],
    login: Login = None,
    key: Key = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """登记转出 Note that a member moves with the whole balance."""
    act = asks(lambda bank, actor, made: ask_departure(bank, actor, number, to, slip, key=made))
    act(login, key, data, json, "已登记转出（{move}），待另一人批准。")


@move_commands.command("take")
def take_command(
    file: File,
    number: Number,
    login: Login = None,
    key: Key = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """登记转入 Take in the statement that a member brings."""

    def step(bank: Bank, actor: Actor, made: str) -> Answer:
        return state_arrival(bank, actor, number, file.read_bytes(), key=made)

    asks(step)(login, key, data, json, "已登记转入（{move}），待另一人批准。")


@move_commands.command("approve")
def approve_command(
    move: OneId,
    login: Approver = None,
    password: Password = None,
    key: Key = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """批准 Approve a move of either direction as another person."""

    def step(bank: Bank, actor: Actor, made: str) -> Answer:
        with bank.read() as connection:
            comes = is_arrival(connection, move)
        return (approve_arrival if comes else approve_departure)(bank, actor, move, key=made)

    approves(step, login, password, key, data, json, "已批准 {move}，凭证 {entry}。")


@move_commands.command("return")
def return_command(
    move: OneId,
    reason: Annotated[str, typer.Option("--reason", help="原因 Why")],
    login: Login = None,
    key: Key = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """退回 Send a move back that waits."""

    def step(bank: Bank, actor: Actor, made: str) -> Answer:
        with bank.read() as connection:
            comes = is_arrival(connection, move)
        return (return_arrival if comes else return_departure)(bank, actor, move, reason, key=made)

    asks(step)(login, key, data, json, "已退回 {move}。")


@move_commands.command("statement")
def statement_command(
    move: OneId, out: Out, login: Login = None, data: Data = None, json: Json = False
) -> None:
    """结转单 Write the signed statement that the person carries."""
    with told(json), opened(data) as bank:
        out.write_bytes(credit_statement(bank, staff_actor(bank, login), move).encode())
    say(json, {"move": move, "out": str(out)}, f"已写到 {out}。")


@move_commands.command("between")
def between_command(
    month: Month,
    out: Annotated[Path | None, typer.Option("--out", help="写成 CSV Write it as CSV")] = None,
    login: Login = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """站点之间 What each station gave to elders of each other station in a month."""
    with told(json), opened(data) as bank, bank.read() as connection:
        found = between_stations(connection, staff_actor(bank, login), month)
    if out is not None:
        out.write_bytes(as_csv(month, found))
    lines = [
        f"{one.station} 服务 {one.home} 的老人：{one.records} 次，{minutes_zh(one.minutes)}"
        for one in found
    ]
    told_of = {"items": [asdict(one) for one in found], "month": month}
    say(json, told_of, *(lines or [f"{month} 没有站点之间的服务。"]))


def _line(way: str, one: ShownMove) -> str:
    return (
        f"{one.move_id}  {way}  {one.name}（{one.number}）  {one.partner or one.origin}  "
        f"{minutes_zh(one.minutes)}  {STATES[one.state][0]}"
    )
