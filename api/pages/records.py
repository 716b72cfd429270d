"""Service records and imports as the station's pages show them; names come masked."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from api.pages.catalogue import Words
from api.pages.forms import Form, empty_form
from timebank.records.queries import ShownBatch, ShownRecord
from timebank.stations.model import Actor


@dataclass(frozen=True, slots=True)
class RecordView:
    """A record in a list.

    ``running`` adds up the minutes given of this record and of those logged before it;
    ``entries`` are those that credited its volunteers; ``is_mine`` where the reader logged it, so
    that somebody else must review it.
    """

    record_id: str
    number: int
    station_code: str
    on: str
    starts: str
    ends: str
    minutes: int
    running: int
    volunteers: tuple[str, ...]
    entries: tuple[str, ...]
    recipients: tuple[str, ...]
    content: str
    state: str
    marks: tuple[str, ...]
    reason: str
    recorded_ms: int
    is_mine: bool
    form: Form = field(default_factory=empty_form)
    return_form: Form = field(default_factory=empty_form)


@dataclass(frozen=True, slots=True)
class DayView:
    """What a day's records come to: how many, minutes given, and whether more than listed."""

    count: int
    minutes: int
    is_cut: bool


@dataclass(frozen=True, slots=True)
class BatchView:
    """An imported register that awaits a second person."""

    batch_id: str
    title: str
    accepted: int
    minutes: int
    recorded_ms: int
    is_mine: bool
    form: Form = field(default_factory=empty_form)


def record_views(records: Sequence[ShownRecord], actor: Actor, words: Words) -> list[RecordView]:
    """Records in their order; the running total starts from the one that was logged first."""
    running: dict[str, int] = {}
    total = 0
    for record in sorted(records, key=lambda one: (one.recorded_ms, one.number)):
        if record.state not in ("rejected", "reversed"):
            total += record.given_minutes
        running[record.record_id] = total
    return [
        RecordView(
            record.record_id,
            record.number,
            record.station_code,
            record.service_on,
            record.started_at[11:],
            record.ended_at[11:],
            record.given_minutes,
            running[record.record_id],
            names_of(record, "volunteer", words),
            tuple(one.entry_id for one in record.people if one.entry_id),
            names_of(record, "recipient", words),
            record.content,
            record.state,
            record.marks,
            record.reason,
            record.recorded_ms,
            record.recorded_by == actor.actor_id,
        )
        for record in records
    ]


def day_view(views: Sequence[RecordView], listed: int) -> DayView:
    """The sum of a day's records, of which a page lists the latest ``listed``."""
    total = max((view.running for view in views), default=0)
    return DayView(len(views), total, len(views) > listed)


def batch_view(batch: ShownBatch, actor: Actor) -> BatchView:
    """An import for the reviewer."""
    return BatchView(
        batch.batch_id,
        batch.title,
        batch.accepted,
        batch.minutes,
        batch.imported_ms,
        batch.imported_by == actor.actor_id,
    )


def names_of(record: ShownRecord, part: str, words: Words) -> tuple[str, ...]:
    """Who took that part: masked names with numbers, or the public and how many they were."""
    people = [
        f"{one.name}（{one.number}）" if one.number else one.name
        for one in record.people
        if one.part == part
    ]
    if part == "recipient" and record.public:
        if record.head_count:
            people.append(words("log.for_count", place=record.public, count=record.head_count))
        else:
            people.append(record.public)
    return tuple(people)
