"""Who may earn, redeem and receive, and how late a service may be recorded: judged, not priced.

Each function lets a case pass or refuses it; what the profile leaves unset is off.
"""

from datetime import date

from timebank.calendar import is_back_dated, working_days_between
from timebank.errors import (
    ExcludedService,
    InTheFuture,
    NotRedeemable,
    OwnSpouse,
    SelfService,
    TooLateWithoutReason,
    TooYoungToRedeem,
    TransferNotAllowed,
    UnderAge,
)
from timebank.policy.model import Profile


def check_earner(profile: Profile, age: int, *, in_institution_group: bool = False) -> None:
    """Let a volunteer of ``age`` full years on the day of the service earn.

    Raises:
        UnderAge: younger than the profile asks, and not in a group at an institution that it
            excepts.
    """
    minimum, excepted = profile.earning.minimum_age, profile.earning.under_age_in_groups
    if minimum is None or age >= minimum.value:
        return
    if in_institution_group and excepted is not None and excepted.value:
        return
    raise UnderAge(minimum_age=minimum.value)


def check_relation(profile: Profile, relation: str | None) -> None:
    """Let care for the recipient earn; ``relation`` is how the volunteer calls them, or ``None``.

    Raises, the first that applies:
        SelfService: ``self``, which no policy can allow.
        OwnSpouse: ``spouse``, where the profile excludes it.
    """
    if relation == "self":
        raise SelfService(field="recipient")
    excluded = profile.services.own_spouse_excluded
    if relation == "spouse" and excluded is not None and excluded.value:
        raise OwnSpouse(field="recipient")


def check_class(profile: Profile, service_class: str) -> None:
    """Let a service of this class be recorded.

    Raises:
        ExcludedService: the profile leaves the class to professionals.
    """
    excluded = profile.services.excluded_classes
    if excluded is not None and service_class in excluded.value:
        raise ExcludedService(field="content", service_class=service_class)


def check_recorded(
    profile: Profile, service_on: date, recorded_on: date, *, reason_given: bool
) -> bool:
    """Whether the record is back-dated and must show so; local dates, the profile of recording.

    Raises, the first that applies:
        InTheFuture: the service is later than the recording.
        TooLateWithoutReason: back-dated, and nobody said why.
    """
    if service_on > recorded_on:
        raise InTheFuture(on=service_on.isoformat(), today=recorded_on.isoformat())
    limit = profile.recording.backdating_max_working_days
    if limit is None or not is_back_dated(service_on, recorded_on, limit.value):
        return False
    if not reason_given:
        elapsed = working_days_between(service_on, recorded_on)
        raise TooLateWithoutReason(working_days=elapsed or 0, most_working_days=limit.value)
    return True


def check_redeemer(
    profile: Profile, age: int, posted_minutes: int, *, in_hardship: bool = False
) -> None:
    """Let a person of ``age`` full years with ``posted_minutes`` of credit ask for care.

    Raises, the first that applies:
        TooYoungToRedeem: below the age, or below that for special hardship.
        NotRedeemable: less saved than the profile asks before the first use.
    """
    ages = profile.redeeming
    minimum = ages.hardship_minimum_age if in_hardship else None
    minimum = minimum or ages.minimum_age
    if minimum is not None and age < minimum.value:
        raise TooYoungToRedeem(minimum_age=minimum.value)
    least = ages.minimum_minutes
    if least is not None and posted_minutes < least.value:
        raise NotRedeemable(minimum_minutes=least.value, posted_minutes=posted_minutes)


def check_gift(profile: Profile, relation: str, receiver_age: int) -> None:
    """Let credit go to a person who stands in ``relation`` to the giver; unset allows nobody.

    Raises:
        TransferNotAllowed: the relation is not listed, or the receiver is younger than asked.
    """
    allowed, minimum = profile.transfer.relations, profile.transfer.relative_minimum_age
    listed = allowed is not None and relation in allowed.value
    if not listed or (minimum is not None and receiver_age < minimum.value):
        raise TransferNotAllowed(relation=relation)


def check_donation(profile: Profile, to: str) -> None:
    """Let credit be donated ``to`` a group; unset allows none.

    Raises:
        TransferNotAllowed: the group is not listed.
    """
    allowed = profile.transfer.donation_to
    if allowed is None or to not in allowed.value:
        raise TransferNotAllowed(relation=to)


def needs_second_person(profile: Profile) -> bool:
    """Whether a record waits for a reviewer before any credit moves."""
    four_eyes = profile.review.four_eyes
    return four_eyes is not None and four_eyes.value
