"""A city's words in place of 时间银行, 银行, 币, 存 and 取.

Texts ask for a word by name.  Nothing is replaced inside finished text, where 取 is also part of
取消 and 存 of 生存.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from timebank.errors import NoProfileInForce
from timebank.policy.model import Clause, Profile


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The five words, as a screen under this profile says them."""

    platform: str = "时间银行"
    bank: str = "银行"
    coin: str = "币"
    save: str = "存"
    spend: str = "取"


def vocabulary(profile: Profile) -> Vocabulary:
    """The words of ``profile``; what it leaves unset is the plain word."""
    plain, words = Vocabulary(), profile.words
    return Vocabulary(
        platform=_or(words.platform_zh, plain.platform),
        bank=_or(words.bank_zh, plain.bank),
        coin=_or(words.coin_zh, plain.coin),
        save=_or(words.save_zh, plain.save),
        spend=_or(words.spend_zh, plain.spend),
    )


def vocabulary_on(choose: Callable[[date], Profile], day: date) -> Vocabulary:
    """The words of the profile that ``choose`` finds for a day; the plain ones where none is."""
    try:
        return vocabulary(choose(day))
    except NoProfileInForce:
        return Vocabulary()


def _or(clause: Clause[str] | None, plain: str) -> str:
    return plain if clause is None else clause.value
