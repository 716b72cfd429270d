"""timebank/orders/visits.py and queries.py: a volunteer's card, read at the station."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from ledger.errors import Refusal
from tests.support.banks import OPERATOR, TriedBank
from tests.support.clients import PIN
from tests.support.orders import CLERK, REVIEWER, TODAY, Journey
from timebank.errors import NotPermitted, OrderValueInvalid, WrongDoorCode
from timebank.errors.cards import CardOfAnother, CardReadTwice, UnknownCard
from timebank.orders.history import TakenStep, history_of
from timebank.orders.queries import orders_of_card
from timebank.orders.visits import LEAST_CARD_MINUTES
from timebank.people.actions import issue_card
from timebank.stations.model import Actor, Role


@pytest.fixture
def journey(bank: TriedBank) -> Journey:
    made = Journey(bank)
    for number in ("V0001", "V0002"):
        issue_card(bank.bank, OPERATOR, number, PIN)
    return made


def last(journey: Journey) -> TakenStep:
    with journey.tried.bank.read() as connection:
        return history_of(connection, journey.order_id, for_member=False)[-1]


def lost(journey: Journey, number: str) -> None:
    change = text("UPDATE card SET state = 'lost' WHERE card_number = :number")
    with journey.tried.bank.database.writing.begin() as connection:
        connection.execute(change, {"number": number})


def test_the_card_of_its_volunteer_signs_in_and_out(journey: Journey) -> None:
    journey.to("accepted").step("sign_in", card=" v0001 ")
    assert (last(journey).detail.means, last(journey).who) == ("card", "clerk")
    start = journey.order().signed_in_at
    assert start.startswith(TODAY)
    journey.tried.clock.move(timedelta(minutes=50))
    assert journey.step("sign_out", REVIEWER, card="V0001").body["minutes"] == 50
    assert (last(journey).detail.means, last(journey).who) == ("card", "reviewer")
    assert journey.order().state == "awaiting_confirmation"


@pytest.mark.parametrize("card", ["V0002", "E0001", "V1001", "999", "x" * 300])
def test_no_other_card_does(journey: Journey, card: str) -> None:
    journey.to("accepted")
    with pytest.raises(CardOfAnother):
        journey.step("sign_in", card=card, reason="站点")
    assert journey.order().state == "accepted"
    journey.step("sign_in", card="V0001")
    journey.tried.clock.move(timedelta(hours=1))
    with pytest.raises(CardOfAnother):
        journey.step("sign_out", card=card)
    assert journey.order().state == "signed_in"


def test_a_lost_card_does_not(journey: Journey) -> None:
    journey.to("accepted")
    lost(journey, "V0001")
    with pytest.raises(CardOfAnother):
        journey.step("sign_in", card="V0001")


@pytest.mark.parametrize("minutes", [-1, 0, 1])
def test_a_card_that_is_read_twice_signs_nobody_out(journey: Journey, minutes: int) -> None:
    journey.to("accepted").step("sign_in", card="V0001")
    journey.tried.clock.move(timedelta(minutes=LEAST_CARD_MINUTES + minutes))
    if minutes < 0:
        with pytest.raises(CardReadTwice):
            journey.step("sign_out", card="V0001")
        return
    stayed = journey.step("sign_out", card="V0001").body["minutes"]
    assert stayed == LEAST_CARD_MINUTES + minutes


@pytest.mark.parametrize("number", ["V0001", "E0001"])
def test_nobody_types_a_card_at_home(journey: Journey, number: str) -> None:
    journey.to("accepted")
    for stated in ({"card": "V0001"}, {"card": "V0001", "code": journey.order().door_code}):
        with pytest.raises(OrderValueInvalid) as caught:
            journey.step("sign_in", journey.member(number), **stated)
        assert caught.value.facts == {"field": "card", "given": ""}


def test_a_card_is_read_now_and_a_code_beside_it_must_be_right(journey: Journey) -> None:
    code = journey.to("accepted").order().door_code
    wrong = f"{(int(code) + 1) % 10_000:04}"
    with pytest.raises(OrderValueInvalid):
        journey.step("sign_in", card="V0001", at="08:00")
    with pytest.raises(WrongDoorCode):
        journey.step("sign_in", card="V0001", code=wrong)
    with pytest.raises(CardOfAnother):
        journey.step("sign_in", card="V0002", code=code)
    journey.step("sign_in", card="V0001", code=code)
    assert last(journey).detail.means == "code"


def test_a_card_finds_todays_visits_of_its_station(journey: Journey) -> None:
    journey.ask()

    def found(card: str, actor: Actor = CLERK, station: str = "XFL") -> list[str]:
        with journey.tried.bank.read() as connection:
            shown = orders_of_card(journey.tried.bank, connection, actor, station, card)
        return [one.order.state.value for one in shown]

    assert found("V0001") == []
    for name, stated in (("vet", {}), ("publish", {}), ("match", {"volunteer": "V0001"})):
        journey.step(name, **stated)
    assert (found("v0001"), found("V0002")) == (["matched"], [])
    journey.step("accept")
    assert found("V0001") == ["accepted"]
    assert found("V0001", OPERATOR, "CTL") == []
    journey.tried.clock.move(timedelta(days=1))
    assert found("V0001") == []
    journey.step("sign_in", card="V0001")
    journey.tried.clock.move(timedelta(days=1))
    assert found("V0001") == ["signed_in"]
    for card in ("", "999", "E0001"):
        with pytest.raises(UnknownCard):
            found(card)
    for actor, station in (
        (CLERK, "CTL"), (journey.member("V0001"), "XFL"), (Actor("staff_a", Role.AUDITOR, ""), "")
    ):  # fmt: skip
        with pytest.raises(NotPermitted):
            found("V0001", actor, station)
    lost(journey, "V0001")
    with pytest.raises(Refusal, match="No card"):
        found("V0001")
