"""A policy profile: every value a city may decide about time, each with the clause that decides it.

What is unset is off.  A profile is effective-dated and never edited; its version binds its text.
The field declarations below are the whole grammar: ``timebank.policy.load`` reads them, the
reference page is tested against them.
"""

from dataclasses import dataclass, field
from datetime import date, time
from fractions import Fraction
from functools import cached_property
from hashlib import sha256
from typing import Any, ClassVar, Generic, TypeVar

T = TypeVar("T")

MINUTES_A_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Clause(Generic[T]):
    """A decided value and where it is decided: a law's article, or "city, year, row, grade"."""

    value: T
    source: str


@dataclass(frozen=True, slots=True)
class Shape:
    """How the loader reads one key: its kind, its bounds and its words."""

    kind: str
    low: int = 0
    high: int = 0
    options: tuple[str, ...] = ()


def _off(shape: Shape) -> Any:
    return field(default=None, metadata={"shape": shape})


def _must(shape: Shape) -> Any:
    return field(metadata={"shape": shape})


def _whole(low: int, high: int) -> Shape:
    return Shape("whole", low, high)


def _one_of(*options: str) -> Shape:
    return Shape("one_of", options=options)


def _some_of(*options: str) -> Shape:
    return Shape("some_of", options=options)


_SWITCH = Shape("switch")
_TEXT = Shape("text", 1, 40)
_CODES = Shape("codes", 1, 60)
_UP_TO_A_DAY = _whole(1, MINUTES_A_DAY)
_AGE = _whole(0, 120)


@dataclass(frozen=True, slots=True)
class Unit:
    """What one unit on a screen is worth; the books hold minutes whatever it is called."""

    kind: Clause[str] = _must(_one_of("time", "service", "item"))
    minutes_per_unit: Clause[int] = _must(_UP_TO_A_DAY)
    name_zh: Clause[str] = _must(_TEXT)
    name_en: Clause[str] = _must(_TEXT)


@dataclass(frozen=True, slots=True)
class Words:
    """The city's words for 时间银行, 银行, 币, 存 and 取."""

    platform_zh: Clause[str] | None = _off(_TEXT)
    bank_zh: Clause[str] | None = _off(_TEXT)
    coin_zh: Clause[str] | None = _off(_TEXT)
    save_zh: Clause[str] | None = _off(_TEXT)
    spend_zh: Clause[str] | None = _off(_TEXT)


@dataclass(frozen=True, slots=True)
class Counting:
    """Which parts of the time between sign-in and sign-out count; unset counts them."""

    travel: Clause[bool] | None = _off(_SWITCH)
    meals_and_rest: Clause[bool] | None = _off(_SWITCH)


@dataclass(frozen=True, slots=True)
class Rounding:
    """Steps of credit, and what a short service that met its aim is worth."""

    minimum_minutes: Clause[int] | None = _off(_UP_TO_A_DAY)
    step_minutes: Clause[int] | None = _off(_UP_TO_A_DAY)
    mode: Clause[str] | None = _off(_one_of("down", "nearest", "up"))


@dataclass(frozen=True, slots=True)
class Coefficient:
    """One row of a coefficient table: of two bounds, ``from_time`` is inside and ``to_time`` not.

    ``None`` matches every class, or every hour.  A band may run over midnight.
    """

    factor: Fraction
    service_class: str | None = None
    from_time: time | None = None
    to_time: time | None = None


@dataclass(frozen=True, slots=True)
class Caps:
    """Most minutes credited for an order, a day and an account, and where the excess goes."""

    order_minutes: Clause[int] | None = _off(_UP_TO_A_DAY)
    order_excess: Clause[str] | None = _off(_one_of("trim", "refuse"))
    day_minutes: Clause[int] | None = _off(_UP_TO_A_DAY)
    day_excess: Clause[str] | None = _off(_one_of("trim", "refuse"))
    account_minutes: Clause[int] | None = _off(_whole(1, 10**7))
    account_excess: Clause[str] | None = _off(_one_of("pool", "honour", "refuse"))


@dataclass(frozen=True, slots=True)
class Charging:
    """What a payer is charged beyond the time received."""

    professional_rate: Clause[int] | None = _off(_whole(1, 60))


@dataclass(frozen=True, slots=True)
class Services:
    """Services that earn nothing here."""

    own_spouse_excluded: Clause[bool] | None = _off(_SWITCH)
    excluded_classes: Clause[tuple[str, ...]] | None = _off(_CODES)
    non_professional_only: Clause[bool] | None = _off(_SWITCH)


@dataclass(frozen=True, slots=True)
class Earning:
    """Who earns."""

    minimum_age: Clause[int] | None = _off(_AGE)
    under_age_in_groups: Clause[bool] | None = _off(_SWITCH)
    retired_or_age: Clause[int] | None = _off(_AGE)
    good_record: Clause[bool] | None = _off(_SWITCH)
    organisations: Clause[bool] | None = _off(_SWITCH)
    organisations_donate_only: Clause[bool] | None = _off(_SWITCH)


@dataclass(frozen=True, slots=True)
class Redeeming:
    """Who redeems, from how much on, when, and for what; goods and money are never among it."""

    minimum_age: Clause[int] | None = _off(_AGE)
    hardship_minimum_age: Clause[int] | None = _off(_AGE)
    residents_only: Clause[bool] | None = _off(_SWITCH)
    own_saved_time: Clause[bool] | None = _off(_SWITCH)
    minimum_minutes: Clause[int] | None = _off(_whole(1, 10**6))
    services_only: Clause[bool] | None = _off(_SWITCH)
    times_per_quarter: Clause[int] | None = _off(_whole(1, 92))
    day_of_month: Clause[int] | None = _off(_whole(1, 28))


