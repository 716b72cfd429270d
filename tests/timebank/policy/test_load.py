"""timebank/policy/load.py: what is not understood, not sourced or contradictory stops the start."""

from dataclasses import fields
from datetime import date
from pathlib import Path

import pytest

from tests.support.profiles import HEAD
from timebank.errors import (
    NoProfileInForce,
    ProfileInvalid,
    ProfilesOverlap,
    ProfileUnitNotTime,
    UnknownProfile,
)
from timebank.policy.consistency import check_timeline, choose, last_day
from timebank.policy.load import examine, named_profile, read_profile, shipped_names
from timebank.policy.model import Clause, Profile
from timebank.policy.pricing import RULES
from timebank.policy.reader import HEAD as HEAD_KEYS
from timebank.policy.reader import SECTIONS

REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "policy-profile.md"


def clauses(profile: Profile) -> list[Clause]:
    found = list(profile.coefficients)
    for name in SECTIONS:
        section = getattr(profile, name)
        for field in fields(section):
            value = getattr(section, field.name)
            found.extend(value if isinstance(value, tuple) else [value] if value else [])
    return found


def test_the_four_profiles_that_come_along():
    assert shipped_names() == ("hongkong", "nanjing-2019", "plain-2026", "shanghai-2026")


@pytest.mark.parametrize("name", shipped_names())
def test_a_shipped_profile_is_an_example_whose_every_value_has_a_source(name):
    profile = named_profile(name)

    assert profile.example
    assert profile.shown_title_zh().endswith("（示例）")
    assert profile.version.startswith(f"{name}@")
    for clause in clauses(profile):
        assert any(grade in clause.source for grade in ("（A）", "（B）"))


def test_the_numbers_are_those_that_were_found():
    nanjing, shanghai = named_profile("nanjing-2019"), named_profile("shanghai-2026")

    assert nanjing.caps.account_minutes.value == 1_500 * 60
    assert nanjing.grants.monthly_minutes is None
    assert [group.value.minimum_age for group in nanjing.grants.eligible] == [80, 60]
    assert (shanghai.redeeming.minimum_age.value, shanghai.caps.day_minutes) == (65, None)
    assert named_profile("hongkong").unit.minutes_per_unit.value == 1
    assert named_profile("plain-2026").review.four_eyes.value is False


def test_a_version_binds_every_byte_of_the_text():
    first, second = read_profile(HEAD), read_profile(HEAD + "\n")

    assert first.version != second.version
    assert first.version == read_profile(HEAD).version


