"""A station's letters as PDFs for the printer: large type, each member's on pages of their own."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from timebank.letters.model import Part
from timebank.statements.large_pdf import day_said, expiring_said, figures_said, plain_line
from timebank.statements.model import Statement, StatementLine
from timebank.statements.typesetting import set_type
from timebank.words import minutes_zh

LINES_A_LETTER = 60
"""Lines of one letter; whoever had more in the part is told where the rest is."""

_ASK = "需要帮助：到站点说一声、打电话，或在站点的自助终端上点“我要帮忙”。"
_KEPT = "您的时间不用也不会减少。"
_ENDS = "时间记入后满 {months} 个月没有用，会转给大家；到期前会告诉您。"
_NO_MONEY = "时间不能换钱。谁说能换钱、给利息，都是骗人的。"


@dataclass(frozen=True, slots=True)
class Letter:
    """What one member is told; ``uses`` says what the time may be used for.

    ``lives_months`` is how long credit lives, ``None`` where the policy lets it live for ever.
    """

    name: str = field(repr=False)
    number: str
    statement: Statement
    lines: Sequence[StatementLine]
    uses: str
    lives_months: int | None = None


def draw_letters(part: Part, station: str, letters: Sequence[Letter]) -> bytes:
    """One PDF with all of them, dated by the end of the part; see :func:`set_type` for the cost."""
    data = {
        "title": f"{part.year}年 您的时间",
        "day": (part.last_on.year, part.last_on.month, part.last_on.day),
        "letters": [_told(part, station, one) for one in letters],
    }
    last = part.last_on
    return set_type("letters.typ", data, datetime(last.year, last.month, last.day, tzinfo=UTC))


def _told(part: Part, station: str, letter: Letter) -> dict[str, Any]:
    shown = letter.lines[:LINES_A_LETTER]
    more = len(letter.lines) - len(shown)
    rest = [f"另有 {more} 笔没有印出，请到站点打印全部。"] if more else []
    return {
        "greeting": f"{letter.name}，您好：",
        "said": [
            f"您的编号：{letter.number}",
            f"这是从{day_said(part.first_on)}到{day_said(part.last_on)}的情况。",
        ],
        "figures": figures_said(letter.statement, letter.lines),
        "lines": [plain_line(line) for line in shown],
        "after": [
            *([] if letter.lines else ["这段时间没有来往。"]),
            *rest,
            *expiring_said(letter.statement),
            letter.uses,
            _ASK,
            f"有不明白或不对的，找{station}。",
            _KEPT if letter.lives_months is None else _ENDS.format(months=letter.lives_months),
            _NO_MONEY,
        ],
    }


def uses_said(available: int, visits: int | None, charged: int) -> str:
    """What the time may be used for; ``visits`` is ``None`` for who does not redeem yet."""
    if visits is None:
        return "您的时间可以留着以后请人照护，也可以按规定送给亲人或捐出。"
    if not charged:
        return "请人陪伴不用您的时间。"
    if not visits:
        return f"请人陪伴一次要 {minutes_zh(charged)}，现在还不够；需要时照样可以提出，由站点安排。"
    return f"可以使用 {minutes_zh(available)}，够请人陪伴 {visits} 次。"
