"""Comparing both sides of a clearing account line by line: a pure function of what each says."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from timebank.clearing.model import Line, MonthAccount, Way, month_after, months_between

_EVER = "9999-12"


class What(StrEnum):
    """In what way two sides differ; permanent words.

    ``in_transit``: sent from here and not taken in there; ``coming``: sent from there and not
    taken in here.
    """

    IN_TRANSIT = "in_transit"
    COMING = "coming"
    UNKNOWN_THERE = "unknown_there"
    UNKNOWN_HERE = "unknown_here"
    MINUTES_DIFFER = "minutes_differ"
    DUPLICATE = "duplicate"
    HALF_NETTED = "half_netted"
    CARRIED = "carried"
    CHAIN_BROKEN = "chain_broken"
    MONTH_MISSING = "month_missing"


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One line, or one month, that the other side has not, or has otherwise.

    ``ours`` and ``theirs`` are minutes as each side's own account received them, 0 where it has no
    such line.  ``entry`` is that of the book that has it, and empty where a whole month is meant.
    """

    what: What
    month: str
    entry: str
    ours: int
    theirs: int
    on: str


def compare(
    ours: Sequence[Line], theirs: Sequence[MonthAccount], until: str = _EVER
) -> list[Mismatch]:
    """Where both sides differ in the months up to ``until``, in the order of their days.

    What the partner has not stated yet is no difference: only a month whose statement is here, and
    every month before it, can lack something.
    """
    heard = sorted((one for one in theirs if one.month <= until), key=lambda one: one.month)
    mine = [line for line in ours if line.month <= until]
    yours = [line for said in heard for line in said.lines]
    stated_until, broken = _chain(heard)
    found = [
        *broken,
        *_carried(mine, yours),
        *_doubled(mine, yours),
        *_sent(mine, yours),
        *_came(mine, yours, stated_until),
        *_netted(mine, yours, stated_until),
    ]
    return sorted(found, key=lambda one: (one.month, one.on, one.entry, one.what))


def agreement(ours: Sequence[Line], theirs: Sequence[MonthAccount], month: str) -> list[Mismatch]:
    """What keeps both sides from agreeing on a month; nothing: their closings are opposite.

    That follows: no line is without its counterpart then, and both sides began with nothing.
    """
    found = compare(ours, theirs, month)
    if not any(one.month == month for one in theirs):
        found.append(Mismatch(What.MONTH_MISSING, month, "", 0, 0, ""))
    return found


# Parts -------------------------------------------------------------------------------------


def _chain(heard: list[MonthAccount]) -> tuple[str, list[Mismatch]]:
    """Up to which month the partner has told everything, and where its months do not join."""
    whole, found, stated_until = True, [], ""
    closing, expected = 0, heard[0].month if heard else ""
    for said in heard:
        missing = months_between(expected, said.month)[:-1]
        found += [Mismatch(What.MONTH_MISSING, one, "", 0, 0, "") for one in missing]
        broken = not missing and said.opening != closing
        if broken:
            found.append(Mismatch(What.CHAIN_BROKEN, said.month, "", closing, said.opening, ""))
        whole = whole and not missing and not broken
        stated_until = said.month if whole else stated_until
        closing, expected = said.closing, month_after(said.month)
    return stated_until, found


def _carried(mine: Iterable[Line], yours: Iterable[Line]) -> Iterator[Mismatch]:
    for line in mine:
        if line.way is Way.CARRIED:
            yield Mismatch(What.CARRIED, line.month, line.entry, line.minutes, 0, line.on)
    for line in yours:
        if line.way is Way.CARRIED:
            yield Mismatch(What.CARRIED, line.month, line.entry, 0, line.minutes, line.on)


def _doubled(mine: Iterable[Line], yours: Iterable[Line]) -> Iterator[Mismatch]:
    """The same thing said twice by one side: the later line."""
    for lines, is_ours in ((mine, True), (yours, False)):
        seen: set[tuple[Way, str]] = set()
        for line in lines:
            name = (line.way, line.entry if line.way is Way.OUT else line.other)
            if name in seen and line.way is not Way.CARRIED:
                minutes = (line.minutes, 0) if is_ours else (0, line.minutes)
                yield Mismatch(What.DUPLICATE, line.month, line.entry, *minutes, line.on)
            seen.add(name)


def _sent(mine: Iterable[Line], yours: Sequence[Line]) -> Iterator[Mismatch]:
    """What went from here, against what came in there."""
    taken = {line.other: line for line in yours if line.way is Way.IN}
    sent = {line.entry: line for line in mine if line.way is Way.OUT}
    for line in sent.values():
        there = taken.get(line.entry)
        if there is None:
            yield Mismatch(What.IN_TRANSIT, line.month, line.entry, line.minutes, 0, line.on)
        elif there.minutes != -line.minutes:
            both = (line.minutes, there.minutes)
            yield Mismatch(What.MINUTES_DIFFER, line.month, line.entry, *both, line.on)
    for line in taken.values():
        if line.other not in sent:
            yield Mismatch(What.UNKNOWN_HERE, line.month, line.entry, 0, line.minutes, line.on)


def _came(mine: Sequence[Line], yours: Iterable[Line], stated_until: str) -> Iterator[Mismatch]:
    """What went from there, against what came in here."""
    taken = {line.other: line for line in mine if line.way is Way.IN}
    sent = {line.entry: line for line in yours if line.way is Way.OUT}
    for line in sent.values():
        here = taken.get(line.entry)
        if here is None:
            yield Mismatch(What.COMING, line.month, line.entry, 0, line.minutes, line.on)
        elif here.minutes != -line.minutes:
            both = (here.minutes, line.minutes)
            yield Mismatch(What.MINUTES_DIFFER, line.month, here.entry, *both, here.on)
    for line in taken.values():
        if line.other not in sent and line.month <= stated_until:
            yield Mismatch(What.UNKNOWN_THERE, line.month, line.entry, line.minutes, 0, line.on)


def _netted(mine: Iterable[Line], yours: Iterable[Line], stated_until: str) -> Iterator[Mismatch]:
    """What each side netted, by the month that was; one side alone is half a netting."""
    here = {line.other: line for line in mine if line.way is Way.NETTED}
    there = {line.other: line for line in yours if line.way is Way.NETTED}
    for month, line in here.items():
        other = there.get(month)
        if other is not None and other.minutes != -line.minutes:
            both = (line.minutes, other.minutes)
            yield Mismatch(What.MINUTES_DIFFER, line.month, line.entry, *both, line.on)
        elif other is None and line.month <= stated_until:
            yield Mismatch(What.HALF_NETTED, line.month, line.entry, line.minutes, 0, line.on)
    for month, line in there.items():
        if month not in here:
            yield Mismatch(What.HALF_NETTED, line.month, line.entry, 0, line.minutes, line.on)
