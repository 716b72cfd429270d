"""timebank/people/delegates.py: one person named by an elder, for what and how long they said."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from ledger.errors import Refusal
from tests.support.banks import OPERATOR
from tests.support.forging import Opened, bank_with
from tests.support.orders import CLERK, Journey
from timebank.errors import (
    MissingField,
    NotARecipient,
    NotPermitted,
    OrderValueInvalid,
    SamePerson,
    UnknownMember,
    UnknownOrder,
    UnreadableDate,
)
from timebank.errors.delegates import DelegateNamed, NoDelegate
from timebank.orders.queries import orders_listed
from timebank.people.delegates import Authority, delegates_of, end_delegate, name_delegate
from timebank.people.forgetting import forget
from timebank.people.kinship import note_kinship
from timebank.people.model import Relation

STATED: dict[str, Any] = {"elder": "E0001", "delegate": "V0002", "proof": "委托书，双方签字"}


def named(journey: Journey, **changed: Any) -> None:
    name_delegate(journey.tried.bank, CLERK, Authority(**(STATED | changed)))


def mine(journey: Journey, number: str) -> list[str]:
    """The orders that a member may read."""
    with journey.tried.bank.read() as connection:
        found = orders_listed(journey.tried.bank, connection, journey.member(number))
    return [one.order.order_id for one in found]


def test_a_delegate_reads_and_confirms_and_nobody_else(opened: Opened) -> None:
    with opened(people=()) as tried:
        journey = Journey(tried).to("awaiting_confirmation")
        friend = journey.member("V0002")
        with pytest.raises(UnknownOrder):
            journey.step("confirm", friend, minutes=60)
        named(journey)
        assert mine(journey, "V0002") == [journey.order_id]
        journey.step("confirm", friend, minutes=60)
        assert journey.balance("V0001") == (60, 0)


def test_asking_needs_its_own_word(opened: Opened) -> None:
    with opened(people=()) as tried:
        journey = Journey(tried)
        friend = journey.member("V0002")
        with pytest.raises(NotPermitted):
            journey.ask(friend, elder="E0001")
        named(journey)
        with pytest.raises(NotPermitted):
            journey.ask(friend, elder="E0001")
        end_delegate(tried.bank, journey.member("E0001"), "E0001", "V0002")
        named(journey, may_ask=True)
        journey.ask(friend, elder="E0001")
        order = journey.order()
        assert order.elder_id == journey.people["E0001"]
        with tried.bank.read() as connection:
            (shown,) = delegates_of(tried.bank, connection, friend, "V0002")
        assert (shown.elder_number, shown.delegate_number, shown.may_ask) == (
            "E0001", "V0002", True,
        )  # fmt: skip


@pytest.mark.parametrize(("on", "acts"), [("09", True), ("10", True), ("11", False)])
def test_the_last_day_is_inside(tmp_path: Path, on: str, acts: bool) -> None:
    with bank_with(tmp_path, people=()) as tried:
        journey = Journey(tried).to("published")
        named(journey, until_on="2023-04-10")
        tried.clock.move(timedelta(days=int(on) - 6))
        assert bool(mine(journey, "V0002")) is acts


def test_it_is_taken_back_at_any_time(tmp_path: Path) -> None:
    with bank_with(tmp_path, people=()) as tried:
        journey = Journey(tried).to("published")
        named(journey)
        with pytest.raises(DelegateNamed):
            named(journey, may_ask=True)
        with pytest.raises(NotPermitted):
            end_delegate(tried.bank, journey.member("E0002"), "E0001", "V0002")
        end_delegate(tried.bank, journey.member("V0002"), "E0001", "V0002")
        assert mine(journey, "V0002") == []
        with pytest.raises(NoDelegate):
            end_delegate(tried.bank, CLERK, "E0001", "V0002")


REFUSED: list[tuple[dict[str, Any], type[Refusal]]] = [
    ({"proof": " "}, MissingField),
    ({"until_on": "明年"}, UnreadableDate),
    ({"until_on": "2023-04-05"}, OrderValueInvalid),
    ({"delegate": "V0009"}, UnknownMember),
    ({"delegate": "E0001"}, SamePerson),
    ({"elder": "V0002", "delegate": "E0001"}, NotARecipient),
]


@pytest.mark.parametrize(("changed", "refusal"), REFUSED)
def test_what_an_authority_must_say(
    tmp_path: Path, changed: dict[str, Any], refusal: type[Refusal]
) -> None:
    with bank_with(tmp_path, people=()) as tried, pytest.raises(refusal):
        named(Journey(tried), **changed)


@pytest.mark.parametrize("days", [0, 4000])
def test_nobody_acts_for_who_is_forgotten(opened: Opened, days: int) -> None:
    with opened(people=()) as tried:
        journey = Journey(tried, saved=0)
        named(journey)
        note_kinship(tried.bank, CLERK, "E0001", "V0002", Relation.FRIEND, "自述")
        tried.clock.move(timedelta(days=days))
        forget(tried.bank, OPERATOR, "E0001", key="forget-1")
        with tried.bank.read() as connection:
            running = "SELECT count(*) FROM delegate WHERE ended_ms IS NULL"
            assert connection.execute(text(running)).scalar_one() == 0
            proofs = connection.execute(text("SELECT count(*) FROM kinship_proof")).scalar_one()
        assert proofs == (0 if days else 2)


def test_who_names_and_who_reads(tmp_path: Path) -> None:
    with bank_with(tmp_path, people=()) as tried:
        journey = Journey(tried)
        with pytest.raises(NotPermitted):
            name_delegate(tried.bank, journey.member("E0001"), Authority(**STATED))
        named(journey)
        with tried.bank.read() as connection:
            assert len(delegates_of(tried.bank, connection, OPERATOR, "E0001")) == 1
            with pytest.raises(NotPermitted):
                delegates_of(tried.bank, connection, journey.member("V0001"), "E0001")
