"""From where a pattern is worth a question, and the arithmetic behind it: constants and pure rules.

No rule of a city says how fast is too fast.  These bounds are the project's own, wide enough that
ordinary work stays below them; ``docs/reference/integrity.md`` gives the reason for each.
"""

from math import exp, isqrt, lgamma, log, log1p

# How fast somebody works: the check ``speed`` ---------------------------------------------------

FAST_ACTS = 10
"""Acts of one person, one after another, that are timed together."""

ENTERED_WITHIN_MS = 60_000
"""So many single records are not typed, or confirmed one by one, in less than a minute."""

REVIEWED_WITHIN_MS = 30_000
"""So many records are not read and decided one by one in less than half a minute."""

AT_ONCE_MS = 20_000
"""A record that is approved sooner after its entry was hardly read."""

AT_ONCE_RECORDS = 5
"""Records a day of one pair of people from where approving at once is a habit."""

ROW_READ_MS = 1_000
"""What a row of an import takes to be read, at the least."""

ROWS_WORTH_READING = 20
"""Imports of fewer rows are seen at a glance."""

# Who stands at one device: the check ``shared_devices`` -----------------------------------------

DEVICE_VOLUNTEERS = 5
"""Volunteers a day whose visits members sign in, out or confirm on one device that is no kiosk; a
couple or a family are fewer."""

ONE_DESK_MS = 300_000
"""Who enters and who reviews do not take turns at one desk within five minutes."""

# How far somebody gets: the check ``travel`` ----------------------------------------------------

METRES_A_MINUTE = 1_000
"""60 km/h as the crow flies; nobody crosses a city faster from door to door."""

LEAST_METRES = 3_000
"""Places are the middles of areas, so shorter ways say nothing."""

# Habits of a month: the checks ``round_numbers`` and ``late_records`` ---------------------------

LEAST_RECORDS = 20
"""Records of a month below which a share says nothing."""

LEAST_OTHERS = 50
"""Records of everybody else in that month below which there is nothing to compare with."""

PERCENT_BEYOND_OTHERS = 25
"""Points of per cent by which whole hours must be more frequent than elsewhere."""

ONE_IN = 10_000
"""How rare the number of whole hours must be, did its owner round as everybody else does."""

LATE_DAYS = 31
"""A register of a month is handed in when that is over; what is older was filled in later."""

LATE_PERCENT = 30
"""The share of such records in a month that is worth a question."""


def is_beyond_others(records: int, whole: int, others: int, others_whole: int) -> bool:
    """Whether ``whole`` hours among ``records`` are far more than the ``others`` have.

    An exact binomial test, one-sided: were each record whole with the others' share (add-one
    smoothed, so that it is never 0 or 1), as many would come about less than once in
    :data:`ONE_IN`.  The difference must be large besides, because in many records a small one is
    certain and means nothing.
    """
    if records < LEAST_RECORDS or others < LEAST_OTHERS:
        return False
    if (whole * others - others_whole * records) * 100 < PERCENT_BEYOND_OTHERS * records * others:
        return False
    return binomial_tail(records, whole, (others_whole + 1) / (others + 2)) < 1 / ONE_IN


def binomial_tail(n: int, k: int, share: float) -> float:
    """The chance of ``k`` or more among ``n`` that each happen with ``share``, 0 < share < 1."""
    if k <= 0:
        return 1.0
    yes, no = log(share), log1p(-share)
    return min(
        1.0,
        sum(
            exp(lgamma(n + 1) - lgamma(m + 1) - lgamma(n - m + 1) + m * yes + (n - m) * no)
            for m in range(k, n + 1)
        ),
    )


def distance_metres(east: int, north: int) -> int:
    """The length of a way of so many metres east and north, in whole metres."""
    return isqrt(east * east + north * north)


def is_too_far(metres: int, minutes: int) -> bool:
    """Whether nobody goes so far in that time."""
    return metres >= LEAST_METRES and metres > minutes * METRES_A_MINUTE


def percent(part: int, whole: int) -> int:
    """A share in whole per cent, rounded down."""
    return part * 100 // whole
