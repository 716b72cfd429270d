"""Pairings: somebody comes as often as was agreed, and those who promised are still there."""

from collections.abc import Iterator
from datetime import date

from timebank.clock import from_milliseconds, local_date
from timebank.pairings.queries import VISITS
from timebank.reconciliation.model import Check, Difference, Need, Severity
from timebank.reconciliation.view import View

WORDS = {
    "no_visit": (
        "结对的老人已有 {days} 天没有人去看望，约定不超过 {agreed} 天。",
        "Nobody of the pairing came for {days} days; {agreed} were agreed.",
    ),
    "elder_gone": (
        "结对还在进行，老人却已登记身故或已注销。",
        "The pairing runs, and its elder has died or was forgotten.",
    ),
    "volunteer_gone": (
        "结对中的一位志愿者已登记身故、注销或暂停参与，请交接。",
        "A volunteer of the pairing has died, was forgotten or is suspended: hand it over.",
    ),
}

_RUNS = "p.book_id = :book AND p.ended_on = '' AND (p.until_on = '' OR p.until_on >= :today)"
_DEAD = (
    "EXISTS (SELECT 1 FROM estate t WHERE t.book_id = 1 AND t.person_id = q.person_id "
    "AND t.withdrawn_ms IS NULL)"
)

_VISITS = f"""
SELECT p.pairing_id, p.alert_days, p.from_on, l.last_on FROM pairing p LEFT JOIN (
  SELECT p.pairing_id, max(r.service_on) AS last_on {VISITS} GROUP BY p.pairing_id
) l ON l.pairing_id = p.pairing_id WHERE {_RUNS} ORDER BY p.pairing_id
"""
_ELDERS = f"""
SELECT p.pairing_id FROM pairing p JOIN person q
    ON q.book_id = p.book_id AND q.person_id = p.elder_id
 WHERE {_RUNS} AND (q.state <> 'active' OR {_DEAD}) ORDER BY p.pairing_id
"""
_VOLUNTEERS = f"""
SELECT DISTINCT p.pairing_id FROM pairing p
  JOIN pairing_member m ON m.book_id = p.book_id AND m.pairing_id = p.pairing_id
   AND m.until_on = ''
  JOIN person q ON q.book_id = m.book_id AND q.person_id = m.person_id
 WHERE {_RUNS} AND (q.state <> 'active' OR {_DEAD} OR EXISTS (
   SELECT 1 FROM suspension s WHERE s.book_id = q.book_id AND s.person_id = q.person_id
      AND s.part <> 'elder' AND s.ended_ms IS NULL AND s.from_on <= :today
      AND (s.until_on = '' OR s.until_on >= :today))) ORDER BY p.pairing_id
"""


def check(view: View) -> Iterator[Difference]:
    """How long nobody came, then who is gone."""
    today = local_date(from_milliseconds(view.now_ms))
    on = today.isoformat()
    for pairing, agreed, from_on, last_on in view.rows(_VISITS, today=on):
        days = (today - date.fromisoformat(last_on or from_on)).days
        if days > agreed:
            facts = {"days": days, "agreed": int(agreed)}
            yield Difference(f"pairing {pairing}", "no_visit", facts)
    for code, query in (("elder_gone", _ELDERS), ("volunteer_gone", _VOLUNTEERS)):
        for (pairing,) in view.rows(query, today=on):
            yield Difference(f"pairing {pairing}", code)


CHECK = Check(
    "pairings",
    "结对的老人按约定有人看望，结对的人都还在",
    "Elders who are paired are visited as agreed, and those who promised are still there",
    frozenset({Need.TABLES}),
    Severity.WARNING,
    check,
    WORDS,
)
