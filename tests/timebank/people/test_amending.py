"""timebank/people/amending.py: wrong data are put right once, and who did it is seen for ever."""

from datetime import date, timedelta

import pytest

from ledger.errors import Refusal
from tests.support.banks import AUDITOR, OPERATOR, TriedBank
from timebank.errors import (
    BirthDateDisagrees,
    IdNumberInvalid,
    MissingField,
    NameInvalid,
    NotPermitted,
    PersonErased,
    TelephoneInvalid,
    UnknownMember,
)
from timebank.errors.corrections import IdNumberTaken
from timebank.people.accesses import accesses_shown, look
from timebank.people.actions import register
from timebank.people.amending import Amended, amend_person, amended_of
from timebank.people.directory import ids_by_field
from timebank.people.forgetting import forget
from timebank.people.model import Newcomer
from timebank.stations.model import Actor, Role

ID, OTHER_ID = "320113195005209569", "11010519491231002X"
CLERK, FAR = Actor("staff_clerk", Role.CLERK, "XFL"), Actor("staff_far", Role.CLERK, "YHL")
NEW = Amended(name="韩洁浩", telephone="13987654321")


@pytest.fixture
def han(bank: TriedBank) -> str:
    han = Newcomer("韩杰浩", (("V0001", "volunteer"),), None, ID, "13812340000")
    li = Newcomer("李敏", (("V0002", "volunteer"),), None, OTHER_ID)
    return register(bank.bank, CLERK, [han, li], key="people-1")[0]


def found_by(bank: TriedBank, field: str, value: str) -> set[str]:
    with bank.bank.read() as connection:
        return {
            one
            for ids in ids_by_field(bank.bank, connection, field, [value]).values()
            for one in ids
        }


def test_name_and_telephone_are_put_right_and_found(bank: TriedBank, han: str) -> None:
    amend_person(bank.bank, CLERK, " v0001", NEW, "身份证原件")
    shown = look(bank.bank, OPERATOR, "V0001", "核对")
    assert (shown.name, shown.telephone, shown.id_number) == ("韩洁浩", "13987654321", ID)
    assert (found_by(bank, "name", "韩洁浩"), found_by(bank, "name", "韩杰浩")) == ({han}, set())
    with bank.bank.read() as connection:
        seen = accesses_shown(bank.bank, connection, OPERATOR, "V0001")[-1]
    assert (seen.purpose, seen.fields, dict(seen.stated)) == (
        "amend", ("name", "telephone"), {"proof": "身份证原件"},
    )  # fmt: skip


def test_an_identity_number_names_one_person(bank: TriedBank, han: str) -> None:
    with pytest.raises(IdNumberTaken):
        amend_person(bank.bank, OPERATOR, "V0001", Amended(id_number=OTHER_ID), "证件")
    assert look(bank.bank, OPERATOR, "V0001", "核对").id_number == ID
    amend_person(bank.bank, OPERATOR, "V0001", Amended(id_number=ID), "证件")  # Their own again.
    assert found_by(bank, "id_number", ID) == {han}


def test_what_is_stated_is_checked_and_folded() -> None:
    today = date(2023, 4, 6)
    stated = amended_of(None, "110105 19491231 002x", None, None, today)
    assert (stated.id_number, stated.born_on) == (OTHER_ID, date(1949, 12, 31))
    assert amended_of(" 韩 洁浩", None, "138 1234 0000", None, today).facts == {
        "name": "韩洁浩", "telephone": "13812340000",
    }  # fmt: skip
    cases: tuple[
        tuple[type[Refusal], tuple[str | None, str | None, str | None, date | None]], ...
    ] = (
        (NameInvalid, ("", None, None, None)),
        (IdNumberInvalid, (None, "110105194912310021", None, None)),
        (BirthDateDisagrees, (None, OTHER_ID, None, date(1950, 1, 1))),
        (TelephoneInvalid, (None, None, "12", None)),
    )
    for refusal, stated in cases:
        with pytest.raises(refusal):
            amended_of(*stated, today)


def test_who_may_and_what_it_needs(bank: TriedBank, han: str) -> None:
    cases: tuple[tuple[type[Refusal], Actor, str, Amended, str], ...] = (
        (NotPermitted, AUDITOR, "V0001", NEW, "证件"),
        (NotPermitted, Actor(han, Role.MEMBER, "", han), "V0001", NEW, "证件"),
        (NotPermitted, FAR, "V0001", NEW, "证件"),
        (MissingField, CLERK, "V0001", Amended(), "证件"),
        (MissingField, CLERK, "V0001", NEW, " "),
        (UnknownMember, CLERK, "V0009", NEW, "证件"),
    )
    for refusal, actor, number, amended, proof in cases:
        with pytest.raises(refusal):
            amend_person(bank.bank, actor, number, amended, proof)
    bank.clock.move(timedelta(days=4000))
    assert forget(bank.bank, OPERATOR, "V0001", key="forget-1").outcome == "forgotten"
    with pytest.raises(PersonErased):
        amend_person(bank.bank, CLERK, "V0001", NEW, "证件")
