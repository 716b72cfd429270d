"""timebank/people/directory.py: people are found by number, by blind index, by account."""

import pytest
from sqlalchemy import text

from tests.support.banks import OPERATOR, TriedBank
from timebank.errors import UnknownMember
from timebank.people import directory
from timebank.people.actions import register
from timebank.people.directory import (
    account_of_number,
    ids_by_field,
    ids_by_number,
    ids_mentioned,
    member_of_number,
    members,
    numbered,
    numbers_of_accounts,
    people_listed,
)
from timebank.people.model import Newcomer
from timebank.registers import PersonMention

ID, TELEPHONE = "320113195005209569", "13812340000"


@pytest.fixture
def peopled(bank: TriedBank) -> tuple[TriedBank, list[str]]:
    """Three people on either database: one with two numbers, two of one name."""
    newcomers = [
        Newcomer("韩杰浩", (("V0001", "volunteer"), ("E0001", "elder")), None, ID, TELEPHONE),
        Newcomer("王芳", (("V0002", "volunteer"),)),
        Newcomer("王芳", (("E0003", "volunteer elder"),)),
    ]
    return bank, register(bank.bank, OPERATOR, newcomers, key="people-1")


def erase(bank: TriedBank, person_id: str) -> None:
    bank.behind("UPDATE person SET state = 'erased' WHERE person_id = :person", person=person_id)
    bank.bank.wrapped_keys.destroy([person_id])


def test_people_are_opened_by_id_and_erased_ones_left_out(peopled) -> None:
    bank, (han, wang, other) = peopled
    erase(bank, other)
    with bank.bank.read() as connection:
        found = members(bank.bank, connection, [han, wang, other, "person_none", han])
        assert set(found) == {han, wang}
        assert found[han].numbers == ("E0001", "V0001")
        assert "韩杰浩" not in repr(found[han])
        assert members(bank.bank, connection, []) == {}


def test_numbers_lead_to_people(peopled) -> None:
    bank, (han, wang, _other) = peopled
    with bank.bank.read() as connection:
        asked = ["V0001", "E0001", "V0002", "V0009", "v0001", ""]
        assert ids_by_number(connection, asked) == {"V0001": han, "E0001": han, "V0002": wang}
        found = numbered(bank.bank, connection, asked)
        assert set(found) == {"V0001", "E0001", "V0002"}
        assert set(found["V0001"].roles) == {"volunteer", "elder"}
        assert found["V0001"].account_id == found["E0001"].account_id
        assert found["V0001"].number == "V0001"
        assert numbered(bank.bank, connection, []) == {}
        account = account_of_number(connection, "E0001")
        assert account == (han, found["V0001"].account_id)
        known = numbers_of_accounts(connection, [account[1], bank.account("V0002"), "acct_none"])
        assert known == {account[1]: "E0001", bank.account("V0002"): "V0002"}


def test_the_erased_have_no_number_any_more(peopled) -> None:
    bank, (han, _wang, _other) = peopled
    erase(bank, han)
    with bank.bank.read() as connection:
        assert numbered(bank.bank, connection, ["V0001"]) == {}
        with pytest.raises(UnknownMember):
            member_of_number(bank.bank, connection, "V0001")


def test_a_number_that_stands_for_nobody(peopled) -> None:
    bank, _ids = peopled
    with bank.bank.read() as connection:
        for number in ("V0009", "", "v0001", "V0001'--"):
            with pytest.raises(UnknownMember):
                account_of_number(connection, number)
            with pytest.raises(UnknownMember):
                member_of_number(bank.bank, connection, number)


@pytest.mark.parametrize(
    ("field", "asked", "places"),
    [
        ("name", "王芳", {1, 2}),
        ("name", "王 芳", {1, 2}),
        ("name", "王", set()),
        ("id_number", ID, {0}),
        ("id_number", ID[:-1] + "0", set()),
        ("telephone", TELEPHONE, {0}),
    ],
)
def test_a_blind_index_finds_whole_values_only(peopled, field, asked, places) -> None:
    bank, ids = peopled
    with bank.bank.read() as connection:
        found = ids_by_field(bank.bank, connection, field, [asked, "没有这个人"])
    assert set(found.get(asked, [])) == {ids[place] for place in places}
    assert set(found) <= {asked}


def test_a_field_without_an_index_cannot_be_asked(peopled) -> None:
    bank, _ids = peopled
    with bank.bank.read() as connection, pytest.raises(KeyError):
        ids_by_field(bank.bank, connection, "born_on", ["1950-05-20"])


def test_a_mention_means_its_number_or_everybody_of_the_name(peopled) -> None:
    bank, (han, wang, other) = peopled
    with bank.bank.read() as connection:

        def meant(*mentions: PersonMention) -> set[str]:
            return ids_mentioned(bank.bank, connection, mentions)

        assert meant(PersonMention("", None, "王芳")) == {wang, other}
        assert meant(PersonMention("", "V0002", "王芳")) == {wang}
        assert meant(PersonMention("", ID, None)) == {han}
        assert meant(PersonMention("", "V0099", "张三")) == meant() == set()


@pytest.mark.parametrize("people", [499, 500, 501])
def test_long_questions_are_asked_in_parts(sqlite_bank: TriedBank, people: int) -> None:
    assert directory._AT_ONCE == 500
    numbers = [f"V{number:04}" for number in range(people)]
    ids = sqlite_bank.people(*numbers)
    with sqlite_bank.bank.read() as connection:
        assert list(ids_by_number(connection, numbers).values()) == ids
        assert set(members(sqlite_bank.bank, connection, ids)) == set(ids)
        assert len(numbered(sqlite_bank.bank, connection, numbers)) == people
        names = [f"成员{number}" for number in numbers]
        assert len(ids_by_field(sqlite_bank.bank, connection, "name", names)) == people


def test_a_list_goes_on_behind_a_number_and_keeps_to_a_station(bank: TriedBank) -> None:
    bank.people("V0001", "V0002")
    bank.behind("UPDATE person SET station_code = 'EAST' WHERE person_id = "
                "(SELECT person_id FROM person_number WHERE number = 'V0002')")  # fmt: skip
    with bank.bank.read() as connection:
        rows = people_listed(connection, most=1)
        assert [row.number for row in rows] == ["V0001"]
        assert [row.number for row in people_listed(connection, after="V0001")] == ["V0002"]
        assert people_listed(connection, after="V0002") == []
        here = people_listed(connection, station_code="XFL")
        assert [row.number for row in here] == ["V0001"]
        assert connection.execute(text("SELECT count(*) FROM person")).scalar() == 2
