"""Which profile decides on which day, as the log's policy leaves say; asked for every entry."""

from datetime import date
from functools import lru_cache

from timebank.clock import day_ends, from_milliseconds, local_date, milliseconds
from timebank.policy.consistency import check_start, check_timeline, choose
from timebank.policy.eligibility import check_recorded
from timebank.policy.model import Profile


class PolicyDays:
    """The profiles that were adopted so far, and the local day on which leaves are recorded."""

    def __init__(self) -> None:
        self._profiles: dict[str, Profile] = {}
        self._latest: date | None = None
        self._today = date.min
        self._today_ends_ms = -1
        self._procedure: Profile | None = None
        self._pricing: dict[date, Profile] = {}
        self._late: dict[date, bool] = {}

    def adopt(self, version: str, profile: Profile) -> None:
        """Take a profile up under the version that entries name.

        Raises:
            ProfilesOverlap: a day would have two.
            ProfilePricesThePast: a service of its first day or a later one is in the log before.
        """
        check_timeline([*self._profiles.values(), profile])
        check_start(profile, self._latest)
        self._profiles[version] = profile
        self._today_ends_ms = -1
        self._pricing.clear()

    def turn_to(self, recorded_ms: int) -> None:
        """Leaves are recorded at that moment now; it never lies before an earlier one."""
        if recorded_ms < self._today_ends_ms:
            return
        self._today = local_date(from_milliseconds(recorded_ms))
        self._today_ends_ms = milliseconds(day_ends(self._today))
        self._procedure = None
        self._late.clear()

    @property
    def today(self) -> date:
        """The local day of recording."""
        return self._today

    @property
    def procedure(self) -> Profile:
        """The profile of the day of recording.

        Raises:
            NoProfileInForce: none covers it.
        """
        if self._procedure is None:
            self._procedure = choose(self._profiles.values(), self._today)
        return self._procedure

    def pricing(self, on: date) -> Profile:
        """The profile of the day of a service.

        Raises:
            NoProfileInForce: none covers it.
        """
        if on not in self._pricing:
            self._pricing[on] = choose(self._profiles.values(), on)
            self._latest = max(self._latest or on, on)
        return self._pricing[on]

    def is_late(self, on: date) -> bool:
        """Whether a service of that day, recorded today, must be marked as back-dated.

        Raises, the first that applies:
            NoProfileInForce: none covers today.
            InTheFuture: the day is later than today.
        """
        if on not in self._late:
            self._late[on] = check_recorded(self.procedure, on, self._today, reason_given=True)
        return self._late[on]


@lru_cache(maxsize=256)
def weighs_hours(profile: Profile) -> bool:
    """Whether the hour of the day decides what a service is worth; the log does not show it."""
    return any(row.value.from_time is not None for row in profile.coefficients)
