"""Campaigns on the screen: the board and figures, and a unit's table with its activities."""

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

from fastapi import Query
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import Response

import timebank.bank
from api.dependencies import Auditor, Bank, Clerk
from api.pages.campaign_views import theme_rows, unit_rows
from api.pages.forms import Form, empty_form, key_in, new_key, refused_form, typed_in
from api.pages.plumbing import Posted, frame_of, page_router
from api.pages.reading import day_in
from api.pages.render import draw, go, speech_for, words_for
from api.problems import RequestTooLarge, status_of
from api.routes.campaigns import XLSX, download, lines_response
from api.uploads import saved_upload
from ledger.errors import Refusal
from timebank.campaigns.actions import return_package, return_table
from timebank.campaigns.editions import edition_bytes
from timebank.campaigns.finding import KEEPERS
from timebank.campaigns.keeping import characters_of
from timebank.campaigns.model import MOST_PHOTOGRAPHS, MOST_SUMMARY_CHARACTERS
from timebank.campaigns.packaging import summary_of, table_of
from timebank.campaigns.queries import (
    activities_listed,
    board,
    campaign_shown,
    campaigns_listed,
    figures_of,
    kept_of,
    photograph_bytes,
)
from timebank.campaigns.reporting import TableResult, report_table
from timebank.campaigns.table_writing import TITLE, template
from timebank.errors import MissingField, NotPermitted, UnreadableDate
from timebank.stations.model import Actor, Role

router = page_router()

ROOM, AUDIT_ROOM = "/station/campaigns", "/audit/campaigns"
WRONG_SHOWN = 100
_REASON = frozenset({"reason"})
_DONE = frozenset({"opened", "reported", "returned", "kept", "gone", "summary", "submitted"})

Done = Annotated[str, Query(max_length=20)]
Until = Annotated[str, Query(max_length=40)]


@router.get("/station/campaigns")
def list_page(request: Request, bank: Bank, actor: Clerk) -> Response:
    """Every campaign."""
    return draw_list(request, bank, actor, "station", ROOM)


@router.get("/audit/campaigns")
def audit_list_page(request: Request, bank: Bank, actor: Auditor) -> Response:
    """Every campaign, to read."""
    return draw_list(request, bank, actor, "audit", AUDIT_ROOM)


@router.get("/station/campaigns/{campaign_id}")
def board_page(
    request: Request,
    bank: Bank,
    actor: Clerk,
    campaign_id: str,
    until: Until = "",
    done: Done = "",
) -> Response:
    """The board of a campaign and its figures."""
    return draw_board(request, bank, actor, campaign_id, "station", ROOM, until=until, done=done)


@router.get("/audit/campaigns/{campaign_id}")
def audit_board_page(
    request: Request, bank: Bank, actor: Auditor, campaign_id: str, until: Until = ""
) -> Response:
    """The same, to read."""
    return draw_board(request, bank, actor, campaign_id, "audit", AUDIT_ROOM, until=until)


@router.get("/audit/campaigns/{campaign_id}/lines.csv")
def lines_file(bank: Bank, actor: Auditor, campaign_id: str) -> Response:
    """The lines behind the figures."""
    return lines_response(bank, actor, campaign_id, "", "")


@router.get("/station/campaigns/{campaign_id}/template.xlsx")
def template_file(bank: Bank, actor: Clerk, campaign_id: str) -> Response:
    """An empty project table."""
    with bank.read() as connection:
        shown = campaign_shown(connection, actor, campaign_id)
    return download(template([name for name, _serves in shown.themes], TITLE), XLSX, "table.xlsx")


@router.post("/station/campaigns/{campaign_id}/units/{unit_code}/return")
def send_back(
    request: Request, bank: Bank, actor: Clerk, campaign_id: str, unit_code: str, posted: Posted
) -> Response:
    """Send a unit's table or package back."""
    return returned(request, bank, actor, campaign_id, unit_code, posted, "station", ROOM)


