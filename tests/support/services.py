"""Services as tests state them: one line a service, everything else as usual."""

from datetime import datetime, timedelta
from typing import Any

from timebank.records.model import StatedService

DAY = "2023-04-05"


def service(
    volunteers: str = "V0001",
    recipients: str = "E0001",
    at: str = "09:00",
    minutes: int = 90,
    content: str = "助餐",
    *,
    on: str = DAY,
    **rest: Any,
) -> StatedService:
    """A service on the day before the frozen clock's; people joined by 、."""
    start = datetime.fromisoformat(f"{on}T{at}")
    return StatedService(
        (volunteers,), (recipients,), start, start + timedelta(minutes=minutes), content, **rest
    )
