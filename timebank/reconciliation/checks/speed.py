"""Speed: records that nobody can have typed, read or approved in the time it took (F1).

Five hours were once bought and in a system within two minutes.  Nothing is blocked here: a slow
network may let many records through in one minute, and whoever owns the finding says so.
"""

from collections.abc import Iterator

from timebank.integrity.days import day_text, sql_day
from timebank.integrity.model import (
    AT_ONCE_MS,
    AT_ONCE_RECORDS,
    ENTERED_WITHIN_MS,
    FAST_ACTS,
    REVIEWED_WITHIN_MS,
    ROW_READ_MS,
    ROWS_WORTH_READING,
)
from timebank.reconciliation.model import Check, Difference, Need, Severity
from timebank.reconciliation.view import View

WORDS = {
    "entered_fast": (
        "当天登记或确认了 {acts} 次，其中最密的 {of} 次前后只用 {seconds} 秒，界限为 {least} 秒。",
        "Of {acts} entries of that day the densest {of} took {seconds} seconds, less than {least}.",
    ),
    "reviewed_fast": (
        "当天复核了 {acts} 次，其中最密的 {of} 次前后只用 {seconds} 秒，界限为 {least} 秒。",
        "Of {acts} reviews of that day the densest {of} took {seconds} seconds, less than {least}.",
    ),
    "reviewed_at_once": (
        "{by} 登记的 {records} 条，此人都在 {least} 秒内复核，最快的隔 {seconds} 秒。",
        "{records} records of {by} were approved within {least} s of entry, one after {seconds} s.",
    ),
    "batch_unread": (
        "导入 {rows} 行，{seconds} 秒后即被复核通过，逐行看完至少要 {least} 秒。",
        "An import of {rows} rows was approved after {seconds} seconds; reading it takes {least}.",
    ),
}

_OWN = "r.book_id = :book AND r.marks NOT LIKE '%carried_over%'"

# What a device hands in as one note, such as a day without a network, is recorded at one moment.
_ENTERED = f"""
SELECT r.recorded_by AS who, r.recorded_ms AS ms, min(r.record_id) AS id
  FROM service_record r WHERE {_OWN} AND r.batch_id = ''
 GROUP BY r.recorded_by, r.recorded_ms
"""

# The rows of an import that are approved together are one act.
_REVIEWED = f"""
SELECT r.reviewed_by AS who, r.reviewed_ms AS ms, r.record_id AS id
  FROM service_record r WHERE {_OWN} AND r.batch_id = '' AND r.reviewed_ms IS NOT NULL
UNION ALL
SELECT r.reviewed_by, r.reviewed_ms, min(r.record_id)
  FROM service_record r WHERE {_OWN} AND r.batch_id <> '' AND r.reviewed_ms IS NOT NULL
 GROUP BY r.reviewed_by, r.reviewed_ms, r.batch_id
"""

_DENSEST = """
SELECT who, {day} AS day, count(*), min(span) FROM (
  SELECT who, ms, ms - lag(ms, {before}) OVER (PARTITION BY who ORDER BY ms, id) AS span
    FROM ({acts}) AS acts) AS spans
 GROUP BY who, {day} HAVING min(span) < :within ORDER BY day DESC, who
"""

_AT_ONCE = f"""
SELECT r.recorded_by, r.reviewed_by, {sql_day("r.reviewed_ms")} AS day, count(*),
       min(r.reviewed_ms - r.recorded_ms)
  FROM service_record r
 WHERE {_OWN} AND r.batch_id = '' AND r.reviewed_ms - r.recorded_ms < :within
 GROUP BY r.recorded_by, r.reviewed_by, day HAVING count(*) >= :least
 ORDER BY day DESC, r.recorded_by, r.reviewed_by
"""

_UNREAD = """
SELECT batch_id, accepted, approved_ms - imported_ms FROM register_batch
 WHERE book_id = :book AND accepted >= :rows AND approved_ms - imported_ms < accepted * :each
 ORDER BY approved_ms DESC, batch_id
"""


def check(view: View) -> Iterator[Difference]:
    """Acts that follow each other too closely, then approvals that follow what they approve."""
    for code, acts, within in (
        ("entered_fast", _ENTERED, ENTERED_WITHIN_MS),
        ("reviewed_fast", _REVIEWED, REVIEWED_WITHIN_MS),
    ):
        asked = _DENSEST.format(acts=acts, before=FAST_ACTS - 1, day=sql_day("ms"))
        for who, day, count, span in view.rows(asked, within=within):
            facts = {
                "acts": int(count), "of": FAST_ACTS, "seconds": int(span) // 1_000,
                "least": within // 1_000,
            }  # fmt: skip
            yield Difference(f"handler {who} {day_text(day)}", code, facts)
    for by, reviewer, day, count, fastest in view.rows(
        _AT_ONCE, within=AT_ONCE_MS, least=AT_ONCE_RECORDS
    ):
        told = {
            "by": by, "records": int(count),
            "seconds": int(fastest) // 1_000, "least": AT_ONCE_MS // 1_000,
        }  # fmt: skip
        yield Difference(f"handler {reviewer} {day_text(day)}", "reviewed_at_once", told)
    for batch, rows, took in view.rows(_UNREAD, rows=ROWS_WORTH_READING, each=ROW_READ_MS):
        facts = {
            "rows": int(rows), "seconds": int(took) // 1_000,
            "least": int(rows) * ROW_READ_MS // 1_000,
        }  # fmt: skip
        yield Difference(f"batch {batch}", "batch_unread", facts)


CHECK = Check(
    "speed",
    "登记、确认和复核的快慢在人力所及之内",
    "Records are entered, confirmed and reviewed no faster than people can",
    frozenset({Need.TABLES}),
    Severity.WARNING,
    check,
    WORDS,
    lasting=True,
)
