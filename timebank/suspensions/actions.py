"""Proposing, deciding and ending a suspension, appealing and answering an appeal."""

from collections.abc import Callable
from typing import Any, NamedTuple

from sqlalchemy import insert, text, update

from ledger.draft import Draft
from timebank.answers import Answer
from timebank.bank import Bank
from timebank.calendar import term_of
from timebank.errors.suspensions import (
    AlreadySuspended,
    AppealOpen,
    NoAppeal,
    SuspenderDecides,
    SuspensionNotOpen,
    UnknownSuspension,
)
from timebank.outbox.model import Event
from timebank.outbox.telling import tell_person
from timebank.people.directory import account_of_number, home_station
from timebank.said import check_last_day, said
from timebank.stations.actions import require, require_station
from timebank.stations.model import Actor, Role
from timebank.suspensions.model import (
    ANSWERED_WITHIN,
    Proposal,
    State,
    Step,
    provisional_until,
)
from timebank.suspensions.tables import SUSPENSION, SUSPENSION_STEP

BOOK = 1
LONGEST_WORDS = 500
"""Characters of a reason, an appeal or an answer."""

WORD_KIND, DECISION_KIND = "suspension", "suspension_decision"
"""Kinds of submissions: what is said at a station, and what the district decides."""

_OPEN = (
    "SELECT suspension_id FROM suspension WHERE book_id = 1 AND person_id = ? "
    "AND ended_ms IS NULL AND (until_on = '' OR until_on >= ?)"
)
_ONE = (
    "SELECT person_id, state, until_on, asked_until_on, appeal_due_on, ended_ms "
    "FROM suspension WHERE book_id = 1 AND suspension_id = ?"
)
_WHOSE = text("SELECT person_id, station_code FROM suspension "
              "WHERE book_id = 1 AND suspension_id = :suspension")  # fmt: skip
_HOME = "SELECT station_code FROM person WHERE book_id = 1 AND person_id = ?"
_STEPS = (
    "SELECT step, actor_id FROM suspension_step WHERE book_id = 1 AND suspension_id = ? "
    "ORDER BY place"
)


class _Standing(NamedTuple):
    """A suspension as the group sees it."""

    person_id: str
    state: str
    until_on: str
    asked_until_on: str
    appeal_due_on: str
    ended_ms: int | None


_Change = Callable[[Draft, _Standing], dict[str, Any]]
"""Judges a step and answers which columns change."""


def propose(bank: Bank, actor: Actor, proposal: Proposal, *, key: str) -> Answer:
    """Suspend somebody at once, until another decides; answers the id and the last day.

    Raises, the first that applies:
        NotPermitted: neither staff nor the district's operator.
        MissingField, OrderValueInvalid: no words, or more than :data:`LONGEST_WORDS` characters.
        UnreadableDate, OrderValueInvalid: an end that is no day, or before today.
        UnknownMember: the number stands for nobody.
        NotPermitted: a member of another station.
        PersonErased: nothing is left of them.
        AlreadySuspended: another suspension still runs.
    """
    require(actor, "suspend", Role.CLERK, Role.REVIEWER, Role.OPERATOR)
    words = said("words", proposal.words, LONGEST_WORDS)
    today = bank.today()
    check_last_day("until_on", proposal.until_on, today)
    with bank.read() as connection:
        person_id, _account = account_of_number(connection, proposal.number.strip().upper())
        station = home_station(connection, person_id)
    if station:
        require_station(actor, "suspend", station)
    until_on = provisional_until(today, proposal.until_on)

    def decide(draft: Draft) -> dict[str, Any]:
        running = draft.rows(_OPEN, person_id, today.isoformat())
        if running:
            raise AlreadySuspended(suspension=running[0][0])
        suspension_id = draft.new_id("susp")
        row = {
            "book_id": BOOK,
            "suspension_id": suspension_id,
            "person_id": person_id,
            "station_code": station or actor.station_code,
            "part": proposal.part.value,
            "reason": proposal.reason.value,
            "state": State.PROPOSED.value,
            "from_on": today.isoformat(),
            "until_on": until_on,
            "asked_until_on": proposal.until_on,
            "appeal_due_on": "",
            "ended_ms": None,
        }
        draft.add(insert(SUSPENSION), [row])
        _write_down(bank, draft, actor, suspension_id, person_id, Step.PROPOSE, words)
        return {"suspension": suspension_id, "until_on": until_on}

    content = {
        "do": Step.PROPOSE.value, "part": proposal.part.value, "person": person_id,
        "reason": proposal.reason.value, "until_on": proposal.until_on, "words": words,
    }  # fmt: skip
    return bank.act(bank.action(actor, WORD_KIND, decide, key=key, content=content))


