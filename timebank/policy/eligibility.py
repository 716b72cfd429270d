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
from timebank.errors.organisations import OrganisationEarnsNothing
from timebank.errors.standing import (
    NotRedemptionDay,
    NotResident,
    NotRetired,
    QuarterUsedUp,
    RecordNotGood,
)
from timebank.policy.model import Clause, Profile

BAD_RECORD, RETIRED, RESIDENT, HARDSHIP = "bad_record", "retired", "resident", "special_hardship"
"""What may be noted of a person because some policy asks: each with proof, sealed."""

NOBODY_NOTED: frozenset[str] = frozenset()

BULK_VOLUNTEERS = 10
"""Volunteers of one record from which a roster is asked for where the profile does not say.

Wuhan declares and files activities of ten or more; a team that visits an elder is of two to four.
The one rule that is on where a profile is silent: events of 50 to 500 people were invented (F2).
"""


def standing_asked(profile: Profile) -> frozenset[str]:
    """Which of the codes above decide anything under this profile."""
    asked = {
        BAD_RECORD: _is_on(profile.earning.good_record),
        RETIRED: profile.earning.retired_or_age is not None,
        RESIDENT: _is_on(profile.redeeming.residents_only),
        HARDSHIP: profile.redeeming.hardship_minimum_age is not None,
    }
    return frozenset(code for code, decides in asked.items() if decides)


def asks_age(profile: Profile) -> bool:
    """Whether anything under this profile depends on a birth date, which lies in the vault."""
    earning, redeeming = profile.earning, profile.redeeming
    ages = (earning.minimum_age, earning.retired_or_age, redeeming.minimum_age)
    return any(age is not None for age in ages)


def check_organisation(profile: Profile) -> None:
    """Let an organisation earn as a group volunteer.

    Raises:
        OrganisationEarnsNothing: the profile has no group volunteers.
    """
    if not _is_on(profile.earning.organisations):
        raise OrganisationEarnsNothing(field="volunteer")


def check_earner(
    profile: Profile,
    age: int | None,
    *,
    in_institution_group: bool = False,
    noted: frozenset[str] = NOBODY_NOTED,
) -> None:
    """Let a volunteer of ``age`` full years on the day of the service earn.

    ``None`` is an age that nobody knows: a minimum age does not ask about it, because registers
    are full of volunteers by name, but whoever must be retired or old enough has to show either.

    Raises, the first that applies:
        UnderAge: younger than the profile asks, and not in a group at an institution that it
            excepts.
        NotRetired: neither noted as retired nor of the age that stands for it.
        RecordNotGood: a serious bad record was noted, and the profile asks for a good one.
    """
    minimum, excepted = profile.earning.minimum_age, profile.earning.under_age_in_groups
    too_young = minimum is not None and age is not None and age < minimum.value
    if minimum is not None and too_young and not (in_institution_group and _is_on(excepted)):
        raise UnderAge(minimum_age=minimum.value)
    retired = profile.earning.retired_or_age
    if retired is not None and RETIRED not in noted and (age is None or age < retired.value):
        raise NotRetired(minimum_age=retired.value)
    if _is_on(profile.earning.good_record) and BAD_RECORD in noted:
        raise RecordNotGood(field="volunteer")


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


def check_class(profile: Profile, service_class: str, *, professional: bool = False) -> None:
    """Let a service of this class be recorded; ``professional`` needs a trained hand.

    Raises:
        ExcludedService: the profile leaves the class, or all such classes, to professionals.
    """
    excluded = profile.services.excluded_classes
    named = excluded is not None and service_class in excluded.value
    if named or (professional and _is_on(profile.services.non_professional_only)):
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
    profile: Profile, age: int, posted_minutes: int, *, noted: frozenset[str] = NOBODY_NOTED
) -> None:
    """Let a person of ``age`` full years with ``posted_minutes`` of credit ask for care.

    Raises, the first that applies:
        TooYoungToRedeem: below the age, or below that for special hardship where it was noted.
        NotResident: the profile serves residents, and nobody noted that they are one.
        NotRedeemable: less saved than the profile asks before the first use.
    """
    ages = profile.redeeming
    minimum = ages.hardship_minimum_age if HARDSHIP in noted else None
    minimum = minimum or ages.minimum_age
    if minimum is not None and age < minimum.value:
        raise TooYoungToRedeem(minimum_age=minimum.value)
    if _is_on(ages.residents_only) and RESIDENT not in noted:
        raise NotResident(field="recipient")
    least = ages.minimum_minutes
    if least is not None and posted_minutes < least.value:
        raise NotRedeemable(minimum_minutes=least.value, posted_minutes=posted_minutes)


def check_redemption_day(profile: Profile, on: date, used_that_quarter: int) -> None:
    """Let an elder's own time pay for a service on this day.

    ``used_that_quarter`` are the services in the same calendar quarter that their time paid for or
    is held for.

    Raises, the first that applies:
        NotRedemptionDay: the profile names one day of the month, and this is another.
        QuarterUsedUp: as often as the profile lets anybody.
    """
    day, times = profile.redeeming.day_of_month, profile.redeeming.times_per_quarter
    if day is not None and on.day != day.value:
        raise NotRedemptionDay(on=on.isoformat(), day_of_month=day.value)
    if times is not None and used_that_quarter >= times.value:
        raise QuarterUsedUp(on=on.isoformat(), times=times.value)


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
    return _is_on(profile.review.four_eyes)


def bulk_volunteers(profile: Profile) -> int:
    """Volunteers of one record from which a second person must have seen a signed roster."""
    stated = profile.review.bulk_volunteers
    return BULK_VOLUNTEERS if stated is None else stated.value


def _is_on(switch: Clause[bool] | None) -> bool:
    return switch is not None and switch.value
