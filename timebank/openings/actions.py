"""What becomes of a row: its holder confirms it, a second person approves it, or it goes back.

Nothing moves before both have happened, whatever the policy says of four eyes elsewhere.  The
approver is neither who handed the list in nor who recorded the confirmation.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select, update

from ledger.draft import Draft, Facts
from ledger.ids import new_id
from timebank.answers import Answer
from timebank.bank import Bank
from timebank.clock import from_milliseconds, local_date
from timebank.errors import MissingField
from timebank.errors.openings import (
    OpeningNotWaiting,
    SlipNumberInvalid,
    SlipNumberUsed,
    UnknownOpening,
)
from timebank.openings.model import (
    CONFIRM_OPENING,
    RETURN_OPENING,
    REVERSE_OPENING,
    How,
    State,
)
from timebank.openings.tables import OPENING_ROW
from timebank.stations.actions import require, require_station
from timebank.stations.model import Actor, Role

BOOK = 1
CONFIRMATION_KIND = "opening_confirmation"
REVIEW_KIND = "opening_review"
REVERSAL_KIND = "reversal"
"""Kinds of submissions: who confirms, who approves or sends back, who reverses."""

MOST_AT_ONCE = 500
"""Rows that one request may confirm."""

_SLIP = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9/-]{0,38}[A-Za-z0-9])?", re.ASCII)
_SOMEBODYS_NUMBER = re.compile(r"\d{11}")


@dataclass(frozen=True, slots=True)
class Signed:
    """A row that its holder has confirmed; ``slip`` is the paper's number, empty for themselves."""

    opening_id: str
    slip: str = ""


def confirm_openings(bank: Bank, actor: Actor, signed: Sequence[Signed], *, key: str) -> Answer:
    """Record that holders have confirmed their rows, all or none; answers how many.

    Staff copy the number from the paper that the holder has signed; a member confirms their own
    rows and needs no paper.

    Raises, the first that applies:
        NotPermitted: neither staff nor a member, or a row is another station's.
        MissingField: no row at all, more than :data:`MOST_AT_ONCE`, or staff give no number.
        SlipNumberInvalid: 1 to 40 letters, digits, hyphens or strokes, no eleven digits in a row.
        UnknownOpening: there is no such row, or it is not the member's.
        OpeningNotWaiting: it was confirmed before, or went back.
        SlipNumberUsed: the paper confirmed another row of the station, or one of these.
    """
    require(actor, "confirm_opening", Role.CLERK, Role.REVIEWER, Role.OPERATOR, Role.MEMBER)
    how = How.SELF if actor.role is Role.MEMBER else How.PAPER
    slips = {one.opening_id: _slip_of(one, how) for one in signed}
    if not 1 <= len(slips) <= MOST_AT_ONCE:
        raise MissingField(field="number")

    def decide(draft: Draft) -> dict[str, Any]:
        rows = _rows(draft, list(slips))
        changes: list[dict[str, Any]] = []
        for opening_id, slip in slips.items():
            row = rows.get(opening_id)
            if row is None or (how is How.SELF and row.person_id != actor.person_id):
                raise UnknownOpening(opening=opening_id[:60])
            require_station(actor, "confirm_opening", row.station_code)
            if row.state != State.AWAITING_HOLDER:
                raise OpeningNotWaiting(opening=opening_id, state=row.state)
            facts: Facts = {
                "by": actor.actor_id,
                "do": CONFIRM_OPENING,
                "how": how.value,
                "opening": opening_id,
                **({"slip": slip} if slip else {}),
            }
            draft.state(opening_id, facts)
            changes.append({"which": opening_id, "given": slip or None})
        _check_unused(draft, rows, slips)
        columns = OPENING_ROW.c
        draft.add(
            update(OPENING_ROW)
            .where(columns.book_id == BOOK, columns.opening_id == bindparam("which"))
            .values(
                state=State.AWAITING_APPROVAL.value,
                how=how.value,
                slip=bindparam("given"),
                confirmed_by=actor.actor_id,
                confirmed_ms=draft.recorded_ms,
            ),
            changes,
        )
        return {"confirmed": len(changes)}

    content = {"do": CONFIRM_OPENING, "rows": [[one, slip] for one, slip in slips.items()]}
    return _act(bank, actor, CONFIRMATION_KIND, decide, key, content, next(iter(slips)))


def return_opening(bank: Bank, actor: Actor, opening_id: str, reason: str, *, key: str) -> Answer:
    """Send a row back, whoever confirmed it; its page may be brought in again.

    Raises, the first that applies:
        NotPermitted: no staff, or of another station.
        MissingField: no reason.
        UnknownOpening: there is no such row.
        OpeningNotWaiting: it is posted, or went back before.
    """
    require(actor, "return_opening", Role.CLERK, Role.REVIEWER, Role.OPERATOR)

    def decide(draft: Draft) -> dict[str, Any]:
        waiting = (State.AWAITING_HOLDER, State.AWAITING_APPROVAL)
        _row(draft, actor, "return_opening", opening_id, *waiting)
        facts: Facts = {"by": actor.actor_id, "do": RETURN_OPENING, "opening": opening_id}
        draft.state(opening_id, facts)
        _end(draft, opening_id, State.RETURNED, actor, reason)
        return {"opening": opening_id, "state": State.RETURNED.value}

    content = {"do": RETURN_OPENING, "opening": opening_id, "reason": _reason(reason)}
    return _act(bank, actor, REVIEW_KIND, decide, key, content, opening_id)


