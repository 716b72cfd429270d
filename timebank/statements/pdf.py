"""The professional edition: an A4 table of every line, with the statement's CSV inside the PDF."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from timebank.clock import from_milliseconds, local_datetime
from timebank.people.masks import NOT_SHOWN
from timebank.statements.model import Statement, StatementLine
from timebank.statements.spreadsheet import as_csv, coming_zh
from timebank.statements.typesetting import set_type

_HEAD = (
    ("凭证号", "Entry"),
    ("入账时间", "Recorded"),
    ("服务日期", "Effective"),
    ("种类　对方科目", "Kind, other side"),
    ("服务", "Given"),
    ("收入", "In"),
    ("支出", "Out"),
    ("余额", "Balance"),
    ("补录", "Late"),
    ("计时规则", "Rules"),
)
_NOTES = (
    "单位：分钟。每一笔算在入账那一天（北京时间），交出后的对账单不再变动；服务日期另列。",
    "服务：实际服务的分钟；收入：按计时规则记入的分钟。补录：超过规定期限才登记的分钟，单列，含在收入或支出内。",
    (
        "All amounts are whole minutes. A line belongs to the day on which it was recorded. Given "
        "is what a service took, In what the rules credited; late minutes stand apart."
    ),
)


def as_pdf(statement: Statement) -> Iterator[bytes]:
    """PDF/A-3b in one piece; whose account the other side is stays unsaid.

    Takes seconds for thousands of lines, so ``statement`` must need no open connection.
    """
    lines = list(statement.lines)
    yield set_type("statement.typ", _data(statement, lines), made_at(statement, lines))


def made_at(statement: Statement, lines: Sequence[StatementLine]) -> datetime:
    """The moment that dates the document: its last line's, else its period's, never now."""
    if lines:
        return datetime.fromisoformat(lines[-1].recorded_at)
    day = statement.to_on or statement.from_on or date(1970, 1, 1)
    return datetime(min(max(day.year, 1970), 9000), day.month, min(day.day, 28), tzinfo=UTC)


def with_csv(statement: Statement, lines: Sequence[StatementLine]) -> dict[str, Any]:
    """What both editions share: the document's day, and the CSV that travels inside."""
    at = local_datetime(made_at(statement, lines))
    written = b"".join(as_csv(replace(statement, lines=iter(lines))))
    name = statement.number if statement.number.isalnum() else "account"
    return {
        "day": (at.year, at.month, at.day),
        "csv": written.decode(),
        "csv_name": f"statement-{name}.csv",
    }


def _data(statement: Statement, lines: Sequence[StatementLine]) -> dict[str, Any]:
    whose = statement.number or statement.title_zh
    return {
        "title": f"对账单 {whose}",
        "footer": f"{whose} {statement.account_id}",
        "facts": _facts(statement, lines),
        "sums": _sums(statement, lines),
        "holds": [f"{one.minutes} 分钟，至 {_minute(one.expires_ms)}" for one in statement.holds],
        "expiring": [coming_zh(one) for one in statement.expiring],
        "head": _HEAD,
        "rows": [
            _bound("期初 Opening", statement.opening),
            *(_row(line) for line in lines),
            _bound("期末 Closing", statement.closing),
        ],
        "notes": _NOTES,
        **with_csv(statement, lines),
    }


def _facts(statement: Statement, lines: Sequence[StatementLine]) -> list[tuple[str, str]]:
    rules = "、".join(sorted({line.policy for line in lines if line.policy}))
    first, last = statement.from_on or "开户", statement.to_on or "今"
    said = [
        ("编号 Number", statement.number),
        ("账户 Account", f"{statement.account_id}（{statement.title_zh}）"),
        ("入账日期 Recorded", f"{first} 至 {last}"),
        ("计时规则 Rules", rules or "–"),
        ("状态 State", NOT_SHOWN.get(statement.holder, "")),
    ]
    return [one for one in said if one[1]]


def _sums(statement: Statement, lines: Sequence[StatementLine]) -> list[tuple[str, str]]:
    return [
        ("期初 Opening", str(statement.opening)),
        ("收入 In", str(sum(max(line.minutes, 0) for line in lines))),
        ("支出 Out", str(sum(max(-line.minutes, 0) for line in lines))),
        ("期末 Closing", str(statement.closing)),
        ("现预留 Held now", str(statement.held)),
        ("其中补录 Late", str(sum(line.late_minutes for line in lines))),
    ]


def _row(line: StatementLine) -> tuple[str, ...]:
    page = f"　{line.page}" if line.page else ""
    return (
        str(line.number),
        local_datetime(datetime.fromisoformat(line.recorded_at)).strftime("%Y-%m-%d %H:%M"),
        line.effective_on,
        f"{line.kind_zh}　{line.other_zh}{page}",
        "" if line.given_minutes is None else str(line.given_minutes),
        str(line.minutes) if line.minutes > 0 else "",
        str(-line.minutes) if line.minutes < 0 else "",
        str(line.balance),
        str(line.late_minutes) if line.is_late else "",
        line.policy.partition("@")[0],  # Facts above have the whole; a name is never used twice.
    )


def _bound(title: str, minutes: int) -> tuple[str, ...]:
    return ("", "", "", title, "", "", "", str(minutes), "", "")


def _minute(ms: int) -> str:
    return local_datetime(from_milliseconds(ms)).strftime("%Y-%m-%d %H:%M")
