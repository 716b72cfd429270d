"""timebank/records/classes.py: a clerk's words become one permanent code."""

import pytest

from timebank.errors import NotVolunteerActivity
from timebank.records.classes import OTHER, class_of, name_of, service_classes


def test_every_word_means_its_own_class() -> None:
    for one in service_classes():
        for word in one.words:
            if one.code == "not_volunteer":
                with pytest.raises(NotVolunteerActivity):
                    class_of(f"上门{word}")
            else:
                assert class_of(word) == one.code, word


def test_codes_are_permanent_words_and_no_word_means_two_classes() -> None:
    codes = [one.code for one in service_classes()]
    words = [word for one in service_classes() for word in one.words]
    assert len(set(codes)) == len(codes)
    assert len(set(words)) == len(words)
    assert all(code.isascii() and code.islower() and " " not in code for code in codes)


@pytest.mark.parametrize(
    ("content", "code"),
    [("上门助餐", "meals"), ("陪同就医", "medical_escort"), ("下棋", OTHER), ("", OTHER)],
)
def test_the_longest_word_decides(content: str, code: str) -> None:
    assert class_of(content) == code


def test_a_code_of_an_older_table_shows_itself() -> None:
    assert name_of("meals") == "助餐"
    assert name_of("gardening") == "gardening"
