"""timebank/people/joining.py and numbers.py: consent first, and a number that shows a slip."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from tests.support.banks import OPERATOR, TriedBank
from timebank.errors import NumberInvalid
from timebank.errors.matching import ConsentMissing
from timebank.people.consents import AT_REGISTRATION, PORTRAIT, SERVICES
from timebank.people.identity import check_number
from timebank.people.joining import join, numbers_of
from timebank.people.model import Newcomer
from timebank.people.numbers import MOST_UNIFIED, fits, is_unified, serial_of, unified_number
from timebank.people.tables import CONSENT

ID = "11010519491231002X"


def joined(
    bank: TriedBank, name: str, number: str = "", role: str = "elder", **more: str
) -> list[str]:
    newcomer = Newcomer(name, ((number, role),), None, more.get("id_number"))
    person = join(bank.bank, OPERATOR, newcomer, [SERVICES], key=f"join-{name}-{role}-{number}")
    with bank.bank.read() as connection:
        return numbers_of(connection, person)


def test_whoever_has_no_number_gets_the_next_one(bank: TriedBank) -> None:
    assert joined(bank, "王秀兰") == [unified_number(1)]
    assert joined(bank, "李敏", "V0007") == ["V0007"]
    assert joined(bank, "赵强") == [unified_number(2)]
    assert joined(bank, "钱多", unified_number(9)) == [unified_number(9)]
    assert joined(bank, "孙悦") == [unified_number(10)]


def test_whoever_has_one_keeps_it_and_gains_the_role(bank: TriedBank) -> None:
    first = joined(bank, "王秀兰", "E0007", id_number=ID)
    assert joined(bank, "王秀兰", role="volunteer", id_number=ID) == first == ["E0007"]


def test_without_the_first_consent_nobody_is_registered(bank: TriedBank) -> None:
    newcomer = Newcomer("王秀兰", (("E0007", "elder"),))
    for consents in ([], [PORTRAIT], ["something"]):
        with pytest.raises(ConsentMissing):
            join(bank.bank, OPERATOR, newcomer, consents, key="join-00001")
    person = join(bank.bank, OPERATOR, newcomer, list(AT_REGISTRATION), key="join-00002")
    with bank.bank.read() as connection:
        query = select(CONSENT.c.purpose).where(CONSENT.c.person_id == person)
        assert set(connection.execute(query).scalars()) == set(AT_REGISTRATION)


@pytest.mark.parametrize("serial", [0, MOST_UNIFIED + 1])
def test_serials_have_bounds(serial: int) -> None:
    with pytest.raises(ValueError, match="serial"):
        unified_number(serial)


def test_the_first_and_the_last() -> None:
    for serial in (1, MOST_UNIFIED):
        number = unified_number(serial)
        assert (len(number), check_number(number.lower()), serial_of(number)) == (
            9, number, serial,
        )  # fmt: skip


@given(st.integers(1, MOST_UNIFIED), st.integers(1, 8), st.integers(1, 9))
def test_one_wrong_digit_is_seen(serial: int, place: int, change: int) -> None:
    number = unified_number(serial)
    wrong = number[:place] + str((int(number[place]) + change) % 10) + number[place + 1 :]
    assert is_unified(wrong)
    assert not fits(wrong)
    with pytest.raises(NumberInvalid):
        check_number(wrong)


@pytest.mark.parametrize("number", ["U1234567", "U123456789", "V12345678", "U1234567-"])
def test_numbers_of_another_form_have_no_check_digit(number: str) -> None:
    assert check_number(number) == number
