"""Campaigns against the log: each record counts for the activity for which it was handed in.

The figures of a campaign are added up from records, which have a check of their own; what makes a
record count for an activity is a link, and the log has a signed fact beside each.  What was sent
back, reversed or carried over from a former log counts here no more, or is told of there.
"""

from collections.abc import Iterator
from typing import Any

import orjson

from timebank.campaigns.model import HAND_IN_HOURS
from timebank.reconciliation.model import Check, Difference, Need, Severity
from timebank.reconciliation.view import View

WORDS = {
    "link_differs": (
        "记录按日志属于项目“{logged}”，统计时却算在项目“{linked}”。",
        "The log has the record under activity “{logged}”; the figures count it under “{linked}”.",
    ),
}

_LINKS = """
SELECT r.record_id, l.activity_id FROM service_record r
  LEFT JOIN campaign_record l ON l.book_id = r.book_id AND l.record_id = r.record_id
 WHERE r.book_id = :book AND r.state IN ('posted', 'awaiting_review')
   AND (l.activity_id IS NOT NULL OR r.marks LIKE '%roster%')
   AND r.marks NOT LIKE '%carried_over%' ORDER BY r.record_id
"""

_DO = HAND_IN_HOURS.encode("ascii")


def check(view: View) -> Iterator[Difference]:
    """Every link that counts against the log's facts; memory grows with campaigns' records."""
    logged: dict[str, str] = {}
    links = [(record, activity or "") for record, activity in view.rows(_LINKS)]
    if links:
        for _index, body in view.leaves():
            if _DO in body:
                logged.update(_handed_in(body))
    for record, linked in links:
        if logged.get(record, "") != linked:
            facts = {"logged": logged.get(record, ""), "linked": linked}
            yield Difference(f"record {record}", "link_differs", facts)


def _handed_in(body: bytes) -> Iterator[tuple[str, str]]:
    """Record and activity of each fact in a leaf; of what cannot be read, sequences tells."""
    try:
        text: str = orjson.loads(body)["sub"]
        rows: list[dict[str, Any]] = orjson.loads(text.split("\n", 2)[1])["rows"]
        for row in rows:
            if row.get("do") == HAND_IN_HOURS and "record" in row:
                yield str(row["record"]), str(row["activity"])
    except (ValueError, KeyError, TypeError, IndexError, AttributeError):
        return


CHECK = Check(
    "campaigns",
    "集中活动的每条记录都算在日志所记的项目里",
    "Each record of a campaign counts for the activity that the log names",
    frozenset({Need.TABLES, Need.LEAVES}),
    Severity.ALARM,
    check,
    WORDS,
)
