"""Late records: a station or a handler with whom too much of a month was recorded late (F3).

The policy marks what is late by working days, as half of an honest month's paper register is.  Here
only what is older than such a register counts, and the share of a month that is over, so that what
is said of it does not change.
"""

from collections.abc import Iterator

from timebank.integrity.days import month_began, sql_date, sql_month
from timebank.integrity.model import LATE_DAYS, LATE_PERCENT, LEAST_RECORDS, percent
from timebank.reconciliation.model import Check, Difference, Need, Severity
from timebank.reconciliation.view import View

WORDS = {
    "station_late": (
        "当月登记 {records} 条，其中 {late} 条的服务早于 {days} 天，占 {share}%，界限为 {most}%。",
        "{late} of {records} records are of services over {days} days old: {share}%, from {most}%.",
    ),
    "handler_late": (
        "此人登记 {records} 条，其中 {late} 条的服务早于 {days} 天，占 {share}%，界限为 {most}%。",
        "{late} of this one's {records} records are over {days} days old: {share}%, from {most}%.",
    ),
}

_LATE = "sum(CASE WHEN r.service_on < {oldest} THEN 1 ELSE 0 END)"

_QUERY = f"""
SELECT r.{{whose}}, {{month}} AS month, count(*), {_LATE} FROM service_record r
 WHERE r.book_id = :book AND r.marks NOT LIKE '%carried_over%' AND r.recorded_ms < :until
 GROUP BY 1, 2 HAVING count(*) >= :least AND {_LATE} * 100 >= count(*) * :most
 ORDER BY 2 DESC, 1
"""


def check(view: View) -> Iterator[Difference]:
    """Stations, then handlers, of each month that is over."""
    for kind, code, whose in (
        ("station", "station_late", "station_code"),
        ("handler", "handler_late", "recorded_by"),
    ):
        month = sql_month("r.recorded_ms", is_sqlite=view.is_sqlite)
        oldest = sql_date("r.recorded_ms", LATE_DAYS, is_sqlite=view.is_sqlite)
        for who, name, records, late in view.rows(
            _QUERY.format(whose=whose, month=month, oldest=oldest),
            until=month_began(view.now_ms),
            least=LEAST_RECORDS,
            most=LATE_PERCENT,
        ):
            facts = {
                "records": int(records), "late": int(late), "days": LATE_DAYS, "most": LATE_PERCENT,
                "share": percent(int(late), int(records)),
            }  # fmt: skip
            yield Difference(f"{kind} {who} {name}", code, facts)


CHECK = Check(
    "late_records",
    "没有站点或经办人在一个月里大量补登",
    "No station or handler recorded much of a month late",
    frozenset({Need.TABLES}),
    Severity.WARNING,
    check,
    WORDS,
    lasting=True,
)
