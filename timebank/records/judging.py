"""One part of a register: which of its rows may be posted, decided inside the writer."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

from ledger.draft import Draft
from ledger.errors import Refusal
from timebank.bank import REFUSALS, Bank
from timebank.databases import check_text
from timebank.notices.model import first_state
from timebank.records.actions import check_over
from timebank.records.classes import class_of
from timebank.records.mending import how_to_mend
from timebank.records.model import BULK, EVENT, MERGED, Party, Payer, Service
from timebank.records.occupied import StoredRecords, stored_records
from timebank.records.parties import People
from timebank.records.posting import Recorder
from timebank.records.rows import Recorded
from timebank.registers import (
    Code,
    Judge,
    Outcome,
    RegisterRow,
    ResolvedRow,
    RowRefusal,
    Verdict,
    place_of,
    refuse,
    resolve,
)
from timebank.stations.model import Actor


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that was not posted: where it stands, the permanent code, and what to do."""

    sheet: str
    row: int
    code: str
    explanation: str
    mend: str


@dataclass(frozen=True, slots=True)
class Posted:
    """Credited minutes of one volunteer, by member number."""

    number: str
    minutes: int


@dataclass(frozen=True, slots=True)
class WaitingEvent:
    """A record of many volunteers that waits for a signed roster; the row says it first."""

    sheet: str
    row: int
    record_id: str
    volunteers: int


@dataclass(slots=True)
class PartResult:
    """What became of one part's rows."""

    accepted: int = 0
    already_posted: int = 0
    refused_minutes: int = 0
    credits: list[Posted] = field(default_factory=list)
    refused: list[RefusedRow] = field(default_factory=list)
    events: list[WaitingEvent] = field(default_factory=list)


@dataclass(slots=True)
class _Claim:
    """A readable row whose people are known, and the marks that it will carry.

    ``service`` shrinks to the people whom the row adds; ``stated`` stays as the row says.
    """

    at: int
    row: RegisterRow
    service: Service
    marks: tuple[str, ...]
    stated: Service


