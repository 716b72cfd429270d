"""The station: logging a service, the day's list, and the second person's queue."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

from fastapi import Query
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import Response

import timebank.bank
from api.dependencies import Bank, Clerk
from api.pages.explanation import explanation_page
from api.pages.forms import Form, empty_form, key_in, new_key, refused_form, typed_in
from api.pages.plumbing import Posted, frame_of, page_router
from api.pages.reading import faults_in, stated_in
from api.pages.records import (
    BatchView,
    RecordView,
    batch_view,
    day_view,
    names_of,
    record_views,
)
from api.pages.render import draw, go, speech_for, words_for
from api.problems import status_of
from api.uploads import saved_upload
from ledger.bundle import hash_file
from ledger.errors import KeyReused, Refusal
from timebank.clock import day_bounds, milliseconds
from timebank.errors import NoProfileInForce, NotPermitted, UnknownRecord
from timebank.errors.rosters import RosterUnfit
from timebank.records.actions import log_service
from timebank.records.explaining import explain_record
from timebank.records.model import EVENT, State
from timebank.records.queries import ShownRecord, batch_of, queue, record_of, records_listed
from timebank.records.review import approve_batch, notice_after, review_record
from timebank.records.rosters import Roster
from timebank.stations.directory import ShownStation, stations_listed
from timebank.stations.model import Actor, Role

router = page_router()

FIELDS = frozenset(
    (
        *("volunteer", "recipient", "date", "start", "end", "content", "head_count", "note"),
        *("reason", "travel", "rest", "aim"),
    )
)
LISTED = 20
"""Records of the day that the page lists, the latest ones."""
COUNTED = 1_000
"""Records of the day that the sum counts."""
QUEUED = 1_000
STATIONS = 1_000

_VERDICT = frozenset({"reason", "scan", "sheet", "signatures"})

At = Annotated[str, Query(max_length=20)]
Id = Annotated[str, Query(max_length=60)]


@router.get("/station")
def log_page(
    request: Request, bank: Bank, actor: Clerk, at: At = "", done: Id = "", again: At = ""
) -> Response:
    """The form for a service, and what was logged today."""
    form = empty_form(date=bank.today().isoformat())
    return _log(request, bank, actor, form, at, note=_logged(request, bank, actor, done, again))


@router.post("/station/services")
def log(request: Request, bank: Bank, actor: Clerk, posted: Posted) -> Response:
    """Log the service; what is refused comes back with all that was typed."""
    typed = typed_in(posted, FIELDS)
    at = actor.station_code or typed_in(posted, frozenset({"station"})).get("station", "")
    say = speech_for(request).refusal
    wrong = {field: say(one) for field, one in faults_in(typed, bank.today()).items()}
    if wrong:
        return _log(request, bank, actor, Form(new_key(), typed, wrong), at, status=422)
    try:
        stated = stated_in(typed, bank.today())
        answer = log_service(bank, actor, at, stated, key=key_in(posted))
    except NotPermitted:
        raise
    except KeyReused as refused:
        form = Form(new_key(), typed, general=words_for(request, bank)("log.key_reused"))
        return _log(request, bank, actor, form, at, status=status_of(refused.code))
    except Refusal as refused:
        form = refused_form(typed, refused, _plainly(request, bank, actor, refused), FIELDS)
        return _log(request, bank, actor, form, at, status=status_of(refused.code))
    again = "&again=1" if answer.replayed else ""
    return go(f"/station?done={answer.body['record']}&at={at}{again}")


@router.get("/station/review")
def review_page(
    request: Request,
    bank: Bank,
    actor: Clerk,
    at: At = "",
    batch: Id = "",
    done: Id = "",
) -> Response:
    """The records that await a second person, registers as a whole first."""
    note = _reviewed(request, bank, actor, done)
    return _review(request, bank, actor, empty_form(), at=at, batch_id=batch, note=note)


@router.get("/station/records/{record_id}")
def explanation(request: Request, bank: Bank, actor: Clerk, record_id: str) -> Response:
    """How the minutes of one record came about."""
    with bank.read() as connection:
        found = explain_record(bank, connection, actor, record_id)
    waits = found.record.state == State.AWAITING_REVIEW and actor.role is not Role.CLERK
    back = "/station/review" if waits else "/station"
    return explanation_page(
        request, bank, frame_of(request, "station", actor, back), found, back=back
    )


@router.post("/station/reviews/{record_id}")
def review(request: Request, bank: Bank, actor: Clerk, record_id: str, posted: Posted) -> Response:
    """Approve one record or send it back with a reason."""
    typed = typed_in(posted, _VERDICT)
    approve = posted.get("decision") == "approve"
    try:
        review_record(
            bank,
            actor,
            record_id,
            approve=approve,
            reason=typed.get("reason", ""),
            roster=_roster_in(bank, posted, typed) if approve else None,
            key=key_in(posted),
        )
    except NotPermitted:
        raise
    except Refusal as refused:
        words = words_for(request, bank)
        said = _plainly(request, bank, actor, refused)
        if refused.code == "missing_field":
            said = words("review.return_needs_reason")
        form = refused_form(typed, refused, said, _VERDICT)
        status = status_of(refused.code)
        return _review(request, bank, actor, form, refused_id=record_id, status=status)
    return go(f"/station/review?done={record_id}")


@router.post("/station/batches/{batch_id}")
def review_batch(
    request: Request, bank: Bank, actor: Clerk, batch_id: str, posted: Posted
) -> Response:
    """Approve every record of an imported register."""
    try:
        approve_batch(bank, actor, batch_id, key=key_in(posted))
    except NotPermitted:
        raise
    except Refusal as refused:
        form = Form(new_key(), general=speech_for(request).refusal(refused))
        return _review(request, bank, actor, form, status=status_of(refused.code))
    return go(f"/station/review?done={batch_id}")


def _roster_in(bank: timebank.bank.Bank, posted: FormData, typed: dict[str, str]) -> Roster | None:
    """The roster that the form states; of a scan only the digest stays.

    Raises, the first that applies:
        RosterUnfit: no number of signatures.
        RequestTooLarge: the scan is.
    """
    file, counted = posted.get("scan"), typed.get("signatures", "")
    if not typed.get("sheet"):
        return None
    if not (counted.isascii() and counted.isdigit() and len(counted) < 7):
        raise RosterUnfit(field="signatures")
    digest = ""
    if isinstance(file, UploadFile) and file.filename:
        with TemporaryDirectory(prefix="scan-") as folder:
            most = bank.settings.upload_max_bytes
            digest = hash_file(saved_upload(file, Path(folder).joinpath("scan"), most))
    return Roster(typed["sheet"], int(counted), digest)


def stations_of(bank: timebank.bank.Bank, actor: Actor) -> Sequence[ShownStation]:
    """The stations that somebody works at: their own, or all for the district's staff."""
    with bank.read() as connection:
        every = stations_listed(connection, most=STATIONS)
    return [one for one in every if actor.station_code in ("", one.code)]


