"""How long a public notice lasts: pure rules over days."""

from datetime import date, timedelta

from timebank.calendar import working_days_between
from timebank.policy.eligibility import needs_second_person
from timebank.policy.model import Profile
from timebank.records.model import State

POST = "post"
"""What the facts of an entry do that is posted because its notice is over."""

OBJECT, DISMISS, UPHOLD = "object", "dismiss", "uphold"
"""What facts about an objection do."""


def notice_days(profile: Profile) -> int:
    """Working days of public notice before credit moves, by the profile of recording; 0: none."""
    clause = profile.review.notice_working_days
    return 0 if clause is None else clause.value


def first_state(profile: Profile) -> State:
    """Where a record stands once it is made, by the profile of recording."""
    if needs_second_person(profile):
        return State.AWAITING_REVIEW
    return State.UNDER_NOTICE if notice_days(profile) else State.POSTED


def is_over(opened_on: date, working_days: int, today: date) -> bool:
    """Whether so many whole working days lie between the opening and today.

    Neither the day of the opening nor today counts.  Where a year's 调休 table is not known the
    notice is not over: credit that waits a day too long can be posted, the other way round it
    cannot be taken back unseen.
    """
    elapsed = working_days_between(opened_on, today - timedelta(days=1))
    return elapsed is not None and elapsed >= working_days
