"""timebank/policy/explain_refusal.py: a "no" names its rule, value, clause and inputs."""

from datetime import date

import pytest

import timebank.errors
from ledger.errors import Refusal
from tests.support.profiles import cap, profile_with
from timebank.errors import NoAgreement, NotInsured, SelfService, SkillMissing
from timebank.errors.organisations import OrganisationDonatesOnly
from timebank.policy.eligibility import (
    check_gift,
    check_organisation,
    check_recorded,
    check_redeemer,
    check_redemption_day,
)
from timebank.policy.explain_refusal import DECIDED_BY, explain_code, explain_refusal
from timebank.policy.judging import Circumstance, judge
from timebank.policy.model import Profile
from timebank.policy.pricing import ServiceFacts
from timebank.policy.sheet import TITLES

NO_NURSING = '[services]\nexcluded_classes = { value = ["nursing"], source = "St. Gallen" }'
ADULTS = '[earning]\nminimum_age = { value = 18, source = "Nanjing" }'
NO_SPOUSE = '[services]\nown_spouse_excluded = { value = true, source = "St. Gallen" }'
FROM_TWENTY = '[redeeming]\nminimum_minutes = { value = 1200, source = "Yaohua 2017" }'
FROM_SIXTY = '[redeeming]\nminimum_age = { value = 60, source = "Nanjing" }'
TEN_DAYS = '[recording]\nbackdating_max_working_days = { value = 10, source = "67" }'
TO_SPOUSES = '[transfer]\nrelations = { value = ["spouse"], source = "Gulou 2018" }'


NOBODY = Circumstance()


def judged(facts: ServiceFacts, who: Circumstance = NOBODY) -> object:
    return lambda profile: judge(profile, facts, who)


def refusing(refusal: Refusal) -> object:
    """A refusal whose facts lie in the book and not in values."""

    def refuse(_profile: Profile) -> None:
        raise refusal

    return refuse


def sent(key: str, value: str) -> str:
    return f'[dispatch]\n{key} = {{ value = {value}, source = "第十七条" }}'