def chosen(stations: Sequence[ShownStation], code: str) -> ShownStation | None:
    """The station of a code, or the first where it names none."""
    return next((one for one in stations if one.code == code), stations[0] if stations else None)


def _plainly(request: Request, bank: timebank.bank.Bank, actor: Actor, refused: Refusal) -> str:
    """The refusal with a record's number and times in place of its id, which says nobody much."""
    words, say = words_for(request, bank), speech_for(request)
    fact = "of" if "of" in refused.facts else "record"
    record_id = refused.facts.get(fact)
    if not isinstance(record_id, str) or not record_id.startswith("record_"):
        return say.refusal(refused)
    try:
        with bank.read() as connection:
            record = record_of(bank, connection, actor, record_id)
    except Refusal:
        named = words("log.elsewhere")
    else:
        named = words(
            "log.other_record",
            number=record.number,
            on=say.day(record.service_on),
            start=record.started_at[11:],
            end=record.ended_at[11:],
        )
    return say.refusal(type(refused)(**refused.facts | {fact: named}))


def _log(
    request: Request,
    bank: timebank.bank.Bank,
    actor: Actor,
    form: Form,
    at: str,
    *,
    note: str = "",
    status: int = 200,
) -> Response:
    words, stations = words_for(request, bank), stations_of(bank, actor)
    station = chosen(stations, at)
    found: list[ShownRecord] = []
    if station is not None:
        with bank.read() as connection:
            found = records_listed(
                bank,
                connection,
                actor,
                station_code=station.code,
                recorded_from_ms=milliseconds(day_bounds(bank.today())[0]),
                most=COUNTED,
            )
    views = record_views(found, actor, words)
    return draw(
        request,
        bank,
        "station/log.html",
        frame_of(request, "station", actor, "/station"),
        status=status,
        form=form,
        note=note,
        stations=stations,
        station=station,
        choose="/station",
        weighs=_weighs(bank),
        records=views[:LISTED],
        today=day_view(views, LISTED),
    )


