"""timebank/matching/facts.py: no statement reads a table from end to end for each volunteer."""

import pytest
from sqlalchemy import Connection, text

from tests.support.banks import TriedBank
from timebank.matching import facts
from timebank.matching.facts import Chosen, minute_of
from timebank.matching.queries import AT_THE_STATION

QUERIES = {
    name: query
    for name, query in vars(facts).items()
    if isinstance(query, str) and query.startswith("SELECT") and "{orders}" not in query
}
VALUES = {
    "station": "XFL", "on": "2023-04-06", "before": "", "first": "", "last": "", "behind": "",
    "since": "", "since_ms": 0, "today": "",
}  # fmt: skip
_ASKED_ONCE = (
    "SELECT m.person_id, count(*) FROM matching_asked m JOIN v ON v.person_id = m.person_id "
    "WHERE m.book_id = 1 AND m.asked_ms >= :since_ms GROUP BY m.person_id"
)


def scanned(connection: Connection, query: str) -> list[str]:
    """What SQLite says it reads from end to end."""
    orders = "o.station_code = :station AND o.wanted_on = :on"
    statement = str(Chosen(orders, AT_THE_STATION, {}).sql(query).text)
    plan = connection.execute(text(f"EXPLAIN QUERY PLAN {statement}"), VALUES)
    return [row[3] for row in plan if "SCAN" in row[3]]


@pytest.mark.parametrize("name", QUERIES)
def test_only_the_chosen_people_are_read_one_by_one(sqlite_bank: TriedBank, name: str) -> None:
    with sqlite_bank.bank.read() as connection:
        assert scanned(connection, QUERIES[name]) in (["SCAN v"], ["SCAN e"])


def test_the_plan_shows_a_table_that_is_read_for_everybody(sqlite_bank: TriedBank) -> None:
    with sqlite_bank.bank.read() as connection:
        assert len(scanned(connection, _ASKED_ONCE.replace("m.book_id = 1 AND ", ""))) > 1


@pytest.mark.parametrize(("wall", "minute"), [("0:00", 0), ("8:05", 485), ("23:59", 1_439)])
def test_wall_times_as_orders_keep_them(wall: str, minute: int) -> None:
    assert minute_of(wall) == minute
