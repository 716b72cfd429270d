"""timebank/errors: a "no" has one permanent code, both languages and a line in the reference."""

import pickle
from pathlib import Path
from string import Formatter

import pytest

from ledger import errors as ledger_errors
from timebank.errors import (
    FIELDS,
    REASONS,
    REFUSALS,
    BankRefusal,
    DurationMismatch,
    IdNumberInvalid,
    MissingField,
    Refusal,
)

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "errors.md"
EVERY = (*ledger_errors.REFUSALS, *REFUSALS)
PERSONAL = {"age", "birth_date", "born_on", "name", "id_number", "telephone", "address"}
PAGE = REFERENCE.read_text(encoding="utf-8")


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


def subclasses(kind: type[Refusal]) -> set[type[Refusal]]:
    return {kind}.union(*(subclasses(child) for child in kind.__subclasses__()))


def test_a_code_belongs_to_one_refusal_only():
    codes = [kind.code for kind in EVERY]

    assert sorted(codes) == sorted(set(codes))


def test_the_registry_forgets_no_refusal():
    written = {kind for kind in subclasses(BankRefusal) if kind.__module__.startswith("timebank.")}

    assert written - {BankRefusal} == set(REFUSALS)


@pytest.mark.parametrize("kind", EVERY, ids=lambda kind: kind.code)
def test_every_refusal_speaks_both_languages_and_says_which_facts_it_takes(kind):
    assert kind.code.isidentifier()
    assert kind.code.islower()
    assert any("\u4e00" <= sign <= "\u9fff" for sign in kind.message_zh)
    assert kind.message_en.isascii()
    assert kind.message_zh.endswith("。")
    assert kind.message_en.endswith(".")
    for name in placeholders(kind.message_zh) | placeholders(kind.message_en):
        assert f"``{name}``" in (kind.__doc__ or ""), f"{kind.__name__} does not document {name}"


@pytest.mark.parametrize("kind", EVERY, ids=lambda kind: kind.code)
def test_no_refusal_tells_what_only_the_vault_may_know(kind):
    told = placeholders(kind.message_zh) | placeholders(kind.message_en)

    assert not told & PERSONAL
    assert not [word for word in PERSONAL if f"``{word}``" in (kind.__doc__ or "")]


@pytest.mark.parametrize("kind", EVERY, ids=lambda kind: kind.code)
def test_every_refusal_stands_on_the_reference_page(kind):
    assert f"| `{kind.code}` |" in PAGE
    assert kind.message_zh in PAGE
    assert kind.message_en in PAGE


def test_a_field_is_stored_as_its_code_and_shown_as_its_word():
    refusal = MissingField(field="start")

    assert refusal.facts == {"field": "start"}
    assert "“开始时间”" in refusal.in_chinese()
    assert "start time" in str(refusal)


def test_what_the_caller_did_not_know_shows_as_an_ellipsis():
    assert "… minutes" in str(DurationMismatch(stated_minutes=60))
    assert "“…”" in MissingField().in_chinese()


def test_an_unknown_field_code_is_shown_as_it_is():
    assert "colour" in str(MissingField(field="colour"))


def test_a_refusal_survives_the_way_between_processes():
    refusal = pickle.loads(pickle.dumps(MissingField(field="end")))

    assert type(refusal) is MissingField
    assert refusal.facts == {"field": "end"}


def test_every_field_and_reason_has_both_words():
    assert all(zh and en.isascii() for zh, en in (*FIELDS.values(), *REASONS.values()))


def test_a_reason_is_stored_as_its_code_and_shown_as_its_word():
    refusal = IdNumberInvalid(field="id_number", why="checksum")

    assert refusal.facts["why"] == "checksum"
    assert "末位校验不符" in refusal.in_chinese()
    assert "check character" in str(refusal)
