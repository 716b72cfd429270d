"""``timebank partners …``: partner books, what both say of a month, netting, and an end."""

import secrets
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from timebank.answers import Answer
from timebank.bank import Bank
from timebank.clearing.ending import ask_end, decide_end
from timebank.clearing.making import make_statement, statement_file
from timebank.clearing.netting import decide_netting, propose_netting
from timebank.clearing.queries import Position, positions
from timebank.clearing.taking import take_statement
from timebank.commands.shared import Data, Json, Key, asked, opened, say, staff_actor, told
from timebank.errors.base import STATES
from timebank.moves.partners import decide_partner, propose_partner
from timebank.moves.queries import partners_listed
from timebank.stations.model import Actor
from timebank.stations.sessions import checked_staff
from timebank.words import minutes_zh

partner_commands = typer.Typer(help="往来账本 Partner books", no_args_is_help=True)

Login = Annotated[
    str | None, typer.Option("--as", help="登录名 Login of who acts; by default the operator")
]
Approver = Annotated[
    str | None, typer.Option("--as", help="批准人登录名 Approver's login; asked for if missing")
]
Password = Annotated[
    str | None, typer.Option(help="口令 Password of the approver; asked for where missing")
]
Origin = Annotated[str, typer.Argument(help="对方账本名 Origin of the partner's log")]
Month = Annotated[str, typer.Argument(help="月份 A month, YYYY-MM")]
OneId = Annotated[str, typer.Argument(help="登记编号 Id of what waits")]
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)]
Out = Annotated[Path, typer.Option("--out", help="写到此文件 File to write")]


@partner_commands.command("list")
def list_command(login: Login = None, data: Data = None, json: Json = False) -> None:
    """往来账本 Partner books and what stands on their clearing accounts."""
    with told(json), opened(data) as bank, bank.read() as connection:
        found = partners_listed(connection, staff_actor(bank, login))
    lines = [
        f"{one.partner_id}  {one.name}  {one.origin}  {STATES[one.state][0]}  "
        f"{minutes_signed(one.posted_minutes)}"
        for one in found
    ]
    say(json, {"partners": [asdict(one) for one in found]}, *(lines or ["还没有往来账本。"]))