class Part:
    """Rows of a register that become one submission; ``decide`` may run more than once."""

    def __init__(
        self,
        bank: Bank,
        actor: Actor,
        station_code: str,
        batch_id: str,
        people: People,
        rows: Sequence[RegisterRow],
        *,
        reason: str,
        several_sheets: bool,
        rehearsal: bool,
    ) -> None:
        self.actor = actor
        self.station_code = station_code
        self.rehearsal = rehearsal
        self.state = first_state(bank.profile_on(bank.today()))
        self._bank = bank
        self._batch_id = batch_id
        self._people = people
        self._rows = rows
        self._reason = reason
        self._places = [place_of(row.sheet, row.row, name_sheet=several_sheets) for row in rows]
        self._refused: dict[int, RowRefusal] = {}
        self._facts: dict[int, dict[str, Any]] = {}

    @property
    def digest(self) -> str:
        """Hex SHA-256 over the cells of the rows: what the idempotency key is bound to."""
        told = sha256()
        for row in self._rows:
            told.update(repr((row.sheet, row.row, row.raw)).encode())
        return told.hexdigest()

    def decide(self, draft: Draft) -> dict[str, Any]:
        """Judge and post the rows; the answer has no cell of the register in it."""
        self._refused, self._facts = {}, {}
        recorder = Recorder(
            self._bank,
            draft,
            station_code=self.station_code,
            recorded_by=self.actor.actor_id,
            reason=self._reason,
            batch_id=self._batch_id,
            marks=(BULK,),
            rehearsal=self.rehearsal,
        )
        draft.load_accounts(party.account_id for party in self._people.parties.values())
        found = (self._claim(draft, recorder, at) for at in range(len(self._rows)))
        claims = [claim for claim in found if claim is not None]
        stored = stored_records(
            draft,
            (
                (party.person_id, claim.service.starts_at, claim.service.ends_at)
                for claim in claims
                for party in claim.service.volunteers + claim.service.recipients
            ),
        )
        groups, already = self._judge(claims, stored)
        accepted, credits, events = 0, [], []
        for stored_id, group in self._events(recorder, groups):
            try:
                with draft.attempt():
                    made = self._record(recorder, stored, stored_id, group)
            except Refusal as refusal:
                for claim in group:
                    self._refuse(claim.at, refusal)
                continue
            accepted += len(group)
            credits += [[one.party.number, one.credited] for one in made.credits]
            if EVENT in made.marks:
                events.append([group[0].at, made.record_id, len(made.credits)])
        recorder.store()
        return {
            "accepted": accepted,
            "already": already,
            "credits": credits,
            "events": events,
            "refused": [
                [at, refusal.code, self._facts.get(at, {})]
                for at, refusal in sorted(self._refused.items())
            ],
        }

    def result_of(self, answer: dict[str, Any]) -> PartResult:
        """The answer in the register's own words, a replayed one too."""
        refused = []
        for at, code, facts in answer["refused"]:
            row = self._rows[at]
            told = self._refused.get(at) or row.refusal or self._told_again(at, code, facts)
            refused.append(RefusedRow(row.sheet, row.row, code, told.explanation, told.mend))
        return PartResult(
            answer["accepted"],
            answer["already"],
            sum(self._rows[at].minutes or 0 for at, _code, _facts in answer["refused"]),
            [Posted(number, minutes) for number, minutes in answer["credits"]],
            refused,
            [
                WaitingEvent(self._rows[at].sheet, self._rows[at].row, record_id, volunteers)
                for at, record_id, volunteers in answer.get("events", ())  # older answers have none
            ],
        )

    def _told_again(self, at: int, code: str, facts: dict[str, Any]) -> RowRefusal:
        """A replayed refusal from its facts; who was meant stands in the row and nowhere else."""
        if code in (Code.DUPLICATE, Code.OVERLAPPING_SERVICE):
            return self._repeated(at, Code(code), facts.get("other"))
        meant = resolve(self._rows[at], self._people.directory, self._places[at]).refusal
        if meant is not None and meant.code == code:
            return meant
        said = f"{self._places[at]}：{REFUSALS[code](**facts).in_chinese()}"
        return RowRefusal(code, said, how_to_mend(code))

    # Rows ----------------------------------------------------------------------------------

    def _claim(self, draft: Draft, recorder: Recorder, at: int) -> _Claim | None:
        """The row's claim, or ``None`` and a refusal that is noted."""
        row = self._rows[at]
        if row.refusal is not None:
            self._refused[at] = row.refusal
            return None
        people = resolve(row, self._people.directory, self._places[at])
        if people.refusal is not None:
            self._refused[at] = people.refusal
            return None
        try:
            service = self._service(row, people.volunteers, people.recipients)
            check_over(draft, service)
            return _Claim(at, row, service, recorder.check(service), service)
        except Refusal as refusal:
            self._refuse(at, refusal)
            return None

    def _service(
        self, row: RegisterRow, volunteers: frozenset[str], recipients: frozenset[str]
    ) -> Service:
        assert row.starts_at is not None
        assert row.ends_at is not None
        assert row.content is not None
        # Old .xls files may hold it; one such cell would fail its neighbours' commit.
        check_text(row.content, row.public or "", row.place or "", row.note or "")
        parties = self._people.parties
        return Service(
            row.starts_at,
            row.ends_at,
            row.content,
            class_of(row.content),
            tuple(parties[one] for one in sorted(volunteers)),
            tuple(parties[one] for one in sorted(recipients)),
            row.public or "",
            row.head_count or 0,
            row.place or "",
            row.note or "",
            Payer.NOBODY,  # A register never debits an elder.
        )

    def _judge(
        self, claims: list[_Claim], stored: StoredRecords
    ) -> tuple[list[tuple[str, list[_Claim]]], int]:
        """The services to be recorded, each with its rows, and how many rows are recorded already.

        A service that extends a stored record comes with that record's id.
        """
        judge = Judge(stored)
        groups: dict[int, tuple[str, list[_Claim]]] = {}
        already = 0
        for claim in claims:
            verdict = judge.judge(_resolved(claim))
            if verdict.accepted and verdict.service is not None:
                stored_id = verdict.stored_id or ""
                groups.setdefault(verdict.service, (stored_id, []))[1].append(
                    _adding(claim, verdict)
                )
            elif verdict.outcome is Outcome.ALREADY_STORED:
                if stored.batch_of.get(verdict.stored_id or "") == self._batch_id:
                    self._repeats(claim.at, Code.DUPLICATE, None)
                else:
                    already += 1
            else:
                self._repeats(claim.at, Code(verdict.outcome.value), verdict.other)
        return list(groups.values()), already

    def _events(
        self, recorder: Recorder, groups: list[tuple[str, list[_Claim]]]
    ) -> Iterator[tuple[str, list[_Claim]]]:
        """The groups, those of one event as one: rows of many who did the same, at once, together.

        Otherwise an event of fifty would be fifty services, and none of them of many.
        """
        together: dict[Any, list[_Claim]] = {}
        for stored_id, group in groups:
            together.setdefault(_event_of(stored_id, group), []).extend(group)
        events = {
            what: claims
            for what, claims in together.items()
            if EVENT in recorder.marked(claims[0].marks, len(_volunteers(claims)))
        }
        for stored_id, group in groups:
            what = _event_of(stored_id, group)
            if what not in events:
                yield stored_id, group
            elif claims := together.pop(what, []):  # At its first row, with its other groups.
                yield stored_id, claims

    def _repeats(self, at: int, code: Code, other: int | None) -> None:
        self._refused[at] = self._repeated(at, code, other)
        self._facts[at] = {"other": other}

    def _repeated(self, at: int, code: Code, other: int | None) -> RowRefusal:
        place = "已入账的服务" if other is None else self._places[other]
        return refuse(code, self._places[at], other=place)

    def _record(
        self, recorder: Recorder, stored: StoredRecords, stored_id: str, group: list[_Claim]
    ) -> Recorded:
        """One record for the rows of a service: everybody in it, each volunteer credited once."""
        first = group[0]
        volunteers = _volunteers(group)
        recipients = _union(claim.service.recipients for claim in group)
        heads = sum(claim.service.head_count for claim in group)
        service = replace(
            first.service, volunteers=volunteers, recipients=recipients, head_count=heads
        )
        many = len(stored.volunteers_of(stored_id) | {party.person_id for party in volunteers})
        marks = {*first.marks, *([MERGED] if stored_id or len(group) > 1 else [])}
        marked = recorder.marked(tuple(sorted(marks)), many)
        is_decided = recorder.waits or EVENT in marked or recorder.is_noticed(stored_id)
        if stored_id and volunteers and is_decided:
            # The stored record may be reviewed or noticed already; whoever is added needs it too.
            stated = _union(claim.stated.recipients for claim in group)
            return recorder.record(replace(service, recipients=stated), marked)
        if stored_id:
            return recorder.extend(stored_id, service, volunteers, recipients)
        return recorder.record(service, marked)

    def _refuse(self, at: int, refusal: Refusal) -> None:
        said = f"{self._places[at]}：{refusal.in_chinese()}"
        self._refused[at] = RowRefusal(refusal.code, said, how_to_mend(refusal.code))
        self._facts[at] = dict(refusal.facts)


