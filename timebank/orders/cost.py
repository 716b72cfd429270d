"""What an order will cost whoever pays, before it has happened, and by which clause."""

from datetime import datetime

from timebank.bank import Bank
from timebank.policy.explain import Explanation, explain
from timebank.policy.pricing import Priced, ServiceFacts, price
from timebank.records.classes import is_professional
from timebank.records.model import Payer


def expected_charge(
    bank: Bank, class_code: str, starts_at: datetime, minutes: int, payer: Payer
) -> int:
    """Minutes that the payer will owe if a visit lasts as long as was asked for.

    Raises:
        NoProfileInForce: no policy covers that day.
    """
    return _price(bank, class_code, starts_at, minutes, payer).charged


def explain_charge(
    bank: Bank, class_code: str, starts_at: datetime, minutes: int, payer: Payer
) -> tuple[int, Explanation]:
    """The same minutes with every rule that makes them differ from the time received.

    The explanation is empty where the payer owes exactly that time.

    Raises:
        NoProfileInForce: no policy covers that day.
    """
    priced = _price(bank, class_code, starts_at, minutes, payer)
    if priced.charged in (0, minutes):
        return priced.charged, Explanation((), ())
    told = explain(bank.profile_on(starts_at.date()), priced)
    return priced.charged, Explanation(told.zh[1:], told.en[1:])


def _price(bank: Bank, class_code: str, starts_at: datetime, minutes: int, payer: Payer) -> Priced:
    facts = ServiceFacts(
        given_minutes=minutes,
        service_class=class_code,
        professional=is_professional(class_code),
        starts_at_minute=starts_at.hour * 60 + starts_at.minute,
        has_payer=payer is not Payer.NOBODY,
    )
    return price(bank.profile_on(starts_at.date()), facts)
