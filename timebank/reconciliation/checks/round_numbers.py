"""Round numbers: whose minutes are whole hours far more often than everybody else's.

Care ends when it is done; who writes hours down without having looked at a clock writes whole ones.
A month is judged once it is over, so that what is said of it does not change.
"""

from collections.abc import Iterator

from timebank.integrity.days import month_began, sql_month
from timebank.integrity.model import LEAST_RECORDS, ONE_IN, is_beyond_others, percent
from timebank.reconciliation.model import Check, Difference, Need, Severity
from timebank.reconciliation.view import View

WORDS = {
    "handler_rounds": (
        "登记 {records} 条，整小时 {whole} 条，占 {share}%，别处 {others}%，机会不到 1/{one_in}。",
        "{whole} of {records} records are whole hours, {share}%, not {others}% (p < 1/{one_in}).",
    ),
    "volunteer_rounds": (
        "服务 {records} 次，整小时 {whole} 次，占 {share}%，别处 {others}%，机会不到 1/{one_in}。",
        "{whole} of {records} visits are whole hours, {share}%, not {others}% (p < 1/{one_in}).",
    ),
}

_RECORDS = "r.book_id = :book AND r.marks NOT LIKE '%carried_over%' AND r.recorded_ms < :until"
_WHOLE = "sum(CASE WHEN r.given_minutes % 60 = 0 THEN 1 ELSE 0 END)"

_ALL = f"""
SELECT {{month}} AS month, count(*), {_WHOLE} FROM service_record r
 WHERE {_RECORDS} GROUP BY 1
"""

_HANDLERS = f"""
SELECT r.recorded_by, {{month}} AS month, count(*), {_WHOLE} FROM service_record r
 WHERE {_RECORDS} GROUP BY 1, 2 HAVING count(*) >= :least ORDER BY 2 DESC, 1
"""

_VOLUNTEERS = f"""
SELECT p.person_id, {{month}} AS month, count(*), {_WHOLE} FROM service_record r
  JOIN record_person p ON p.book_id = r.book_id AND p.record_id = r.record_id
   AND p.part = 'volunteer'
 WHERE {_RECORDS} GROUP BY 1, 2 HAVING count(*) >= :least ORDER BY 2 DESC, 1
"""


def check(view: View) -> Iterator[Difference]:
    """Handlers and volunteers of each month that is over, against all others of that month."""
    month = sql_month("r.recorded_ms", is_sqlite=view.is_sqlite)
    until = month_began(view.now_ms)
    totals = {
        name: (int(records), int(whole))
        for name, records, whole in view.rows(_ALL.format(month=month), until=until)
    }
    for kind, code, query in (
        ("handler", "handler_rounds", _HANDLERS),
        ("person", "volunteer_rounds", _VOLUNTEERS),
    ):
        asked = query.format(month=month)
        for who, name, count, whole_count in view.rows(asked, until=until, least=LEAST_RECORDS):
            records, whole = int(count), int(whole_count)
            others, others_whole = totals[name][0] - records, totals[name][1] - whole
            if is_beyond_others(records, whole, others, others_whole):
                facts = {
                    "records": records, "whole": whole, "share": percent(whole, records),
                    "others": percent(others_whole, others), "one_in": ONE_IN,
                }  # fmt: skip
                yield Difference(f"{kind} {who} {name}", code, facts)


CHECK = Check(
    "round_numbers",
    "没有人的服务时长整小时的比例远高于其他人",
    "Nobody's minutes are whole hours far more often than everybody else's",
    frozenset({Need.TABLES}),
    Severity.NOTE,
    check,
    WORDS,
    lasting=True,
)
