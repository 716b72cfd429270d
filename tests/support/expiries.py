"""A book whose credit lives for twelve months and is announced three months before its end."""

from datetime import datetime
from typing import Any

from sqlalchemy import text

from tests.support.banks import OPERATOR, TriedBank
from timebank.clock import LOCAL_ZONE
from timebank.expiry.announcing import announce_expiry
from timebank.expiry.expiring import expire_credit
from timebank.outbox.actions import note_told

TWELVE_AND_THREE = (
    '[endings]\ncredit_expires_after_months = { value = 12, source = "本区规定第九条" }\n'
    'expiry_notice_months = { value = 3, source = "本区规定第十条" }'
)
ANNOUNCED, DUE = "2024-02-01", "2024-05-01"
"""When what is recorded in April 2023 is announced, and when it expires."""


def on(tried: TriedBank, day: str, at: str = "05:40") -> None:
    """Put the hands on a moment of a local day."""
    tried.clock.set(datetime.fromisoformat(f"{day}T{at}").replace(tzinfo=LOCAL_ZONE))


def announced(tried: TriedBank, day: str = ANNOUNCED, *, told: bool = True) -> tuple[int, int]:
    """Announce on a day and tell everybody by telephone; answers holders and minutes."""
    on(tried, day)
    done = announce_expiry(tried.bank, tried.bank.now_ms())
    if told:
        tell_all(tried)
    return int(str(done["announced"])), int(str(done["minutes"]))


def tell_all(tried: TriedBank) -> None:
    """Tell whoever has not been told."""
    with tried.bank.read() as connection:
        waiting = connection.execute(
            text("SELECT number FROM message WHERE event = 'credit_expires' AND told_ms IS NULL")
        ).scalars()
        numbers = list(waiting)
    for number in numbers:
        note_told(tried.bank, OPERATOR, number)


def expired(tried: TriedBank, day: str = DUE) -> dict[str, Any]:
    """Decide what is due on a day."""
    on(tried, day, "05:10")
    return dict(expire_credit(tried.bank, tried.bank.now_ms()))


def rows(tried: TriedBank) -> list[tuple[Any, ...]]:
    """Every announcement: minutes, due day, state, why, expired minutes."""
    with tried.bank.read() as connection:
        found = connection.execute(
            text(
                "SELECT minutes, due_on, state, why, expired_minutes FROM expiry_announcement "
                "ORDER BY announcement_id"
            )
        )
        return [tuple(row) for row in found]
