"""timebank/integrity/statistics.py: figures of each handler, compared with a count by hand."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert

from tests.support.banks import AUDITOR, OPERATOR, TriedBank
from tests.support.integrity import NOON, owned, put_records
from timebank.call_backs.tables import CALL_BACK, CALL_OUTCOME
from timebank.errors import NotPermitted
from timebank.integrity.statistics import HandlerFigures, handler_figures
from timebank.stations.model import Role

DAY = date(2023, 4, 6)
MIDNIGHT = NOON - 12 * 3_600_000


def figures(
    tried: TriedBank, rows: list[dict[str, Any]], *outcomes: tuple[int, str], day: date = DAY
) -> dict[str, HandlerFigures]:
    with owned(tried) as connection:
        ids = put_records(connection, tried, rows)
        for place, (at, outcome) in enumerate(outcomes, 1):
            call = {
                "book_id": 1, "call_id": f"call_{place}", "week": "2023-04-10", "place": place,
                "record_id": ids[at], "person_id": "p", "station_code": "XFL", "caller": "",
                "due_on": "",
            }  # fmt: skip
            said = {
                "book_id": 1, "call_id": f"call_{place}", "place": 1, "outcome": outcome,
                "remark": b"", "said_by": "staff_z", "said_ms": NOON,
            }  # fmt: skip
            connection.execute(insert(CALL_BACK), [call])
            connection.execute(insert(CALL_OUTCOME), [said])
        return {one.handler: one for one in handler_figures(connection, AUDITOR, day, day)}


def entered(at_ms: int, **rest: Any) -> dict[str, Any]:
    return {"recorded_by": "staff_a", "recorded_ms": at_ms, "given_minutes": 50, **rest}


def reviewed(after_seconds: int, **rest: Any) -> dict[str, Any]:
    seen = {"reviewed_by": "staff_b", "reviewed_ms": NOON + after_seconds * 1_000}
    return entered(NOON, **seen, **rest)


def test_what_somebody_recorded(lived: TriedBank) -> None:
    rows = [
        entered(NOON),
        entered(NOON, given_minutes=60, marks="back_dated bulk", batch_id="batch_1"),
        entered(NOON, given_minutes=120, marks="back_dated", state="posted"),
        entered(NOON, state="posted"),
        entered(NOON, marks="carried_over"),
    ]
    outcomes = ((0, "confirmed"), (1, "not_as_recorded"), (2, "not_reached"), (3, "reached"))
    found = figures(lived, rows, *outcomes)["staff_a"]
    assert found == HandlerFigures(
        "staff_a",
        entries=4,
        imported=1,
        late=2,
        late_minutes=180,
        whole_hours=2,
        returned=2,
        asked=3,
        disagreed=1,
    )


@pytest.mark.parametrize(
    ("gaps", "median"), [([7], 7), ([7, 9], 8), ([1, 7, 100], 7), ([1, 7, 9, 100], 8)]
)
def test_the_middle_of_what_passed_before_a_review(
    lived: TriedBank, gaps: list[int], median: int
) -> None:
    found = figures(lived, [reviewed(gap) for gap in gaps])["staff_b"]
    assert (found.reviews, found.median_review_seconds) == (len(gaps), median)
    assert found.entries == 0


@pytest.mark.parametrize(("off", "counts"), [(-1, 0), (0, 1), (1, 1)])
def test_a_day_begins_at_the_stations_midnight(lived: TriedBank, off: int, counts: int) -> None:
    found = figures(lived, [entered(MIDNIGHT + off)])
    assert ("staff_a" in found) == counts
    found = figures(lived, [entered(MIDNIGHT + off)], day=DAY - timedelta(days=1))
    assert ("staff_a" in found) == (not counts)


def test_members_who_confirm_their_own_visits_are_one_line(lived: TriedBank) -> None:
    with lived.bank.read() as connection:
        people = connection.exec_driver_sql("SELECT person_id FROM person").scalars().all()
    found = figures(lived, [entered(NOON, recorded_by=person) for person in people])
    assert found[""].entries == len(people)
    assert not set(people) & set(found)


def test_staff_are_called_by_their_office(lived: TriedBank) -> None:
    with lived.bank.read() as connection:
        row = connection.exec_driver_sql(
            "SELECT staff_id, login, title FROM staff WHERE role = 'clerk'"
        ).one()
    found = figures(lived, [entered(NOON, recorded_by=row[0])])[row[0]]
    assert (found.login, found.title, found.station_code) == (row[1], row[2], "XFL")


def test_who_may_not_read_them(lived: TriedBank) -> None:
    with lived.bank.read() as connection:
        handler_figures(connection, OPERATOR, DAY, DAY)
        for role in (Role.CLERK, Role.REVIEWER, Role.KIOSK, Role.MEMBER):
            with pytest.raises(NotPermitted):
                handler_figures(connection, lived.actor(role), DAY, DAY)


def test_four_statements_whatever_there_is(lived: TriedBank) -> None:
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    with owned(lived) as connection:
        put_records(connection, lived, [reviewed(n) for n in range(200)])
        event.listen(connection, "before_cursor_execute", note)
        assert handler_figures(connection, AUDITOR, DAY, DAY)
    assert len(seen) == 4
