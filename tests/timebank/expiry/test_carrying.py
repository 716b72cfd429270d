"""timebank/expiry/carrying.py: in the book that follows, what was announced lapses."""

from pathlib import Path

from tests.support.banks import TriedBank
from tests.support.expiries import rows
from tests.support.orders import Journey
from tests.support.planting import announced_expiry
from tests.timebank.test_succession_orders import followed, is_sound


def test_open_announcements_lapse_and_the_others_stay_as_they_ended(
    sqlite_bank: TriedBank, tmp_path: Path
) -> None:
    journey = Journey(sqlite_bank)
    with sqlite_bank.bank.read() as connection:
        query = "SELECT account_no FROM account WHERE kind = 'member' ORDER BY account_no LIMIT 1"
        anna = connection.exec_driver_sql(query).scalar_one()
    again = announced_expiry("nothing_left", "2023-04-01").replace("expy_1", "expy_2")
    sqlite_bank.behind(announced_expiry("announced", "2023-06-01"), again, anna=anna)
    bundle = followed(journey, tmp_path)
    assert rows(journey.tried) == [
        (60, "2023-06-01", "lapsed", "carried_over", 0),
        (60, "2023-04-01", "nothing_left", "", 0),
    ]
    is_sound(journey, bundle)
