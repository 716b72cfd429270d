"""``close-period``: the checklist, the question, the closing leaf, and the trial balance."""

import secrets
from typing import Annotated

import typer

from ledger.encoding import Json as JsonValue
from ledger.periods import KindTotal
from timebank.commands.shared import Data, Json, Key, confirmed, opened, say, staff_actor, told
from timebank.errors import SevereFindingsOpen
from timebank.periods.actions import close_period
from timebank.periods.model import Checklist, ClosedPeriod, title_names, total_of
from timebank.periods.view import checklist
from timebank.reconciliation.view import wall_time


def close_period_command(
    period: Annotated[
        str, typer.Option("--period", help="月份 Month YYYY-MM; without it the next one")
    ] = "",
    reason: Annotated[
        str,
        typer.Option("--reason", help="严重问题未处理仍须结账的理由 Why, while an alarm is open"),
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", help="不再询问 Do not ask")] = False,
    login: Annotated[str | None, typer.Option("--as", help="登录名 Login of who acts")] = None,
    key: Key = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """结账 Close a month: what stands open, then the signed closing and the trial balance."""
    with told(json), opened(data) as bank:
        actor = staff_actor(bank, login)
        found = checklist(bank, actor, period)
        name = found.period.name
        for line in () if json else checklist_lines(found):
            typer.echo(line, err=True)
        if found.severe_findings and not reason.strip():
            raise SevereFindingsOpen(findings=found.severe_findings)
        asked = f"结账 {name}？之后不能撤销。Close {name}? It cannot be undone."
        confirmed(asked, yes=yes)
        closed = close_period(bank, actor, name, reason=reason, key=key or secrets.token_hex(16))
        bank.publish()
    answer: dict[str, JsonValue] = {**closed.as_json(), "checklist": found.as_json()}
    say(json, answer, *closing_lines(closed))


def checklist_lines(found: Checklist) -> list[str]:
    """How the books stand, for a person."""
    never = "从未 never"
    when = never if found.reconciled_ms is None else wall_time(found.reconciled_ms)
    return [
        f"结账前检查 Before closing {found.period.name}",
        f"  严重问题 severe findings     {found.severe_findings}",
        f"  未处理问题 open findings     {found.open_findings}",
        f"  待复核记录 awaiting review   {found.awaiting_review}",
        f"  公示中记录 under notice      {found.under_notice}",
        f"  未结束预留 open holds        {found.open_holds}",
        f"  未按计划的任务 silent jobs   {', '.join(found.silent_jobs) or '-'}",
        f"  最近对账 last reconciliation {when}",
    ]


def closing_lines(closed: ClosedPeriod) -> list[str]:
    """What was closed, and its trial balance in minutes."""
    closing = closed.closing
    numbers = "—" if closing.first is None else f"{closing.first}-{closing.last}"
    return [
        f"{closing.period.name} 已结账：第 {closed.leaf_index} 号叶子，编号 {closed.closing_id}",
        f"凭证 {closing.entries} 笔（{numbers}），其中补记以前月份的 {closing.late} 笔",
        f"共 {closing.minutes} 分钟，账户 {closing.accounts} 个",
        f"余额树根 {closing.balances}",
        "试算平衡表（分钟）Trial balance, minutes: 期初 opening, 转入 in, 转出 out, 期末 closing",
        *(_row(one, " ".join(title_names(one.kind))) for one in closing.kinds),
        _row(total_of(closing.kinds), "合计 Total"),
    ]


def _row(one: KindTotal, name: str) -> str:
    return f"{one.opening:>12}{one.received:>12}{one.given:>12}{one.closing:>12}  {name}"
