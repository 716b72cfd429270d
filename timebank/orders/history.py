"""The history of an order: its steps, and between them what became of its records."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, text

from timebank.orders.model import Who
from timebank.orders.presence import Detail

MOST_STEPS = 200

_STEPS = text(
    "SELECT s.place, s.step, s.state, s.taken_by, s.who, s.reason, s.taken_ms, d.means, "
    "d.stated_at, d.distance_metres, d.limit_metres, d.word, d.record_id FROM order_step s "
    "LEFT JOIN order_detail d ON d.book_id = s.book_id AND d.order_id = s.order_id "
    "AND d.place = s.place WHERE s.book_id = 1 AND s.order_id = :order "
    "ORDER BY s.place LIMIT :most"
)
_RECORDS = text(
    "SELECT r.record_id, r.state, r.reason, r.reviewed_by, r.reviewed_ms, p.credited_minutes, "
    "(SELECT min(m.recorded_ms) FROM entry e JOIN movement m ON m.book_id = e.book_id "
    "AND m.leaf_index = e.leaf_index WHERE e.book_id = 1 AND e.entry_id = p.entry_id) "
    "AS posted_ms, "
    "(SELECT min(m.recorded_ms) FROM reversal v JOIN movement m ON m.book_id = v.book_id "
    "AND m.leaf_index = v.leaf_index WHERE v.book_id = 1 AND v.reversed_id = p.entry_id) "
    "AS reversed_ms FROM service_record r JOIN record_person p ON p.book_id = r.book_id "
    "AND p.record_id = r.record_id AND p.part = 'volunteer' "
    "WHERE r.book_id = 1 AND r.record_id IN :records"
).bindparams(bindparam("records", expanding=True))


_OBJECTIONS = text(
    "SELECT record_id, reason, objected_ms, upheld, decided_by, decision, decided_ms "
    "FROM notice_objection WHERE book_id = 1 AND record_id IN :records ORDER BY record_id, place"
).bindparams(bindparam("records", expanding=True))


@dataclass(frozen=True, slots=True)
class TakenStep:
    """A step that was taken: who took it in what capacity, ``taken_ms`` UTC milliseconds.

    ``objection``, ``objection_dismissed``, ``post``, ``send_back`` and ``reverse`` are told of the
    order's record; an objection, a posting and a reversal name nobody, and ``minutes`` is what was
    credited.
    """

    step: str
    state: str
    taken_by: str
    who: str
    reason: str
    taken_ms: int
    detail: Detail = Detail()
    minutes: int | None = None


def history_of(
    connection: Connection, order_id: str, *, for_member: bool = False
) -> tuple[TakenStep, ...]:
    """Everything that happened to an order, the oldest first.

    What an objection says may name who objected: it is not told ``for_member``.
    """
    rows = connection.execute(_STEPS, {"order": order_id, "most": MOST_STEPS}).all()
    placed: list[tuple[tuple[int, int, int], TakenStep]] = []
    confirmed: dict[str, int] = {}
    for place, step, state, taken_by, who, reason, taken_ms, *said in rows:
        detail = Detail() if said[0] is None else Detail(*said)
        taken = TakenStep(step, state, taken_by, who, reason, taken_ms, detail)
        placed.append(((taken_ms, place, 0), taken))
        if detail.record_id:
            confirmed[detail.record_id] = place
    if confirmed:
        for record in connection.execute(_RECORDS, {"records": list(confirmed)}):
            place = confirmed[record.record_id]
            for after, event in enumerate(_events(record), 1):
                placed.append(((event.taken_ms, place, after), event))
        for objection in connection.execute(_OBJECTIONS, {"records": list(confirmed)}):
            for event in _objected(objection, for_member):
                placed.append(((event.taken_ms, confirmed[objection.record_id], 0), event))
    return tuple(taken for _order, taken in sorted(placed, key=lambda one: one[0]))


def _objected(row: Any, for_member: bool) -> Iterator[TakenStep]:
    """An objection to a record; one that is upheld ends in ``send_back``, which says why."""
    reason = "" if for_member else row.reason
    yield TakenStep("objection", "confirmed", "", "", reason, row.objected_ms)
    if row.upheld == 0:
        yield TakenStep(
            "objection_dismissed",
            "confirmed",
            row.decided_by,
            Who.REVIEWER.value,
            row.decision,
            row.decided_ms,
        )


def _events(record: Any) -> Iterator[TakenStep]:
    """What became of one record; an entry of a former book has no moment here."""
    if record.posted_ms is not None:
        minutes = record.credited_minutes
        yield TakenStep("post", "posted", "", "", "", record.posted_ms, minutes=minutes)
    if record.state == "rejected" and record.reviewed_ms is not None:
        yield TakenStep(
            "send_back",
            "awaiting_confirmation",
            record.reviewed_by,
            Who.REVIEWER.value,
            record.reason,
            record.reviewed_ms,
        )
    if record.reversed_ms is not None:
        yield TakenStep("reverse", "reversed", "", "", record.reason, record.reversed_ms)
