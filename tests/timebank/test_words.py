"""timebank/words.py: minutes as people read and hear them, and hours only ever from minutes."""

import pytest

from timebank import words
from timebank.policy.load import named_profile
from timebank.words import (
    hours_text,
    minutes_en,
    minutes_spoken_zh,
    minutes_zh,
    number_zh,
    units_text,
)


@pytest.mark.parametrize(
    ("minutes", "zh", "en", "spoken"),
    [
        (0, "0分钟", "0 minutes", "零分钟"),
        (1, "1分钟", "1 minute", "一分钟"),
        (2, "2分钟", "2 minutes", "两分钟"),
        (59, "59分钟", "59 minutes", "五十九分钟"),
        (60, "1小时", "1 hour", "一小时"),
        (61, "1小时1分钟", "1 hour 1 minute", "一小时一分钟"),
        (120, "2小时", "2 hours", "两小时"),
        (750, "12小时30分钟", "12 hours 30 minutes", "十二小时三十分钟"),
        (15_420, "257小时", "257 hours", "二百五十七小时"),
        (-90, "负1小时30分钟", "minus 1 hour 30 minutes", "负一小时三十分钟"),
    ],
)
def test_minutes_in_words(minutes, zh, en, spoken):
    assert (minutes_zh(minutes), minutes_en(minutes), minutes_spoken_zh(minutes)) == (
        zh,
        en,
        spoken,
    )


@pytest.mark.parametrize(
    ("minutes", "hours"),
    [
        (0, "0"),
        (45, "0.75"),
        (50, "0.83"),
        (20, "0.33"),
        (40, "0.67"),
        (60, "1"),
        (600, "10"),
        (11_625, "193.75"),
        (-50, "-0.83"),
    ],
)
def test_hours_come_from_summed_minutes_as_decimal_text(minutes, hours):
    assert hours_text(minutes) == hours


def test_half_a_place_rounds_away_from_zero():
    assert [hours_text(each, places=1) for each in (2, 3, 4, -3)] == ["0", "0.1", "0.1", "-0.1"]
    assert [hours_text(each, places=0) for each in (29, 30, 31, -29)] == ["0", "1", "1", "0"]


def test_the_unit_on_a_screen_is_the_profiles():
    assert units_text(750, named_profile("plain-2026")) == "12.5 小时"
    assert units_text(750, named_profile("shanghai-2026")) == "12.5 时间币"
    assert units_text(750, named_profile("hongkong")) == "750 时分"


@pytest.mark.parametrize(
    ("number", "zh"),
    [
        (0, "零"),
        (10, "十"),
        (11, "十一"),
        (20, "二十"),
        (100, "一百"),
        (101, "一百零一"),
        (110, "一百一十"),
        (1_000, "一千"),
        (1_005, "一千零五"),
        (1_050, "一千零五十"),
        (1_500, "一千五百"),
        (10_000, "一万"),
        (10_001, "一万零一"),
        (10_999, "一万零九百九十九"),
        (11_000, "一万一千"),
        (200_000, "二十万"),
        (12_345, "一万二千三百四十五"),
        (100_000, "十万"),
        (120_050, "十二万零五十"),
        (99_999_999, "九千九百九十九万九千九百九十九"),
    ],
)
def test_numbers_in_chinese(number, zh):
    assert number_zh(number) == zh


@pytest.mark.parametrize("number", [-1, 10**8])
def test_numbers_without_words_are_a_fault_of_the_caller(number):
    with pytest.raises(ValueError, match="no words"):
        number_zh(number)


def test_time_has_no_price():
    assert not [name for name in vars(words) if any(w in name for w in ("money", "yuan", "price"))]
