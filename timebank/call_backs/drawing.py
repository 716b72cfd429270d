"""Drawing a week's call-backs: once, from the log as it stood when the week ended."""

from base64 import b64encode
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson
from sqlalchemy import Connection, Text, bindparam, insert, text

from ledger.checkpoint import Checkpoint
from ledger.draft import Draft
from ledger.encoding import Json
from ledger.ids import new_ids
from timebank.bank import Bank
from timebank.call_backs.model import (
    DRAW,
    Drawn,
    draw,
    due_on,
    list_hash,
    rank,
    seed_of,
    week_began_ms,
    week_of,
)
from timebank.call_backs.tables import CALL_BACK, CALL_DRAW, ENTRIES
from timebank.reconciliation.reconcile import SCHEDULER

BOOK = 1

_LEAF = text("SELECT body FROM leaf WHERE book_id = 1 AND leaf_index = :leaf")
_SIZE = text("SELECT size FROM head WHERE book_id = 1")
_BEFORE = text("SELECT max(size) FROM call_draw WHERE book_id = 1 AND origin = :origin")
_DRAWN = "SELECT 1 FROM call_draw WHERE book_id = 1 AND week = ?"

_ENTRIES = text(ENTRIES)
_RECORDS = bindparam("records", expanding=True, type_=Text)
_RECIPIENTS = text(
    "SELECT record_id, person_id FROM record_person WHERE book_id = 1 AND part = 'recipient' "
    "AND record_id IN :records"
).bindparams(_RECORDS)
_STATIONS = text(
    "SELECT record_id, station_code FROM service_record WHERE book_id = 1 AND record_id IN :records"
).bindparams(_RECORDS)
_HANDLERS = text(
    "SELECT record_id, recorded_by AS who FROM service_record WHERE book_id = 1 "
    "AND record_id IN :records UNION SELECT record_id, reviewed_by FROM service_record "
    "WHERE book_id = 1 AND reviewed_by <> '' AND record_id IN :records UNION "
    "SELECT o.record_id, s.taken_by FROM service_order o JOIN order_step s "
    "ON s.book_id = o.book_id AND s.order_id = o.order_id WHERE o.book_id = 1 "
    "AND o.record_id IN :records"
).bindparams(_RECORDS)
_STAFF = text(
    "SELECT staff_id, station_code FROM staff WHERE book_id = 1 AND active = 1 "
    "AND role IN ('clerk', 'reviewer', 'operator') ORDER BY staff_id"
)


@dataclass(frozen=True, slots=True)
class _Lot:
    """A draw before it is written down."""

    week: date
    checkpoint: Checkpoint
    first_leaf: int
    entries: Sequence[tuple[str, str]]
    calls: Sequence[dict[str, Any]]

    @property
    def facts(self) -> dict[str, Json]:
        """What the log says of it."""
        return {
            "do": DRAW,
            "drawn": len(self.calls),
            "entries": len(self.entries),
            "first": self.first_leaf,
            "list": list_hash(entry for entry, _record in self.entries),
            "root": self.checkpoint.root.hex(),
            "size": self.checkpoint.size,
            "week": self.week.isoformat(),
        }


def draw_call_backs(bank: Bank, planned_ms: int) -> dict[str, Json]:
    """Draw from what was posted up to the last Monday and not drawn from before; answers how many.

    Whenever it runs, the week decides, and a week is drawn once.  Where nothing was posted, nothing
    is written.
    """
    week = week_of(planned_ms)
    with bank.read() as connection:
        lot = _lot(bank, connection, week)
    if not lot.entries:
        return {"drawn": 0}
    ids = new_ids("call", len(lot.calls), bank.now_ms())

    def decide(draft: Draft) -> dict[str, Any]:
        if draft.rows(_DRAWN, week.isoformat()):
            return {"drawn": 0}
        draw_id = draft.new_id("draw")
        draft.state(draw_id, dict(lot.facts))
        draft.add(insert(CALL_DRAW), [_row(lot, draw_id, draft.recorded_ms)])
        rows = [
            {"book_id": BOOK, "call_id": call_id, "place": place, **call}
            for place, (call_id, call) in enumerate(zip(ids, lot.calls, strict=True), 1)
        ]
        draft.add(insert(CALL_BACK), rows)
        return {"drawn": len(rows)}

    content = {"size": lot.checkpoint.size, "week": week.isoformat()}
    key = f"call-draw-{week.isoformat()}"
    answer = bank.act(bank.action(SCHEDULER, DRAW, decide, key=key, content=content))
    return {"drawn": 0 if answer.replayed else int(answer.body["drawn"])}


