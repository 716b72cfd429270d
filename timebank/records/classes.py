"""Classes of service: from the words of a register to the code that stands in the log.

The table is ``classes.toml``; the longest word that occurs in the content decides.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from timebank.errors import NotVolunteerActivity

OTHER = "other"
_NOT_VOLUNTEER = "not_volunteer"


@dataclass(frozen=True, slots=True)
class ServiceClass:
    """A class by its permanent code, with its Chinese name and the words that mean it.

    ``professional``: care by a trained hand, which some cities exclude and others charge more for.
    """

    code: str
    zh: str
    words: tuple[str, ...]
    professional: bool = False


@cache
def service_classes() -> tuple[ServiceClass, ...]:
    """Every class of the table, in its order."""
    text = files("timebank.records").joinpath("classes.toml").read_text(encoding="utf-8")
    return tuple(
        ServiceClass(code, row["zh"], tuple(row["words"]), row.get("professional", False))
        for code, row in tomllib.loads(text).items()
    )


def offered_classes() -> tuple[ServiceClass, ...]:
    """The classes for which somebody may ask."""
    return tuple(one for one in service_classes() if one.code != _NOT_VOLUNTEER)


@cache
def _words() -> tuple[tuple[str, str], ...]:
    pairs = [(word, one.code) for one in service_classes() for word in one.words]
    return tuple(sorted(pairs, key=lambda pair: -len(pair[0])))


def class_of(content: str) -> str:
    """The code for what a clerk wrote as content; ``other`` where no word of the table occurs.

    Raises:
        NotVolunteerActivity: the words say that it was paid or commercial
            (民政部令第67号, art. 19).
    """
    codes = [code for word, code in _words() if word in content]
    if _NOT_VOLUNTEER in codes:
        raise NotVolunteerActivity(field="content")
    return codes[0] if codes else OTHER


@cache
def is_professional(code: str) -> bool:
    """Whether a class needs a trained hand; a code that an older table had does not."""
    return any(one.code == code and one.professional for one in service_classes())


def name_of(code: str) -> str:
    """The Chinese name of a class code, or the code itself where an older table had it."""
    return next((one.zh for one in service_classes() if one.code == code), code)
