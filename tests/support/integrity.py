"""Records and visits as dishonest work would leave them, put into a lived-in book by its owner."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any

from sqlalchemy import Connection, insert, select, text

from ledger.database import open_database
from tests.support.banks import TriedBank
from tests.support.planting import Plant, sql
from timebank.integrity.tables import ACT_DEVICE, SESSION_DEVICE
from timebank.orders.tables import SERVICE_ORDER
from timebank.reconciliation.model import Check, Difference
from timebank.reconciliation.view import View
from timebank.records.tables import RECORD_PERSON, SERVICE_RECORD
from timebank.stations.tables import SESSION

MINUTE_MS = 60_000
DAY_MS = 86_400_000
NOON = 1_680_753_600_000
"""12:00 on 6 April 2023 at the stations."""
MARCH = 1_677_600_000_000
"""The first moment of March 2023 there."""


def put_records(
    connection: Connection, tried: TriedBank, rows: Iterable[Mapping[str, Any]]
) -> list[str]:
    """Copy a record of the book once for each of ``rows``, with these columns changed.

    The copies are rejected ones, so that no other check misses an entry.  ``volunteer`` names who
    gave the service and ``live`` whether its hours count; answers the new ids.
    """
    query = select(SERVICE_RECORD).where(SERVICE_RECORD.c.number == 1)
    first = dict(connection.execute(query).mappings().one())
    count = connection.execute(text("SELECT count(*) FROM service_record")).scalar_one()
    parts = select(RECORD_PERSON).where(RECORD_PERSON.c.record_id == first["record_id"])
    people = [dict(row) for row in connection.execute(parts).mappings()]
    number = connection.execute(
        text("SELECT records FROM station WHERE code = :code"), {"code": first["station_code"]}
    ).scalar_one()
    records, shares, ids = [], [], []
    for place, row in enumerate(rows, 1):
        changed = dict(row)
        volunteer, live = changed.pop("volunteer", None), changed.pop("live", 0)
        elder = changed.pop("elder", None)
        record_id = f"record_{count + place:032x}"
        made = first | {
            "record_id": record_id, "number": number + place, "state": "rejected", "batch_id": "",
            "marks": "", "reviewed_by": "", "reviewed_ms": None,
        } | changed  # fmt: skip
        records.append(made)
        ids.append(record_id)
        for person in people:
            named = volunteer if person["part"] == "volunteer" else elder
            shares.append(
                person | {
                    "record_id": record_id, "entry_id": "", "live": live,
                    "person_id": named or person["person_id"],
                    "started_at": made["started_at"], "ended_at": made["ended_at"],
                }
            )  # fmt: skip
    if records:
        connection.execute(insert(SERVICE_RECORD), records)
        connection.execute(insert(RECORD_PERSON), shares)
        connection.execute(
            text("UPDATE station SET records = records + :more WHERE code = :code"),
            {"more": len(records), "code": first["station_code"]},
        )
    return ids


def records(*rows: Mapping[str, Any]) -> Plant:
    """Plant such records."""

    def plant(connection: Connection, tried: TriedBank) -> None:
        put_records(connection, tried, rows)

    return plant


def put_areas(connection: Connection, apart: int) -> None:
    """Put the station and a hill east of it on the map, so many metres apart."""
    query = text("INSERT INTO area VALUES (1, :code, :code, :east, 0)")
    connection.execute(query, [{"code": "XFL", "east": 0}, {"code": "HILL", "east": apart}])


def put_at(connection: Connection, person: str, area: str) -> None:
    """Let somebody live in an area."""
    connection.execute(
        text("INSERT INTO matching_person VALUES (1, :person, :area, '', '', '', '', :no, '', 0)"),
        {"person": person, "area": area, "no": b""},
    )


def visit(starts: str, ends: str, **rest: Any) -> dict[str, Any]:
    """The columns of hours of 6 April 2023, that count."""
    day = "2023-04-06"
    hours = {"started_at": f"{day}T{starts}", "ended_at": f"{day}T{ends}", "service_on": day}
    return {"live": 1, "volunteer": "pers_planted", "elder": "pers_elder", **hours, **rest}


def spread(count: int, of: int = 0, **rest: Any) -> list[dict[str, Any]]:
    """Records of March, an hour apart, the first ``of`` of them of whole hours."""
    return [
        {
            "recorded_ms": MARCH + n * 3_600_000, "given_minutes": 60 if n < of else 50,
            "volunteer": f"pers_{n}", **rest,
        }
        for n in range(count)
    ]  # fmt: skip


@contextmanager
def owned(tried: TriedBank) -> Iterator[Connection]:
    """A transaction of the database's owner that is rolled back."""
    database = open_database(tried.settings.owner_url())
    try:
        with database.writing.connect() as connection:
            transaction = connection.begin()
            try:
                yield connection
            finally:
                transaction.rollback()
    finally:
        database.dispose()


