"""timebank/people/actions.py: one ID number is one person with one account; cards and kinship."""

from datetime import date

import pytest
from sqlalchemy import select

from ledger.errors import KeyReused
from tests.support.banks import FOUNDER, OPERATOR, TriedBank
from timebank.errors import (
    NotPermitted,
    NumberTaken,
    SamePerson,
    UnknownMember,
    UnknownRole,
    WeakPin,
)
from timebank.people.actions import issue_card, register
from timebank.people.directory import member_of_number
from timebank.people.kinship import note_kinship
from timebank.people.model import Member, Newcomer, Relation
from timebank.people.tables import CARD, KINSHIP, PERSON, VAULT
from timebank.stations.model import Role
from timebank.stations.sessions import sign_in_by_card

ID = "320113195005209569"
CLERKS = (Role.OPERATOR, Role.CLERK)
PIN = "274913"


def newcomer(name: str, *numbers: tuple[str, str], **rest: object) -> Newcomer:
    return Newcomer(name, numbers, **rest)  # type: ignore[arg-type]


def registered(bank: TriedBank, *newcomers: Newcomer, key: str = "people-1") -> list[str]:
    return register(bank.bank, OPERATOR, newcomers, key=key)


def member(bank: TriedBank, number: str) -> Member:
    with bank.bank.read() as connection:
        return member_of_number(bank.bank, connection, number)


def people(bank: TriedBank) -> int:
    with bank.bank.read() as connection:
        return len(connection.execute(select(PERSON.c.person_id)).all())


def test_a_newcomer_has_an_account_and_lies_in_the_vault(bank: TriedBank) -> None:
    (person,) = registered(
        bank,
        newcomer("韩杰浩", ("V0001", "volunteer"), ("E0001", "elder"), born_on=date(1950, 5, 20),
                 id_number=ID, telephone="13812340000"),
    )  # fmt: skip

    found = member(bank, "E0001")
    assert found.person_id == person
    assert (found.numbers, found.roles) == (("E0001", "V0001"), ("elder", "volunteer"))
    assert (found.name, found.born_on, found.id_number) == ("韩杰浩", date(1950, 5, 20), ID)
    assert found.telephone == "13812340000"
    assert bank.account("V0001") == bank.account("E0001") == found.account_id
    with bank.bank.read() as connection:
        stored = b"".join(connection.execute(select(VAULT.c.sealed)).scalars().all())
        leaves = connection.exec_driver_sql("SELECT body FROM leaf").scalars().all()
    for secret in ("韩杰浩", ID, "13812340000", "1950-05-20"):
        assert secret.encode() not in stored
        assert not any(secret.encode() in bytes(leaf) for leaf in leaves)


def test_an_id_number_brings_further_numbers_to_the_same_account(bank: TriedBank) -> None:
    first = registered(bank, newcomer("韩杰浩", ("V0001", "volunteer"), id_number=ID))
    again = newcomer("韩杰浩", ("V0001", "volunteer"), ("E0001", "elder"), id_number=ID)

    assert registered(bank, again, key="people-2") == first
    assert people(bank) == 1
    assert member(bank, "E0001").roles == ("elder", "volunteer")


def test_within_one_list_too(bank: TriedBank) -> None:
    both = registered(
        bank,
        newcomer("韩杰浩", ("V0001", "volunteer"), id_number=ID),
        newcomer("韩杰浩", ("E0001", "elder"), id_number=ID),
        newcomer("杨玲英", ("E0002", "elder")),
        newcomer("杨玲英", ("E0002", "elder")),
    )

    assert (len(set(both)), people(bank)) == (2, 2)
    assert bank.account("V0001") == bank.account("E0001")


def test_a_number_with_the_same_name_is_the_same_person(bank: TriedBank) -> None:
    first = registered(bank, newcomer("韩杰浩", ("V0001", "volunteer")))
    assert registered(bank, newcomer("韩 杰浩", ("V0001", "volunteer")), key="people-2") == first


