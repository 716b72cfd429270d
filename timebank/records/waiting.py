"""Records that wait for a second person or for the end of a notice, and how they are credited.

Everything of many records is read in a few statements and stored in a few more.
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Text, bindparam, text

from ledger.draft import Draft, Facts
from timebank.bank import Bank
from timebank.errors import NotAwaitingReview, UnknownRecord
from timebank.notices.tables import RECORD_NOTICE
from timebank.records.crediting import Due, post_due
from timebank.records.model import UNREVIEWED, Payer, State
from timebank.records.movements import movements_of, payer_account
from timebank.records.rosters import Roster, roster_row
from timebank.records.rows import notice_row, rows_of
from timebank.records.tables import RECORD_ROSTER

BOOK = 1
RECORDS_AT_ONCE = 500
"""Records of one submission; more are several."""

_RECORDS = text(
    "SELECT r.record_id, r.station_code, r.number, r.service_on, r.payer, r.policy, r.state, "
    "r.marks, r.reason, r.batch_id, r.recorded_by, r.recorded_ms, r.reviewed_by, r.reviewed_ms, "
    "n.opened_on, n.working_days, h.hold_id FROM service_record r "
    "LEFT JOIN record_notice n ON n.book_id = r.book_id AND n.record_id = r.record_id "
    "LEFT JOIN record_hold h ON h.book_id = r.book_id AND h.record_id = r.record_id "
    "WHERE r.book_id = 1 AND r.record_id IN :records"
).bindparams(bindparam("records", expanding=True, type_=Text))
_PEOPLE = text(
    "SELECT p.record_id, p.person_id, p.part, p.credited_minutes, p.charged_minutes, "
    "p.overflow_minutes, o.account_id FROM record_person p "
    "JOIN person o ON o.book_id = p.book_id AND o.person_id = p.person_id "
    "WHERE p.book_id = 1 AND p.record_id IN :records ORDER BY p.record_id, p.person_id"
).bindparams(bindparam("records", expanding=True, type_=Text))
_DECIDE = (
    "UPDATE service_record SET state = ?, marks = ?, reason = ?, reviewed_by = ?, reviewed_ms = ? "
    "WHERE book_id = 1 AND record_id = ?"
)
_CREDIT = (
    "UPDATE record_person SET entry_id = ? WHERE book_id = 1 AND record_id = ? "
    "AND person_id = ? AND part = 'volunteer'"
)
_END_PARTS = "UPDATE record_person SET live = 0 WHERE book_id = 1 AND record_id = ?"


class WaitingRecords:
    """Some records as the group sees them, decided one after another and stored together."""

    def __init__(self, bank: Bank, draft: Draft, record_ids: Collection[str]) -> None:
        self._bank, self._draft = bank, draft
        asked = {"records": list(dict.fromkeys(record_ids))}
        self._rows = {row.record_id: row for row in draft.query(_RECORDS, asked)}
        self._people: dict[str, list[Any]] = {}
        for row in draft.query(_PEOPLE, asked):
            self._people.setdefault(row.record_id, []).append(row)
        draft.load_accounts({one.account_id for rows in self._people.values() for one in rows})
        self._decided: list[tuple[Any, ...]] = []
        self._credited: list[tuple[Any, ...]] = []
        self._ended: list[tuple[Any, ...]] = []
        self._noticed: list[dict[str, Any]] = []
        self._rosters: list[dict[str, Any]] = []

    def noticed(self, record_id: str) -> Any | None:
        """A record, if it is under notice still."""
        row = self._rows.get(record_id)
        if row is None or row.state != State.AWAITING_REVIEW or row.opened_on is None:
            return None
        return row

    def row(self, record_id: str, *states: State) -> Any:
        """A record, if it is in one of ``states``; its notice and hold are null where it has none.

        Raises, the first that applies:
            UnknownRecord: there is none of that id.
            NotAwaitingReview: it is in another state.
        """
        row = self._rows.get(record_id)
        if row is None:
            raise UnknownRecord(record=record_id[:60])
        if row.state not in states:
            raise NotAwaitingReview(record=record_id, state=row.state)
        return row

    def volunteers(self, row: Any) -> int:
        """How many a record credits, or is to credit."""
        people = self._people.get(row.record_id, ())
        return sum(one.part == "volunteer" for one in people)

    def keep_roster(self, row: Any, roster: Roster) -> None:
        """Note by which signed roster a record is approved."""
        self._rosters.append(roster_row(row.record_id, roster))

    def credit(self, row: Any, facts: Facts) -> list[str]:
        """Post what each volunteer was to be credited when the record was made; the entries' ids.

        Raises:
            SettlementExceedsHold … CeilingExceeded: as the ledger says; then nothing is credited.
        """
        people = self._people.get(row.record_id, [])
        elders = [one.account_id for one in people if one.part == "recipient"]
        account_of = self._bank.account_of
        giver = payer_account(account_of, Payer(row.payer), elders[0] if elders else "")
        credited = []
        with self._draft.attempt():
            for one in people:
                if one.part != "volunteer":
                    continue
                movements = movements_of(
                    account_of,
                    giver,
                    one.account_id,
                    credited=one.credited_minutes,
                    charged=one.charged_minutes,
                    overflow=one.overflow_minutes,
                )
                part: Facts = {"credited": one.credited_minutes, "volunteer": one.account_id}
                due = Due(
                    movements, giver, one.account_id, row.service_on, row.policy, row.hold_id or ""
                )
                entry_id = post_due(self._draft, due, {**facts, **part})
                if entry_id:
                    credited.append((entry_id, row.record_id, one.person_id))
            if not credited:  # A cap took all of it: the fact stands in the log, nothing moves.
                self._draft.state(row.record_id, facts)
        self._credited += credited
        return [entry_id for entry_id, *_of in credited]

    def decide(self, row: Any, state: State, by: str, reason: str = "") -> None:
        """Note what a second person decided; approval takes the mark of the unreviewed away."""
        marks = row.marks
        if state is not State.REJECTED:
            marks = " ".join(mark for mark in marks.split() if mark != UNREVIEWED)
        self._decided.append(
            (state.value, marks, reason or row.reason, by, self._draft.recorded_ms, row.record_id)
        )

    def reject(self, row: Any, by: str, reason: str) -> None:
        """Note that a record is sent back; its people are free for another at that time."""
        self.decide(row, State.REJECTED, by, reason)
        self._ended.append((row.record_id,))

    def post(self, row: Any) -> None:
        """Note that a record is posted without anybody deciding it now."""
        self._decided.append(
            (State.POSTED.value, row.marks, row.reason, row.reviewed_by, row.reviewed_ms,
             row.record_id)
        )  # fmt: skip

    def open_notice(self, row: Any, opened_on: str, working_days: int) -> None:
        """Put a record on notice."""
        self._noticed.append(notice_row(row.record_id, opened_on, working_days))

    def store(self) -> None:
        """Hand everything decided to the group's commit."""
        for sql, rows in (
            (_DECIDE, self._decided),
            (_CREDIT, self._credited),
            (_END_PARTS, self._ended),
            rows_of(RECORD_NOTICE, self._noticed),
            rows_of(RECORD_ROSTER, self._rosters),
        ):
            if rows:
                self._draft.change(sql, rows)
