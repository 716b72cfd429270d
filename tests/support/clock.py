"""A clock that stands still until the test moves it."""

from datetime import UTC, datetime, timedelta


class FrozenClock:
    """Shows ``at`` (aware) until told otherwise; satisfies ``timebank.clock.Clock``."""

    def __init__(self, at: datetime = datetime(2023, 4, 6, 1, 0, tzinfo=UTC)) -> None:
        assert at.tzinfo is not None, "a frozen clock shows an aware instant"
        self._at = at.astimezone(UTC)

    def now(self) -> datetime:
        """The instant at which the clock stands, UTC."""
        return self._at

    def move(self, by: timedelta) -> datetime:
        """Let ``by`` pass, backwards too, and return the new instant."""
        self._at += by
        return self._at

    def set(self, at: datetime) -> None:
        """Put the hands on ``at`` (aware)."""
        self._at = at.astimezone(UTC)
