"""timebank/people/masks.py and surnames.py: enough to recognise somebody, never enough to learn."""

import pytest

from timebank.people.masks import mask_candidate, mask_id_number, mask_name, mask_telephone
from timebank.people.surnames import COMPOUND, READINGS, split_name


@pytest.mark.parametrize(
    ("name", "mask"),
    [
        ("张三", "张＊＊"),
        ("张建东", "张＊＊"),
        ("欧阳修", "欧阳＊＊"),
        ("欧阳", "欧＊＊"),
        ("爱新觉罗溥仪", "爱新觉罗＊＊"),
        ("Anna Lee", "A＊＊"),
        ("", ""),
    ],
)
def test_a_name_shows_its_surname_alone(name, mask):
    assert mask_name(name) == mask


def test_an_id_number_shows_first_six_and_last_four():
    assert mask_id_number("320113197912159561") == "320113********9561"
    assert mask_id_number("32011319791215956") == "********"


@pytest.mark.parametrize(
    ("number", "mask"),
    [
        ("13800001234", "138****1234"),
        ("02583901234", "025****1234"),
        ("0108390123", "010****0123"),
        ("839012345", "********"),
        ("", "********"),
    ],
)
def test_a_telephone_shows_first_three_and_last_four(number, mask):
    assert mask_telephone(number) == mask


def test_candidates_of_one_name_differ_by_number():
    assert mask_candidate("王德", "V0007") == "王＊＊（V0007）"


def test_a_given_name_is_never_empty():
    assert all(split_name(surname)[1] for surname in COMPOUND)
    assert split_name("欧阳修") == ("欧阳", "修")
    assert split_name("张三丰") == ("张", "三丰")


def test_every_compound_reading_is_of_a_compound_surname():
    for surname, reading in READINGS.items():
        assert len(reading.split()) == len(surname)
        assert len(surname) == 1 or surname in COMPOUND
