"""timebank/succession.py: partners and moves go on in the book that follows."""

from dataclasses import replace
from pathlib import Path

import pytest

from ledger.keys import SigningKey
from tests.support.banks import OPERATOR, TriedBank
from tests.support.clearing import MAY, both_ways, exchange, net, settled, turn_to
from tests.support.moves import ID_NUMBER, District
from tests.support.orders import Journey
from tests.timebank.test_succession_orders import followed, is_sound
from timebank.errors.moves import MoveNotOpen

WEST = "timebank.example/west"


def test_partners_and_moves_go_on(sqlite_bank: TriedBank, tmp_path: Path) -> None:
    journey = Journey(sqlite_bank)
    before = District(journey.tried)
    before.trust_key(str(SigningKey.generate(WEST).vkey))
    before.join("V0007", ID_NUMBER)
    before.serve("V0007", minutes=30, at="18:00")
    before.statement(WEST, number="V0007")
    waiting = before.ask(WEST, "V0007", slip="ZC-2")
    bundle = followed(journey, tmp_path)

    after = District(journey.tried, 500)
    assert after.clearing(WEST) == 30
    with pytest.raises(MoveNotOpen):
        after.approve(waiting)
    after.serve("V0007", minutes=20, at="20:00")
    after.approve(after.ask(WEST, "V0007", slip="ZC-3"), replace(OPERATOR, actor_id="staff_b"))
    assert after.clearing(WEST) == 50
    is_sound(journey, bundle)


def test_what_was_netted_goes_on_with_its_account(tmp_path: Path) -> None:
    with both_ways(tmp_path) as (north, south):
        turn_to(MAY, north, south)
        exchange(north, south)
        net(north, south)
        journey = Journey.__new__(Journey)  # Without the people that one begins with.
        journey.tried = north.tried
        bundle = followed(journey, tmp_path)
        after = District(journey.tried, 500)
        assert (after.clearing(south.origin), settled(after, south)) == (0, 60)
        is_sound(journey, bundle)
