"""书面对账单 at the station: what is due, the file for its printer, and that it went out."""

from functools import partial
from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

import timebank.bank
from api.dependencies import Bank, Clerk
from api.pages.forms import Form, empty_form, key_in, typed_in
from api.pages.plumbing import Posted, acted, frame_of, page_router
from api.pages.render import NO_STORE, draw, words_for
from api.pages.station import chosen, stations_of
from api.streaming import begun
from timebank.letters.making import draw_run
from timebank.letters.queries import LettersRun, letter_runs
from timebank.letters.runs import MAKERS, confirm_handed
from timebank.stations.model import Actor, Role
from timebank.stations.staff import offices_of

router = page_router()

ROOM = "/station/letters"
LISTED = 24
"""Two years of monthly letters."""

At = Annotated[str, Query(max_length=40)]


@router.get(ROOM)
def room(request: Request, bank: Bank, actor: Clerk, at: At = "", done: At = "") -> Response:
    """A station's runs, the newest first; the operator sees those of no station besides."""
    note = words_for(request, bank)("letters.done") if done else ""
    return _room(request, bank, actor, at, note=note)


@router.get(f"{ROOM}/{{run_id}}/file")
def file(bank: Bank, actor: Clerk, run_id: str) -> Response:
    """The letters, drawn while they are sent; each name is a look that is written down."""
    return letters_file(bank, actor, run_id)


@router.post(f"{ROOM}/{{run_id}}/handed")
def handed(request: Request, bank: Bank, actor: Clerk, run_id: str, posted: Posted) -> Response:
    """State that they were printed and handed over or posted."""
    typed, key = typed_in(posted, frozenset({"at"})), key_in(posted)
    at = typed.get("at", "")
    return acted(
        request, typed, lambda: confirm_handed(bank, actor, run_id, key=key),
        done=f"{ROOM}?done=yes&at={at}", shown=partial(_room, request, bank, actor, at),
    )  # fmt: skip


def letters_file(bank: timebank.bank.Bank, actor: Actor, run_id: str) -> Response:
    """A run's file as a stream that nobody keeps; see :func:`timebank.letters.making.draw_run`."""
    drawn = draw_run(bank, actor, run_id)
    headers = NO_STORE | {"Content-Disposition": f'attachment; filename="{drawn.name}"'}
    return StreamingResponse(begun(drawn.pieces), media_type=drawn.media_type, headers=headers)


def _room(
    request: Request,
    bank: timebank.bank.Bank,
    actor: Actor,
    at: str,
    form: Form | None = None,
    status: int = 200,
    *,
    note: str = "",
) -> Response:
    stations = stations_of(bank, actor)
    station = chosen(stations, at)
    with bank.read() as connection:
        codes = [] if station is None else [station.code]
        codes += [""] if actor.role is Role.OPERATOR else []
        runs: list[LettersRun] = []
        for code in codes:
            found = letter_runs(connection, actor, station_code=code, most=LISTED)
            runs += sorted(found, key=lambda one: one.last_on, reverse=True)
        offices = offices_of(
            connection, {who for one in runs for who in (one.drawn_by, one.handed_by)}
        )
    return draw(
        request,
        bank,
        "station/letters.html",
        frame_of(request, "station", actor, ROOM),
        status=status,
        stations=stations,
        station=station,
        choose=ROOM,
        runs=runs,
        offices=offices,
        today=bank.today(),
        may_make=actor.role in MAKERS,
        form=form or empty_form(),
        note=note,
    )
