"""timebank/policy/sheet.py: every key of a profile stands on its sheet, set or unset."""

from dataclasses import fields

import pytest

from tests.support.profiles import cap, profile_with
from timebank.policy.load import named_profile, shipped_names
from timebank.policy.reader import SECTIONS
from timebank.policy.sheet import TITLES, clauses_of, sheet_of

KEYS = {f"{name}.{field.name}" for name, section in SECTIONS.items() for field in fields(section)}


def test_every_key_has_a_title_and_nothing_else_has() -> None:
    assert set(TITLES) == KEYS | {"coefficients"}


@pytest.mark.parametrize("name", shipped_names())
def test_each_key_is_set_with_its_clause_or_off(name: str) -> None:
    sheet = sheet_of(named_profile(name))
    assert {line.key for line in sheet.lines} | set(sheet.unset) == set(TITLES)
    assert not {line.key for line in sheet.lines} & set(sheet.unset)
    assert all(line.source and line.value for line in sheet.lines)


def test_values_are_told_as_a_clerk_would_write_them() -> None:
    profile = profile_with(
        cap("day", 120, "trim"),
        '[review]\nfour_eyes = { value = false, source = "r" }',
        '[transfer]\nrelations = { value = ["spouse", "friend"], source = "t" }',
        '[[coefficients]]\nfactor = "8/7"\nfrom_time = "17:00"\nto_time = "09:00"\nsource = "k"',
        '[[coefficients]]\nfactor = "2"\nservice_class = "meals"\nsource = "k"',
        '[[grants.eligible]]\nminimum_age = 80\nconditions = ["alone"]\nsource = "g"',
        '[[grants.eligible]]\nminimum_age = 60\nmaximum_age = 79\nconditions = ["poor"]\n'
        'source = "g"',
    )
    told = [(line.key, line.value) for line in sheet_of(profile).lines if "unit" not in line.key]
    assert told == [
        ("coefficients", "8/7 × * 17:00–09:00"),
        ("coefficients", "2 × meals"),
        ("caps.day_minutes", "120"),
        ("caps.day_excess", "trim"),
        ("transfer.relations", "spouse, friend"),
        ("review.four_eyes", "否 false"),
        ("grants.eligible", "80+: alone"),
        ("grants.eligible", "60–79: poor"),
    ]
    assert [one.source for one in clauses_of(profile, "coefficients")] == ["k", "k"]
    with pytest.raises(KeyError):
        clauses_of(profile, "caps.week_minutes")
