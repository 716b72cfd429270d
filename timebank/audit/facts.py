"""Signed facts as the verifier reads them: whoever signed may have written anything."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from timebank.records.model import Payer
from timebank.records.signed_facts import AIM_MET, REST, TRAVEL

Facts = Mapping[str, Any]
"""What a submission, or a row of one, says."""


class Underived(ValueError):
    """Facts from which nothing follows; the message says which of them is not of its form."""


def text_of(facts: Facts, name: str) -> str:
    """The text of that name.

    Raises:
        Underived: there is none.
    """
    value = facts.get(name)
    if not isinstance(value, str):
        raise Underived(f"{name}: no text is signed")
    return value


def whole_of(facts: Facts, name: str) -> int:
    """The whole number of that name.

    Raises:
        Underived: there is none.
    """
    value = facts.get(name)
    if type(value) is not int:
        raise Underived(f"{name}: no whole number is signed")
    return value


_day = lru_cache(maxsize=4_096)(date.fromisoformat)  # The same few days, again and again.


def day_of(facts: Facts, name: str) -> date:
    """The day of that name.

    Raises:
        Underived: there is none.
    """
    text = text_of(facts, name)
    try:
        return _day(text)
    except ValueError as error:
        raise Underived(f"{name}: no day is signed") from error


def spent_of(facts: Facts) -> dict[str, Any]:
    """What was said of the time inside the interval, as pricing names it.

    Raises:
        Underived: a number of minutes below 1, or an aim that was met, which nobody says.
    """
    found: dict[str, Any] = {}
    for name, priced in ((TRAVEL, "travel_minutes"), (REST, "rest_minutes")):
        if name in facts:
            found[priced] = whole_of(facts, name)
            if found[priced] < 1:
                raise Underived(f"{name}: none is said by leaving it out")
    if AIM_MET in facts:
        if facts[AIM_MET] is not False:
            raise Underived(f"{AIM_MET}: only that it was not is said")
        found["aim_met"] = False
    return found


def payer_of(facts: Facts) -> Payer:
    """Who pays.

    Raises:
        Underived: nobody of the four that can.
    """
    text = text_of(facts, "payer")
    try:
        return Payer(text)
    except ValueError as error:
        raise Underived(f"payer: {error}") from error
