"""In the book that follows, runs stay as they were, and a station still says that one went out."""

from pathlib import Path

from tests.support.banks import OPERATOR, TriedBank
from tests.support.orders import Journey
from tests.support.planting import letters
from tests.timebank.test_succession_orders import followed, is_sound
from timebank.letters.queries import letter_runs
from timebank.letters.runs import confirm_handed


def test_runs_come_over_and_are_closed_in_the_new_log(
    sqlite_bank: TriedBank, tmp_path: Path
) -> None:
    journey = Journey(sqlite_bank)
    sqlite_bank.behind(letters("2023-04-05", "1"))
    bundle = followed(journey, tmp_path)
    bank = journey.tried.bank
    with bank.read() as connection:
        (run,) = letter_runs(connection, OPERATOR)
    assert (run.run_id, run.letters, run.drawn_ms, run.handed_ms) == ("lett_1", 4, 1, None)
    confirm_handed(bank, OPERATOR, run.run_id, key="handed-1")
    with bank.read() as connection:
        (run,) = letter_runs(connection, OPERATOR)
    assert run.handed_by == OPERATOR.actor_id
    is_sound(journey, bundle)
