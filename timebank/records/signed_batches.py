"""Services that a device has signed at once: one note, a row for each volunteer's part.

So a device that had no network drains what waits with one signature.  Every service is recorded or
refused for itself; a refused one leaves its neighbours alone, and its rows say its code.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ledger.draft import Action, Draft
from ledger.encoding import Json
from ledger.errors import Refusal, SubmissionUnfit
from timebank.bank import Bank
from timebank.integrity.acts import ENTERED, note_acts
from timebank.records.actions import content_of, record_beside, service_of, told
from timebank.records.beside import Beside
from timebank.records.model import Service, StatedService
from timebank.records.posting import Recorder
from timebank.records.signed_facts import RECORD
from timebank.records.signed_form import rows_of, services_in
from timebank.records.submitting import check_free, signed_for, under
from timebank.stations.actions import require, require_station
from timebank.stations.model import Actor, Role


@dataclass(frozen=True, slots=True)
class Sent:
    """One service of a station as it was sent beside the note, or why it cannot be read."""

    station_code: str
    stated: StatedService | Refusal
    salt: bytes


@dataclass(frozen=True, slots=True)
class _Claim:
    """The rows of one record, and the service that they are, or why they cannot be."""

    record_id: str
    rows: list[dict[str, Json]]
    service: Service | Refusal
    salt: bytes
    reason: str


def prepare_batch(
    bank: Bank,
    actor: Actor,
    sent: Sequence[Sent],
    *,
    note: str,
    key: str,
) -> Action:
    """The action that records the services of one signed batch, in the order of their rows.

    ``sent`` is not empty; all of it is of the first one's station.
    It answers ``batch`` and ``services``: of each what :func:`prepare_log` answers, or its
    ``record`` and the ``code`` of its refusal.

    Raises, the first that applies:
        NotPermitted: neither clerk, reviewer nor operator, or of another station.
        SubmissionTooLarge … SigningKeyOfAnother: see :func:`signed_for`.
        SubmissionUnfit: the rows are not of their form, or not those of as many services of one
            station.
    """
    station_code = sent[0].station_code
    require(actor, "log_service", Role.CLERK, Role.OPERATOR, Role.REVIEWER)
    require_station(actor, "log_service", station_code)
    signed = signed_for(bank, actor, station_code, note)
    batch, services = services_in(signed.submission.body, actor, station_code)
    if len(services) != len(sent) or any(one.station_code != station_code for one in sent):
        raise SubmissionUnfit(why="facts")
    claims = [
        _claim(bank, actor, station_code, rows, one)
        for rows, one in zip(services, sent, strict=True)
    ]

    def decide(draft: Draft) -> dict[str, Any]:
        return {"batch": batch, "services": _decide(bank, draft, actor, station_code, claims)}

    action = bank.action(
        actor,
        RECORD,
        decide,
        key=key,
        content={"note": note, "services": [_content(station_code, one) for one in sent]},
        station_code=station_code,
        batch=batch,
        accounts=tuple(str(row["volunteer"]) for rows in services for row in rows),
    )
    return under(action, signed)


def _claim(
    bank: Bank, actor: Actor, station_code: str, rows: list[dict[str, Json]], sent: Sent
) -> _Claim:
    """What the rows of one record claim; whatever is wrong with it is its own refusal."""
    record_id, stated = str(rows[0]["record"]), sent.stated
    if isinstance(stated, Refusal):
        return _Claim(record_id, rows, stated, sent.salt, "")
    service: Service | Refusal
    try:
        service = service_of(bank, actor, station_code, stated)
        if rows != rows_of(service, actor, station_code, record_id, sent.salt):
            raise SubmissionUnfit(why="facts")
    except Refusal as refusal:
        service = refusal
    return _Claim(record_id, rows, service, sent.salt, stated.reason)


def _decide(
    bank: Bank, draft: Draft, actor: Actor, station_code: str, claims: Sequence[_Claim]
) -> list[dict[str, Any]]:
    recorder = Recorder(
        bank, draft, station_code=station_code, recorded_by=actor.actor_id, reason=""
    )
    beside = Beside(draft, [one.service for one in claims if isinstance(one.service, Service)])
    answers: list[dict[str, Any]] = []
    for claim in claims:
        refusal = claim.service if isinstance(claim.service, Refusal) else None
        if isinstance(claim.service, Service):
            recorder.reason, recorder.chosen = claim.reason, (claim.record_id, claim.salt)
            try:
                with draft.attempt():
                    check_free(draft, claim.record_id)
                    made = record_beside(draft, recorder, claim.service, beside)
                answers.append(told(made, claim.service))
            except Refusal as no:
                refusal = no
        if refusal is not None:
            for row in claim.rows:
                draft.refuse_row(row, refusal)
            answers.append({"code": refusal.code, "record": claim.record_id})
    recorder.store()
    made_here = [one["record"] for one in answers if "code" not in one]
    note_acts(draft, actor, made_here, ENTERED)
    return answers


def _content(station_code: str, sent: Sent) -> dict[str, Any]:
    if isinstance(sent.stated, Refusal):
        return {"code": sent.stated.code, "salt": sent.salt.hex()}
    return {**content_of(station_code, sent.stated), "salt": sent.salt.hex()}
