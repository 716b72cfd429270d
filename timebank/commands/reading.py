"""Reading commands: ``balance``, ``statement``, ``explain``; and ``post``, which logs a service."""

import secrets
import sys
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ledger.balances import balance_of
from ledger.errors import AccountNotFound
from ledger.lines import sum_of
from timebank.commands.shared import REFUSED, Data, Json, Key, opened, say, staff_actor, told
from timebank.founding import FOUNDER
from timebank.records.actions import log_service
from timebank.records.explaining import Outcome, explain_record, explanation_as_json
from timebank.records.explaining_refusals import explain_batch
from timebank.records.model import Payer, StatedService, TimeSpent
from timebank.statements.formats import FORMATS
from timebank.statements.statement import account_named, recorded_within, statement
from timebank.words import minutes_zh


class FormatName(StrEnum):
    """Names of the statement formats."""

    CSV = "csv"
    JSON = "json"


Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])]


def balance(
    account: Annotated[str, typer.Argument(help="人员编号或账户 Member number or account id")],
    effective_until: Annotated[
        datetime | None,
        typer.Option("--effective", formats=["%Y-%m-%d"], help="服务日期至 Effective until"),
    ] = None,
    known_until: Annotated[
        datetime | None,
        typer.Option("--known", formats=["%Y-%m-%d"], help="入账日期至 As known until"),
    ] = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """余额 What an account holds, now or for any pair of dates."""
    with told(json), opened(data) as bank, bank.read() as connection:
        account_id = account_named(connection, account)
        found = balance_of(connection, account_id)
        if found is None:
            raise AccountNotFound(account=account_id)
        until, known = _day(effective_until), _day(known_until)
        minutes = sum_of(
            connection,
            found.account_no,
            effective_until=until.isoformat() if until else None,
            known_before_ms=recorded_within(None, known)[1],
        )
    posted = minutes if until or known else found.posted
    answer = {"account": account_id, "posted": posted}
    line = f"{account}：{minutes_zh(posted)}（{posted} 分钟）"
    if not (until or known):
        answer |= {"held": found.held, "available": found.available}
        line += f"，可用 {minutes_zh(found.available)}，预留 {minutes_zh(found.held)}"
    say(json, answer, line)


def statement_command(
    account: Annotated[str, typer.Argument(help="人员编号或账户 Member number or account id")],
    from_on: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="入账日起 From")
    ] = None,
    to_on: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="入账日止 To")
    ] = None,
    form: Annotated[FormatName, typer.Option("--format")] = FormatName.CSV,
    out: Annotated[Path | None, typer.Option("--out", help="写入文件 Write to a file")] = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """对账单 Opening, lines with the running balance, closing."""
    name = "json" if json else form.value
    chosen = next(one for one in FORMATS if one.name == name)
    with told(json), opened(data) as bank, bank.read() as connection:
        account_id = account_named(connection, account)
        found = statement(connection, account_id, from_on=_day(from_on), to_on=_day(to_on))
        if out is None:
            for block in chosen.write(found):
                sys.stdout.buffer.write(block)
            sys.stdout.buffer.flush()
            return
        with open(out, "wb") as file:
            for block in chosen.write(found):
                file.write(block)
    answer = {
        "account": account_id, "opening": found.opening, "closing": found.closing, "out": str(out)
    }  # fmt: skip
    say(json, answer, f"{out}：期末 {minutes_zh(found.closing)}")


def explain_command(
    record: Annotated[
        str, typer.Argument(help="服务记录或导入批次 Record id, record_…, or import, batch_…")
    ],
    data: Data = None,
    json: Json = False,
) -> None:
    """说明 Why a record's minutes are what they are, or why rows of an import were refused."""
    with told(json), opened(data) as bank, bank.read() as connection:
        if record.startswith("batch_"):
            rows = explain_batch(bank, connection, FOUNDER, record).as_json()
            say(json, rows, *rows["zh"], *rows["en"])
            return
        found = explanation_as_json(explain_record(bank, connection, FOUNDER, record))
    say(json, found, *found["zh"], *found["en"])
    if found["outcome"] != Outcome.AGREES:
        raise typer.Exit(REFUSED)


def post(
    volunteer: Annotated[list[str], typer.Option("--volunteer", help="志愿者编号或姓名")],
    start: Annotated[datetime, typer.Option("--start", formats=["%Y-%m-%dT%H:%M"])],
    end: Annotated[datetime, typer.Option("--end", formats=["%Y-%m-%dT%H:%M"])],
    content: Annotated[str, typer.Option("--content", help="服务内容")],
    station: Annotated[str, typer.Option("--station", help="站点代码")],
    recipient: Annotated[
        list[str] | None, typer.Option("--recipient", help="服务对象编号或姓名")
    ] = None,
    public: Annotated[str | None, typer.Option("--public", help="公众服务对象")] = None,
    heads: Annotated[int, typer.Option("--heads", min=0, help="受益人次")] = 0,
    payer: Annotated[Payer, typer.Option("--payer", help="由谁支付")] = Payer.NOBODY,
    reason: Annotated[str, typer.Option("--reason", help="补录原因")] = "",
    travel: Annotated[int, typer.Option("--travel", min=0, help="其中路途分钟")] = 0,
    rest: Annotated[int, typer.Option("--rest", min=0, help="其中用餐休息分钟")] = 0,
    aim_met: Annotated[
        bool, typer.Option("--aim-met/--aim-missed", help="服务目标是否达成")
    ] = True,
    login: Annotated[str | None, typer.Option("--as", help="登录名")] = None,
    key: Key = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """登记服务 Log one service."""
    stated = StatedService(
        tuple(volunteer),
        tuple(recipient or ()),
        start,
        end,
        content,
        public=public,
        head_count=heads,
        payer=payer,
        reason=reason,
        spent=TimeSpent(travel, rest, aim_met),
    )
    with told(json), opened(data) as bank:
        actor = staff_actor(bank, login)
        answer = log_service(bank, actor, station, stated, key=key or secrets.token_hex(16))
        bank.publish()
    body = answer.body
    say(
        json,
        body | {"leaf_index": answer.leaf_index},
        f"第 {body['number']} 号记录 {body['record']}："
        f"{minutes_zh(body['minutes'])}，{body['state']}",
    )


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else moment.date()
