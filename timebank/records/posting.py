"""From a service to its journal entries and rows: the one way in which care becomes credit.

Used inside an action's decision.  Each volunteer is credited by an entry of their own, so that a
statement's line is one service, and a reversal touches one person.
"""

import os
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import insert

from ledger.draft import Draft, Facts
from ledger.errors import AccountNotFound, Refusal
from timebank.bank import Bank
from timebank.clock import from_milliseconds, local_date
from timebank.errors import UnknownStation
from timebank.notices.model import first_state, notice_days
from timebank.notices.tables import RECORD_NOTICE
from timebank.policy.eligibility import check_class, check_recorded, needs_second_person
from timebank.policy.model import Profile
from timebank.policy.pricing import Priced, ServiceFacts, price
from timebank.records.admitting import Admission
from timebank.records.classes import is_professional
from timebank.records.crediting import Due, post_due
from timebank.records.model import (
    BACK_DATED,
    EVENT,
    ROSTER,
    UNREVIEWED,
    WHOLLY_SERVICE,
    Party,
    Payer,
    Service,
    State,
    TimeSpent,
    wall_time,
)
from timebank.records.movements import movements_of, payer_account
from timebank.records.rosters import is_event
from timebank.records.rows import (
    Credit,
    Recorded,
    hold_row,
    notice_row,
    part_row,
    rows_of,
    time_row,
)
from timebank.records.signed_facts import VOLUNTEER, elder_of, facts_of
from timebank.records.tables import RECORD_HOLD, RECORD_PERSON, RECORD_TIME, SERVICE_RECORD

BOOK = 1

# Plain SQL, because these run for every service: composing a statement costs more than running it.
_STATION_RECORDS = "SELECT records FROM station WHERE book_id = 1 AND code = ?"
_CREDITED_THAT_DAY = (
    "SELECT coalesce(sum(credited_minutes), 0) FROM record_person WHERE book_id = 1 "
    "AND person_id = ? AND part = 'volunteer' AND live = 1 AND started_at >= ? AND started_at < ?"
)
_WAITING = (
    "SELECT 1 FROM service_record WHERE book_id = 1 AND record_id = ? AND state = 'awaiting_review'"
)
_NOTICED = "SELECT 1 FROM record_notice WHERE book_id = 1 AND record_id = ?"
_SPENT = (
    "SELECT travel_minutes, rest_minutes, aim_met FROM record_time "
    "WHERE book_id = 1 AND record_id = ?"
)
_COUNT_RECORDS = "UPDATE station SET records = ? WHERE book_id = 1 AND code = ?"