def decide_proposal(
    bank: Bank, actor: Actor, suspension_id: str, reason: str, *, approved: bool, key: str
) -> Answer:
    """Approve a proposal, which then holds as long as was asked for, or decline it: it ends.

    Raises, the first that applies:
        NotPermitted: no operator.
        MissingField, OrderValueInvalid: no reason, or one that is too long.
        UnknownSuspension: there is none of that id.
        SuspensionNotOpen: it is decided, or has lapsed.
        SuspenderDecides: whoever proposed it.
    """
    step = Step.APPROVE if approved else Step.DECLINE

    def change(draft: Draft, one: _Standing) -> dict[str, Any]:
        if one.state != State.PROPOSED.value or _is_over(bank, one):
            raise SuspensionNotOpen(suspension=suspension_id, state=one.state)
        _check_other(draft, actor, suspension_id)
        if approved:
            return {"state": State.APPROVED.value, "until_on": one.asked_until_on}
        return {"state": State.DECLINED.value, "ended_ms": draft.recorded_ms, "appeal_due_on": ""}

    return _decided(bank, actor, suspension_id, step, reason, change, key)


def lift(bank: Bank, actor: Actor, suspension_id: str, reason: str, *, key: str) -> Answer:
    """End a suspension before its last day.

    Raises, the first that applies:
        NotPermitted: no operator.
        MissingField, OrderValueInvalid: no reason, or one that is too long.
        UnknownSuspension: there is none of that id.
        SuspensionNotOpen: it was not approved, or is over.
    """

    def change(draft: Draft, one: _Standing) -> dict[str, Any]:
        if one.state != State.APPROVED.value or _is_over(bank, one):
            raise SuspensionNotOpen(suspension=suspension_id, state=one.state)
        return {"state": State.LIFTED.value, "ended_ms": draft.recorded_ms, "appeal_due_on": ""}

    return _decided(bank, actor, suspension_id, Step.LIFT, reason, change, key)


def appeal(bank: Bank, actor: Actor, suspension_id: str, words: str, *, key: str) -> Answer:
    """Say that a suspension is not right; answers the day by which a third person decides.

    The member does it themselves, or a clerk writes down what they say.

    Raises, the first that applies:
        NotPermitted: neither a member nor staff.
        MissingField, OrderValueInvalid: no words, or too many.
        UnknownSuspension: there is none of that id, or it is another member's.
        NotPermitted: staff of another station.
        SuspensionNotOpen: it is over.
        AppealOpen: one waits for its answer.
    """
    require(actor, "appeal", Role.MEMBER, Role.CLERK, Role.REVIEWER, Role.OPERATOR)
    given = said("words", words, LONGEST_WORDS)
    with bank.read() as connection:
        whose = connection.execute(_WHOSE, {"suspension": suspension_id}).first()
    is_theirs = actor.role is not Role.MEMBER or (
        whose is not None and whose.person_id == actor.person_id
    )
    if whose is None or not is_theirs:
        raise UnknownSuspension(suspension=suspension_id[:60])
    if actor.role is not Role.MEMBER and whose.station_code:
        require_station(actor, "appeal", whose.station_code)
    due_on = term_of(bank.today(), ANSWERED_WITHIN).isoformat()

    def decide(draft: Draft) -> dict[str, Any]:
        one = _one(draft, suspension_id)
        if _is_over(bank, one):
            raise SuspensionNotOpen(suspension=suspension_id, state=one.state)
        if one.appeal_due_on:
            raise AppealOpen(suspension=suspension_id)
        _change(draft, suspension_id, {"appeal_due_on": due_on})
        _write_down(bank, draft, actor, suspension_id, one.person_id, Step.APPEAL, given)
        return {"due_on": due_on, "suspension": suspension_id}

    content = {"do": Step.APPEAL.value, "suspension": suspension_id, "words": given}
    action = bank.action(
        actor, WORD_KIND, decide, key=key, content=content, station_code=whose.station_code or None
    )
    return bank.act(action)