def _row(lot: _Lot, draw_id: str, drawn_ms: int) -> dict[str, Any]:
    return {
        "book_id": BOOK,
        "week": lot.week.isoformat(),
        "draw_id": draw_id,
        "origin": lot.checkpoint.origin,
        "first_leaf": lot.first_leaf,
        "size": lot.checkpoint.size,
        "root": b64encode(lot.checkpoint.root).decode(),
        "entries": len(lot.entries),
        "list_hash": lot.facts["list"],
        "drawn_ms": drawn_ms,
    }


def _lot(bank: Bank, connection: Connection, week: date) -> _Lot:
    size = _size_at(connection, week_began_ms(week))
    first = connection.execute(_BEFORE, {"origin": bank.origin}).scalar() or 0
    asked = {"first_leaf": first, "size": size}
    entries = [(one[0], one[1]) for one in connection.execute(_ENTRIES, asked)]
    checkpoint = Checkpoint(bank.origin, size, bank.tree.root(connection, size))
    seed = seed_of(checkpoint)
    records = draw(seed, entries)
    calls = [] if not records else _calls(connection, week, seed, records)
    return _Lot(week, checkpoint, first, entries, calls)


def _size_at(connection: Connection, moment_ms: int) -> int:
    """How many leaves were recorded before a moment; they stand in order of time."""
    low, high = 0, int(connection.execute(_SIZE).scalar_one())
    while low < high:
        middle = (low + high) // 2
        body = connection.execute(_LEAF, {"leaf": middle}).scalar_one()
        if orjson.loads(bytes(body))["t"] < moment_ms:
            low = middle + 1
        else:
            high = middle
    return low


def asked_of(seed: bytes, recipients: Collection[tuple[str, str]]) -> dict[str, Drawn]:
    """Of each record's recipients the one whom the seed hits first."""
    found: dict[str, Drawn] = {}
    for record_id, person_id in sorted(recipients, key=lambda one: rank(seed, one[1])):
        found.setdefault(record_id, Drawn(record_id, person_id))
    return found


def _calls(
    connection: Connection, week: date, seed: bytes, records: Sequence[str]
) -> list[dict[str, Any]]:
    asked = {"records": list(records)}
    people = asked_of(seed, [(one[0], one[1]) for one in connection.execute(_RECIPIENTS, asked)])
    stations = {one[0]: one[1] for one in connection.execute(_STATIONS, asked)}
    handlers: dict[str, set[str]] = {}
    for record_id, who in connection.execute(_HANDLERS, asked):
        handlers.setdefault(record_id, set()).add(who)
    staff = [(one[0], one[1]) for one in connection.execute(_STAFF)]
    return [
        {
            "week": week.isoformat(),
            "record_id": record_id,
            "person_id": people[record_id].person_id,
            "station_code": stations[record_id],
            "caller": _caller(seed, record_id, stations[record_id], staff, handlers[record_id]),
            "due_on": due_on(week).isoformat(),
        }
        for record_id in records
    ]


def _caller(
    seed: bytes,
    record_id: str,
    station: str,
    staff: Sequence[tuple[str, str]],
    handlers: Collection[str],
) -> str:
    """Somebody of the station, or else of the district, who had no part in the record."""
    for code in (station, ""):
        free = [who for who, place in staff if place == code and who not in handlers]
        if free:
            return min(free, key=lambda who: rank(seed, f"{record_id} {who}"))
    return ""
