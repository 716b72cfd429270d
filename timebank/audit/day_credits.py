"""What each volunteer was credited on each day, for the caps that look at it."""

from datetime import date


class DayCredits:
    """Credited minutes by account and day of service; of days without a daily cap, nothing."""

    def __init__(self) -> None:
        self._minutes: dict[tuple[str, int], int] = {}
        self._entries: dict[str, tuple[str, date, int]] = {}

    def of(self, account: str, on: date) -> int:
        """Minutes credited so far for services of that day."""
        return self._minutes.get((account, on.toordinal()), 0)

    def add(self, account: str, on: date, minutes: int, leaf_id: str) -> None:
        """Count a part; ``leaf_id`` is the entry that a reversal would name."""
        place = account, on.toordinal()
        self._minutes[place] = self._minutes.get(place, 0) + minutes
        self._entries[leaf_id] = account, on, minutes

    def take_back(self, account: str, on: date, minutes: int) -> None:
        """Give a day that is counted its room again: those minutes are credited no more."""
        place = account, on.toordinal()
        if place in self._minutes:
            self._minutes[place] -= minutes

    def reverse(self, entry_id: str) -> None:
        """As :meth:`take_back`, for the part that an entry credited, if its day is counted."""
        counted = self._entries.pop(entry_id, None)
        if counted is not None:
            self.take_back(*counted)
