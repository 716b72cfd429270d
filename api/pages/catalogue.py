"""The words of the pages in both languages, with the city's own in place of 银行, 币, 存, 取."""

import string
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from enum import StrEnum
from functools import cache
from importlib.resources import files

from timebank.policy.vocabulary import Vocabulary


class Language(StrEnum):
    """The two languages of the pages."""

    ZH = "zh"
    EN = "en"

    @property
    def tag(self) -> str:
        """The BCP 47 tag for a ``lang`` attribute."""
        return "zh-Hans" if self is Language.ZH else "en"

    @property
    def other(self) -> "Language":
        """The language that the switch offers."""
        return Language.EN if self is Language.ZH else Language.ZH


def language_named(code: str) -> Language:
    """The language of a cookie's or an address's code; Chinese for anything unknown."""
    return Language.EN if code == Language.EN else Language.ZH


@cache
def entries() -> Mapping[str, Mapping[str, str]]:
    """Every entry by ``section.key``: its text by language code."""
    text = files("api.pages").joinpath("catalogue.toml").read_text(encoding="utf-8")
    sections = tomllib.loads(text).items()
    return {f"{section}.{key}": said for section, keys in sections for key, said in keys.items()}


class Words:
    """What a page says in one language under one policy's vocabulary."""

    __slots__ = ("_vocabulary", "language")

    def __init__(self, language: Language, vocabulary: Vocabulary) -> None:
        self.language = language
        self._vocabulary = asdict(vocabulary)

    def __call__(self, key: str, **facts: object) -> str:
        """The entry of that key with ``facts`` filled in.

        Raises:
            KeyError: no such entry, or it names a fact that was not given.
        """
        return entries()[key][self.language].format_map(self._vocabulary | facts)

    def or_code(self, section: str, code: str) -> str:
        """What ``section`` calls a code, or the code itself where it has no word for it."""
        known = entries().get(f"{section}.{code}")
        return code if known is None else known[self.language].format_map(self._vocabulary)

    def of_pair(self, zh: str, en: str) -> str:
        """Which of two texts is in this language."""
        return zh if self.language is Language.ZH else en


def facts_named(text: str) -> frozenset[str]:
    """The names in braces of an entry's text."""
    return frozenset(_names(text))


def _names(text: str) -> Iterator[str]:
    for _literal, name, _spec, _conversion in string.Formatter().parse(text):
        if name is not None:
            yield name