def _resolved(claim: _Claim) -> ResolvedRow:
    service = claim.service
    return ResolvedRow(
        claim.at,
        service.starts_at,
        service.ends_at,
        service.content,
        frozenset(party.person_id for party in service.volunteers),
        frozenset(party.person_id for party in service.recipients),
        service.public or None,
    )


def _adding(claim: _Claim, verdict: Verdict) -> _Claim:
    """The claim with only those people whom its row adds to the service."""
    service = claim.service
    return replace(
        claim,
        service=replace(
            service,
            volunteers=tuple(
                one for one in service.volunteers if one.person_id in verdict.adds_volunteers
            ),
            recipients=tuple(
                one for one in service.recipients if one.person_id in verdict.adds_recipients
            ),
        ),
    )


def _event_of(stored_id: str, group: list[_Claim]) -> tuple[Any, ...]:
    """What the rows of one event share; a place in other words does not make it another."""
    one = group[0].service
    recipients = frozenset(party.person_id for party in one.recipients)
    return stored_id, one.starts_at, one.ends_at, one.content, one.public, recipients


def _volunteers(claims: list[_Claim]) -> tuple[Party, ...]:
    return _union(claim.service.volunteers for claim in claims)


def _union(groups: Any) -> tuple[Party, ...]:
    found: dict[str, Party] = {}
    for group in groups:
        for party in group:
            found.setdefault(party.person_id, party)
    return tuple(found.values())
