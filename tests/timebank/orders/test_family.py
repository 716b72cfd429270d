"""timebank/orders/family.py: relatives confirm if the elder agreed, and not for a volunteer."""

import pytest

from tests.support.banks import AUDITOR, OPERATOR, TriedBank
from tests.support.orders import CLERK, REVIEWER, Journey
from timebank.errors import FamilyOfVolunteer, NotPermitted, UnknownMember, UnknownOrder
from timebank.orders.family import let_family_confirm
from timebank.orders.queries import order_file, orders_listed
from timebank.people.kinship import note_kinship
from timebank.people.model import Relation


@pytest.fixture
def journey(sqlite_bank: TriedBank) -> Journey:
    """E0002 is the daughter of E0001, who agreed to it; the visit is over."""
    made = Journey(sqlite_bank).to("awaiting_confirmation")
    note_kinship(sqlite_bank.bank, CLERK, "E0001", "E0002", Relation.CHILD, "户口簿")
    let_family_confirm(sqlite_bank.bank, made.member("E0001"), "E0001", allowed=True)
    return made


def seen(journey: Journey, number: str) -> list[str]:
    bank, actor = journey.tried.bank, journey.member(number)
    with bank.read() as connection:
        return [one.order.order_id for one in orders_listed(bank, connection, actor)]


def test_a_daughter_reads_and_confirms(journey: Journey) -> None:
    daughter = journey.member("E0002")
    assert seen(journey, "E0002") == [journey.order_id]
    with journey.tried.bank.read() as connection:
        found = order_file(journey.tried.bank, connection, daughter, journey.order_id)
    assert found.next_steps == ("confirm", "dispute")
    journey.step("confirm", daughter)
    assert journey.balance("V0001") == (60, 0)


def test_a_daughter_may_dispute_and_no_more(journey: Journey) -> None:
    daughter = journey.member("E0002")
    for name in ("cancel", "rate", "dismiss"):
        with pytest.raises(NotPermitted):
            journey.step(name, daughter, reason="r")
    journey.step("dispute", daughter, reason="母亲说没有人来")
    assert journey.order().state.value == "disputed"


@pytest.mark.parametrize("ended_by", ["elder", "clerk", "operator"])
def test_without_consent_there_is_no_family(journey: Journey, ended_by: str) -> None:
    actor = {"elder": journey.member("E0001"), "clerk": CLERK, "operator": OPERATOR}[ended_by]
    let_family_confirm(journey.tried.bank, actor, "E0001", allowed=False)
    assert seen(journey, "E0002") == []
    with pytest.raises(UnknownOrder):
        journey.step("confirm", journey.member("E0002"))


def test_a_friend_is_no_family(journey: Journey) -> None:
    note_kinship(journey.tried.bank, CLERK, "E0001", "V0002", Relation.FRIEND, "户口簿")
    with pytest.raises(UnknownOrder):
        journey.step("confirm", journey.member("V0002"))


def test_a_relative_of_both_does_not_confirm(journey: Journey) -> None:
    note_kinship(journey.tried.bank, CLERK, "V0001", "E0002", Relation.SPOUSE, "户口簿")
    with pytest.raises(FamilyOfVolunteer):
        journey.step("confirm", journey.member("E0002"))
    assert journey.balance("V0001") == (0, 0)
    note_kinship(journey.tried.bank, CLERK, "V0001", "E0002", Relation.FRIEND, "户口簿")
    journey.step("confirm", journey.member("E0002"))


def test_only_the_elder_or_staff_agree(journey: Journey) -> None:
    bank = journey.tried.bank
    for actor in (journey.member("E0002"), REVIEWER, AUDITOR):
        with pytest.raises(NotPermitted):
            let_family_confirm(bank, actor, "E0001", allowed=True)
    with pytest.raises(UnknownMember):
        let_family_confirm(bank, CLERK, "E0999", allowed=True)
