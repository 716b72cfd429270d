"""Writing down on which device something was done, beside what was done.

A device is a browser that was given a random mark when somebody first signed in on it; what is kept
is a hash of the mark.  It names nobody and stays out of the log.
"""

import hashlib
from collections.abc import Iterable

from ledger.draft import Draft
from timebank.stations.model import Actor

ENTERED, REVIEWED = "entered", "reviewed"

_ACT = (
    "INSERT INTO act_device (book_id, subject_id, act, place, acted_ms, device, actor_id) "
    "VALUES (1, ?, ?, ?, ?, ?, ?)"
)


def device_of(mark: str) -> str:
    """The id of the browser with that mark; empty where there is none."""
    return f"dev_{hashlib.sha256(mark.encode()).hexdigest()[:24]}" if mark else ""


def note_act(draft: Draft, actor: Actor, subject_id: str, act: str, place: int = 0) -> None:
    """Note on which device the actor did something to a record or an order, if that is known."""
    note_acts(draft, actor, [subject_id], act, place)


def note_acts(
    draft: Draft, actor: Actor, subject_ids: Iterable[str], act: str, place: int = 0
) -> None:
    """The same of many records, in one statement."""
    if not actor.device:
        return
    rest = (act, place, draft.recorded_ms, actor.device, actor.actor_id)
    draft.change(_ACT, [(subject_id, *rest) for subject_id in subject_ids])
