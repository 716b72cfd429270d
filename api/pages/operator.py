"""The district: findings to explain and close, the jobs' history, stations and staff."""

import json
from dataclasses import dataclass
from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

import timebank.bank
from api.dependencies import Bank, Operator, Tried
from api.hiring import MOST_LOGIN, Hired, StatedStaff, hire_once
from api.pages.catalogue import Words
from api.pages.findings import findings_page
from api.pages.forms import Form, empty_form, key_in, refused_form, typed_in
from api.pages.plumbing import Posted, frame_of, page_router
from api.pages.render import draw, go, speech_for, words_for
from api.problems import status_of
from ledger.errors import Refusal
from timebank.errors import MissingField, StationMissing
from timebank.jobs.history import runs
from timebank.jobs.model import Ended, Run
from timebank.jobs.registry import JOBS
from timebank.reconciliation.actions import close, explain
from timebank.stations.directory import stations_listed
from timebank.stations.model import Actor, Role
from timebank.stations.staff import ShownStaff, staff_listed

router = page_router()

MOST_LISTED = 1_000
MOST_RUNS = 100
_COMMENT = frozenset({"comment"})
_HIRING = frozenset({"station", "role", "login", "title"})
_POSTS = tuple(role.value for role in (Role.CLERK, Role.REVIEWER, Role.KIOSK))
_DONE = frozenset({"closed", "explained"})


@dataclass(frozen=True, slots=True)
class RunView:
    """One run of a job, which says what it does; ``took`` is empty while it goes on."""

    job: str
    what: str
    planned_ms: int
    took: str
    outcome: str
    detail: str


@dataclass(frozen=True, slots=True)
class StaffView:
    """Somebody who signs in; ``standing`` is active, inactive or locked."""

    login: str
    title: str
    role: str
    station_code: str
    standing: str


@router.get("/operator")
def findings(
    request: Request,
    bank: Bank,
    actor: Operator,
    done: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """The findings that are not closed, each with a form to explain or close it."""
    note = words_for(request, bank)(f"finding.done_{done}") if done in _DONE else ""
    frame = frame_of(request, "operator", actor, "/operator")
    return findings_page(request, bank, frame, may_change=True, note=note)


@router.post("/operator/findings/{finding_id}")
def change_finding(
    request: Request, bank: Bank, actor: Operator, finding_id: str, posted: Posted
) -> Response:
    """Close or explain a finding, with a comment that says why."""
    typed = typed_in(posted, _COMMENT)
    wants_close = posted.get("state") == "closed"
    act = close if wants_close else explain
    try:
        act(bank, actor, finding_id, typed.get("comment", ""))
    except Refusal as refused:
        words = words_for(request, bank)
        is_bare = refused.code == "missing_field"
        said = words("finding.comment_needed") if is_bare else speech_for(request).refusal(refused)
        return findings_page(
            request,
            bank,
            frame_of(request, "operator", actor, "/operator"),
            may_change=True,
            form=refused_form(typed, refused, said, _COMMENT),
            refused_id=finding_id if is_bare else "",
            status=status_of(refused.code),
        )
    return go(f"/operator?done={'closed' if wants_close else 'explained'}")


@router.get("/operator/jobs")
def jobs(request: Request, bank: Bank, actor: Operator) -> Response:
    """What the jobs did, the latest first."""
    words = words_for(request, bank)
    with bank.read() as connection:
        listed = [run_view(one, words) for one in runs(connection, most=MOST_RUNS)]
    frame = frame_of(request, "operator", actor, "/operator/jobs")
    return draw(request, bank, "operator/jobs.html", frame, runs=listed)


@router.get("/operator/stations")
def stations(request: Request, bank: Bank, actor: Operator) -> Response:
    """Every station, everybody who may sign in, and a form to hire one more."""
    return _stations(request, bank, actor, empty_form())


@router.post("/operator/staff")
def hire(request: Request, bank: Bank, actor: Operator, tried: Tried, posted: Posted) -> Response:
    """Hire somebody; the page that answers shows the first password, and no other page does."""
    typed = typed_in(posted, _HIRING)
    try:
        stated = _stated(typed)
        hired = hire_once(bank, tried, actor, typed["station"], stated, key=key_in(posted))
    except Refusal as refused:
        form = refused_form(typed, refused, speech_for(request).refusal(refused), _HIRING)
        return _stations(request, bank, actor, form, status=status_of(refused.code))
    return _stations(request, bank, actor, empty_form(), hired=hired, status=201)


def _stated(typed: dict[str, str]) -> StatedStaff:
    """The form as a request states it.

    Raises, the first that applies:
        MissingField: no login, or a role that the page does not offer.
        StationMissing: no station was chosen.
    """
    login, role = typed.get("login", "")[:MOST_LOGIN], typed.get("role", "")
    if not login:
        raise MissingField(field="login")
    if role not in _POSTS:
        raise MissingField(field="role")
    if not typed.get("station"):
        raise StationMissing(role=role)
    return StatedStaff.model_validate(
        {"login": login, "title": typed.get("title", "")[:MOST_LOGIN], "role": role}
    )


def _stations(
    request: Request,
    bank: timebank.bank.Bank,
    actor: Actor,
    form: Form,
    *,
    hired: Hired | None = None,
    status: int = 200,
) -> Response:
    with bank.read() as connection:
        listed = stations_listed(connection, most=MOST_LISTED)
        staff = staff_listed(connection, actor, most=MOST_LISTED)
    now_ms = bank.now_ms()
    return draw(
        request,
        bank,
        "operator/stations.html",
        frame_of(request, "operator", actor, "/operator/stations"),
        status=status,
        form=form,
        hired=hired,
        posts=_POSTS,
        stations=listed,
        staff=[staff_view(one, now_ms) for one in staff],
    )


def run_view(run: Run, words: Words) -> RunView:
    """A run for the screen, its length in whole seconds."""
    took = ""
    if run.ended_ms is not None:
        took = words("operator.seconds", seconds=(run.ended_ms - run.started_ms) // 1_000)
    job = next((one for one in JOBS if one.name == run.job), None)
    what = "" if job is None else words.of_pair(job.what_zh, job.what_en)
    detail = _did(run.detail, words) if run.outcome is Ended.DONE else run.detail
    return RunView(run.job, what, run.planned_ms, took, run.outcome.value, detail)


def _did(detail: str, words: Words) -> str:
    """What a job that succeeded says of itself: each figure behind its word."""
    facts: dict[str, object] = json.loads(detail)
    told = [f"{words.or_code('job_fact', name)} {value}" for name, value in facts.items()]
    return words.of_pair("，", ", ").join(told)


def staff_view(one: ShownStaff, now_ms: int) -> StaffView:
    """A member of staff for the screen."""
    standing = "active" if one.is_active else "inactive"
    if one.is_active and one.locked_until_ms > now_ms:
        standing = "locked"
    return StaffView(one.login, one.title, one.role, one.station_code, standing)
