"""Reading commands: ``balance``, ``statement``, ``explain``; and ``post``, which logs a service."""

import secrets
import sys
from dataclasses import asdict
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ledger.balances import balance_of
from ledger.errors import AccountNotFound
from ledger.lines import sum_of
from timebank.commands.shared import REFUSED, Data, Json, Key, opened, say, staff_actor, told
from timebank.estates.explaining import explain_estate
from timebank.expiry.explaining import explain_expiry
from timebank.founding import FOUNDER
from timebank.records.actions import log_service
from timebank.records.explaining import Outcome, explain_record, explanation_as_json
from timebank.records.explaining_refusals import explain_batch
from timebank.records.model import Payer, StatedService, TimeSpent
from timebank.shortfalls.explaining import explain_reversal
from timebank.statements.formats import format_named
from timebank.statements.statement import account_named, recorded_within
from timebank.statements.writing import statement_for
from timebank.words import minutes_zh


class FormatName(StrEnum):
    """Names of the statement formats."""

    CSV = "csv"
    JSON = "json"
    PDF = "pdf"
    LARGE_PDF = "large-pdf"


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
    chosen = format_named("json" if json and form is FormatName.CSV else form.value)
    first, last = _day(from_on), _day(to_on)
    with (
        told(json),
        opened(data) as bank,
        statement_for(
            bank, chosen, lambda rows: account_named(rows, account), from_on=first, to_on=last
        ) as found,
    ):
        if out is None:
            for block in chosen.write(found):
                sys.stdout.buffer.write(block)
            sys.stdout.buffer.flush()
            return
        with open(out, "wb") as file:
            for block in chosen.write(found):
                file.write(block)
    answer = {
        "account": found.account_id, "opening": found.opening, "closing": found.closing,
        "out": str(out),
    }  # fmt: skip
    say(json, answer, f"{out}：期末 {minutes_zh(found.closing)}")


def explain_command(
    record: Annotated[
        str,
        typer.Argument(
            help="服务记录、导入批次、身故登记、到期告知或冲销申请："
            "record_…, batch_…, est_…, expy_… or rvsl_…"
        ),
    ],
    data: Data = None,
    json: Json = False,
) -> None:
    """说明 Why minutes are what they are, went where they went, expired, or rows were refused."""
    with told(json), opened(data) as bank, bank.read() as connection:
        if record.startswith("batch_"):
            rows = explain_batch(bank, connection, FOUNDER, record).as_json()
            say(json, rows, *rows["zh"], *rows["en"])
            return
        if record.startswith("est_"):
            shared = explain_estate(bank, connection, FOUNDER, record)
            say(json, asdict(shared), *shared.zh, *shared.en)
            return
        if record.startswith("rvsl_"):
            lent = explain_reversal(bank, connection, FOUNDER, record)
            say(json, asdict(lent), *lent.zh, *lent.en)
            return
        if record.startswith("expy_"):
            gone = explain_expiry(bank, connection, FOUNDER, record)
            say(json, gone.as_json(), *gone.zh, *gone.en)
            if not gone.agrees:
                raise typer.Exit(REFUSED)
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
