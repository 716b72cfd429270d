"""Photographs of people: kept and seen at their station, and shown on the slips of their visits."""

from functools import partial
from typing import Annotated

from fastapi import Path
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from api.dependencies import Bank, Clerk
from api.pages.forms import typed_in
from api.pages.kiosk_parts import Member
from api.pages.people import ROOM, back_to, person_room
from api.pages.plumbing import Posted, acted, page_router
from api.pages.render import NO_STORE
from api.problems import RequestTooLarge
from timebank.errors import MissingField
from timebank.orders.model import Who
from timebank.orders.portraits import slip_portrait
from timebank.people.portraits import agree_to_portrait, keep_portrait, portrait_shown

router = page_router()

Number = Annotated[str, Path(min_length=1, max_length=20)]


@router.post(f"{ROOM}/{{number}}/portrait")
def keep(request: Request, bank: Bank, actor: Clerk, number: Number, posted: Posted) -> Response:
    """Keep a photograph in the place of the one before."""
    file, most = posted.get("photo"), bank.settings.upload_max_bytes

    def act() -> None:
        if not isinstance(file, UploadFile) or not file.filename:
            raise MissingField(field="photo")
        content = file.file.read(most + 1)
        if len(content) > most:
            raise RequestTooLarge(most=most, field="photo")
        keep_portrait(bank, actor, number, content)

    shown = partial(person_room, request, bank, actor, number=number, of="portrait")
    return acted(request, {}, act, done=back_to("portrait", number), shown=shown)


@router.post(f"{ROOM}/{{number}}/portrait/consent")
def agree(request: Request, bank: Bank, actor: Clerk, number: Number, posted: Posted) -> Response:
    """Note that the person agrees to a photograph, or no longer, which deletes it."""
    given = typed_in(posted, frozenset({"given"})).get("given") == "yes"
    return acted(
        request,
        {},
        lambda: agree_to_portrait(bank, actor, number, given=given),
        done=back_to("agreed", number),
        shown=partial(person_room, request, bank, actor, number=number),
    )


@router.get(f"{ROOM}/{{number}}/portrait.jpg")
def of_person(bank: Bank, actor: Clerk, number: Number) -> Response:
    """A person's photograph, for the staff of their station."""
    return _jpeg(portrait_shown(bank, actor, number))


@router.get("/station/orders/{order_id}/portraits/{whose}.jpg")
def on_paper(bank: Bank, actor: Clerk, order_id: str, whose: Who) -> Response:
    """The photograph of one side, for the paper of the other."""
    return _jpeg(slip_portrait(bank, actor, order_id, whose))


@router.get("/kiosk/visits/{order_id}/portrait.jpg")
@router.get("/my/visits/{order_id}/portrait.jpg")
def of_volunteer(bank: Bank, actor: Member, order_id: str) -> Response:
    """Who comes, for the elder whose visit it is."""
    return _jpeg(slip_portrait(bank, actor, order_id, Who.VOLUNTEER))


@router.get("/my/work/{order_id}/portrait.jpg")
def of_elder(bank: Bank, actor: Member, order_id: str) -> Response:
    """Whom the volunteer goes to."""
    return _jpeg(slip_portrait(bank, actor, order_id, Who.ELDER))


def _jpeg(content: bytes) -> Response:
    """A photograph that no browser and nobody between keeps."""
    return Response(content, media_type="image/jpeg", headers=NO_STORE)
