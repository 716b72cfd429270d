"""timebank/orders/queries.py: what is still to come of an elder's own, whatever else is newer."""

from datetime import timedelta

import pytest

from tests.support.banks import TriedBank
from tests.support.forging import Opened
from tests.support.orders import CLERK, OTHER_CLERK, REVIEWER, Journey
from tests.support.profiles import FOUR_EYES
from timebank.errors import NotPermitted
from timebank.orders.queries import orders_listed, own_open_orders
from timebank.records.model import Payer
from timebank.records.review import review_record


def numbers(journey: Journey, most: int) -> list[int]:
    bank = journey.tried.bank
    with bank.read() as connection:
        found = own_open_orders(bank, connection, journey.member("E0001"), most=most)
    return [one.order.number for one in found]


def test_the_next_visit_comes_first_and_newer_orders_of_others_hide_none(bank: TriedBank) -> None:
    journey = Journey(bank)
    tomorrow = (bank.bank.today() + timedelta(days=1)).isoformat()
    journey.ask(wanted_on=tomorrow, wanted_at="09:00")
    journey.ask(wanted_at="16:00")
    journey.to("posted")  # Number 3 is over.
    journey.ask(wanted_at="17:00")
    journey.step("reject", reason="没有人手")
    for hour in range(9, 15):
        journey.ask(elder="E0002", wanted_at=f"{hour:02}:00")
    assert [numbers(journey, most) for most in (1, 2, 3)] == [[2], [2, 1], [2, 1]]
    with bank.bank.read() as connection:
        every = orders_listed(bank.bank, connection, journey.member("E0001"), most=50)
    assert {one.order.number for one in every} == {1, 2, 3, 4}


def test_what_is_confirmed_is_still_to_come_until_it_is_posted(opened: Opened) -> None:
    with opened(FOUR_EYES, people=()) as tried:
        journey = Journey(tried, saved=0, payer=Payer.NOBODY).to("awaiting_confirmation")
        for approve, found in ((False, [1]), (True, [])):
            assert numbers(journey, 5) == [1]
            record = str(journey.step("confirm", OTHER_CLERK).body["record"])
            assert numbers(journey, 5) == [1]
            review_record(
                tried.bank,
                REVIEWER,
                record,
                approve=approve,
                reason="时长不对",
                key=f"review-{approve}",
            )
            assert numbers(journey, 5) == found


def test_staff_ask_for_their_stations(bank: TriedBank) -> None:
    with bank.bank.read() as connection, pytest.raises(NotPermitted):
        own_open_orders(bank.bank, connection, CLERK)
