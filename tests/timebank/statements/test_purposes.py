"""timebank/statements/purposes.py: what each line was for."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.givers import TEN_MINUTES, TRANSFER, Givers, givers_with
from tests.support.orders import Journey
from timebank.statements.purposes import LinePurpose, purposes_of
from timebank.statements.statement import newest_lines


@pytest.fixture
def givers(tmp_path: Path) -> Iterator[Givers]:
    with givers_with(tmp_path, TRANSFER) as made:
        yield made


def purposes(journey: "Givers | Journey", number: str) -> list[LinePurpose | None]:
    """Of the lines of a member, the newest first."""
    with journey.tried.bank.read() as connection:
        lines = newest_lines(connection, journey.tried.account(number), 10)
        found = purposes_of(connection, lines)
    return [found.get(line.leaf_index) for line in lines]


def test_gifts_donations_and_services(givers: Givers) -> None:
    givers.give(minutes=30)
    givers.tried.clock.move(TEN_MINUTES)
    givers.settle()
    givers.donate(minutes=20)
    givers.tried.clock.move(TEN_MINUTES)
    givers.settle()
    givers.tried.issue("V0001", 5)

    assert purposes(givers, "V0001") == [
        None,
        LinePurpose(transfer_kind="donation"),
        LinePurpose(transfer_kind="gift"),
        LinePurpose(class_code="meals"),
    ]
    assert purposes(givers, "E0001") == [LinePurpose(transfer_kind="gift")]


def test_a_visit_that_was_held_is_known_on_both_sides(bank) -> None:
    journey = Journey(bank).to("posted")
    assert purposes(journey, "E0001")[0] == LinePurpose(class_code="companionship")
    assert purposes(journey, "V0001") == [LinePurpose(class_code="companionship")]