def seen_by(check: Check, connection: Connection, tried: TriedBank, **at: int) -> list[Difference]:
    """What a check yields of the book as the connection sees it; ``now_ms`` may be another."""
    now_ms = at.get("now_ms", tried.bank.now_ms())
    with closing(View(connection, now_ms)) as view:
        return list(check.run(view))


RUSH = records(*({"recorded_ms": NOON + 100 * n, "recorded_by": "staff_quick"} for n in range(10)))
OVERLAP = records(visit("08:00", "09:00", elder="pers_a"), visit("08:30", "09:30", elder="pers_b"))


def far_away(connection: Connection, tried: TriedBank) -> None:
    """An elder of the hill is visited a quarter of an hour after one of the station."""
    put_areas(connection, 40_000)
    put_at(connection, "pers_far", "HILL")
    rows = [visit("08:00", "09:00"), visit("09:15", "10:00", elder="pers_far")]
    put_records(connection, tried, rows)


_OTHERS = spread(60, 20, recorded_by="staff_usual")
WHOLE_HOURS = records(*_OTHERS, *spread(30, 30, recorded_by="staff_round"))
LATE_MONTH = records(
    *(
        row | {"service_on": "2023-01-01" if n % 2 else "2023-03-01"}
        for n, row in enumerate(spread(40))
    )
)

_CALL = (
    "INSERT INTO call_back (book_id, call_id, week, place, record_id, person_id, station_code, "
    "caller, due_on) SELECT 1, 'call_1', '2023-04-03', 1, record_id, 'pers_a', 'XFL', {caller}, "
    "'{due}' FROM service_record WHERE number = 1"
)
_OUTCOME = (
    "INSERT INTO call_outcome (book_id, call_id, place, outcome, remark, said_by, said_ms) "
    "SELECT 1, 'call_1', {place}, '{outcome}', opening, {by}, 1 FROM service_record "
    "WHERE number = 1"
)
_DRAW = (
    "INSERT INTO call_draw (book_id, week, draw_id, origin, first_leaf, size, root, entries, "
    "list_hash, drawn_ms) SELECT 1, '2023-04-03', 'draw_1', origin, 0, {size}, '{root}', 0, "
    "'{listed}', 1 FROM head"
)
_EMPTY_ROOT = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
_EMPTY_LIST = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def _called(outcome: str, place: int = 1, by: str = "'staff_other'") -> Plant:
    return sql(
        _CALL.format(caller="'staff_x'", due="2099-01-01"),
        _OUTCOME.format(place=place, outcome=outcome, by=by),
    )


SAID_NO = _called("not_as_recorded")

_READ = {"recorded_by": "staff_a", "reviewed_by": "staff_b"}

BATCH = (
    "INSERT INTO register_batch (book_id, batch_id, station_code, title, file_hash, reason, "
    "imported_by, imported_ms, approved_by, approved_ms, state, accepted, refused, minutes, "
    "refusals) VALUES (1, 'batch_1', 'XFL', '', '', '', 'staff_a', 1000, 'staff_b', "
    "1000 + {took}, 'posted', {rows}, 0, 1, '[]')"
)


def acts(*rows: tuple[str, str, str, int], kiosk: bool = False) -> Plant:
    """Plant acts on one device: a subject, the act, who, and when; ``kiosk`` makes it one."""

    def plant(connection: Connection, tried: TriedBank) -> None:
        put_acts(connection, rows, kiosk=kiosk)

    return plant