@partner_commands.command("propose")
def propose_command(
    vkey: Annotated[str, typer.Argument(help="对方日志公钥 Verifier key of the other log")],
    name: Annotated[str, typer.Option("--name", help="怎样称呼 What people call the district")],
    login: Login = None,
    key: Key = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """登记往来账本 Propose another book; another operator approves."""
    act = asks(lambda bank, actor, made: propose_partner(bank, actor, vkey, name, key=made))
    act(login, key, data, json, "已登记 {origin}（{partner}），待另一人批准。")


@partner_commands.command("approve")
def approve_command(
    waits: OneId,
    login: Approver = None,
    password: Password = None,
    key: Key = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """批准 Approve a proposed book, a netting (net_…) or an end (end_…) as another operator."""

    def step(bank: Bank, actor: Actor, made: str) -> Answer:
        return _decides(waits)(bank, actor, waits, approve=True, key=made)

    approves(step, login, password, key, data, json, f"已批准 {waits}。")


@partner_commands.command("withdraw")
def withdraw_command(
    waits: OneId, login: Login = None, key: Key = None, data: Data = None, json: Json = False
) -> None:
    """撤回登记 Withdraw what waits: a proposed book, a netting (net_…), an end (end_…)."""

    def step(bank: Bank, actor: Actor, made: str) -> Answer:
        return _decides(waits)(bank, actor, waits, approve=False, key=made)

    asks(step)(login, key, data, json, f"已撤回 {waits}。")


@partner_commands.command("statement")
def statement_command(
    origin: Origin,
    month: Month,
    out: Out,
    login: Login = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """清算单 Make this book's statement of a month, and write it as the partner gets it."""
    with told(json), opened(data) as bank:
        actor = staff_actor(bank, login)
        found = make_statement(bank, actor, origin, month)
        out.write_bytes(statement_file(bank, actor, origin, month).encode())
    closing = minutes_signed(found["closing"])
    say(json, {**found, "out": str(out)}, f"{month} 期末 {closing}，已写到 {out}。")


@partner_commands.command("take")
def take_command(
    file: File, login: Login = None, key: Key = None, data: Data = None, json: Json = False
) -> None:
    """收对方清算单 Take in the partner's statement of a month."""

    def step(bank: Bank, actor: Actor, made: str) -> Answer:
        return take_statement(bank, actor, file.read_bytes(), key=made)

    asks(step)(login, key, data, json, "已收 {partner} {month} 的清算单。")


@partner_commands.command("clearing")
def clearing_command(login: Login = None, data: Data = None, json: Json = False) -> None:
    """清算情况 How the book stands with each partner: months, and where both differ."""
    with told(json), opened(data) as bank, bank.read() as connection:
        found = positions(connection, staff_actor(bank, login))
    lines = [line for one in found for line in _position_lines(one)]
    say(json, {"partners": [asdict(one) for one in found]}, *(lines or ["还没有往来账本。"]))


@partner_commands.command("net")
def net_command(
    origin: Origin,
    month: Month,
    login: Login = None,
    key: Key = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """提出轧差 Propose to net a month on which both statements agree."""

    def step(bank: Bank, actor: Actor, made: str) -> Answer:
        return propose_netting(bank, actor, origin, month, key=made)

    asks(step)(login, key, data, json, "已提出 {month} 的轧差（{netting}），待另一人批准。")


@partner_commands.command("end")
def end_command(
    partner: OneId, login: Login = None, key: Key = None, data: Data = None, json: Json = False
) -> None:
    """结束往来 Ask to end a partnership with nothing left over."""
    act = asks(lambda bank, actor, made: ask_end(bank, actor, partner, key=made))
    act(login, key, data, json, "已登记结束往来（{ending}），待另一人批准。")


# Parts, shared with ``timebank moves`` --------------------------------------------------------

Step = Callable[[Bank, Actor, str], Answer]


def minutes_signed(minutes: int) -> str:
    """Minutes in words, with their sign below zero."""
    return f"{'-' if minutes < 0 else ''}{minutes_zh(abs(minutes))}"


def asks(step: Step) -> Callable[[str | None, str | None, Path | None, bool, str], None]:
    """What somebody at this machine does; the sentence has the answer's members in braces."""

    def act(login: str | None, key: str | None, data: Path | None, json: bool, said: str) -> None:
        with told(json), opened(data) as bank:
            answer = step(bank, staff_actor(bank, login), key or secrets.token_hex(16))
            bank.publish()
        say(json, answer.body, said.format_map(answer.body))

    return act


def approves(
    step: Step,
    login: str | None,
    password: str | None,
    key: str | None,
    data: Path | None,
    json: bool,
    said: str,
) -> None:
    """What a second person does, who says who they are."""
    who = asked(login, "批准人登录名 Approver's login", secret=False)
    secret = asked(password, "口令 Password")
    with told(json), opened(data) as bank:
        actor = checked_staff(bank, who, secret)
        answer = step(bank, actor, key or secrets.token_hex(16))
        bank.publish()
    say(json, answer.body, said.format_map(answer.body))


def _decides(waits: str) -> Callable[..., Answer]:
    """What decides about something of that id."""
    kinds = {"net": decide_netting, "end": decide_end}
    return kinds.get(waits.partition("_")[0], decide_partner)


def _position_lines(one: Position) -> list[str]:
    state = "往来中" if one.is_active else "已结束"
    lines = [
        (
            f"{one.name}  {one.origin}  {state}  清算 {minutes_signed(one.clearing_minutes)}  "
            f"已轧差 {minutes_signed(one.settled_minutes)}"
        )
    ]
    for month in one.months:
        ours, theirs = (_closing(what) for what in (month.closing, month.their_closing))
        netting = f"  轧差{STATES[month.netting_state][0]}" if month.netting_state else ""
        lines.append(
            f"  {month.month}  本区 {ours}  对方 {theirs}  不符 {month.differences}{netting}"
        )
    lines += [
        f"    {said.what.value}  {said.month}  {said.entry}  本区 {said.ours}  对方 {said.theirs}"
        for said in one.mismatches
    ]
    return lines


def _closing(minutes: Any) -> str:
    return "没有清算单" if minutes is None else minutes_signed(minutes)