@router.get("/station/campaigns/{campaign_id}/units/{unit_code}")
def unit_page(
    request: Request,
    bank: Bank,
    actor: Clerk,
    campaign_id: str,
    unit_code: str,
    done: Done = "",
) -> Response:
    """A unit's table, activities, and what it keeps for its package."""
    return draw_unit(request, bank, actor, campaign_id, unit_code, done=done)


@router.post("/station/campaigns/{campaign_id}/units/{unit_code}/table")
def report(
    request: Request, bank: Bank, actor: Clerk, campaign_id: str, unit_code: str, posted: Posted
) -> Response:
    """Report the table; with a wrong cell nothing is taken and each is shown."""
    file, most = posted.get("file"), bank.settings.upload_max_bytes
    if not isinstance(file, UploadFile) or not file.filename:
        wrong = {"file": words_for(request, bank)("campaign.no_file")}
        form = Form(new_key(), {}, wrong)
        return draw_unit(request, bank, actor, campaign_id, unit_code, table_form=form, status=422)
    try:
        with TemporaryDirectory(prefix="table-") as folder:
            path = saved_upload(file, Path(folder).joinpath("table"), most)
            key = key_in(posted)
            result = report_table(bank, actor, campaign_id, unit_code, path, key=key)
    except NotPermitted:
        raise
    except Refusal as refused:
        said = speech_for(request).refusal(refused)
        if isinstance(refused, RequestTooLarge):
            said = words_for(request, bank)("fault.too_large", megabytes=most >> 20)
        form = refused_form({}, refused, said, frozenset({"file"}))
        return draw_unit(
            request, bank, actor, campaign_id, unit_code, table_form=form,
            status=status_of(refused.code),
        )  # fmt: skip
    if not result.reported:
        return draw_unit(request, bank, actor, campaign_id, unit_code, result=result, status=422)
    return go(f"{ROOM}/{campaign_id}/units/{unit_code}?done=reported")


@router.get("/station/campaigns/{campaign_id}/units/{unit_code}/table.xlsx")
def table_file(bank: Bank, actor: Clerk, campaign_id: str, unit_code: str) -> Response:
    """The table with what the ledger says."""
    with bank.read() as connection:
        content = table_of(bank, connection, actor, campaign_id, unit_code)
    return download(content, XLSX, "table.xlsx")


@router.get("/station/campaigns/{campaign_id}/units/{unit_code}/photographs/{photograph_id}.jpg")
def photograph_file(
    bank: Bank, actor: Clerk, campaign_id: str, unit_code: str, photograph_id: str
) -> Response:
    """A photograph as it is kept."""
    with bank.read() as connection:
        jpeg = photograph_bytes(connection, actor, campaign_id, unit_code, photograph_id)
    return Response(jpeg, media_type="image/jpeg")


@router.get("/station/campaigns/{campaign_id}/units/{unit_code}/editions/{number}.zip")
def edition_file(
    bank: Bank, actor: Clerk, campaign_id: str, unit_code: str, number: int
) -> Response:
    """An edition of the package, byte for byte."""
    with bank.read() as connection:
        content = edition_bytes(bank, connection, actor, campaign_id, unit_code, number)
    return download(content, "application/zip", f"package-{number}.zip")


# Parts -------------------------------------------------------------------------------------


def draw_unit(
    request: Request,
    bank: timebank.bank.Bank,
    actor: Actor,
    campaign_id: str,
    unit_code: str,
    *,
    table_form: Form | None = None,
    form: Form | None = None,
    part: str = "",
    result: TableResult | None = None,
    done: str = "",
    status: int = 200,
) -> Response:
    """The page of a unit; ``form`` is that of the ``part`` which was refused."""
    words = words_for(request, bank)
    with bank.read() as connection:
        campaign = campaign_shown(connection, actor, campaign_id)
        activities = activities_listed(connection, actor, campaign_id, unit_code)
        kept = kept_of(bank, connection, actor, campaign_id, unit_code)
        summary = summary_of(connection, actor, campaign_id, kept)
        figures = figures_of(connection, actor, campaign_id, unit_code=unit_code)
    return draw(
        request,
        bank,
        "station/campaign_unit.html",
        frame_of(request, "station", actor, ROOM),
        status=status,
        here=f"{ROOM}/{campaign_id}/units/{unit_code}",
        campaign=campaign,
        at=f"{ROOM}/{campaign_id}/units/{unit_code}",
        unit=kept.unit,
        kept=kept,
        summary=summary,
        characters=characters_of(summary),
        most_characters=MOST_SUMMARY_CHARACTERS,
        most_photographs=MOST_PHOTOGRAPHS,
        activities=activities,
        by_activity=figures.activities,
        rows=theme_rows(figures),
        result=result,
        wrong_shown=WRONG_SHOWN,
        blank=empty_form(),
        table_form=table_form or empty_form(),
        form=form or empty_form(),
        part=part,
        note=words(f"campaign.done_{done}") if done in _DONE else "",
        may_keep=actor.role in KEEPERS,
        megabytes=bank.settings.upload_max_bytes >> 20,
    )