SECTION = "[caps]\n"
FAULTS = {
    "not TOML": ("x = = 1", "TOML"),
    "an unknown key at the top": ("colour = 1\n" + HEAD, "colour"),
    "an unknown section": (HEAD + "[colours]", "colours"),
    "an unknown key in a section": (
        HEAD + '[caps]\nweek_minutes = { value = 1, source = "s" }',
        "caps.week_minutes",
    ),
    "an unknown key beside the value": (
        HEAD + '[earning]\nminimum_age = { value = 1, source = "s", note = "n" }',
        "earning.minimum_age.note",
    ),
    "no clause": (HEAD + "[earning]\nminimum_age = { value = 18 }", "earning.minimum_age"),
    "an empty clause": (
        HEAD + '[earning]\nminimum_age = { value = 18, source = " " }',
        "earning.minimum_age",
    ),
    "no value": (HEAD + '[earning]\nminimum_age = { source = "s" }', "earning.minimum_age"),
    "a bare value": (HEAD + "[earning]\nminimum_age = 18", "earning.minimum_age"),
    "a float": (HEAD + '[earning]\nminimum_age = { value = 18.0, source = "s" }', "earning.min"),
    "a switch as a number": (
        HEAD + '[earning]\nminimum_age = { value = true, source = "s" }',
        "earning.minimum_age",
    ),
    "a number as a switch": (
        HEAD + '[review]\nfour_eyes = { value = 1, source = "s" }',
        "review.four_eyes",
    ),
    "out of bounds": (
        HEAD + '[earning]\nminimum_age = { value = 121, source = "s" }',
        "earning.minimum_age",
    ),
    "an unknown word": (
        HEAD + '[transfer]\ndonation_to = { value = ["bank"], source = "s" }',
        "transfer.donation_to",
    ),
    "a word twice": (
        HEAD + '[transfer]\ndonation_to = { value = ["pool", "pool"], source = "s" }',
        "transfer.donation_to",
    ),
    "an empty list": (
        HEAD + '[services]\nexcluded_classes = { value = [], source = "s" }',
        "services.excluded_classes",
    ),
    "a class that is no code": (
        HEAD + '[services]\nexcluded_classes = { value = ["护理"], source = "s" }',
        "services.excluded_classes",
    ),
    "stars that do not ascend": (
        HEAD + '[honours]\nstar_minutes = { value = [6000, 6000], source = "s" }',
        "honours.star_minutes",
    ),
    "a word that is too long": (
        HEAD + f'[words]\ncoin_zh = {{ value = "{"币" * 41}", source = "s" }}',
        "words.coin_zh",
    ),
    "a section that is no table": (HEAD.replace("[unit]", "caps = 1\n[unit]"), "caps"),
    "no unit": (HEAD.split("[unit]")[0], "unit"),
    "half a unit": (HEAD.replace("name_en", "#"), "unit.name_en"),
    "no name": (HEAD.replace('name = "test-1"', ""), "name"),
    "a bad name": (HEAD.replace("test-1", "Test 1"), "name"),
    "no title": (HEAD.replace('title_zh = "测试"', ""), "title_zh"),
    "no example mark": (HEAD.replace("example = true", ""), "example"),
    "no rules": (HEAD.replace("rules = 1", ""), "rules"),
    "rules that do not exist": (HEAD.replace("rules = 1", "rules = 2"), "rules"),
    "no first day": (HEAD.replace("in_force_from = 2020-01-01", ""), "in_force_from"),
    "an instant as a day": (
        HEAD.replace("2020-01-01", "2020-01-01T00:00:00Z"),
        "in_force_from",
    ),
    "an end that is text": (
        HEAD.replace("rules = 1", 'rules = 1\nin_force_until = "2021"'),
        "in_force_until",
    ),
    "an end before the start": (
        HEAD.replace("rules = 1", "rules = 1\nin_force_until = 2019-12-31"),
        "in_force_until",
    ),
    "a cap without its excess": (
        HEAD + '[caps]\nday_minutes = { value = 120, source = "s" }',
        "caps.day_excess",
    ),
    "a step without its mode": (
        HEAD + '[rounding]\nstep_minutes = { value = 30, source = "s" }',
        "rounding.mode",
    ),
    "a minimum between two steps": (
        HEAD
        + '[rounding]\nstep_minutes = { value = 30, source = "s" }\n'
        + 'mode = { value = "down", source = "s" }\nminimum_minutes = { value = 45, source = "s" }',
        "rounding.minimum_minutes",
    ),
    "more than the whole": (
        HEAD
        + '[endings]\ndeath_pool_percent = { value = 51, source = "s" }\n'
        + 'death_umbrella_percent = { value = 50, source = "s" }',
        "endings.death_pool_percent",
    ),
    "a coefficient without a clause": (HEAD + '[[coefficients]]\nfactor = "2"', "coefficients"),
    "a coefficient as a float": (
        HEAD + '[[coefficients]]\nfactor = 1.5\nsource = "s"',
        "coefficients.factor",
    ),
    "a coefficient of nothing": (
        HEAD + '[[coefficients]]\nfactor = "0"\nsource = "s"',
        "coefficients.factor",
    ),
    "a coefficient above ten": (
        HEAD + '[[coefficients]]\nfactor = "10.1"\nsource = "s"',
        "coefficients.factor",
    ),
    "a coefficient over zero": (
        HEAD + '[[coefficients]]\nfactor = "1/0"\nsource = "s"',
        "coefficients.factor",
    ),
    "a band with one end": (
        HEAD + '[[coefficients]]\nfactor = "2"\nfrom_time = "17:00"\nsource = "s"',
        "coefficients.from_time",
    ),
    "a band of nothing": (
        HEAD
        + '[[coefficients]]\nfactor = "2"\nfrom_time = "17:00"\nto_time = "17:00"\nsource = "s"',
        "coefficients.from_time",
    ),
    "a band that is no time": (
        HEAD
        + '[[coefficients]]\nfactor = "2"\nfrom_time = "25:00"\nto_time = "17:00"\nsource = "s"',
        "coefficients.from_time",
    ),
    "a class of a coefficient that is no code": (
        HEAD + '[[coefficients]]\nfactor = "2"\nservice_class = "X"\nsource = "s"',
        "coefficients.service_class",
    ),
    "an unknown key of a coefficient": (
        HEAD + '[[coefficients]]\nfactor = "2"\nhour = 1\nsource = "s"',
        "coefficients.hour",
    ),
    "coefficients that are no table": (
        HEAD.replace("[unit]", "coefficients = 1\n[unit]"),
        "coefficients",
    ),
    "a group whose ages cross": (
        HEAD
        + "[[grants.eligible]]\nminimum_age = 80\nmaximum_age = 79\n"
        + 'conditions = ["x"]\nsource = "s"',
        "grants.eligible.maximum_age",
    ),
    "a group without a clause": (
        HEAD + '[[grants.eligible]]\nminimum_age = 80\nconditions = ["x"]',
        "grants.eligible",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_stops_the_start_and_is_named(fault):
    text, where = FAULTS[fault]

    with pytest.raises(ProfileInvalid) as refused:
        read_profile(text)

    assert str(refused.value.facts["where"]).startswith(where)
    assert refused.value.facts["why"]


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_told_once_and_in_both_languages(fault):
    _name, faults = examine(FAULTS[fault][0])

    (only,) = faults
    assert any("\u4e00" <= letter <= "\u9fff" for letter in only.zh)
    assert only.en.isascii()


def test_every_fault_of_a_draft_is_told_at_once():
    text = (
        HEAD.replace("example = true", "").replace('value = "time"', 'value = "item"')
        + "[colours]\n[earning]\nminimum_age = 18\nmaximum_age = 3\n"
        + '[caps]\nday_minutes = { value = 120, source = "s" }\n'
        + '[[coefficients]]\nfactor = "0"\nsource = "s"\n[[coefficients]]\nfactor = "2"\n'
    )

    name, faults = examine(text)

    assert name == "test-1"
    assert [fault.where for fault in faults] == [
        "colours", "example", "unit.kind", "earning.maximum_age", "earning.minimum_age",
        "coefficients.factor", "coefficients", "caps.day_excess",
    ]  # fmt: skip
    assert "账本只记分钟" in faults[2].zh


AT_THE_BOUND = {
    "one day in force": HEAD.replace("rules = 1", "rules = 1\nin_force_until = 2020-01-01"),
    "a minimum of whole steps": HEAD
    + '[rounding]\nstep_minutes = { value = 30, source = "s" }\n'
    + 'mode = { value = "down", source = "s" }\nminimum_minutes = { value = 60, source = "s" }',
    "exactly the whole": HEAD
    + '[endings]\ndeath_pool_percent = { value = 50, source = "s" }\n'
    + 'death_umbrella_percent = { value = 50, source = "s" }',
    "a factor of ten": HEAD + '[[coefficients]]\nfactor = "10"\nsource = "s"',
    "stars that ascend": HEAD + '[honours]\nstar_minutes = { value = [1, 2], source = "s" }',
}


@pytest.mark.parametrize("case", AT_THE_BOUND)
def test_what_is_just_within_its_bounds_loads(case):
    assert read_profile(AT_THE_BOUND[case]).name == "test-1"


@pytest.mark.parametrize("kind", ["service", "item"])
def test_a_unit_that_is_not_time_is_refused_with_the_reason(kind):
    with pytest.raises(ProfileUnitNotTime) as refused:
        read_profile(HEAD.replace('value = "time"', f'value = "{kind}"'))

    assert kind in refused.value.in_chinese()


def test_an_unknown_profile_names_those_that_exist():
    with pytest.raises(UnknownProfile) as refused:
        named_profile("atlantis")

    assert "nanjing-2019" in str(refused.value)


def test_a_citys_own_profile_comes_first(tmp_path):
    own = HEAD.replace("test-1", "plain-2026")
    (tmp_path / "plain-2026.toml").write_text(own, encoding="utf-8")
    (tmp_path / "other.toml").write_text(own, encoding="utf-8")

    assert named_profile("plain-2026", tmp_path).title_zh == "测试"
    assert named_profile("hongkong", tmp_path).family == "hongkong"
    with pytest.raises(ProfileInvalid, match="differs from the file's name"):
        named_profile("other", tmp_path)


def version_of(name: str, first: str, last: str | None) -> Profile:
    until = f"\nin_force_until = {last}" if last else ""
    text = HEAD.replace("test-1", name).replace("2020-01-01", first)
    return read_profile(text.replace("rules = 1", "rules = 1" + until))


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2020, 12, 30), "one"),
        (date(2020, 12, 31), "one"),
        (date(2021, 1, 1), "two"),
        (date(2099, 1, 1), "two"),
    ],
)
def test_the_day_chooses_the_profile(day, name):
    timeline = check_timeline(
        [version_of("two", "2021-01-01", None), version_of("one", "2020-01-01", "2020-12-31")]
    )

    assert choose(timeline, day).name == name


