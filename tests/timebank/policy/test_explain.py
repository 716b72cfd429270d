"""timebank/policy/explain.py: why 45 minutes became 45, or 60, is answered with the clause."""

import pytest

from tests.support.profiles import SHORT_IS_AN_HOUR, cap, profile_with
from timebank.policy.explain import explain
from timebank.policy.load import named_profile
from timebank.policy.pricing import ServiceFacts, price


def test_forty_five_stays_forty_five_because_time_counts_as_given():
    profile = named_profile("plain-2026")

    told = explain(profile, price(profile, ServiceFacts(45)))

    assert told.zh[0] == "服务 45 分钟，入账 45 分钟"
    assert "民政部令第67号第七条" in told.zh[1]
    assert told.en[0] == "45 minutes given, 45 credited"
    assert "第67号" in told.en[1]


def test_forty_five_becomes_sixty_because_the_aim_was_met():
    profile = profile_with(SHORT_IS_AN_HOUR)

    told = explain(profile, price(profile, ServiceFacts(45)))

    assert told.zh[:2] == (
        "服务 45 分钟，入账 60 分钟",
        "1. 达到服务目的，不足 60 分钟按 60 分钟计：45 → 60 分钟（依据：Jiaozhou 2015）",
    )
    assert told.en[1].endswith("45 → 60 minutes (Jiaozhou 2015)")


def test_it_says_where_the_excess_went_and_what_the_payer_paid():
    profile = profile_with(cap("account", 90_000, "pool"))

    told = explain(
        profile, price(profile, ServiceFacts(45, account_minutes=89_970, has_payer=True))
    )

    assert told.zh[0] == "服务 45 分钟，入账 30 分钟，捐入公共时间池 15 分钟，使用方支出 45 分钟"
    assert "1500小时" in told.zh[1]
    assert told.en[0] == "45 minutes given, 30 credited, 15 given to the public pool, 45 charged"


@pytest.mark.parametrize("name", ["plain-2026", "nanjing-2019"])
def test_an_example_says_so_and_names_its_version(name):
    profile = named_profile(name)

    told = explain(profile, price(profile, ServiceFacts(45)))

    assert "示例" in told.zh[-1]
    assert "example" in told.en[-1]
    assert profile.version in told.zh[-1]