CASES = {
    "organisation_earns_nothing": (
        '[earning]\norganisations = { value = false, source = "Nanjing" }', check_organisation,
        ("否 false", "Nanjing", "栏目 志愿者"),
    ),
    "organisation_donates_only": (
        '[earning]\norganisations_donate_only = { value = true, source = "Nanjing" }',
        refusing(OrganisationDonatesOnly(field="number")), ("是 true", "Nanjing", "栏目 编号"),
    ),
    "excluded_service": (NO_NURSING, judged(ServiceFacts(60, "nursing")),
                         ("nursing", "St. Gallen", "服务类别 nursing")),
    "under_age": (ADULTS, judged(ServiceFacts(60), Circumstance(17)),
                  ("18", "Nanjing", "规定年龄 18")),
    "own_spouse": (NO_SPOUSE, judged(ServiceFacts(60), Circumstance(relations=("spouse",))),
                   ("是 true", "St. Gallen", "栏目 服务对象")),
    "order_cap_exceeded": (cap("order", 60, "refuse"), judged(ServiceFacts(61)),
                           ("60", "依据：c", "本次（分钟） 61")),
    "daily_cap_exceeded": (cap("day", 120, "refuse"),
                           judged(ServiceFacts(61, credited_that_day_minutes=60)),
                           ("120", "refuse", "当天已计（分钟） 60")),
    "account_cap_exceeded": (cap("account", 90_000, "refuse"),
                             judged(ServiceFacts(61, account_minutes=89_940)),
                             ("90000", "refuse", "本次（分钟） 61")),
    "not_redeemable": (FROM_TWENTY, lambda one: check_redeemer(one, 70, 1_199),
                       ("1200", "Yaohua 2017", "已入账（分钟） 1199")),
    "too_young_to_redeem": (FROM_SIXTY, lambda one: check_redeemer(one, 59, 0),
                            ("60", "Nanjing", "规定年龄 60")),
    "not_retired": ('[earning]\nretired_or_age = { value = 60, source = "St. Gallen" }',
                    judged(ServiceFacts(60), Circumstance(59)), ("60", "规定年龄 60")),
    "record_not_good": (
        '[earning]\ngood_record = { value = true, source = "Nanjing" }',
        judged(ServiceFacts(60), Circumstance(66, noted=frozenset({"bad_record"}))),
        ("是 true", "Nanjing", "栏目 志愿者"),
    ),
    "not_resident": ('[redeeming]\nresidents_only = { value = true, source = "Shanghai" }',
                     lambda one: check_redeemer(one, 70, 0), ("是 true", "栏目 服务对象")),
    "not_redemption_day": (
        '[redeeming]\nday_of_month = { value = 15, source = "Lubei" }',
        lambda one: check_redemption_day(one, date(2023, 4, 14), 0),
        ("15", "Lubei", "每月使用日 15"),
    ),
    "quarter_used_up": (
        '[redeeming]\ntimes_per_quarter = { value = 1, source = "Hailin" }',
        lambda one: check_redemption_day(one, date(2023, 4, 14), 1),
        ("1", "Hailin", "每季度次数 1"),
    ),
    "too_late_without_reason": (
        TEN_DAYS,
        lambda one: check_recorded(one, date(2023, 3, 1), date(2023, 4, 3), reason_given=False),
        ("10", "67", "期限（工作日） 10"),
    ),
    "not_insured": (sent("insurance_required", "true"), refusing(NotInsured(on="2023-04-05")),
                    ("是 true", "第十七条", "日期 2023-04-05")),
    "no_agreement": (sent("agreement_required", "true"), refusing(NoAgreement(on="2023-04-05")),
                     ("是 true", "第十七条", "日期 2023-04-05")),
    "skill_missing": (sent("skilled_classes", '["repairs"]'),
                      refusing(SkillMissing(service_class="repairs")),
                      ("repairs", "第十七条", "服务类别 repairs")),
    "transfer_not_allowed": (TO_SPOUSES, lambda one: check_gift(one, "friend", 70),
                             ("spouse", "Gulou 2018", "关系或对象 friend")),
}  # fmt: skip


def refused(profile: Profile, case: object) -> Refusal:
    with pytest.raises(Refusal) as caught:
        case(profile)  # type: ignore[operator]
    return caught.value


@pytest.mark.parametrize("code", CASES)
def test_a_refusal_names_value_clause_and_inputs_in_both_languages(code: str) -> None:
    part, case, wanted = CASES[code]
    profile = profile_with(part)
    refusal = refused(profile, case)

    told = explain_refusal(profile, refusal)

    assert refusal.code == code
    assert (told.zh[0], told.en[0]) == (refusal.in_chinese(), str(refusal))
    for words in wanted:
        assert words in "\n".join(told.zh)
    assert any(key in line for key in DECIDED_BY[code] for line in told.en)
    assert told.en[-2].startswith("inputs: ")
    assert (profile.version in told.zh[-1], profile.version in told.en[-1]) == (True, True)


def test_every_refusal_of_a_rule_has_a_case_and_real_keys() -> None:
    assert set(CASES) == set(DECIDED_BY)
    assert {key for keys in DECIDED_BY.values() for key in keys} <= set(TITLES)
    assert set(DECIDED_BY) <= {kind.code for kind in timebank.errors.REFUSALS}


def test_what_no_policy_can_allow_says_so() -> None:
    told = explain_refusal(profile_with(NO_SPOUSE), SelfService(field="recipient"))
    assert "换成任何规则也一样" in told.zh[-1]
    assert "under every policy" in told.en[-1]


def test_a_code_alone_names_the_clause_and_no_inputs() -> None:
    told = explain_code(profile_with(NO_SPOUSE), "own_spouse")
    assert told.zh[0] == "照护配偶不计（services.own_spouse_excluded）：是 true（依据：St. Gallen）"
    assert not any("输入" in line for line in told.zh)


def test_what_is_unset_is_said_to_be() -> None:
    told = explain_code(profile_with(), "transfer_not_allowed")
    assert told.en[0].startswith("this policy leaves unset: transfer.relations")
