"""Local days and months within SQL, so that figures are grouped where the rows are."""

from datetime import date

from timebank.clock import from_milliseconds, local_date, milliseconds, month_bounds

DAY_MS = 86_400_000
LOCAL_OFFSET_MS = 28_800_000
"""Asia/Shanghai has stood at UTC+8 without summer time since before there were such books."""

_EPOCH = date(1970, 1, 1).toordinal()


def sql_day(column: str) -> str:
    """The local day of a moment in UTC milliseconds, as days since 1970."""
    return f"(({column} + {LOCAL_OFFSET_MS}) / {DAY_MS})"


def sql_month(column: str, *, is_sqlite: bool) -> str:
    """The local month ``YYYY-MM`` of a moment in UTC milliseconds."""
    at = f"({column} + {LOCAL_OFFSET_MS}) / 1000"
    if is_sqlite:
        return f"strftime('%Y-%m', {at}, 'unixepoch')"
    return f"to_char(to_timestamp({at}) AT TIME ZONE 'UTC', 'YYYY-MM')"


def sql_date(column: str, days_before: int, *, is_sqlite: bool) -> str:
    """The local day ``YYYY-MM-DD`` so many days before a moment in UTC milliseconds."""
    at = f"({column} + {LOCAL_OFFSET_MS - days_before * DAY_MS}) / 1000"
    if is_sqlite:
        return f"strftime('%Y-%m-%d', {at}, 'unixepoch')"
    return f"to_char(to_timestamp({at}) AT TIME ZONE 'UTC', 'YYYY-MM-DD')"


def day_text(days: int) -> str:
    """The day of :func:`sql_day` as ``YYYY-MM-DD``."""
    return date.fromordinal(_EPOCH + int(days)).isoformat()


def month_began(now_ms: int) -> int:
    """The first moment of the local month of ``now_ms``, both UTC milliseconds."""
    name = local_date(from_milliseconds(now_ms)).strftime("%Y-%m")
    return milliseconds(month_bounds(name)[0])
