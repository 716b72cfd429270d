"""``handlers``: what each handler did in a period, in figures."""

from datetime import datetime
from typing import Annotated

import typer

from timebank.commands.shared import Data, Json, opened, say, told
from timebank.founding import FOUNDER
from timebank.integrity.statistics import HandlerFigures, handler_figures

Day = Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="从 From")]
Until = Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="到 Until")]


def handlers_command(
    from_on: Day = None, to_on: Until = None, data: Data = None, json: Json = False
) -> None:
    """经办统计 What each handler recorded and reviewed, late, whole hours, sent back, denied."""
    with told(json), opened(data) as bank:
        today = bank.today()
        first = today.replace(day=1) if from_on is None else from_on.date()
        last = today if to_on is None else to_on.date()
        if last < first:
            raise typer.BadParameter("“到”不能早于“从” before --from", param_hint="--to")
        with bank.read() as connection:
            found = handler_figures(connection, FOUNDER, first, last)
    answer = {
        "first_on": first.isoformat(),
        "last_on": last.isoformat(),
        "items": [one.as_json() for one in found],
    }
    say(json, answer, f"{first} – {last}", *map(_line, found))


def _line(one: HandlerFigures) -> str:
    median = "–" if one.median_review_seconds is None else f"{one.median_review_seconds}s"
    name = one.title or one.login or one.handler or "本人确认 members"
    return (
        f"{name:<16} 登记 {one.entries} 导入 {one.imported} 补登 {one.late} 条"
        f" {one.late_minutes} 分钟 整小时 {one.whole_hours} 退回 {one.returned}"
        f" 不符 {one.disagreed}/{one.asked} 复核 {one.reviews} 中位 {median}"
    )