class Recorder:
    """Records services of one station within one action; numbers them without gaps."""

    def __init__(
        self,
        bank: Bank,
        draft: Draft,
        *,
        station_code: str,
        recorded_by: str,
        reason: str,
        batch_id: str = "",
        marks: tuple[str, ...] = (),
        rehearsal: bool = False,
        chosen: tuple[str, bytes] | None = None,
        hold_id: str = "",
    ) -> None:
        """Begin; ``chosen`` are the record's id and salt where whoever signed it chose them.

        They and ``reason`` may be set anew.  ``hold_id`` pays the one record's one volunteer.
        """
        self._bank = bank
        self._draft = draft
        self._station = station_code
        self._by = recorded_by
        self.reason = reason
        self._batch = batch_id
        self._marks = marks
        self._rehearsal = rehearsal
        self.chosen = chosen
        self._hold_id = hold_id
        self._recorded_on = local_date_of(draft.recorded_ms)
        self._procedure = bank.profile_on(self._recorded_on)
        self._records: list[dict[str, Any]] = []
        self._notices: list[dict[str, Any]] = []
        self._people: list[dict[str, Any]] = []
        self._credited_that_day: dict[tuple[str, str], int] = {}
        self._pending: dict[str, int] = {}
        self._admission = Admission(bank, draft)
        counted = draft.rows(_STATION_RECORDS, station_code)
        if not counted:
            raise UnknownStation(station=station_code)
        self._number: int = counted[0][0]

    @property
    def awaits_review(self) -> bool:
        """Whether nothing posts before a second person saw it, by the policy or for a roster."""
        return ROSTER in self._marks or needs_second_person(self._procedure)

    @property
    def waits(self) -> bool:
        """Whether nothing posts at once: for want of a review, or of a public notice."""
        return self._first_state is not State.POSTED

    @property
    def _first_state(self) -> State:
        return State.AWAITING_REVIEW if self.awaits_review else first_state(self._procedure)

    def is_noticed(self, record_id: str) -> bool:
        """Whether a stored record is, or was, on public notice with the people that it has."""
        return bool(self._draft.rows(_NOTICED, record_id))

    def check(self, service: Service) -> tuple[str, ...]:
        """Let a service pass that may be recorded, whatever else stands beside it; its marks.

        Raises, the first that applies:
            InTheFuture, TooLateWithoutReason: by its date and the profile of today.
            ExcludedService: by the profile of its date.
            UnderAge … QuarterUsedUp: see :meth:`timebank.records.admitting.Admission.check`.
        """
        on = service.starts_at.date()
        late = check_recorded(
            self._procedure, on, self._recorded_on, reason_given=bool(self.reason.strip())
        )
        profile = self._bank.profile_on(on)
        check_class(profile, service.class_code, professional=is_professional(service.class_code))
        self._admission.check(profile, service, on, held=bool(self._hold_id))
        marks = {*self._marks, *([BACK_DATED] if late else [])}
        if not self.awaits_review:
            marks.add(UNREVIEWED)
        return self.marked(tuple(sorted(marks)), len(service.volunteers))

    def marked(self, marks: tuple[str, ...], volunteers: int) -> tuple[str, ...]:
        """The marks of a record by which so many are credited: many make an event, which waits."""
        if not is_event(self._procedure, volunteers, marks):
            return marks
        return tuple(sorted({*marks, EVENT} - {UNREVIEWED}))

    def record(self, service: Service, marks: tuple[str, ...]) -> Recorded:
        """Record a checked service and, unless it awaits review, post it; an event always awaits.

        Raises:
            OrderCapExceeded, DailyCapExceeded, AccountCapExceeded, FloorExceeded,
            CeilingExceeded: for any of its volunteers; then nothing of the service is posted.
        """
        record_id, salt = self.chosen or (self._draft.new_id("record"), os.urandom(16))
        profile = self._bank.profile_on(service.starts_at.date())
        state = State.AWAITING_REVIEW if EVENT in marks else self._first_state
        facts = self._facts(service, record_id, salt, marks)
        made = self._credit_all(service, service.volunteers, profile, facts, state)
        self._number += 1
        self._records.append(
            self._record_row(service, record_id, salt, marks, profile.version, state)
        )
        self._keep_people(service, record_id, made, service.recipients)
        if self._hold_id:
            self._draft.add(insert(RECORD_HOLD), [hold_row(record_id, self._hold_id)])
        if service.spent != WHOLLY_SERVICE:
            self._draft.add(insert(RECORD_TIME), [time_row(record_id, service.spent)])
        if state is State.UNDER_NOTICE:
            opened_on = self._recorded_on.isoformat()
            days = notice_days(self._procedure)
            self._notices.append(notice_row(record_id, opened_on, days))
        return Recorded(record_id, self._number, state, marks, made)

    def extend(
        self,
        record_id: str,
        service: Service,
        volunteers: tuple[Party, ...],
        recipients: tuple[Party, ...],
    ) -> Recorded:
        """Add people to a record of the same hours; only new volunteers are credited.

        Where the record still awaits its review, whatever today's policy says, they wait with it:
        its approval posts everybody once.

        Raises: as :meth:`record`.
        """
        profile = self._bank.profile_on(service.starts_at.date())
        service = replace(service, spent=self._spent_of(record_id))
        facts = self._facts(service, record_id, os.urandom(16), ("merged",))
        waits = self.waits or self._draft.rows(_WAITING, record_id)
        state = State.AWAITING_REVIEW if waits else State.POSTED
        made = self._credit_all(service, volunteers, profile, facts, state)
        if not volunteers and not self._rehearsal:
            self._draft.state(record_id, facts)
        self._keep_people(service, record_id, made, recipients)
        return Recorded(record_id, 0, state, ("merged",), made)

    def _spent_of(self, record_id: str) -> TimeSpent:
        """What was said of a stored record's time: whoever joins it spent the same."""
        for travel, rest, aim_met in self._draft.rows(_SPENT, record_id):
            return TimeSpent(travel, rest, bool(aim_met))
        return WHOLLY_SERVICE

    def store(self) -> None:
        """Hand the rows of everything recorded to the group's commit."""
        if self._records:
            self._draft.change(*rows_of(SERVICE_RECORD, self._records))
            self._draft.change(_COUNT_RECORDS, [(self._number, self._station)])
        if self._people:
            self._draft.change(*rows_of(RECORD_PERSON, self._people))
        if self._notices:
            self._draft.change(*rows_of(RECORD_NOTICE, self._notices))

    def _keep_people(
        self,
        service: Service,
        record_id: str,
        made: tuple[Credit, ...],
        recipients: tuple[Party, ...],
    ) -> None:
        for credit in made:
            self._people.append(part_row(service, record_id, "volunteer", credit))
        for party in recipients:
            self._people.append(part_row(service, record_id, "recipient", Credit(party, 0)))

    # Credit --------------------------------------------------------------------------------

    def _credit_all(
        self,
        service: Service,
        volunteers: tuple[Party, ...],
        profile: Profile,
        facts: Facts,
        state: State,
    ) -> tuple[Credit, ...]:
        """Credit each volunteer, or nobody: what a refused service would have used stays free."""
        made: list[Credit] = []
        try:
            for party in volunteers:
                credit = self._credit(service, party, profile, facts, state)
                made.append(credit)
                self._note_credit(service, credit, profile, state, credit.credited)
        except Refusal:
            for credit in made:
                self._note_credit(service, credit, profile, state, -credit.credited)
            raise
        return tuple(made)

    def _credit(
        self, service: Service, party: Party, profile: Profile, facts: Facts, state: State
    ) -> Credit:
        """Price one volunteer's part and post it; what awaits review is stated only."""
        priced = self._price(service, party, profile)
        credit = Credit(party, priced.credited, priced.charged, priced.overflow)
        if self._rehearsal:
            return credit
        record_id, facts = str(facts["record"]), {**facts, VOLUNTEER: party.account_id}
        if state is not State.POSTED:
            self._draft.state(record_id, facts)
            return credit
        facts |= {"charged": priced.charged, "credited": priced.credited}
        if priced.steps:
            facts["rules"] = [step.rule for step in priced.steps]
        account_of = self._bank.account_of
        payer = payer_account(account_of, service.payer, elder_of(service))
        movements = movements_of(
            account_of,
            payer,
            party.account_id,
            credited=priced.credited,
            charged=priced.charged,
            overflow=priced.overflow,
        )
        on = service.starts_at.date().isoformat()
        due = Due(movements, payer, party.account_id, on, profile.version, self._hold_id)
        entry_id = post_due(self._draft, due, facts)
        if not entry_id:  # A cap took all of it: the fact stands in the log, nothing moves.
            self._draft.state(record_id, facts)
        return replace(credit, entry_id=entry_id)

    def _price(self, service: Service, party: Party, profile: Profile) -> Priced:
        day = service.starts_at.date().isoformat()
        that_day = (
            0 if profile.caps.day_minutes is None else self._credited_on(party.person_id, day)
        )
        try:
            posted = self._draft.account(party.account_id).posted
        except AccountNotFound:  # A rehearsal with people who are not registered yet.
            if not self._rehearsal:
                raise
            posted = 0
        posted += self._pending.get(party.account_id, 0)
        return price(
            profile,
            ServiceFacts(
                given_minutes=service.given_minutes,
                service_class=service.class_code,
                professional=is_professional(service.class_code),
                travel_minutes=service.spent.travel_minutes,
                rest_minutes=service.spent.rest_minutes,
                aim_met=service.spent.aim_met,
                starts_at_minute=service.starts_at.hour * 60 + service.starts_at.minute,
                has_payer=service.payer is not Payer.NOBODY,
                credited_that_day_minutes=that_day,
                account_minutes=posted,
            ),
        )

    def _credited_on(self, person_id: str, day: str) -> int:
        if (person_id, day) not in self._credited_that_day:
            after = day + "U"  # behind every T of that day
            ((total,),) = self._draft.rows(_CREDITED_THAT_DAY, person_id, day, after)
            self._credited_that_day[person_id, day] = int(total)
        return self._credited_that_day[person_id, day]

    def _note_credit(
        self, service: Service, credit: Credit, profile: Profile, state: State, minutes: int
    ) -> None:
        """Tell the caps of later services of ``minutes`` more, or fewer where it is taken back."""
        party = credit.party
        if profile.caps.day_minutes is not None:
            self._credited_that_day[party.person_id, service.starts_at.date().isoformat()] += (
                minutes
            )
        if state is not State.POSTED or self._rehearsal:
            # Nothing moves yet, so the account itself does not know.
            pending = self._pending.get(party.account_id, 0) + minutes
            self._pending[party.account_id] = pending

    def _facts(
        self, service: Service, record_id: str, salt: bytes, marks: tuple[str, ...]
    ) -> Facts:
        stated = facts_of(service, self._by, self._station, record_id, salt)
        return {**stated, "marks": list(marks)}

    # Checks and rows -----------------------------------------------------------------------

    def _record_row(
        self,
        service: Service,
        record_id: str,
        salt: bytes,
        marks: tuple[str, ...],
        policy: str,
        state: State,
    ) -> dict[str, Any]:
        first = service.volunteers[0]
        opened: dict[str, str | int | None] = {
            "note": service.note,
            "place": service.place,
            "salt": salt.hex(),
        }
        return {
            "book_id": BOOK,
            "record_id": record_id,
            "station_code": self._station,
            "number": self._number,
            "service_on": service.starts_at.date().isoformat(),
            "started_at": wall_time(service.starts_at),
            "ended_at": wall_time(service.ends_at),
            "class_code": service.class_code,
            "content": service.content,
            "public": service.public,
            "head_count": service.head_count,
            "given_minutes": service.given_minutes,
            "payer": service.payer.value,
            "policy": policy,
            "state": state.stored.value,
            "marks": " ".join(marks),
            "reason": self.reason if BACK_DATED in marks else "",
            "batch_id": self._batch,
            "recorded_by": self._by,
            "recorded_ms": self._draft.recorded_ms,
            "reviewed_by": "",
            "reviewed_ms": None,
            "opening": b""
            if self._rehearsal
            else self._bank.vault.seal(first.person_id, first.wrapped, opened),
        }


def local_date_of(recorded_ms: int) -> date:
    """The stations' calendar day of a moment in UTC milliseconds."""
    return local_date(from_milliseconds(recorded_ms))
