"""Putting messages into the outbox, in the same commit as what they tell of."""

from collections.abc import Iterable

from ledger.draft import Draft
from timebank.outbox.model import MADE_MOOT, TOLD_BY_STEP, Event, Party, Way

# The number is taken while the row is written, so that messages of one action follow each other.
_PUT = (
    "INSERT INTO message (book_id, number, event, way, person_id, station_code, subject, "
    "place, state, attempts, next_ms, error, made_ms, ended_ms, told_by, told_ms) "
    "SELECT 1, coalesce(max(number), 0) + 1, CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS TEXT), "
    "CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS BIGINT), 'waiting', 0, CAST(? AS BIGINT), '', "
    "CAST(? AS BIGINT), NULL, '', NULL FROM message WHERE book_id = 1"
)
_DROP = (
    "UPDATE message SET state = 'outdated', ended_ms = ? WHERE book_id = 1 "
    "AND subject = ? AND event = ? AND state = 'waiting' AND told_ms IS NULL"
)
_OWNER = "SELECT person_id, station_code FROM person WHERE book_id = 1 AND account_id = ?"


def tell_of_step(
    draft: Draft,
    step: str,
    order_id: str,
    place: int,
    elder_id: str,
    volunteer_id: str,
    station_code: str,
) -> None:
    """Tell whom a step of an order concerns, and drop what the step makes moot.

    ``place`` is where the step stands in the history.  ``volunteer_id`` is whoever was matched
    before the step or is since; empty where nobody was.
    """
    moot = [(draft.recorded_ms, order_id, event.value) for event in MADE_MOOT.get(step, ())]
    if moot:
        draft.change(_DROP, moot)
    people = {Party.ELDER: elder_id, Party.VOLUNTEER: volunteer_id, Party.STATION: ""}
    told = [
        (event, people[party])
        for party, event in TOLD_BY_STEP.get(step, ())
        if party is Party.STATION or people[party]
    ]
    _put(draft, told, station_code, order_id, place)


def tell_of_transfer(draft: Draft, event: Event, *, account_id: str, transfer_id: str) -> None:
    """Tell whoever owns an account what they were given."""
    for person_id, station_code in draft.rows(_OWNER, account_id):
        _put(draft, [(event, person_id)], station_code, transfer_id, 0)


def tell_person(
    draft: Draft, event: Event, person_id: str, station_code: str, subject: str, place: int = 0
) -> None:
    """Tell one person something that is neither a visit nor a gift; ``subject`` is its id."""
    _put(draft, [(event, person_id)], station_code, subject, place)


def _put(
    draft: Draft, told: Iterable[tuple[Event, str]], station_code: str, subject: str, place: int
) -> None:
    rows = [
        (
            event.value,
            (Way.SMS if person_id else Way.GROUP).value,
            person_id,
            station_code,
            subject,
            place,
            draft.recorded_ms,
            draft.recorded_ms,
        )
        for event, person_id in told
    ]
    if rows:
        draft.change(_PUT, rows)
