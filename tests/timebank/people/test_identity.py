"""timebank/people/identity.py: what a desk types becomes comparable, and what is wrong is named."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timebank.errors import (
    BirthDateDisagrees,
    IdNumberInvalid,
    IdNumberTypedAsNumber,
    NameInvalid,
    NumberInvalid,
    TelephoneInvalid,
)
from timebank.people.identity import (
    IdNumber,
    age_on,
    check_birth_date,
    check_id_number,
    check_name,
    check_number,
    check_telephone,
    fold,
    name_key,
    normal_name,
)

GOOD = "320113197912159561"  # invented


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("王　德", "王德"),
        (" 张建东　", "张建东"),
        ("高\u200b俊", "高俊"),
        ("张\n三", "张三"),
        ("⽅明", "方明"),  # a radical that a PDF put in place of the character
        ("阿依古丽•图尔逊", "阿依古丽·图尔逊"),
        ("阿依古丽・图尔逊", "阿依古丽·图尔逊"),
        ("Anna  Lee", "Anna Lee"),
        ("𠮷田", "𠮷田"),
    ],
)
def test_a_name_is_kept_in_one_writing(typed, kept):
    assert normal_name(typed) == check_name(typed) == kept


def test_two_writings_of_one_name_share_a_key():
    assert name_key("ANNA lee") == name_key("Ａnna Ｌee")
    assert name_key("王　德") == name_key("王德")
    assert name_key("王德") != name_key("王得")


@pytest.mark.parametrize("name", ["", "　", "王1", "张三、李四", "王*德", "=cmd", "王" * 51])
def test_what_is_no_name_is_refused(name):
    with pytest.raises(NameInvalid):
        check_name(name)


@pytest.mark.parametrize("name", ["王" * 50, "王", "O'Brien", "\ue863"])
def test_unusual_names_pass(name):
    assert check_name(name) == name


@given(st.text())
def test_folding_twice_changes_nothing_more(text):
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    "typed", [GOOD, f" {GOOD}\n", "320113 19791215 9561", "３２０１１３１９７９１２１５９５６１"]
)
def test_an_id_number_tells_birth_date_and_gender(typed):
    assert check_id_number(typed) == IdNumber(GOOD, date(1979, 12, 15), "女")


def test_the_last_character_may_be_a_small_x():
    assert check_id_number("11010519491231002x").number == "11010519491231002X"


@pytest.mark.parametrize("region", ["81", "82", "83", "91"])
def test_residence_permits_pass(region):
    body = region + "0000198001010"
    checks = [f"{body}{end:03d}" for end in range(1000)]

    assert sum(_passes(number) for number in checks) > 50


def _passes(number: str) -> bool:
    try:
        return check_id_number(number).number == number
    except (IdNumberInvalid, IdNumberTypedAsNumber):
        return False


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("", "length"),
        (GOOD[:-1], "length"),
        (GOOD + "1", "length"),
        ("320113791215956", "length"),
        ("32011319791215956A", "characters"),
        ("3201131979121595X1", "characters"),
        ("١٢٠١١٣١٩٧٩١٢١٥٩٥٦١", "characters"),
        ("990113197912159561", "checksum"),
        ("100113197912159561", "region"),
        ("320113197913159561", "date"),
        ("320113197902309561", "date"),
        ("320113184912319561", "date"),
        ("320113197912159562", "checksum"),
        ("320113197912159651", "checksum"),  # two neighbours exchanged
    ],
)
def test_a_wrong_id_number_is_refused_with_its_reason(number, why):
    with pytest.raises(IdNumberInvalid) as refused:
        check_id_number(number)

    assert refused.value.facts == {"field": "id_number", "why": why}


@pytest.mark.parametrize("day", range(9))
def test_every_wrong_digit_is_found(day):
    for other in set("0123456789") - {GOOD[day]}:
        with pytest.raises(IdNumberInvalid):
            check_id_number(GOOD[:day] + other + GOOD[day + 1 :])


@pytest.mark.parametrize(
    "typed",
    [
        320113197912159561,
        3.2011319791215955e17,
        "3.20113197912159E+17",
        "3E17",
        None,
        "320113197611047000",
        "320113197912159561.0",
    ],
)
def test_an_id_number_that_a_spreadsheet_ruined_is_named_as_such(typed):
    with pytest.raises(IdNumberTypedAsNumber):
        check_id_number(typed)


@pytest.mark.parametrize(
    ("today", "passes"),
    [(date(1979, 12, 14), False), (date(1979, 12, 15), True), (date(1979, 12, 16), True)],
)
def test_nobody_is_born_tomorrow(today, passes):
    if passes:
        assert check_id_number(GOOD, today).number == GOOD
    else:
        with pytest.raises(IdNumberInvalid):
            check_id_number(GOOD, today)


def test_a_stated_birth_date_agrees_or_is_refused():
    identity = check_id_number(GOOD)

    assert check_birth_date(identity, None) == check_birth_date(identity, date(1979, 12, 15))
    with pytest.raises(BirthDateDisagrees):
        check_birth_date(identity, date(1979, 12, 16))


def test_an_id_number_does_not_print_itself():
    identity = check_id_number(GOOD)

    assert not any(part in repr(identity) for part in (GOOD, "1979", "女"))


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("13800000000", "13800000000"),
        ("138 0000-0000", "13800000000"),
        ("＋８６ 13800000000", "13800000000"),
        ("008613800000000", "13800000000"),
        (13800000000, "13800000000"),
        (13800000000.0, "13800000000"),
        ("025-83901234", "02583901234"),
        ("(025) 83901234", "02583901234"),
        ("+86 25 83901234", "02583901234"),
        (2583901234.0, "02583901234"),
        ("010-62001234", "01062001234"),
        ("0512-6200123", "05126200123"),
        ("+852 2345 6789", "+85223456789"),
    ],
)
def test_a_telephone_is_kept_as_digits(typed, kept):
    assert check_telephone(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        *("", "1380000000", "138000000000", "12800000000", "83901234", "02513901234", "abc"),
        *(None, True, 1.5, float("inf"), float("nan"), "+0852234567"),
    ],
)
def test_what_is_no_telephone_is_refused(typed):
    with pytest.raises(TelephoneInvalid):
        check_telephone(typed)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("v0001", "V0001"), (" Ｖ 0001 ", "V0001"), ("A" * 20, "A" * 20), ("7", "7")],
)
def test_a_member_number_is_kept_in_capitals(typed, kept):
    assert check_number(typed) == kept


@pytest.mark.parametrize("typed", ["", "A" * 21, "-1", "V_1", "编号1", "V1、V2"])
def test_what_is_no_member_number_is_refused(typed):
    with pytest.raises(NumberInvalid):
        check_number(typed)


@pytest.mark.parametrize(
    ("day", "age"),
    [
        (date(2023, 2, 28), 18),
        (date(2023, 3, 1), 19),
        (date(2024, 2, 28), 19),
        (date(2024, 2, 29), 20),
        (date(2004, 2, 28), -1),
        (date(2004, 2, 29), 0),
    ],
)
def test_full_years_also_for_who_is_born_on_a_leap_day(day, age):
    assert age_on(date(2004, 2, 29), day) == age
