"""timebank/policy/vocabulary.py: the city's words, and the plain ones where it has none."""

from timebank.policy.load import named_profile
from timebank.policy.vocabulary import Vocabulary, vocabulary


def test_unset_words_are_the_plain_ones():
    assert vocabulary(named_profile("plain-2026")) == Vocabulary(
        "时间银行", "银行", "币", "存", "取"
    )


def test_a_city_may_rename_the_platform_alone():
    words = vocabulary(named_profile("nanjing-2019"))

    assert (words.platform, words.bank) == ("养老服务互助时间平台", "银行")


def test_a_city_may_avoid_every_financial_word():
    words = vocabulary(named_profile("shanghai-2026"))

    assert not set("银行存取") & set(words.platform + words.bank + words.save + words.spend)
