"""What was done to each line of a roster, and by whom: never overwritten.

The roster has the times that stand; here it is seen that the volunteer signed in, that staff mended
the time afterwards, and who must therefore not approve the hours.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import func, insert, select

from ledger.draft import Draft
from timebank.campaigns.finding import BOOK, Ask
from timebank.campaigns.model import Signing
from timebank.campaigns.tables import CAMPAIGN_SIGNING

BY_STAFF = "staff"
"""The means of what staff wrote down; a volunteer's own are those of a visit."""

Noted = tuple[str, Signing, str]
"""A person, what was done to their line, and the local wall time that stands since, or none."""


def note_signings(
    draft: Draft, activity_id: str, done: Iterable[Noted], *, by: str, means: str = BY_STAFF
) -> None:
    """Note what was done to lines of a roster, behind what was done before."""
    every = list(done)
    if not every:
        return
    places = _last_places(draft.query, activity_id)
    rows = []
    for person_id, step, at in every:
        places[person_id] = places.get(person_id, 0) + 1
        rows.append(
            {
                "book_id": BOOK,
                "activity_id": activity_id,
                "person_id": person_id,
                "place": places[person_id],
                "step": step.value,
                "at": at,
                "means": means,
                "by_id": by,
                "noted_ms": draft.recorded_ms,
            }
        )
    draft.add(insert(CAMPAIGN_SIGNING), rows)


def signings_of(ask: Ask, activity_id: str) -> dict[str, list[Any]]:
    """What was done to each line of a roster by person, the oldest first."""
    columns = CAMPAIGN_SIGNING.c
    query = select(CAMPAIGN_SIGNING).where(
        columns.book_id == BOOK, columns.activity_id == activity_id
    )
    found: dict[str, list[Any]] = {}
    for row in ask(query.order_by(columns.person_id, columns.place)):
        found.setdefault(row.person_id, []).append(row)
    return found


def marks_of(ask: Ask, activity_id: str) -> dict[str, tuple[str, str]]:
    """How the times that stand came about, by person: the means of sign-in and of sign-out.

    Empty where there is no such time; a time from before signings were noted counts as staff's.
    """
    found = {}
    for person_id, done in signings_of(ask, activity_id).items():
        latest = {row.step: row.means for row in done}
        found[person_id] = (latest.get(Signing.IN.value, ""), latest.get(Signing.OUT.value, ""))
    return found


def _last_places(ask: Ask, activity_id: str) -> dict[str, int]:
    columns = CAMPAIGN_SIGNING.c
    query = (
        select(columns.person_id, func.max(columns.place))
        .where(columns.book_id == BOOK, columns.activity_id == activity_id)
        .group_by(columns.person_id)
    )
    return {row[0]: row[1] for row in ask(query)}
