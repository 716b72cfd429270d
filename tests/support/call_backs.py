"""A week of services, its draw, and the people who call."""

from typing import Any

from sqlalchemy import text

from tests.support.banks import TriedBank
from tests.support.forging import CLERK
from tests.support.services import service
from timebank.call_backs.drawing import draw_call_backs
from timebank.records.actions import log_service
from timebank.stations.model import Actor, Role

MONDAY = "2023-04-10"


def a_week(tried: TriedBank, count: int, first: int = 0) -> list[str]:
    """Log so many services of the day before, each of people of its own; answers the records."""
    pairs = [(f"V1{n:03}", f"E1{n:03}") for n in range(first, first + count)]
    tried.people(*(number for pair in pairs for number in pair))
    return [
        str(
            log_service(
                tried.bank, CLERK, "XFL", service(volunteer, elder), key=f"week-{volunteer}"
            ).body["record"]
        )
        for volunteer, elder in pairs
    ]


def drawn(tried: TriedBank) -> list[dict[str, Any]]:
    """Make the draw of now; answers all calls in their order."""
    draw_call_backs(tried.bank, tried.bank.now_ms())
    return rows(tried, "SELECT * FROM call_back ORDER BY week, place")


def rows(tried: TriedBank, query: str) -> list[dict[str, Any]]:
    """What a query finds."""
    with tried.bank.read() as connection:
        return [dict(row) for row in connection.execute(text(query)).mappings()]


def caller(tried: TriedBank, role: Role = Role.REVIEWER) -> Actor:
    """The founded member of staff of that role."""
    (found,) = rows(tried, f"SELECT staff_id, station_code FROM staff WHERE role = '{role.value}'")
    return Actor(found["staff_id"], role, found["station_code"])