def reverse_opening(bank: Bank, actor: Actor, opening_id: str, reason: str, *, key: str) -> Answer:
    """Undo a posted row by a linked reversal; its page may be brought in again.

    Raises, the first that applies:
        NotPermitted: neither reviewer nor operator, or of another station.
        MissingField: no reason.
        UnknownOpening: there is no such row.
        OpeningNotWaiting: it is not posted, or it was posted in the book before this one.
        FloorExceeded: the holder has spent what would have to go back.
    """
    require(actor, "reverse_opening", Role.REVIEWER, Role.OPERATOR)

    def decide(draft: Draft) -> dict[str, Any]:
        row = _row(draft, actor, "reverse_opening", opening_id, State.POSTED)
        facts: Facts = {"by": actor.actor_id, "do": REVERSE_OPENING, "opening": opening_id}
        on = local_date(from_milliseconds(draft.recorded_ms)).isoformat()
        entry_id = ""
        if row.entry_id:
            entry_id = draft.reverse(row.entry_id, effective_on=on, policy=row.policy, facts=facts)
        else:  # A cap had taken all of it, so nothing moves back either.
            draft.state(opening_id, facts)
        _end(draft, opening_id, State.REVERSED, actor, reason)
        return {"entry": entry_id, "opening": opening_id, "state": State.REVERSED.value}

    content = {"do": REVERSE_OPENING, "opening": opening_id, "reason": _reason(reason)}
    return _act(bank, actor, REVERSAL_KIND, decide, key, content, opening_id)


def slip_number(given: str, **facts: str) -> str:
    """The number of a signed paper, in capitals; ``facts`` say what it is of.

    Raises, the first that applies:
        MissingField: there is none.
        SlipNumberInvalid: 1 to 40 letters, digits, hyphens or strokes, no eleven digits in a row.
    """
    slip = given.strip()
    if not slip:
        raise MissingField(field="slip")
    if not _SLIP.fullmatch(slip) or _SOMEBODYS_NUMBER.search(slip):
        raise SlipNumberInvalid(field="slip", **facts)
    return slip.upper()


# Parts -------------------------------------------------------------------------------------


def _slip_of(one: Signed, how: How) -> str:
    return "" if how is How.SELF else slip_number(one.slip, opening=one.opening_id[:60])


def _reason(reason: str) -> str:
    if not reason.strip():
        raise MissingField(field="reason")
    return reason.strip()


def _rows(draft: Draft, opening_ids: Sequence[str]) -> dict[str, Any]:
    columns = OPENING_ROW.c
    query = select(OPENING_ROW).where(
        columns.book_id == BOOK, columns.opening_id.in_(list(opening_ids))
    )
    return {row.opening_id: row for row in draft.query(query)}


def _row(draft: Draft, actor: Actor, action: str, opening_id: str, *states: State) -> Any:
    row = _rows(draft, [opening_id]).get(opening_id)
    if row is None:
        raise UnknownOpening(opening=opening_id[:60])
    require_station(actor, action, row.station_code)
    if row.state not in states:
        raise OpeningNotWaiting(opening=opening_id, state=row.state)
    return row


def _check_unused(draft: Draft, rows: dict[str, Any], slips: dict[str, str]) -> None:
    given = [slip for slip in slips.values() if slip]
    twice = next((slip for slip in given if given.count(slip) > 1), None)
    if twice is not None:
        raise SlipNumberUsed(field="slip", slip=twice)
    if not given:
        return
    columns = OPENING_ROW.c
    used = draft.query(
        select(columns.slip).where(
            columns.book_id == BOOK,
            columns.station_code.in_({row.station_code for row in rows.values()}),
            columns.slip.in_(given),
        )
    ).first()
    if used is not None:
        raise SlipNumberUsed(field="slip", slip=used.slip)


def _end(draft: Draft, opening_id: str, state: State, actor: Actor, reason: str) -> None:
    columns = OPENING_ROW.c
    draft.add(
        update(OPENING_ROW)
        .where(columns.book_id == BOOK, columns.opening_id == opening_id)
        .values(
            state=state.value,
            live_page=None,
            decided_by=actor.actor_id,
            decided_ms=draft.recorded_ms,
            reason=reason.strip(),
        )
    )


def _act(
    bank: Bank,
    actor: Actor,
    kind: str,
    decide: Any,
    key: str,
    content: dict[str, Any],
    opening_id: str,
) -> Answer:
    with bank.read() as connection:
        station = connection.execute(
            select(OPENING_ROW.c.station_code).where(
                OPENING_ROW.c.book_id == BOOK, OPENING_ROW.c.opening_id == opening_id
            )
        ).scalar()
    action = bank.action(
        actor,
        kind,
        decide,
        key=key,
        content=content,
        station_code=station or actor.station_code,
        batch=new_id("batch", bank.now_ms()),
    )
    return bank.act(action)