def put_acts(
    connection: Connection, rows: Iterable[tuple[str, str, str, int]], *, kiosk: bool = False
) -> None:
    """Note acts on the device ``dev_1``: subject, act, actor and moment of each."""
    made = [
        {
            "book_id": 1, "subject_id": subject, "act": act, "place": 0, "acted_ms": at_ms,
            "device": "dev_1", "actor_id": who,
        }
        for subject, act, who, at_ms in rows
    ]  # fmt: skip
    if made:
        connection.execute(insert(ACT_DEVICE), made)
    if kiosk:
        session = {
            "book_id": 1, "token_hash": b"k", "staff_id": "staff_k", "person_id": "",
            "role": "kiosk", "station_code": "XFL", "opened_ms": 1, "expires_ms": 2,
            "ended_ms": None,
        }  # fmt: skip
        known = {"book_id": 1, "token_hash": b"k", "device": "dev_1"}
        connection.execute(insert(SESSION), [session])
        connection.execute(insert(SESSION_DEVICE), [known])


def put_orders(connection: Connection, count: int) -> list[tuple[str, str]]:
    """Copy the matched order so often, each with a volunteer of its own, signed in and away since.

    Answers order and volunteer of each; the copies have ended, so that nothing is missed of them.
    """
    query = select(SERVICE_ORDER).where(SERVICE_ORDER.c.state == "matched")
    first = dict(connection.execute(query).mappings().one())
    people = list(
        connection.execute(text("SELECT person_id FROM person ORDER BY person_id")).scalars()
    )
    made = [
        first | {
            "order_id": f"ordr_{n:032x}", "number": 1_000 + n, "state": "cancelled",
            "volunteer_id": f"pers_{n}", "hold_id": "", "held_minutes": 0,
        }
        for n in range(count)
    ]  # fmt: skip
    if made:
        connection.execute(insert(SERVICE_ORDER), made)
    return [(row["order_id"], people[n % len(people)]) for n, row in enumerate(made)]


def many_cards(connection: Connection, tried: TriedBank) -> None:
    """Five volunteers are signed in on one device."""
    orders = put_orders(connection, 5)
    put_acts(connection, [(order, "sign_in", who, NOON) for order, who in orders])


HABITS: dict[tuple[str, str], Plant] = {
    ("shared_devices", "entered_and_reviewed"): acts(
        ("record_1", "entered", "staff_a", NOON), ("record_1", "reviewed", "staff_b", NOON + 9)
    ),
    ("call_backs", "unreached"): _called("not_reached", place=3),
    ("call_backs", "overdue"): sql(_CALL.format(caller="'staff_x'", due="2023-04-01")),
    ("call_backs", "caller_missing"): sql(_CALL.format(caller="''", due="2099-01-01")),
    ("call_backs", "asked_by_handler"): _called("confirmed", by="recorded_by"),
    ("call_backs", "draw_differs"): sql(_DRAW.format(size=0, root=_EMPTY_ROOT, listed="x")),
    ("call_backs", "root_differs"): sql(_DRAW.format(size=1, root=_EMPTY_ROOT, listed=_EMPTY_LIST)),
    ("speed", "reviewed_fast"): records(
        *(
            _READ | {"recorded_ms": NOON - DAY_MS * n, "reviewed_ms": NOON + DAY_MS + n}
            for n in range(10)
        )
    ),
    ("speed", "reviewed_at_once"): records(
        *(
            _READ | {"recorded_ms": NOON + MINUTE_MS * n, "reviewed_ms": NOON + MINUTE_MS * n + 9}
            for n in range(5)
        )
    ),
    ("speed", "batch_unread"): sql(BATCH.format(rows=100, took=5_000)),
    ("overlaps", "elder_twice"): records(
        visit("08:00", "09:00"), visit("08:30", "09:30", volunteer="pers_other")
    ),
    ("round_numbers", "volunteer_rounds"): records(
        *spread(60, 20), *spread(30, 30, volunteer="pers_round")
    ),
}
