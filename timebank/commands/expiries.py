"""``expiries``: what was announced to expire, and what did, month by month."""

from dataclasses import asdict

from timebank.commands.shared import Data, Json, opened, say, told
from timebank.expiry.queries import MonthOfExpiry, expiries_by_month, expiry_rule
from timebank.founding import FOUNDER
from timebank.words import minutes_zh


def expiries_command(data: Data = None, json: Json = False) -> None:
    """时间到期 What was announced to expire and what did, by month, and today's rule."""
    with told(json), opened(data) as bank:
        rule = expiry_rule(bank)
        with bank.read() as connection:
            months = expiries_by_month(connection, FOUNDER)
    answer = {
        "rule": None if rule is None else asdict(rule),
        "months": [asdict(one) for one in months],
    }
    first = "现行规则没有规定到期 credit lives for ever"
    if rule is not None:
        first = (
            f"有效期 {rule.expires_after_months} 个月（{rule.expires_source}），"
            f"提前 {rule.notice_months} 个月告知（{rule.notice_source}）"
        )
    say(json, answer, first, *map(_line, months))


def _line(one: MonthOfExpiry) -> str:
    return (
        f"{one.month}  {one.holders} 人  告知 {minutes_zh(one.announced_minutes)}  "
        f"待到期 {minutes_zh(one.open_minutes)}  已用 {minutes_zh(one.used_minutes)}  "
        f"到期 {minutes_zh(one.expired_minutes)}  作废 {minutes_zh(one.lapsed_minutes)}  "
        f"退回 {minutes_zh(one.given_back_minutes)}"
    )