def _weighs(bank: timebank.bank.Bank) -> dict[str, bool]:
    """What today's policy asks of the time inside a service; the form asks for no more."""
    try:
        profile = bank.profile_on(bank.today())
    except NoProfileInForce:
        return {"aim": False, "rest": False, "travel": False}
    return {
        "aim": profile.rounding.minimum_minutes is not None,
        "rest": profile.counting.meals_and_rest is not None,
        "travel": profile.counting.travel is not None,
    }


def _review(
    request: Request,
    bank: timebank.bank.Bank,
    actor: Actor,
    form: Form,
    *,
    at: str = "",
    batch_id: str = "",
    refused_id: str = "",
    note: str = "",
    status: int = 200,
) -> Response:
    words, stations = words_for(request, bank), stations_of(bank, actor)
    station = chosen(stations, at) if at or actor.station_code else None
    batches: list[BatchView] = []
    records: list[RecordView] = []
    with bank.read() as connection:
        code = station.code if station else ""
        waiting = queue(bank, connection, actor, station_code=code, most=QUEUED)
        events = {one.record_id for one in waiting if EVENT in one.marks}
        whole = (one.batch_id for one in waiting if one.record_id not in events)
        for one in dict.fromkeys(of for of in whole if of):
            batches.append(batch_view(batch_of(connection, actor, one), actor))
    apart = [one for one in waiting if one.batch_id == batch_id or one.record_id in events]
    records = record_views(apart, actor, words)
    return draw(
        request,
        bank,
        "station/review.html",
        frame_of(request, "station", actor, "/station/review"),
        status=status,
        form=form,
        note=note,
        refused_id=refused_id,
        stations=stations,
        station=station,
        choose="/station/review",
        batches=[one for one in batches if batch_id in ("", one.batch_id)],
        records=records,
        noticed=any(notice_after(bank, one.recorded_ms) for one in waiting),
    )


_REVIEWED = {
    State.POSTED: "review.approved",
    State.UNDER_NOTICE: "review.noticed",
    State.REJECTED: "review.returned",
}


def _logged(
    request: Request, bank: timebank.bank.Bank, actor: Actor, record_id: str, again: str
) -> str:
    """What the page says after a service was logged; nothing for an unknown record."""
    words, say = words_for(request, bank), speech_for(request)
    if not record_id:
        return ""
    if again:
        return words("log.already")
    try:
        with bank.read() as connection:
            record = record_of(bank, connection, actor, record_id)
    except (UnknownRecord, NotPermitted):
        return ""
    said = {State.AWAITING_REVIEW: "log.done_awaiting", State.UNDER_NOTICE: "log.done_noticed"}
    return words(
        said.get(State(record.state), "log.done_posted"),
        names="、".join(names_of(record, "volunteer", words)),
        minutes=say.minutes(record.given_minutes),
    )


def _reviewed(request: Request, bank: timebank.bank.Bank, actor: Actor, done: str) -> str:
    words, say = words_for(request, bank), speech_for(request)
    try:
        with bank.read() as connection:
            if done.startswith("batch_"):
                batch = batch_of(connection, actor, done)
                noticed = batch.state == State.UNDER_NOTICE
                return words("review.batch_noticed" if noticed else "review.batch_approved",
                             title=batch.title, minutes=say.minutes(batch.minutes))  # fmt: skip
            if done:
                record = record_of(bank, connection, actor, done)
                said = _REVIEWED.get(State(record.state), "")
                return words(said, number=record.number) if said else ""
    except Refusal:
        return ""
    return ""
