"""Shared devices: one browser where several people should have stood at their own (F1).

Whoever holds the cards of many volunteers signs all of them in on one telephone; whoever enters and
reviews alone does both at one desk.  Kiosks are many people's by right: a browser on which a
kiosk's login was once opened is one.
"""

from collections.abc import Iterator

from timebank.integrity.days import day_text, sql_day
from timebank.integrity.model import DEVICE_VOLUNTEERS, ONE_DESK_MS
from timebank.reconciliation.model import Check, Difference, Need, Severity
from timebank.reconciliation.view import View

WORDS = {
    "many_volunteers": (
        "当天 {volunteers} 位志愿者的 {orders} 次上门都在这台设备上签到或确认，界限 {most} 位。",
        "Visits of {volunteers} volunteers ({orders} orders) were handled here; from {most} on.",
    ),
    "entered_and_reviewed": (
        "{records} 条记录在这台设备上登记，{minutes} 分钟内又在此复核，最快隔 {seconds} 秒。",
        "{records} records were entered and reviewed here within {minutes} min, one in {seconds}s.",
    ),
}

_MANY = f"""
SELECT a.device, {sql_day("a.acted_ms")} AS day, count(DISTINCT o.volunteer_id),
       count(DISTINCT o.order_id)
  FROM act_device a
  JOIN service_order o ON o.book_id = a.book_id AND o.order_id = a.subject_id
  JOIN person p ON p.book_id = a.book_id AND p.person_id = a.actor_id
 WHERE a.book_id = :book AND a.act IN ('sign_in', 'sign_out', 'confirm')
   AND a.device NOT IN (SELECT d.device FROM session_device d
     JOIN session s ON s.book_id = d.book_id AND s.token_hash = d.token_hash
    WHERE d.book_id = :book AND s.role = 'kiosk')
 GROUP BY a.device, day HAVING count(DISTINCT o.volunteer_id) >= :most
 ORDER BY day DESC, a.device
"""

_ONE_DESK = f"""
SELECT r.device, {sql_day("r.acted_ms")} AS day, count(*), min(r.acted_ms - e.acted_ms)
  FROM act_device r
  JOIN act_device e ON e.book_id = r.book_id AND e.subject_id = r.subject_id
   AND e.act = 'entered' AND e.device = r.device
 WHERE r.book_id = :book AND r.act = 'reviewed' AND r.acted_ms - e.acted_ms < :within
 GROUP BY r.device, day ORDER BY day DESC, r.device
"""


def check(view: View) -> Iterator[Difference]:
    """Devices of many volunteers, then devices where one desk did both halves."""
    for device, day, volunteers, orders in view.rows(_MANY, most=DEVICE_VOLUNTEERS):
        facts = {
            "volunteers": int(volunteers), "orders": int(orders), "most": DEVICE_VOLUNTEERS,
        }  # fmt: skip
        yield Difference(f"device {device} {day_text(day)}", "many_volunteers", facts)
    for device, day, records, fastest in view.rows(_ONE_DESK, within=ONE_DESK_MS):
        facts = {
            "records": int(records), "minutes": ONE_DESK_MS // 60_000,
            "seconds": int(fastest) // 1_000,
        }  # fmt: skip
        yield Difference(f"device {device} {day_text(day)}", "entered_and_reviewed", facts)


CHECK = Check(
    "shared_devices",
    "没有一台设备替许多志愿者签到，登记和复核不在同一台设备上接连进行",
    "No device signs many volunteers in, and none sees a record entered and reviewed in one go",
    frozenset({Need.TABLES}),
    Severity.WARNING,
    check,
    WORDS,
    lasting=True,
)
