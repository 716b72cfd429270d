"""When credit expires, and how much of it: pure rules, shared with the verifier.

What a member gives out or uses is the oldest credit first.  So what is left of an account is always
the newest that it received, and what is older than a day is whatever its balance has beyond what
came in since.  Credit lives from the month in which it was *recorded*: nobody can spend a service
that was not recorded yet, and nothing that is recorded late arrives already expired.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum

from dateutil.relativedelta import relativedelta

from timebank.clock import instant_of, milliseconds
from timebank.policy.model import Profile

EXPIRED = "expired"
"""The kind of the entries that move expired minutes to the public pool; a permanent word."""

ANNOUNCE, EXPIRE, GIVE_BACK = "announce_expiry", "expire_credit", "give_back_expired"
"""What signed facts do; permanent words."""


class State(StrEnum):
    """Where an announcement stands; permanent words.

    ``nothing_left``: on its day all of it was spent or set aside.  ``lapsed``: it was not carried
    out for a reason that is no spending; what is still old is announced anew.  ``given_back``:
    an operator reversed it.
    """

    ANNOUNCED = "announced"
    EXPIRED = "expired"
    NOTHING_LEFT = "nothing_left"
    LAPSED = "lapsed"
    GIVEN_BACK = "given_back"


class Why(StrEnum):
    """Why an announcement lapsed; permanent words."""

    RESTS = "rests"
    OFF = "off"
    SUSPENDED = "suspended"
    SHORT_NOTICE = "short_notice"
    UNTOLD = "untold"
    MISSED = "missed"
    CARRIED_OVER = "carried_over"


@dataclass(frozen=True, slots=True)
class Terms:
    """How many months credit lives, and how many before its end the holder is told."""

    months: int
    notice_months: int


def terms_of(profile: Profile) -> Terms | None:
    """What the profile says of the end of credit; ``None``: it lives for ever."""
    endings = profile.endings
    if endings.credit_expires_after_months is None or endings.expiry_notice_months is None:
        return None
    return Terms(endings.credit_expires_after_months.value, endings.expiry_notice_months.value)


def month_of(day: date) -> date:
    """The first day of the month."""
    return day.replace(day=1)


def due_on(today: date, terms: Terms) -> date:
    """The day on which expires what is announced today: a first of a month, the whole notice away.

    A run on the first of a month and one that was late by some days differ by a month, in the
    holder's favour.
    """
    after = today + relativedelta(months=terms.notice_months)
    return after if after.day == today.day == 1 else month_of(after) + relativedelta(months=1)


def kept_since(due: date, terms: Terms) -> date:
    """The first day of recording whose credit still lives on ``due``, a first of a month.

    Credit of any day of a month thus lives for whole months after it, never fewer than the policy
    says.
    """
    return due - relativedelta(months=terms.months)


def starts_ms(day: date) -> int:
    """When a local day begins, in ms UTC."""
    return milliseconds(instant_of(day, time.min))


def notice_is_over(announced_on: date, today: date, terms: Terms) -> bool:
    """Whether the whole notice lies between the day of the announcement and today."""
    return announced_on + relativedelta(months=terms.notice_months) <= today


def older(posted: int, received_since: int) -> int:
    """Minutes left of what came in before a day, of ``posted``, when so many came in since."""
    return max(0, posted - received_since)


def newly_due(
    posted: int,
    received_since: Mapping[date, int],
    announced: Iterable[tuple[date, int]],
    due: date,
    terms: Terms,
) -> int:
    """Minutes to announce for ``due`` beside what was ``announced`` before, as (due day, minutes).

    ``received_since`` has, for the day :func:`kept_since` of each due day, what came in since.
    What was announced and is spent meanwhile counts no more as announced: spending takes the
    oldest.
    """
    covered = 0
    for before, minutes in sorted(announced):
        left = older(posted, received_since[kept_since(before, terms)])
        covered = min(covered + minutes, left)
    return max(0, older(posted, received_since[kept_since(due, terms)]) - covered)


def expiring(announced: int, old: int, held: int) -> int:
    """Minutes that expire of what was announced: never more, and none that a hold will take.

    A hold that is settled takes the oldest minutes, so those are the ones that it keeps alive.
    """
    return min(announced, max(0, old - held))


@dataclass(frozen=True, slots=True)
class Coming:
    """Minutes of an account that were announced, are not spent, and expire on a day."""

    due_on: date
    minutes: int


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of the credit that was recorded in a month, and the day on which it expires."""

    month: date
    minutes: int
    expires_on: date


def left_by_month(posted: int, received: Mapping[date, int], terms: Terms) -> tuple[Left, ...]:
    """What is left of each month's credit, the oldest first, and when it expires at the earliest.

    ``received`` has minutes by the first day of their month; ``posted`` is the balance.
    """
    found: list[Left] = []
    rest = posted
    for month in sorted(received, reverse=True):
        left = min(rest, received[month])
        if left > 0:
            ends = month + relativedelta(months=terms.months + 1)
            found.append(Left(month, left, ends))
            rest -= left
    return tuple(reversed(found))
