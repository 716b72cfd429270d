"""timebank/people/exporting.py: everything about a person, handed out and written down."""

from datetime import date

import pytest

from tests.support.banks import AUDITOR, OPERATOR, TriedBank
from tests.support.lived_bank import log
from timebank.errors import MissingField, NotPermitted, PersonErased, UnknownMember
from timebank.people.accesses import look
from timebank.people.actions import issue_card, register
from timebank.people.exporting import TITLES, as_html, export_for_relative, export_person
from timebank.people.kinship import note_kinship
from timebank.people.model import Newcomer, Relation
from timebank.stations.model import Actor, Role

ID, TELEPHONE, PIN = "320113195005209569", "13812340000", "274913"


@pytest.fixture
def han(bank: TriedBank) -> str:
    """V0001, who gave an hour alone, one with another, has a card and kin, and was looked at."""
    newcomer = Newcomer(
        "韩杰浩<b>", (("V0001", "volunteer elder"),), date(1950, 5, 20), ID, TELEPHONE
    )
    (person,) = register(bank.bank, OPERATOR, [newcomer], key="people-1")
    bank.people("V0002", "E0001")
    log(bank, "V0001", "E0001", "08:00")
    log(bank, "V0002、V0001", "E0001", "10:00")
    log(bank, "V0002", "V0001", "14:00")
    note_kinship(bank.bank, OPERATOR, "V0001", "V0002", Relation.SIBLING, "户口簿")
    issue_card(bank.bank, OPERATOR, "V0001", PIN)
    look(bank.bank, OPERATOR, "V0001", "家属来电")
    return person


def member(person: str) -> Actor:
    return Actor(person, Role.MEMBER, person_id=person)


def test_everything_about_a_person_is_in_it(bank: TriedBank, han: str) -> None:
    found = export_person(bank.bank, OPERATOR, " v0001 ")

    assert list(found) == ["format", "made_at", *TITLES]
    assert found["person"]["person_id"] == han
    assert found["person"]["account_id"] == bank.account("V0001")
    assert found["identity"] == {
        "name": "韩杰浩<b>", "born_on": "1950-05-20", "id_number": ID, "telephone": TELEPHONE
    }  # fmt: skip
    assert found["numbers"] == [{"number": "V0001", "role": "volunteer elder"}]
    assert [one["relation"] for one in found["kin"]] == ["sibling"]
    assert found["cards"] == [{"card_number": "V0001", "state": "active"}]
    assert found["balance"] == {"posted": 120, "held": 0, "available": 120}
    assert [one["part"] for one in found["records"]] == ["volunteer", "volunteer", "recipient"]
    assert all(len(one["hidden"]["salt"]) == 32 for one in found["records"])
    lines = found["statement"]["lines"]
    assert ([one["minutes"] for one in lines], found["statement"]["closing"]) == ([60, 60], 120)
    mine, looked = found["accesses"]
    assert (mine["purpose"], looked["purpose"]) == ("export", "look")
    assert looked["reason"] == {"reason": "家属来电"}
    assert {"name", "id_number", "records", "accesses"} <= set(mine["fields"])
    said = repr(found)
    assert "argon2" not in said
    assert "成员" not in said


def test_a_page_for_people_escapes_and_says_all(bank: TriedBank, han: str) -> None:
    page = as_html(export_person(bank.bank, OPERATOR, "V0001"))

    assert "韩杰浩&lt;b&gt;" in page
    assert "<b>" not in page
    assert "<script" not in page
    for said in (ID, TELEPHONE, "家属来电", han, *TITLES.values()):
        assert said in page


def test_a_member_takes_their_own_and_nobody_elses(bank: TriedBank, han: str) -> None:
    found = export_person(bank.bank, member(han), "V0001")

    assert found["accesses"][0]["purpose"] == "own"
    for number in ("V0002", "V0009"):
        with pytest.raises(NotPermitted, match="read_others"):
            export_person(bank.bank, member(han), number)


def test_a_relative_of_the_dead_is_named_and_sealed(bank: TriedBank, han: str) -> None:
    found = export_for_relative(bank.bank, OPERATOR, "V0001", Relation.CHILD, " 户口簿、死亡证明 ")

    newest = found["accesses"][0]
    assert newest["purpose"] == "relative"
    assert newest["reason"] == {"proof": "户口簿、死亡证明", "relation": "child"}
    with bank.bank.read() as connection:
        rows = connection.exec_driver_sql("SELECT reason FROM access").scalars().all()
    assert not any("户口簿".encode() in bytes(row) for row in rows)
    with pytest.raises(MissingField):
        export_for_relative(bank.bank, OPERATOR, "V0001", Relation.CHILD, " ")


def test_only_operator_and_person_take_it(bank: TriedBank, han: str) -> None:
    for role in (Role.CLERK, Role.REVIEWER, Role.KIOSK, Role.AUDITOR):
        with pytest.raises(NotPermitted):
            export_person(bank.bank, bank.actor(role), "V0001")
        with pytest.raises(NotPermitted):
            export_for_relative(bank.bank, bank.actor(role), "V0001", Relation.CHILD, "户口簿")
    with pytest.raises(NotPermitted):
        export_for_relative(bank.bank, member(han), "V0001", Relation.CHILD, "户口簿")
    with pytest.raises(NotPermitted):
        export_person(bank.bank, AUDITOR, "V0001")


def test_who_is_nobody_or_gone_is_not_handed_out(bank: TriedBank, han: str) -> None:
    with pytest.raises(UnknownMember):
        export_person(bank.bank, OPERATOR, "V0009")
    bank.bank.wrapped_keys.destroy([han])
    with pytest.raises(PersonErased):
        export_person(bank.bank, OPERATOR, "V0001")


def test_what_another_ones_destroyed_key_sealed_is_left_out(bank: TriedBank, han: str) -> None:
    with bank.bank.read() as connection:
        query = "SELECT person_id FROM person_number WHERE number = 'V0002'"
        other = connection.exec_driver_sql(query).scalar_one()
    bank.bank.wrapped_keys.destroy([other])
    hidden = [one["hidden"] for one in export_person(bank.bank, OPERATOR, "V0001")["records"]]
    assert [bool(one) for one in hidden] == [True, False, False]
