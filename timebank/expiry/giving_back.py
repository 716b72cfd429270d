"""Giving back what expired: by the operator, with a reason, as a linked reversal."""

from typing import Any

from sqlalchemy import update

from ledger.draft import Draft, Facts
from ledger.ids import new_id
from timebank.answers import Answer
from timebank.bank import Bank
from timebank.clock import from_milliseconds, local_date
from timebank.errors.expiry import ExpiryCarriedOver, NothingExpired, UnknownExpiry
from timebank.expiry.model import GIVE_BACK, State
from timebank.expiry.tables import EXPIRY_ANNOUNCEMENT
from timebank.said import said
from timebank.stations.actions import require
from timebank.stations.model import Actor, Role

RETURN_KIND = "expired_return"
LONGEST_REASON = 200

_ONE = (
    "SELECT n.state, n.entry_id, n.expired_minutes, e.entry_id "
    "FROM expiry_announcement n "
    "LEFT JOIN entry e ON e.book_id = n.book_id AND e.entry_id = n.entry_id "
    "WHERE n.book_id = 1 AND n.announcement_id = ?"
)


def give_back(bank: Bank, actor: Actor, announcement_id: str, reason: str, *, key: str) -> Answer:
    """Take expired minutes out of the pool again, back to their holder; answers the entry.

    What comes back is credit of the month of the reversal: it lives anew.

    Raises, the first that applies:
        NotPermitted: no operator.
        MissingField, OrderValueInvalid: no reason, or one that is too long.
        UnknownExpiry: there is no such announcement.
        NothingExpired: nothing expired under it, or it was given back.
        ExpiryCarriedOver: its entry stands in the log before this one.
        FloorExceeded: the pool has given the minutes to somebody else.
    """
    require(actor, "give_back_expired", Role.OPERATOR)
    words = said("reason", reason, LONGEST_REASON)

    def decide(draft: Draft) -> dict[str, Any]:
        rows = draft.rows(_ONE, announcement_id)
        if not rows:
            raise UnknownExpiry(expiry=announcement_id[:60])
        state, entry_id, minutes, is_here = rows[0]
        if state != State.EXPIRED:
            raise NothingExpired(expiry=announcement_id)
        if not is_here:
            raise ExpiryCarriedOver(expiry=announcement_id)
        on = local_date(from_milliseconds(draft.recorded_ms))
        facts: Facts = {"announcement": announcement_id, "by": actor.actor_id, "do": GIVE_BACK}
        policy = bank.profile_on(on).version
        made = draft.reverse(entry_id, effective_on=on.isoformat(), policy=policy, facts=facts)
        mine = EXPIRY_ANNOUNCEMENT.c
        draft.add(
            update(EXPIRY_ANNOUNCEMENT)
            .where(mine.book_id == 1, mine.announcement_id == announcement_id)
            .values(state=State.GIVEN_BACK.value, reason=words)
        )
        return {"entry": made, "minutes": int(minutes)}

    content = {"do": "give_back", "expiry": announcement_id, "reason": words}
    action = bank.action(
        actor, RETURN_KIND, decide, key=key, content=content, station_code="",
        batch=new_id("batch", bank.now_ms()),
    )  # fmt: skip
    return bank.act(action)
