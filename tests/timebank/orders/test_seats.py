"""timebank/orders/queries.py and family.py: what a member sees as elder, volunteer and family."""

import pytest

from ledger.book import read_head
from tests.support.banks import AUDITOR, TriedBank
from tests.support.orders import CLERK, Journey
from timebank.errors import NotPermitted, UnknownRecord
from timebank.orders.family import has_family, let_family_confirm, own_family
from timebank.orders.model import Who
from timebank.orders.queries import orders_listed, own_open_orders
from timebank.people.kinship import note_kinship
from timebank.people.model import Relation
from timebank.records.explaining import explain_own

SEATS = (Who.ELDER, Who.VOLUNTEER, Who.FAMILY)


@pytest.fixture
def journey(bank: TriedBank) -> Journey:
    """E0001, whose relatives are E0002 and V0001; V0002 is a friend."""
    made = Journey(bank)
    for number, relation in (
        ("E0002", Relation.CHILD), ("V0001", Relation.SIBLING), ("V0002", Relation.FRIEND)
    ):  # fmt: skip
        note_kinship(bank.bank, CLERK, "E0001", number, relation, "户口簿")
    return made


def seen(journey: Journey, number: str) -> dict[Who, tuple[int, int]]:
    """How many orders a member has in each seat: open ones, and all of them."""
    bank, actor = journey.tried.bank, journey.member(number)
    with bank.read() as connection:
        return {
            who: (
                len(own_open_orders(bank, connection, actor, who=who)),
                len(orders_listed(bank, connection, actor, who=who)),
            )
            for who in SEATS
        }


def test_everybody_has_one_seat(journey: Journey) -> None:
    let_family_confirm(journey.tried.bank, journey.member("E0001"), "E0001", allowed=True)
    journey.to("matched")
    expected = {"E0001": Who.ELDER, "V0001": Who.VOLUNTEER, "E0002": Who.FAMILY, "V0002": None}
    for number, seat in expected.items():
        assert seen(journey, number) == {who: (who is seat, who is seat) for who in SEATS}


def test_a_relative_who_serves_sits_as_volunteer_and_else_as_family(journey: Journey) -> None:
    let_family_confirm(journey.tried.bank, journey.member("E0001"), "E0001", allowed=True)
    journey.to("matched")
    journey.step("decline", journey.member("V0001"), reason="病了")
    assert seen(journey, "V0001") == {
        Who.ELDER: (0, 0), Who.VOLUNTEER: (0, 0), Who.FAMILY: (1, 1)
    }  # fmt: skip


def test_what_is_posted_is_open_no_more(journey: Journey) -> None:
    let_family_confirm(journey.tried.bank, journey.member("E0001"), "E0001", allowed=True)
    journey.to("posted")
    for number, seat in (("E0001", Who.ELDER), ("V0001", Who.VOLUNTEER), ("E0002", Who.FAMILY)):
        assert seen(journey, number)[seat] == (0, 1)


def test_the_elder_reads_who_the_family_is_and_what_stands(journey: Journey) -> None:
    bank, elder = journey.tried.bank, journey.member("E0001")
    for allowed in (True, False, True):
        let_family_confirm(bank, elder, "E0001", allowed=allowed)
        with bank.read() as connection:
            found = own_family(bank, connection, elder)
            assert found.allowed is allowed
            assert sorted(relation.value for relation, _name in found.relatives) == [
                "child", "sibling"
            ]  # fmt: skip
            assert all(name.endswith("＊＊") for _relation, name in found.relatives)
            for number, is_family in (("E0002", allowed), ("V0001", allowed), ("V0002", False)):
                who = journey.member(number)
                assert has_family(connection, who, bank.today()) is is_family


def test_staff_have_no_seat(journey: Journey) -> None:
    bank = journey.tried.bank
    with bank.read() as connection:
        for actor in (CLERK, AUDITOR):
            with pytest.raises(NotPermitted):
                own_family(bank, connection, actor)
            with pytest.raises(NotPermitted):
                own_open_orders(bank, connection, actor, who=Who.FAMILY)
            with pytest.raises(NotPermitted):
                explain_own(bank, connection, actor, 1)


def test_why_is_told_to_whom_it_credits(journey: Journey) -> None:
    journey.to("posted")
    bank = journey.tried.bank
    told = {}
    with bank.read() as connection:
        for number in ("V0001", "V0002", "E0001"):
            found = []
            for leaf in range(read_head(bank.database).size + 1):
                try:
                    found.append(explain_own(bank, connection, journey.member(number), leaf))
                except UnknownRecord:
                    continue
            told[number] = [part.number for one in found for part in one.parts]
    assert told["V0001"] == ["V0001"]
    assert told["V0002"] == []
    assert set(told["E0001"]) <= {"E0001", "V1001"}
    assert len(told["E0001"]) == 1