@dataclass(frozen=True, slots=True)
class Transfer:
    """To whom credit may go."""

    relations: Clause[tuple[str, ...]] | None = _off(
        _some_of("spouse", "lineal_relative", "relative", "friend")
    )
    relative_minimum_age: Clause[int] | None = _off(_AGE)
    donation_to: Clause[tuple[str, ...]] | None = _off(
        _some_of("pool", "childless_elder", "hardship_elder", "nonprofit_home")
    )


@dataclass(frozen=True, slots=True)
class Recording:
    """How late a service may be recorded, and how much of later credit mends a wrong record."""

    backdating_max_working_days: Clause[int] | None = _off(_whole(0, 250))
    shortfall_recovery_percent: Clause[int] | None = _off(_whole(1, 100))


@dataclass(frozen=True, slots=True)
class Review:
    """Whether a second person must look before credit moves, and how long the public may.

    ``bulk_volunteers`` credited by one record make it an event of many; unset is not off, but
    :data:`timebank.policy.eligibility.BULK_VOLUNTEERS`.
    """

    four_eyes: Clause[bool] | None = _off(_SWITCH)
    notice_working_days: Clause[int] | None = _off(_whole(1, 60))
    bulk_volunteers: Clause[int] | None = _off(_whole(2, 200))


@dataclass(frozen=True, slots=True)
class Dispatch:
    """What must be there before a volunteer is sent to somebody; unset demands nothing."""

    insurance_required: Clause[bool] | None = _off(_SWITCH)
    agreement_required: Clause[bool] | None = _off(_SWITCH)
    skilled_classes: Clause[tuple[str, ...]] | None = _off(_CODES)


@dataclass(frozen=True, slots=True)
class Visits:
    """How far from the agreed place a visit may be signed in and out before the station is told."""

    geofence_metres: Clause[int] | None = _off(_whole(1, 100_000))


@dataclass(frozen=True, slots=True)
class Eligibility:
    """One group that a grant fund serves: ages in years, both inside; any one condition is enough.

    ``maximum_age`` of ``None`` is open.  Conditions are codes of section 1, row "Grants".
    """

    minimum_age: int
    maximum_age: int | None
    conditions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grants:
    """How much a fund gives a key elder each month; never from nothing, always from its account."""

    monthly_minutes: Clause[int] | None = _off(_whole(1, 31 * MINUTES_A_DAY))
    eligible: tuple[Clause[Eligibility], ...] = field(
        default=(), metadata={"shape": Shape("eligible")}
    )


@dataclass(frozen=True, slots=True)
class Endings:
    """What becomes of credit on death and with age, and when members are told what they have."""

    death_pool_percent: Clause[int] | None = _off(_whole(0, 100))
    death_umbrella_percent: Clause[int] | None = _off(_whole(0, 100))
    statements_per_year: Clause[int] | None = _off(_whole(1, 12))
    dormant_after_months: Clause[int] | None = _off(_whole(1, 120))
    credit_expires_after_months: Clause[int] | None = _off(_whole(1, 600))
    expiry_notice_months: Clause[int] | None = _off(_whole(1, 24))


@dataclass(frozen=True, slots=True)
class Honours:
    """Minutes from which each star grade is shown, ascending."""

    star_minutes: Clause[tuple[int, ...]] | None = _off(Shape("ladder", 1, 10**7))


@dataclass(frozen=True, eq=False)
class Profile:
    """One city's policy for a span of days; two loaded profiles are equal only if identical.

    ``in_force_until`` is the last day, ``None`` is open until another profile names this one in
    ``replaces``: that ends it the day before.  ``rules`` names the set of rule functions
    that price under this profile, so that an old entry is priced by old rules for ever.
    ``text`` is the TOML that was read, and stands in the log.
    """

    PRICING: ClassVar[tuple[str, ...]] = (
        "unit",
        "counting",
        "rounding",
        "coefficients",
        "caps",
        "charging",
        "services",
        "earning",
    )
    """Sections that the date of the service selects; all others go by the date of recording."""

    name: str
    family: str
    title_zh: str
    title_en: str
    example: bool
    in_force_from: date
    in_force_until: date | None
    replaces: str | None
    rules: int
    text: str = field(repr=False)

    unit: Unit
    words: Words = Words()
    counting: Counting = Counting()
    rounding: Rounding = Rounding()
    coefficients: tuple[Clause[Coefficient], ...] = ()
    caps: Caps = Caps()
    charging: Charging = Charging()
    services: Services = Services()
    earning: Earning = Earning()
    redeeming: Redeeming = Redeeming()
    transfer: Transfer = Transfer()
    recording: Recording = Recording()
    review: Review = Review()
    dispatch: Dispatch = Dispatch()
    visits: Visits = Visits()
    grants: Grants = Grants()
    endings: Endings = Endings()
    honours: Honours = Honours()

    @cached_property
    def digest(self) -> str:
        """Hex SHA-256 of the text, as read."""
        return sha256(self.text.encode()).hexdigest()

    @cached_property
    def version(self) -> str:
        """What an entry names in ``pol``: the name and twelve hex digits that bind the text."""
        return f"{self.name}@{self.digest[:12]}"

    def in_force_on(self, day: date) -> bool:
        """Whether the profile by itself covers ``day``; its first and last day are inside."""
        return self.in_force_from <= day and (
            self.in_force_until is None or day <= self.in_force_until
        )

    def shown_title_zh(self) -> str:
        """The title for a screen; an example says so."""
        return f"{self.title_zh}（示例）" if self.example else self.title_zh