@pytest.mark.parametrize(
    ("before", "given", "after"),
    [
        ("volunteer", "elder", ("volunteer", "elder")),
        ("volunteer", "elder volunteer", ("volunteer", "elder")),
        ("volunteer elder", "elder", ("volunteer", "elder")),
    ],
)
def test_a_number_gets_the_roles_that_it_lacks_and_loses_none(
    bank: TriedBank, before: str, given: str, after: tuple[str, ...]
) -> None:
    registered(bank, newcomer("韩杰浩", ("V0001", before)))
    registered(bank, newcomer("韩杰浩", ("V0001", given)), key="people-2")
    assert member(bank, "V0001").roles == after


@pytest.mark.parametrize(
    "second",
    [
        newcomer("杨玲英", ("V0001", "volunteer")),
        newcomer("韩杰浩", ("V0001", "volunteer"), id_number=ID),
        newcomer("韩杰浩", ("V0009", "volunteer"), ("V0001", "volunteer"), id_number=ID),
    ],
    ids=["another name", "an ID number nobody knew", "behind a new number"],
)
def test_a_number_of_somebody_else_stops_the_whole_list(bank: TriedBank, second: Newcomer) -> None:
    registered(bank, newcomer("韩杰浩", ("V0001", "volunteer")))
    with pytest.raises(NumberTaken) as refused:
        registered(bank, newcomer("新人", ("V0005", "volunteer")), second, key="people-2")

    assert refused.value.facts["number"] == "V0001"
    assert people(bank) == 1


def test_a_number_is_given_once_within_one_list(sqlite_bank: TriedBank) -> None:
    with pytest.raises(NumberTaken):
        registered(
            sqlite_bank,
            newcomer("韩杰浩", ("V0001", "volunteer")),
            newcomer("杨玲英", ("V0001", "volunteer")),
        )
    assert people(sqlite_bank) == 0


@pytest.mark.parametrize("role", ["", " ", "boss", "volunteer boss", "Volunteer"])
def test_only_known_roles(sqlite_bank: TriedBank, role: str) -> None:
    with pytest.raises(UnknownRole):
        registered(sqlite_bank, newcomer("韩杰浩", ("V0001", "elder"), ("V0002", role)))
    assert people(sqlite_bank) == 0


@pytest.mark.parametrize("role", [role for role in Role if role not in CLERKS])
def test_only_operator_and_clerk_register(sqlite_bank: TriedBank, role: Role) -> None:
    actor, bank = sqlite_bank.actor(role), sqlite_bank.bank
    with pytest.raises(NotPermitted):
        register(bank, actor, [newcomer("韩杰浩", ("V0001", "boss"))], key="people-1")
    with pytest.raises(NotPermitted):
        note_kinship(bank, actor, "V0001", "E0001", Relation.SPOUSE, "户口簿")
    with pytest.raises(NotPermitted):
        issue_card(bank, actor, "V0001", "1")


def test_the_key_is_bound_to_who_was_meant(bank: TriedBank) -> None:
    one = newcomer("韩杰浩", ("V0001", "volunteer"))
    first = registered(bank, one)
    assert registered(bank, one) == first
    for other in (
        newcomer("杨玲英", ("V0001", "volunteer")),
        newcomer("韩杰浩", ("V0002", "volunteer")),
        newcomer("韩杰浩", ("V0001", "volunteer"), telephone="13812340000"),
    ):
        with pytest.raises(KeyReused):
            registered(bank, other)


def test_a_rehearsal_registers_nobody(bank: TriedBank) -> None:
    one = newcomer("韩杰浩", ("V0001", "volunteer"))
    register(bank.bank, OPERATOR, [one], key="people-1", rehearsal=True)
    assert people(bank) == 0
    registered(bank, one)
    assert people(bank) == 1


SEEN_BACK = {
    "spouse": "spouse", "parent": "child", "child": "parent", "grandparent": "grandchild",
    "grandchild": "grandparent", "sibling": "sibling", "relative": "relative", "friend": "friend",
}  # fmt: skip


