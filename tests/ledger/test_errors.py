"""ledger/errors.py: permanent codes, both languages, and refusals that come back from storage."""

import pickle
import re

import pytest

from ledger import errors


def test_codes_are_distinct_and_snake_case():
    codes = [kind.code for kind in (*errors.REFUSALS, *errors.FAULTS)]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", code) for code in codes)


def test_every_refusal_of_the_module_is_registered():
    kinds = {
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.Refusal)
    }
    assert kinds - {errors.Refusal} == set(errors.REFUSALS)


@pytest.mark.parametrize("kind", errors.REFUSALS, ids=lambda kind: kind.code)
def test_messages_show_their_facts_and_survive_missing_ones(kind):
    fields = set(re.findall(r"{(\w+)}", kind.message_zh + kind.message_en))
    full = kind(**dict.fromkeys(fields, "F7"))
    for text, template in ((str(full), kind.message_en), (full.in_chinese(), kind.message_zh)):
        assert text.count("F7") == len(re.findall(r"{\w+}", template))
    assert "{" not in str(kind()) + kind().in_chinese()
    assert re.search("[一-鿿]", kind.message_zh)


@pytest.mark.parametrize("kind", errors.REFUSALS, ids=lambda kind: kind.code)
def test_a_refusal_comes_back_from_storage_and_between_processes(kind):
    told = kind(minutes=7)
    for again in (errors.refusal_of(told.code, told.facts), pickle.loads(pickle.dumps(told))):
        assert (type(again), again.facts) == (kind, {"minutes": 7})


def test_a_fault_carries_its_detail():
    fault = errors.StorageFault("disk full")
    assert str(fault).endswith("disk full")
    assert "存储" in fault.in_chinese()
