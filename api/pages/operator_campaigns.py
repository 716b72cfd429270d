"""Campaigns at the district's door: open one after a preview, see its board, send things back."""

from typing import Annotated

from fastapi import Query
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import Response

import timebank.bank
from api.dependencies import Bank, Operator
from api.pages.campaigns import draw_board, draw_list, returned
from api.pages.forms import Form, key_in, new_key, refused_form, typed_in
from api.pages.plumbing import Posted, frame_of, page_router
from api.pages.reading import day_in
from api.pages.render import draw, go, speech_for, words_for
from api.problems import RequestTooLarge, status_of
from api.routes.campaigns import whole_response
from ledger.errors import Refusal
from timebank.campaigns.actions import check_campaign, open_campaign
from timebank.campaigns.model import SEED_THEMES, Kind, StatedCampaign, StatedUnit
from timebank.campaigns.stating import (
    stated_in_toml,
    themes_in,
    themes_text,
    units_in,
    units_text,
)
from timebank.errors import MissingField, NotPermitted, UnreadableDate
from timebank.stations.directory import stations_listed
from timebank.stations.model import Actor

router = page_router()

ROOM = "/operator/campaigns"
MOST_KILOBYTES = 128
"""More than the file of the largest campaign has."""

MOST_STATIONS = 500
_DAYS = ("starts_on", "ends_on", "tables_due_on", "summaries_due_on")
_SHORT = frozenset({"name", "receiver", *_DAYS})
_LONG = ("themes", "units")
_LONGEST = 60_000

Done = Annotated[str, Query(max_length=20)]
Until = Annotated[str, Query(max_length=40)]


@router.get(ROOM)
def list_page(request: Request, bank: Bank, actor: Operator) -> Response:
    """Every campaign, and the way to open one more."""
    return draw_list(request, bank, actor, "operator", ROOM)


@router.get(f"{ROOM}/new")
def new_page(request: Request, bank: Bank, actor: Operator) -> Response:
    """An empty form, with the plan's themes and a unit for each station."""
    return _draw(request, bank, actor, Form(new_key(), _offered(bank)))


@router.post(f"{ROOM}/preview")
def preview(request: Request, bank: Bank, actor: Operator, posted: Posted) -> Response:
    """Show what would be opened, from the form or from a file; nothing is opened."""
    try:
        stated = _of_file(posted) if posted.get("from") == "file" else _of_form(posted, bank)
        with bank.read() as connection:
            check_campaign(connection.execute, actor, stated)
    except NotPermitted:
        raise
    except Refusal as refused:
        return _refused(request, bank, actor, posted, refused)
    return _draw(request, bank, actor, _form_of(stated), stated=stated)


@router.post(f"{ROOM}/open")
def open_page(request: Request, bank: Bank, actor: Operator, posted: Posted) -> Response:
    """Open what the preview showed."""
    try:
        stated = _of_form(posted, bank)
        answer = open_campaign(bank, actor, stated, key=key_in(posted))
    except NotPermitted:
        raise
    except Refusal as refused:
        return _refused(request, bank, actor, posted, refused)
    return go(f"{ROOM}/{answer.body['campaign']}?done=opened")


@router.get(f"{ROOM}/{{campaign_id}}")
def board_page(
    request: Request,
    bank: Bank,
    actor: Operator,
    campaign_id: str,
    until: Until = "",
    done: Done = "",
) -> Response:
    """The board of a campaign and its figures, with what goes back."""
    return draw_board(request, bank, actor, campaign_id, "operator", ROOM, until=until, done=done)


@router.get(f"{ROOM}/{{campaign_id}}/package.zip")
def whole_file(bank: Bank, actor: Operator, campaign_id: str) -> Response:
    """Every unit's latest package in one file."""
    return whole_response(bank, actor, campaign_id, "")


@router.post(f"{ROOM}/{{campaign_id}}/units/{{unit_code}}/return")
def send_back(
    request: Request, bank: Bank, actor: Operator, campaign_id: str, unit_code: str, posted: Posted
) -> Response:
    """Send a unit's table or package back."""
    return returned(request, bank, actor, campaign_id, unit_code, posted, "operator", ROOM)