@pytest.mark.parametrize("relation", Relation)
def test_kinship_is_seen_from_both_sides(bank: TriedBank, relation: Relation) -> None:
    first, second, third = bank.people("V0001", "E0001", "E0002")
    note_kinship(bank.bank, FOUNDER, "V0001", "E0002", Relation.SIBLING, "户口簿")
    note_kinship(bank.bank, FOUNDER, "E0001", "V0001", Relation.PARENT, "户口簿")
    for _time in range(2):  # The later note replaces the earlier, from both sides.
        note_kinship(bank.bank, FOUNDER, "V0001", "E0001", relation, "户口簿")

    with bank.bank.read() as connection:
        query = select(KINSHIP.c.person_id, KINSHIP.c.other_id, KINSHIP.c.relation)
        found = sorted(tuple(row) for row in connection.execute(query))
    assert found == sorted(
        [
            (first, second, relation.value), (second, first, SEEN_BACK[relation.value]),
            (first, third, "sibling"), (third, first, "sibling"),
        ]
    )  # fmt: skip


def test_nobody_is_kin_to_themselves(sqlite_bank: TriedBank) -> None:
    sqlite_bank.people("V0001")
    with pytest.raises(SamePerson):
        note_kinship(sqlite_bank.bank, FOUNDER, "V0001", "V0001", Relation.SPOUSE, "户口簿")


@pytest.mark.parametrize("numbers", [("V0001", "E0009"), ("V0009", "E0001")])
def test_kinship_is_between_people_who_are_registered(
    sqlite_bank: TriedBank, numbers: tuple[str, str]
) -> None:
    sqlite_bank.people("V0001", "E0001")
    with pytest.raises(UnknownMember):
        note_kinship(sqlite_bank.bank, FOUNDER, *numbers, Relation.SPOUSE, "户口簿")


def test_a_second_card_replaces_the_pin(bank: TriedBank) -> None:
    bank.people("V0001")
    assert issue_card(bank.bank, FOUNDER, "V0001", PIN) == "V0001"
    assert issue_card(bank.bank, FOUNDER, "V0001", "518204") == "V0001"

    assert sign_in_by_card(bank.bank, "V0001", "518204")
    with bank.bank.read() as connection:
        stored = connection.execute(select(CARD.c.pin_hash)).scalars().all()
    assert len(stored) == 1
    assert "518204" not in stored[0]


@pytest.mark.parametrize(
    ("pin", "why"),
    [
        ("27491", "length"),
        ("195005", "personal"),  # birth date in the ID number
        ("500520", "personal"),
        ("340000", "personal"),  # telephone
        ("330782", "personal"),  # the card's own number
        (PIN, None),
    ],
)
@pytest.mark.parametrize("with_id", [True, False], ids=["ID number", "birth date alone"])
def test_a_pin_is_not_read_off_the_card_or_the_person(
    sqlite_bank: TriedBank, pin: str, why: str | None, with_id: bool
) -> None:
    born = date(1950, 5, 20)
    one = newcomer("韩杰浩", ("V330782", "volunteer"), telephone="13812340000", born_on=born,
                   id_number=ID if with_id else None)  # fmt: skip
    registered(sqlite_bank, one)
    if why is None:
        assert issue_card(sqlite_bank.bank, FOUNDER, "V330782", pin)
        return
    with pytest.raises(WeakPin) as refused:
        issue_card(sqlite_bank.bank, FOUNDER, "V330782", pin)
    assert refused.value.facts["why"] == why


def test_nobody_unknown_or_erased_gets_a_card(sqlite_bank: TriedBank) -> None:
    sqlite_bank.people("V0001")
    sqlite_bank.behind("UPDATE person SET state = 'erased'")
    for number in ("V0001", "V0002"):
        with pytest.raises(UnknownMember):
            issue_card(sqlite_bank.bank, FOUNDER, number, "1")