def test_a_day_before_every_profile_has_none():
    with pytest.raises(NoProfileInForce):
        choose([version_of("one", "2020-01-01", None)], date(2019, 12, 31))


@pytest.mark.parametrize("last", ["2021-01-01", None])
def test_two_profiles_may_not_share_a_day(last):
    first, second = version_of("one", "2020-01-01", last), version_of("two", "2021-01-01", None)

    with pytest.raises(ProfilesOverlap) as refused:
        check_timeline([second, first])

    assert refused.value.facts == {"first": "one", "second": "two", "on": "2021-01-01"}


def replacing(name: str, first: str, replaces: str, last: str | None = None) -> Profile:
    text = version_of(name, first, last).text
    return read_profile(text.replace("rules = 1", f'rules = 1\nreplaces = "{replaces}"'))


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2020, 12, 31), "one"),
        (date(2021, 1, 1), "two"),
        (date(2021, 12, 31), "two"),
        (date(2022, 1, 1), None),
        (date(2022, 1, 2), "three"),
    ],
)
def test_an_open_profile_ends_the_day_before_another_replaces_it(day, name):
    """The first does not come back when the second has ended."""
    one, three = version_of("one", "2020-01-01", None), version_of("three", "2022-01-02", None)
    profiles = check_timeline([three, replacing("two", "2021-01-01", "one", "2021-12-31"), one])

    assert [last_day(one, profiles) for one in profiles] == [
        date(2020, 12, 31), date(2021, 12, 31), None,
    ]  # fmt: skip
    if name is None:
        with pytest.raises(NoProfileInForce):
            choose(profiles, day)
    else:
        assert choose(profiles, day).name == name


def test_a_profile_is_replaced_by_a_later_one_alone():
    with pytest.raises(ProfilesOverlap):
        check_timeline(
            [version_of("one", "2020-01-01", None), replacing("two", "2020-01-01", "one")]
        )
    with pytest.raises(ProfilesOverlap):
        check_timeline([version_of("one", "2020-01-01", None), replacing("two", "2021-01-01", "x")])
    with pytest.raises(ProfileInvalid, match="names the profile itself"):
        replacing("two", "2021-01-01", "two")


def test_profiles_of_different_families_may_not_share_a_day_either():
    with pytest.raises(ProfilesOverlap):
        check_timeline([named_profile(name) for name in ("nanjing-2019", "plain-2026")])


def test_every_key_and_rule_stands_on_the_reference_page():
    page = REFERENCE.read_text(encoding="utf-8")

    for key in HEAD_KEYS:
        assert f"`{key}`" in page
    for name, section in SECTIONS.items():
        for field in fields(section):
            assert f"| `{name}.{field.name}` |" in page
    for rule in RULES:
        assert f"| `{rule.name}` |" in page
