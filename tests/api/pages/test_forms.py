"""api/pages/forms.py: what was typed is kept, a refusal finds its field, a key is one attempt."""

import pytest

from api.pages.forms import (
    KEY_LETTERS,
    LONGEST_TEXT,
    field_of,
    key_in,
    new_key,
    refused_form,
    typed_in,
)
from timebank.errors import EndBeforeStart, InTheFuture, NotPermitted, UnknownMember

FIELDS = frozenset({"volunteer", "date", "end"})


def test_a_refusal_stands_beside_the_field_that_it_names():
    form = refused_form({"volunteer": "王"}, UnknownMember(field="volunteer"), "没有", FIELDS)
    assert form.wrong == {"volunteer": "没有"}
    assert form.value("volunteer") == "王"
    assert form.is_refused


@pytest.mark.parametrize(
    ("refusal", "field"),
    [
        (InTheFuture(on="2023-04-07", today="2023-04-06"), "date"),
        (EndBeforeStart(start="10:00", end="09:00"), "end"),
        (NotPermitted(role="clerk", action="x"), ""),
    ],
    ids=lambda value: getattr(value, "code", value),
)
def test_a_refusal_that_names_no_field_finds_it_by_its_code(refusal, field):
    assert field_of(refusal) == field


def test_a_refusal_about_another_field_stands_above_the_form():
    form = refused_form({}, UnknownMember(field="number"), "没有", FIELDS)
    assert (form.wrong, form.general) == ({}, "没有")


def test_a_form_that_comes_back_is_a_new_attempt():
    first, second = (refused_form({}, InTheFuture(), "x", FIELDS) for _ in range(2))
    assert first.key != second.key


def test_a_key_is_taken_as_it_was_drawn():
    key = new_key()
    assert len(key) == KEY_LETTERS
    assert key_in({"key": key}) == key


@pytest.mark.parametrize("given", ["", "short", "x" * 21, "x" * 23, "钥" * 22, "\n" * 22, None, 7])
def test_a_key_of_another_shape_is_replaced(given):
    assert key_in({"key": given}) != given
    assert len(key_in({"key": given})) == KEY_LETTERS


@pytest.mark.parametrize("length", [LONGEST_TEXT - 1, LONGEST_TEXT, LONGEST_TEXT + 1])
def test_a_text_is_bounded_and_trimmed(length):
    typed = typed_in({"date": "x" * length, "end": "  10:00 ", "other": "x"}, FIELDS)
    assert len(typed["date"]) == min(length, LONGEST_TEXT)
    assert typed["end"] == "10:00"
    assert set(typed) == {"date", "end"}