def answer_appeal(
    bank: Bank, actor: Actor, suspension_id: str, reason: str, *, upheld: bool, key: str
) -> Answer:
    """Uphold an appeal, which annuls the suspension, or dismiss it.

    Raises, the first that applies:
        NotPermitted: no operator.
        MissingField, OrderValueInvalid: no reason, or one that is too long.
        UnknownSuspension: there is none of that id.
        NoAppeal: none waits for an answer.
        SuspenderDecides: whoever had a hand in it before.
    """
    step = Step.UPHOLD if upheld else Step.DISMISS

    def change(draft: Draft, one: _Standing) -> dict[str, Any]:
        if not one.appeal_due_on:
            raise NoAppeal(suspension=suspension_id)
        _check_other(draft, actor, suspension_id)
        if not upheld:
            return {"appeal_due_on": ""}
        ended_ms = one.ended_ms if one.ended_ms is not None else draft.recorded_ms
        return {"state": State.ANNULLED.value, "ended_ms": ended_ms, "appeal_due_on": ""}

    return _decided(bank, actor, suspension_id, step, reason, change, key)


# Parts -------------------------------------------------------------------------------------


def _decided(
    bank: Bank, actor: Actor, suspension_id: str, step: Step, reason: str, change: _Change, key: str
) -> Answer:
    """One step of the district's operator; ``change`` judges and answers what changes."""
    require(actor, f"{step.value}_suspension", Role.OPERATOR)
    words = said("reason", reason, LONGEST_WORDS)

    def decide(draft: Draft) -> dict[str, Any]:
        one = _one(draft, suspension_id)
        values = change(draft, one)
        _change(draft, suspension_id, values)
        _write_down(bank, draft, actor, suspension_id, one.person_id, step, words)
        return {"state": values.get("state", one.state), "suspension": suspension_id}

    content = {"do": step.value, "reason": words, "suspension": suspension_id}
    return bank.act(bank.action(actor, DECISION_KIND, decide, key=key, content=content))


def _one(draft: Draft, suspension_id: str) -> _Standing:
    found = draft.rows(_ONE, suspension_id)
    if not found:
        raise UnknownSuspension(suspension=suspension_id[:60])
    return _Standing(*found[0])


def _is_over(bank: Bank, one: _Standing) -> bool:
    return one.ended_ms is not None or bool(
        one.until_on and one.until_on < bank.today().isoformat()
    )


def _check_other(draft: Draft, actor: Actor, suspension_id: str) -> None:
    """Let pass who took no step of it before."""
    if any(by == actor.actor_id for _step, by in draft.rows(_STEPS, suspension_id)):
        raise SuspenderDecides(suspension=suspension_id)


def _change(draft: Draft, suspension_id: str, values: dict[str, Any]) -> None:
    mine = SUSPENSION.c
    where = (mine.book_id == BOOK) & (mine.suspension_id == suspension_id)
    draft.add(update(SUSPENSION).where(where).values(**values))


def _write_down(
    bank: Bank,
    draft: Draft,
    actor: Actor,
    suspension_id: str,
    person_id: str,
    step: Step,
    words: str,
) -> None:
    """Put a step into the history, its words sealed, and into the log: never whom it is about."""
    wrapped = bank.wrapped_keys.of([person_id]).get(person_id)
    draft.state(
        suspension_id, {"by": actor.actor_id, "do": f"{step.value}_suspension",
                        "suspension": suspension_id},
    )  # fmt: skip
    place = len(draft.rows(_STEPS, suspension_id)) + 1
    if step is not Step.APPEAL:
        station = draft.rows(_HOME, person_id)[0][0]
        tell_person(draft, Event.SUSPENSION_CHANGED, person_id, station, suspension_id, place)
    row = {
        "book_id": BOOK,
        "suspension_id": suspension_id,
        "place": place,
        "step": step.value,
        "actor_id": actor.actor_id,
        "at_ms": draft.recorded_ms,
        "words": bank.vault.seal(person_id, wrapped, {"words": words}),
    }
    draft.add(insert(SUSPENSION_STEP), [row])
