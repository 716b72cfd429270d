"""Writing down what came of a call."""

from typing import Any

from sqlalchemy import insert

from ledger.draft import Draft, Facts
from timebank.answers import Answer
from timebank.bank import Bank
from timebank.call_backs.model import LONGEST_REMARK, OUTCOME, Outcome, is_final
from timebank.call_backs.tables import CALL_OUTCOME
from timebank.databases import check_text
from timebank.errors import MissingField, OrderValueInvalid
from timebank.errors.call_backs import CallEnded, CallerWasHandler, UnknownCall
from timebank.stations.actions import require, require_station
from timebank.stations.model import Actor, Role

BOOK = 1

_CALL = "SELECT record_id, person_id, station_code FROM call_back WHERE book_id = 1 AND call_id = ?"
_SAID = "SELECT outcome FROM call_outcome WHERE book_id = 1 AND call_id = ? ORDER BY place"
_HAD_A_PART = (
    "SELECT 1 FROM service_record WHERE book_id = 1 AND record_id = ? "
    "AND (recorded_by = ? OR reviewed_by = ?) UNION ALL SELECT 1 FROM service_order o "
    "JOIN order_step s ON s.book_id = o.book_id AND s.order_id = o.order_id "
    "WHERE o.book_id = 1 AND o.record_id = ? AND s.taken_by = ?"
)


def note_outcome(
    bank: Bank, actor: Actor, call_id: str, outcome: Outcome, remark: str, *, key: str
) -> Answer:
    """Write down what came of a call, for good; answers the attempt's number.

    Whoever was named to call is not the only one who may, but who had a part in the record may
    not.  The remark is sealed for the person who was asked.

    Raises, the first that applies:
        NotPermitted: neither clerk, reviewer nor operator, or of another station.
        OrderValueInvalid: a remark of more than :data:`LONGEST_REMARK` characters.
        MissingField: it was not as recorded and nothing is said of that.
        ContentOutOfProfile: a remark that no database can hold.
        UnknownCall: there is no such call.
        CallerWasHandler: the actor recorded, reviewed or led the visit.
        CallEnded: what came of it is known.
    """
    require(actor, "note_outcome", Role.CLERK, Role.REVIEWER, Role.OPERATOR)
    said = remark.strip()
    if len(said) > LONGEST_REMARK:
        raise OrderValueInvalid(field="reason", given=str(len(said)))
    if outcome is Outcome.NOT_AS_RECORDED and not said:
        raise MissingField(field="reason")
    check_text(said, call_id)

    def decide(draft: Draft) -> dict[str, Any]:
        rows = draft.rows(_CALL, call_id)
        if not rows:
            raise UnknownCall(call=call_id[:60])
        record_id, person_id, station_code = rows[0]
        require_station(actor, "note_outcome", station_code)
        me = actor.actor_id
        if draft.rows(_HAD_A_PART, record_id, me, me, record_id, me):
            raise CallerWasHandler(call=call_id)
        before = [str(row[0]) for row in draft.rows(_SAID, call_id)]
        if is_final(before):
            raise CallEnded(call=call_id)
        place = len(before) + 1
        facts: Facts = {"by": me, "call": call_id, "do": OUTCOME, "outcome": outcome.value}
        draft.state(call_id, facts)
        row = {
            "book_id": BOOK,
            "call_id": call_id,
            "place": place,
            "outcome": outcome.value,
            "remark": _sealed(bank, person_id, said),
            "said_by": me,
            "said_ms": draft.recorded_ms,
        }
        draft.add(insert(CALL_OUTCOME), [row])
        return {"attempt": place, "call": call_id, "outcome": outcome.value}

    content = {"call": call_id, "outcome": outcome.value, "remark": said}
    return bank.act(bank.action(actor, OUTCOME, decide, key=key, content=content))


def _sealed(bank: Bank, person_id: str, said: str) -> bytes:
    """The remark under the person's key; nothing where nothing is said or the key is gone."""
    wrapped = bank.wrapped_keys.of([person_id]).get(person_id)
    if not said or wrapped is None:
        return b""
    return bank.vault.seal(person_id, wrapped, {"remark": said})