def returned(
    request: Request,
    bank: timebank.bank.Bank,
    actor: Actor,
    campaign_id: str,
    unit_code: str,
    posted: FormData,
    door: str,
    room: str,
) -> Response:
    """Send a unit's table or package back at either door; refused, the board says why."""
    typed = typed_in(posted, _REASON)
    step = return_package if posted.get("what") == "package" else return_table
    try:
        step(bank, actor, campaign_id, unit_code, typed.get("reason", ""), key=key_in(posted))
    except NotPermitted:
        raise
    except Refusal as refused:
        form = refused_form(typed, refused, _said(request, bank, refused), frozenset())
        return draw_board(
            request, bank, actor, campaign_id, door, room, form=form, refused=unit_code,
            status=status_of(refused.code),
        )  # fmt: skip
    return go(f"{room}/{campaign_id}?done=returned")


def draw_list(
    request: Request, bank: timebank.bank.Bank, actor: Actor, door: str, room: str
) -> Response:
    """Every campaign, at one of the doors that see them."""
    with bank.read() as connection:
        campaigns = campaigns_listed(connection, actor)
    frame = frame_of(request, door, actor, room)
    return draw(request, bank, "station/campaigns.html", frame, campaigns=campaigns, room=room)


def draw_board(
    request: Request,
    bank: timebank.bank.Bank,
    actor: Actor,
    campaign_id: str,
    door: str,
    room: str,
    *,
    until: str = "",
    done: str = "",
    form: Form | None = None,
    refused: str = "",
    status: int = 200,
) -> Response:
    """The board of a campaign and its figures, at one of the doors that see them."""
    words = words_for(request, bank)
    cut_off = form or empty_form(until=until.strip())
    until_on = ""
    try:
        on: date = day_in(until.strip(), "date", bank.today())
        until_on = on.isoformat()
    except MissingField:
        until_on = ""
    except UnreadableDate:
        cut_off = Form(new_key(), {"until": until}, {"until": words("campaign.bad_day")})
        status = 422
    with bank.read() as connection:
        campaign = campaign_shown(connection, actor, campaign_id)
        units = board(bank, connection, actor, campaign_id)
        figures = figures_of(connection, actor, campaign_id, until_on=until_on)
    return draw(
        request,
        bank,
        "station/campaign.html",
        frame_of(request, door, actor, room),
        status=status,
        here=f"{room}/{campaign_id}",
        campaign=campaign,
        room=room,
        units=units,
        total=figures.total,
        themes=theme_rows(figures),
        by_unit=unit_rows(figures, units),
        until=until_on,
        form=cut_off,
        refused=refused,
        general=cut_off.general,
        blank=empty_form(),
        note=words(f"campaign.done_{done}") if done in _DONE else "",
        returns=door != "audit" and actor.role is Role.OPERATOR,
        opens=door != "audit",
        unit_room=ROOM,
        audits=actor.role in (Role.OPERATOR, Role.AUDITOR),
        lines_room=AUDIT_ROOM,
        own=actor.station_code,
    )


def _said(request: Request, bank: timebank.bank.Bank, refused: Refusal) -> str:
    if refused.code == "missing_field":
        return words_for(request, bank)("campaign.needs_reason")
    return speech_for(request).refusal(refused)
