"""What people may ask about service records: log one, review one, reverse one."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from ledger.draft import Action, Draft, Facts
from ledger.ids import new_id
from timebank.answers import Answer
from timebank.bank import Bank
from timebank.clock import from_milliseconds, local_datetime
from timebank.errors import (
    Duplicate,
    DurationMismatch,
    DurationOutOfRange,
    EndBeforeStart,
    GroupTooLarge,
    InTheFuture,
    MissingField,
    OverlappingService,
    PayerNotAllowed,
    RecordCarriedOver,
)
from timebank.errors.spent import TimeSpentInvalid
from timebank.integrity.acts import ENTERED, note_act
from timebank.records.beside import Beside, resolved
from timebank.records.classes import class_of
from timebank.records.model import (
    CARRIED_OVER,
    MOST_MINUTES,
    MOST_PEOPLE,
    WHOLLY_SERVICE,
    Payer,
    Service,
    StatedService,
)
from timebank.records.parties import parties_of
from timebank.records.posting import BOOK, Recorder, local_date_of
from timebank.records.review import posted_entries, record_row
from timebank.records.rows import Recorded
from timebank.records.tables import RECORD_PERSON, SERVICE_RECORD
from timebank.registers import Judge, Outcome
from timebank.stations.actions import require, require_station
from timebank.stations.model import Actor, Role


def log_service(
    bank: Bank, actor: Actor, station_code: str, stated: StatedService, *, key: str
) -> Answer:
    """Record one service; answers as :func:`prepare_log` says.

    Raises: as :func:`prepare_log`, then what the writer refuses: see :func:`decide_service`.
    """
    return bank.act(prepare_log(bank, actor, station_code, stated, key=key))


def prepare_log(
    bank: Bank, actor: Actor, station_code: str, stated: StatedService, *, key: str
) -> Action:
    """The action that records one service, its people found, ready for the writer.

    It answers ``record``, ``number``, ``state``, ``minutes`` given, ``marks`` and ``credits``,
    each an ``account`` with ``entry`` and ``minutes``.

    Raises, the first that applies:
        NotPermitted: neither clerk, reviewer nor operator, or of another station.
        MissingField … DurationMismatch: see :func:`check_stated`.
        NotVolunteerActivity: the content says that it was paid or commercial.
        UnknownMember … AmbiguousMember: see :func:`timebank.records.parties.find`.
    """
    service = service_of(bank, actor, station_code, stated)

    def decide(draft: Draft) -> dict[str, Any]:
        return decide_service(bank, draft, actor, station_code, service, stated.reason)

    return bank.action(
        actor,
        "record",
        decide,
        key=key,
        content=content_of(station_code, stated),
        station_code=station_code,
        batch=new_id("batch", bank.now_ms()) if len(service.volunteers) > 1 else None,
        accounts=tuple(party.account_id for party in service.volunteers),
    )


def service_of(bank: Bank, actor: Actor, station_code: str, stated: StatedService) -> Service:
    """The service that somebody states, its people found.

    Raises: as :func:`prepare_log`.
    """
    require(actor, "log_service", Role.CLERK, Role.OPERATOR, Role.REVIEWER)
    require_station(actor, "log_service", station_code)
    check_stated(stated)
    code = class_of(stated.content)
    volunteers, recipients = parties_of(bank, stated.volunteers, stated.recipients)
    return Service(
        stated.starts_at,
        stated.ends_at,
        stated.content.strip(),
        code,
        volunteers,
        recipients,
        stated.public or "",
        stated.head_count,
        stated.place.strip(),
        stated.note.strip(),
        stated.payer,
        stated.spent,
    )


def check_stated(stated: StatedService) -> None:
    """Let a service pass that is complete and fits itself.

    Raises, the first that applies:
        MissingField: no volunteer, no content, or neither recipient nor public.
        GroupTooLarge: more than :data:`MOST_PEOPLE` volunteers or recipients.
        EndBeforeStart: the end is not after the start.
        DurationOutOfRange: longer than a day.
        DurationMismatch: the stated duration disagrees with the times.
        TimeSpentInvalid: travel and rest are less than nothing, or leave no minute of service.
        PayerNotAllowed: an elder pays for a service to nobody in particular.
    """
    if not any(text.strip() for text in stated.volunteers):
        raise MissingField(field="volunteer")
    if not stated.content.strip():
        raise MissingField(field="content")
    named = any(text.strip() for text in stated.recipients)
    if not named and not stated.public:
        raise MissingField(field="recipient")
    for field, texts in (("volunteer", stated.volunteers), ("recipient", stated.recipients)):
        if len(texts) > MOST_PEOPLE:
            raise GroupTooLarge(field=field, count=len(texts), most=MOST_PEOPLE)
    length = stated.ends_at - stated.starts_at
    if length <= timedelta(0):
        raise EndBeforeStart(
            start=stated.starts_at.strftime("%H:%M"), end=stated.ends_at.strftime("%H:%M")
        )
    minutes = int(length.total_seconds()) // 60
    if minutes > MOST_MINUTES:
        raise DurationOutOfRange(field="duration", minutes=minutes, most_minutes=MOST_MINUTES)
    if stated.stated_minutes is not None and stated.stated_minutes != minutes:
        raise DurationMismatch(stated_minutes=stated.stated_minutes, timed_minutes=minutes)
    travel, rest = stated.spent.travel_minutes, stated.spent.rest_minutes
    if min(travel, rest) < 0 or travel + rest >= minutes:
        raise TimeSpentInvalid(travel_minutes=travel, rest_minutes=rest, minutes=minutes)
    if stated.payer is Payer.ELDER and not named:
        raise PayerNotAllowed(payer=stated.payer.value)


def decide_service(
    bank: Bank,
    draft: Draft,
    actor: Actor,
    station_code: str,
    service: Service,
    reason: str,
    chosen: tuple[str, bytes] | None = None,
    hold_id: str = "",
) -> dict[str, Any]:
    """Record a service beside everything that is recorded already.

    ``chosen`` are the record's id and salt where whoever signed it chose them; ``hold_id`` is the
    hold that pays, where the time was held before.

    Raises, the first that applies:
        UnknownStation: the book has no such station.
        InTheFuture … PayerNotAllowed: see :meth:`Recorder.check`.
        Duplicate: the same people and hours are recorded.
        OverlappingService: one of them is in another service at that time.
        OrderCapExceeded … CeilingExceeded: see :meth:`Recorder.record`.
    """
    recorder = Recorder(
        bank,
        draft,
        station_code=station_code,
        recorded_by=actor.actor_id,
        reason=reason,
        chosen=chosen,
        hold_id=hold_id,
    )
    made = record_beside(draft, recorder, service, Beside(draft, [service]))
    recorder.store()
    note_act(draft, actor, made.record_id, ENTERED)
    return told(made, service)


def record_beside(draft: Draft, recorder: Recorder, service: Service, beside: Beside) -> Recorded:
    """Record a service that meets nothing which stands ``beside`` it.

    Raises, the first that applies: as :func:`decide_service`, but the first.
    """
    check_over(draft, service)
    marks = recorder.check(service)
    verdict = Judge(beside.of(service)).judge(resolved(0, service))
    if verdict.outcome is Outcome.ALREADY_STORED:
        raise Duplicate(of=verdict.stored_id or "")
    if verdict.outcome is not Outcome.NEW:
        raise OverlappingService(field="volunteer", of=verdict.stored_id or "")
    made = recorder.record(service, marks)
    beside.add(made.record_id, service)
    return made


def check_over(draft: Draft, service: Service) -> None:
    """Let a service pass that is over.

    Raises:
        InTheFuture: it ends later than now.
    """
    now = local_datetime(from_milliseconds(draft.recorded_ms)).replace(tzinfo=None)
    if service.ends_at > now:
        raise InTheFuture(on=service.starts_at.date().isoformat(), today=now.date().isoformat())


def told(made: Recorded, service: Service) -> dict[str, Any]:
    """What an action answers of a record: ids, codes and minutes, never a name or number."""
    return {
        "credits": [
            {
                "account": credit.party.account_id,
                "entry": credit.entry_id,
                "minutes": credit.credited,
            }
            for credit in made.credits
        ],
        "marks": list(made.marks),
        "minutes": service.given_minutes,
        "number": made.number,
        "record": made.record_id,
        "state": made.state.value,
    }


def reverse_record(bank: Bank, actor: Actor, record_id: str, reason: str, *, key: str) -> Answer:
    """Undo a posted record: every credit goes back, the record stays and shows it.

    Raises, the first that applies:
        NotPermitted: neither reviewer nor operator, or of another station.
        MissingField: no reason.
        UnknownRecord, NotAwaitingReview: there is no such posted record.
        RecordCarriedOver: its entries stand in the log before this one.
        FloorExceeded: a volunteer has spent what would have to go back; two people can still take
            it back, see :mod:`timebank.shortfalls.proposing`.
    """
    require(actor, "reverse_record", Role.REVIEWER, Role.OPERATOR)
    if not reason.strip():
        raise MissingField(field="reason")

    def decide(draft: Draft) -> dict[str, Any]:
        row = record_row(draft, record_id, "posted")
        require_station(actor, "reverse_record", row.station_code)
        if CARRIED_OVER in row.marks.split():
            raise RecordCarriedOver(record=record_id)
        made = undo_record(draft, actor, row, reason.strip())
        return {"entries": made, "record": record_id, "state": "reversed"}

    with bank.read() as connection:
        station = connection.execute(
            select(SERVICE_RECORD.c.station_code).where(
                SERVICE_RECORD.c.book_id == BOOK, SERVICE_RECORD.c.record_id == record_id
            )
        ).scalar()
    action = bank.action(
        actor,
        "reversal",
        decide,
        key=key,
        content={"reason": reason, "record": record_id},
        station_code=station or actor.station_code,
        batch=new_id("batch", bank.now_ms()),
    )
    return bank.act(action)


def undo_record(draft: Draft, actor: Actor, row: Any, reason: str) -> list[str]:
    """Reverse every entry of a posted record and mark it so; answers the reversals' entries.

    Raises:
        FloorExceeded, CeilingExceeded: what would go back is not there, or has no room.
    """
    record_id = row.record_id
    facts: Facts = {"by": actor.actor_id, "do": "reverse", "record": record_id}
    on = local_date_of(draft.recorded_ms).isoformat()
    made = [
        draft.reverse(entry, effective_on=on, policy=row.policy, facts=facts)
        for entry in posted_entries(draft, [record_id])
    ]
    draft.add(
        update(SERVICE_RECORD)
        .where(SERVICE_RECORD.c.book_id == BOOK, SERVICE_RECORD.c.record_id == record_id)
        .values(state="reversed", reason=reason)
    )
    draft.add(
        update(RECORD_PERSON)
        .where(RECORD_PERSON.c.book_id == BOOK, RECORD_PERSON.c.record_id == record_id)
        .values(live=0)
    )
    return made


def content_of(station_code: str, stated: StatedService) -> dict[str, Any]:
    """The request as it is bound to its idempotency key."""
    spent = stated.spent
    said = {} if spent == WHOLLY_SERVICE else {"spent": asdict(spent)}
    return {
        **said,
        "content": stated.content,
        "end": stated.ends_at.isoformat(),
        "heads": stated.head_count,
        "minutes": stated.stated_minutes,
        "note": stated.note,
        "payer": stated.payer.value,
        "place": stated.place,
        "public": stated.public,
        "reason": stated.reason,
        "recipients": list(stated.recipients),
        "start": stated.starts_at.isoformat(),
        "station": station_code,
        "volunteers": list(stated.volunteers),
    }
