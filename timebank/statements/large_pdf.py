"""The large-type edition for elders: at least eighteen points, one idea a line, plain words."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from timebank.clock import from_milliseconds, local_datetime
from timebank.people.masks import NOT_SHOWN
from timebank.statements.model import Statement, StatementLine
from timebank.statements.pdf import made_at, with_csv
from timebank.statements.typesetting import set_type
from timebank.words import minutes_zh

PLAIN_WORDS = {
    "service": "服务",
    "settlement": "已预留的时间付出",
    "reversal": "更正",
    "gift": "赠送",
    "donation": "捐赠",
    "grant": "发放",
    "grant_funding": "专项资金",
    "overflow": "超出上限的部分",
    "carried_over": "从上一本账转来",
    "opening_balance": "从旧存折转来",
    "estate_settlement": "亲人留下的时间",
    "moved_away": "转往别的区",
    "moved_in": "从别的区转来",
    "expired": "到期，转给大家",
    "shortfall_covered": "更正时先垫的时间",
    "shortfall_recovered": "归还先垫的时间",
}
"""How the kinds of entries are said to somebody who keeps no books."""

_ASK = "有看不懂或不对的地方，请拿这张纸到站点问，可以申请更正。"


def as_large_pdf(statement: Statement) -> Iterator[bytes]:
    """PDF/A-3b in one piece, of what came and went; see :func:`timebank.statements.pdf.as_pdf`."""
    lines = list(statement.lines)
    yield set_type("large.typ", _data(statement, lines), made_at(statement, lines))


def _data(statement: Statement, lines: Sequence[StatementLine]) -> dict[str, Any]:
    whose = statement.number or statement.title_zh
    said = [f"编号：{whose}", _period(statement)]
    if statement.holder in NOT_SHOWN:
        said.append(NOT_SHOWN[statement.holder])
    return {
        "title": "您的时间",
        "said": said,
        "figures": figures_said(statement, lines),
        "lines": [plain_line(line) for line in lines],
        "after": [
            *([] if lines else ["这段时间没有来往。"]),
            *_held(statement),
            *expiring_said(statement),
            _ASK,
        ],
        **with_csv(statement, lines),
    }


def figures_said(statement: Statement, lines: Sequence[StatementLine]) -> list[tuple[str, str]]:
    """What there was, came, went and was left, each as words and an amount; holds are of now."""
    late = sum(line.late_minutes for line in lines)
    figures = [
        ("原来有", statement.opening),
        ("得到", sum(max(line.minutes, 0) for line in lines)),
        ("用去", sum(max(-line.minutes, 0) for line in lines)),
        ("还有", statement.closing),
    ]
    if statement.held:
        figures.append(("现在已预留", statement.held))
    if late:
        figures.append(("其中补录", late))
    return [(said, minutes_zh(minutes)) for said, minutes in figures]


def plain_line(line: StatementLine) -> tuple[str, str, str, list[str]]:
    """A line as four parts: day and what, the amount, what there was then, further sentences."""
    what = PLAIN_WORDS.get(line.kind, line.kind_zh)
    came = "得到" if line.minutes >= 0 else "用去"
    more = []
    if line.page:
        more.append(f"来自：{line.page}")
    if line.is_late:
        more.append("这一笔是补录的")
    return (
        f"{day_said(date.fromisoformat(line.effective_on))}　{what}",
        f"{came} {minutes_zh(abs(line.minutes))}",
        f"还有 {minutes_zh(line.balance)}",
        more,
    )


def day_said(day: date) -> str:
    """``2023-03-05`` as 2023年3月5日."""
    return f"{day.year}年{day.month}月{day.day}日"


def _period(statement: Statement) -> str:
    first = day_said(statement.from_on) if statement.from_on else "开始"
    last = day_said(statement.to_on) if statement.to_on else "今天"
    return f"从{first}到{last}"


def expiring_said(statement: Statement) -> list[str]:
    """What was announced to expire and is not used yet, and what may be done until then."""
    said = [
        f"{minutes_zh(one.minutes)} 到 {day_said(one.due_on)} 就不能用了"
        for one in statement.expiring
    ]
    return [*said, "请在那天以前请人帮忙，也可以赠送或捐出去。"] if said else []


def _held(statement: Statement) -> list[str]:
    said = []
    for hold in statement.holds:
        until = local_datetime(from_milliseconds(hold.expires_ms))
        said.append(f"已预留 {minutes_zh(hold.minutes)}，到 {day_said(until.date())}")
    return said
