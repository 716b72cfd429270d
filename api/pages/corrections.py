"""更正申请 at the station, and by one touch at the kiosk or telephone: what is wrong."""

from functools import partial
from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

import timebank.bank
from api.dependencies import Bank, Clerk
from api.pages.forms import Form, empty_form, key_in, typed_in
from api.pages.kiosk_parts import Code, Member, door_of, show
from api.pages.plumbing import Posted, acted, frame_of, page_router
from api.pages.reading import choice_in, day_in
from api.pages.render import draw, go, speech_for, words_for
from api.pages.views import help_name
from api.problems import status_of
from ledger.errors import Refusal
from timebank.corrections.actions import answer_correction, ask_correction
from timebank.corrections.model import Kind, Wrong
from timebank.corrections.queries import corrections_listed, own_records, record_numbered
from timebank.errors import MissingField
from timebank.people.amending import amend_person, amended_of
from timebank.stations.model import Actor, Role

router = page_router()

ROOM = "/station/corrections"
LISTED = 50
AT_THE_KIOSK = 10
ASKED = frozenset({"number", "kind", "record", "words"})
_ANSWER = frozenset({"reason", "choice", "record"})
_TOUCHED = frozenset({"kind", "record"})
_AMENDED = frozenset({"name", "telephone", "id_number", "born_on", "proof"})
_DONE = frozenset({"ask", "answer", "amend"})

Done = Annotated[str, Query(max_length=20)]
Before = Annotated[str, Query(max_length=64)]


@router.get(ROOM)
def room(
    request: Request, bank: Bank, actor: Clerk, done: Done = "", before: Before = ""
) -> Response:
    """What waits for an answer, what was answered, and the form for a new request."""
    said = words_for(request, bank)(f"correction.done_{done}") if done in _DONE else ""
    return _room(request, bank, actor, empty_form(), note=said, before=before)


@router.post(ROOM)
def ask(request: Request, bank: Bank, actor: Clerk, posted: Posted) -> Response:
    """Write down what a member says is wrong."""
    typed = typed_in(posted, ASKED)

    def act() -> None:
        wrong = Wrong(
            choice_in(typed, "kind", Kind),
            typed.get("words", ""),
            _record(bank, actor, typed),
            typed.get("number", ""),
        )
        ask_correction(bank, actor, wrong, key=key_in(posted))

    shown = partial(_room, request, bank, actor)
    return acted(request, typed, act, done=f"{ROOM}?done=ask", shown=shown)


@router.post(f"{ROOM}/{{correction_id}}/answer")
def answer(
    request: Request, bank: Bank, actor: Clerk, correction_id: str, posted: Posted
) -> Response:
    """Say that it was mended, or why not."""
    typed = typed_in(posted, _ANSWER)

    def act() -> None:
        choice = typed.get("choice", "")
        if choice not in ("mended", "refused"):
            raise MissingField(field="choice")
        answer_correction(
            bank, actor, correction_id, typed.get("reason", ""),
            mended=choice == "mended", mended_by=_record(bank, actor, typed), key=key_in(posted),
        )  # fmt: skip

    shown = partial(_room, request, bank, actor, of=correction_id)
    return acted(request, typed, act, done=f"{ROOM}?done=answer", shown=shown)


@router.post(f"{ROOM}/people/{{number}}")
def amend(request: Request, bank: Bank, actor: Clerk, number: str, posted: Posted) -> Response:
    """Put somebody's data right on the strength of what they showed."""
    typed = typed_in(posted, _AMENDED)
    stated = {name: value for name, value in typed.items() if value}

    def act() -> None:
        today = bank.today()
        born = stated.get("born_on", "")
        born_on = day_in(born, "born_on", today) if born else None
        amended = amended_of(
            stated.get("name"), stated.get("id_number"), stated.get("telephone"), born_on, today
        )
        amend_person(bank, actor, number, amended, stated.get("proof", ""))

    shown = partial(_room, request, bank, actor, of=number)
    return acted(request, typed, act, done=f"{ROOM}?done=amend", shown=shown)


@router.get("/kiosk/corrections")
@router.get("/my/corrections")
def own_page(request: Request, bank: Bank, actor: Member, done: Code = "") -> Response:
    """The member's last records, each with one touch to say that it is wrong, and the answers."""
    good = words_for(request, bank)("correction.touched") if done else ""
    return _own(request, bank, actor, good=good)


@router.post("/kiosk/corrections")
@router.post("/my/corrections")
def touch(request: Request, bank: Bank, actor: Member, posted: Posted) -> Response:
    """Ask by touch; the station calls and hears what is meant."""
    typed = typed_in(posted, _TOUCHED)
    said = words_for(request, bank)("correction.by_touch")
    try:
        wrong = Wrong(choice_in(typed, "kind", Kind), said, typed.get("record", ""))
        ask_correction(bank, actor, wrong, key=key_in(posted))
    except Refusal as refused:
        wrong_words = speech_for(request).refusal(refused)
        return _own(request, bank, actor, wrong=wrong_words, status=status_of(refused.code))
    return go(f"/{door_of(request)}/corrections?done=1")


def _record(bank: timebank.bank.Bank, actor: Actor, typed: dict[str, str]) -> str:
    with bank.read() as connection:
        return record_numbered(connection, actor, typed.get("record", ""))


def _own(
    request: Request,
    bank: timebank.bank.Bank,
    actor: Actor,
    *,
    good: str = "",
    wrong: str = "",
    status: int = 200,
) -> Response:
    with bank.read() as connection:
        asked = corrections_listed(bank, connection, actor, most=AT_THE_KIOSK)
        records = own_records(connection, actor, most=AT_THE_KIOSK)
    waiting = {(one.kind, one.record_id) for one in asked if one.state == "asked"}
    return show(
        request,
        bank,
        "kiosk/corrections.html",
        here=f"/{door_of(request)}/corrections",
        status=status,
        good=good,
        wrong=wrong,
        help_name=help_name,
        asked=asked,
        records=[
            (one, empty_form()) for one in records if ("record", one.record_id) not in waiting
        ],
        others=[
            (kind.value, empty_form())
            for kind in (Kind.MISSING, Kind.PERSONAL)
            if (kind.value, "") not in waiting
        ],
    )


def _room(
    request: Request,
    bank: timebank.bank.Bank,
    actor: Actor,
    form: Form,
    status: int = 200,
    *,
    note: str = "",
    of: str = "",
    before: str = "",
) -> Response:
    words = words_for(request, bank)
    with bank.read() as connection:
        waiting = (
            [] if before else corrections_listed(bank, connection, actor, waiting=True, most=LISTED)
        )
        found = corrections_listed(bank, connection, actor, before=before, most=LISTED + 1)
    shown = {one.correction_id for one in waiting}
    return draw(
        request,
        bank,
        "station/corrections.html",
        frame_of(request, "station", actor, ROOM),
        status=status,
        form=form,
        asking_form=empty_form() if of else form,
        blank=empty_form(),
        of=of,
        kinds=[(one.value, words.or_code("correction_kind", one.value)) for one in Kind],
        corrections=[
            *waiting, *(one for one in found[:LISTED] if one.correction_id not in shown)
        ],
        next=found[LISTED - 1].correction_id if len(found) > LISTED else "",
        me=actor.actor_id,
        amends=actor.role in (Role.CLERK, Role.OPERATOR),
        note=note,
    )  # fmt: skip