# Parts -------------------------------------------------------------------------------------


def _of_file(posted: FormData) -> StatedCampaign:
    """The campaign of an uploaded file.

    Raises, the first that applies:
        MissingField: no file was chosen.
        RequestTooLarge: it has more than :data:`MOST_KILOBYTES`.
        CampaignUnfit: see :func:`timebank.campaigns.stating.stated_in_toml`.
    """
    file, most = posted.get("file"), MOST_KILOBYTES << 10
    if not isinstance(file, UploadFile) or not file.filename:
        raise MissingField(field="file")
    content = file.file.read(most + 1)
    if len(content) > most:
        raise RequestTooLarge(most=most, field="file")
    return stated_in_toml(content)


def _of_form(posted: FormData, bank: timebank.bank.Bank) -> StatedCampaign:
    """The campaign that the form states.

    Raises, the first that applies:
        MissingField, UnreadableDate: a name is empty, or a day is none.
        CampaignUnfit: see :func:`timebank.campaigns.stating.units_in`.
    """
    typed = _typed(posted)
    for field in ("name", "receiver"):
        if not typed[field]:
            raise MissingField(field=field)
    starts_on, ends_on, tables_due_on, summaries_due_on = (
        day_in(typed[name], name, bank.today()) for name in _DAYS
    )
    return StatedCampaign(
        typed["name"],
        typed["receiver"],
        starts_on,
        ends_on,
        tables_due_on,
        summaries_due_on,
        themes_in(typed["themes"]),
        units_in(typed["units"]),
    )


def _offered(bank: timebank.bank.Bank) -> dict[str, str]:
    """What an empty form offers: the plan's themes, and a unit for each station."""
    with bank.read() as connection:
        stations = stations_listed(connection, most=MOST_STATIONS)
    units = tuple(StatedUnit(one.code, one.name, Kind.UNIT, one.code) for one in stations)
    return {"themes": themes_text(SEED_THEMES), "units": units_text(units)}


def _typed(posted: FormData) -> dict[str, str]:
    """Every field of the form, empty where there was none; lists may be long."""
    typed = dict.fromkeys((*_SHORT, *_LONG), "") | typed_in(posted, _SHORT)
    for name in _LONG:
        given = posted.get(name)
        typed[name] = given[:_LONGEST] if isinstance(given, str) else ""
    return typed


def _form_of(stated: StatedCampaign) -> Form:
    """The form filled with what was read, for a change and for the opening itself."""
    days = {name: getattr(stated, name).isoformat() for name in _DAYS}
    lists = {"themes": themes_text(stated.themes), "units": units_text(stated.units)}
    return Form(new_key(), {"name": stated.name, "receiver": stated.receiver, **days, **lists})


def _refused(
    request: Request,
    bank: timebank.bank.Bank,
    actor: Actor,
    posted: FormData,
    refused: Refusal,
) -> Response:
    words = words_for(request, bank)
    said = speech_for(request).refusal(refused)
    if isinstance(refused, RequestTooLarge):
        said = words("campaign.too_large", kilobytes=MOST_KILOBYTES)
    elif isinstance(refused, MissingField):
        is_file = refused.facts.get("field") == "file"
        said = words("campaign.no_toml" if is_file else "campaign.needed")
    elif isinstance(refused, UnreadableDate):
        said = words("campaign.bad_day")
    typed = _offered(bank) if posted.get("from") == "file" else _typed(posted)
    form = refused_form(typed, refused, said, _SHORT | {"file"})
    return _draw(request, bank, actor, form, status=status_of(refused.code))


def _draw(
    request: Request,
    bank: timebank.bank.Bank,
    actor: Actor,
    form: Form,
    *,
    stated: StatedCampaign | None = None,
    status: int = 200,
) -> Response:
    with bank.read() as connection:
        stations = stations_listed(connection, most=MOST_STATIONS)
    return draw(
        request,
        bank,
        "operator/campaign_new.html",
        frame_of(request, "operator", actor, ROOM),
        status=status,
        here=f"{ROOM}/new",
        room=ROOM,
        form=form,
        stated=stated,
        stations={one.code: one.name for one in stations},
        kilobytes=MOST_KILOBYTES,
    )
