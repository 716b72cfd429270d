"""成员 at the station: registered with their consent, looked up, tied to kin and delegates."""

from datetime import date
from functools import partial
from typing import Annotated
from urllib.parse import quote

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

import timebank.bank
from api.dependencies import Bank, Clerk
from api.pages.forms import Form, empty_form, key_in, typed_in
from api.pages.plumbing import Posted, acted, form_after, frame_of, page_router
from api.pages.reading import choice_in, day_in
from api.pages.render import draw, go, speech_for, words_for
from api.problems import status_of
from ledger.errors import Refusal
from timebank.errors import MissingField, NotPermitted, UnknownMember
from timebank.honours.queries import OwnStars, stars_of_person
from timebank.orders.family import let_family_confirm
from timebank.people.consents import AT_REGISTRATION, FAMILY_CONFIRMS
from timebank.people.delegates import Authority, end_delegate, name_delegate
from timebank.people.identity import (
    check_birth_date,
    check_id_number,
    check_name,
    check_number,
    check_telephone,
)
from timebank.people.joining import join, numbers_of
from timebank.people.kinship import note_kinship
from timebank.people.model import ELDER, ROLES, VOLUNTEER, Newcomer, Relation
from timebank.people.overview import Overview, overview_of
from timebank.people.portraits import PortraitStanding, portrait_standing
from timebank.stations.model import Actor, Role

router = page_router()

ROOM = "/station/people"
_ROLES = (VOLUNTEER, ELDER, " ".join(ROLES))
_PERSON = frozenset({"name", "number", "role", "id_number", "telephone", "born_on"})
_KIN = frozenset({"other", "relation", "proof"})
_DELEGATE = frozenset({"delegate", "until", "proof", "may_ask"})
_DONE = frozenset({"join", "kin", "name", "end", "family", "portrait", "agreed"})

Number = Annotated[str, Query(max_length=20)]
Done = Annotated[str, Query(max_length=20)]


@router.get(ROOM)
def room(
    request: Request, bank: Bank, actor: Clerk, number: Number = "", done: Done = ""
) -> Response:
    """Look somebody up, or register them."""
    note = words_for(request, bank)(f"people.done_{done}", number=number) if done in _DONE else ""
    return person_room(request, bank, actor, empty_form(), number=number, note=note)


@router.post(ROOM)
def register(request: Request, bank: Bank, actor: Clerk, posted: Posted) -> Response:
    """Register somebody who agreed to it; without a number they get one."""
    typed = typed_in(posted, _PERSON | frozenset(AT_REGISTRATION))
    try:
        newcomer = _newcomer(typed, bank.today())
        agreed = [one for one in AT_REGISTRATION if typed.get(one)]
        person_id = join(bank, actor, newcomer, agreed, key=key_in(posted))
    except NotPermitted:
        raise
    except Refusal as refused:
        form = form_after(request, typed, refused)
        return person_room(request, bank, actor, form, status_of(refused.code))
    with bank.read() as connection:
        number = numbers_of(connection, person_id)[0]
    return go(back_to("join", number))


@router.post(f"{ROOM}/{{number}}/kin")
def note_kin(request: Request, bank: Bank, actor: Clerk, number: str, posted: Posted) -> Response:
    """Note what another person is to this one."""
    typed = typed_in(posted, _KIN)

    def act() -> None:
        other = typed.get("other", "").upper()
        relation = choice_in(typed, "relation", Relation)
        note_kinship(bank, actor, number.upper(), other, relation, typed.get("proof", ""))

    shown = partial(person_room, request, bank, actor, number=number, of="kin")
    return acted(request, typed, act, done=back_to("kin", number), shown=shown)


@router.post(f"{ROOM}/{{number}}/delegates")
def name(request: Request, bank: Bank, actor: Clerk, number: str, posted: Posted) -> Response:
    """Note whom the elder names."""
    typed = typed_in(posted, _DELEGATE)

    def act() -> None:
        until = typed.get("until", "")
        until_on = day_in(until, "until", bank.today()).isoformat() if until else ""
        authority = Authority(
            number, typed.get("delegate", ""), typed.get("proof", ""), until_on,
            bool(typed.get("may_ask")),
        )  # fmt: skip
        name_delegate(bank, actor, authority)

    shown = partial(person_room, request, bank, actor, number=number, of="delegates")
    return acted(request, typed, act, done=back_to("name", number), shown=shown)


@router.post(f"{ROOM}/{{number}}/delegates/{{delegate}}/end")
def end(
    request: Request, bank: Bank, actor: Clerk, number: str, delegate: str, posted: Posted
) -> Response:
    """Take an authority back."""
    return acted(
        request,
        {},
        lambda: end_delegate(bank, actor, number, delegate),
        done=back_to("end", number),
        shown=partial(person_room, request, bank, actor, number=number),
    )


@router.post(f"{ROOM}/{{number}}/family")
def family(request: Request, bank: Bank, actor: Clerk, number: str, posted: Posted) -> Response:
    """Note that the elder lets relatives confirm, or no longer."""
    allowed = typed_in(posted, frozenset({"allowed"})).get("allowed") == "yes"
    return acted(
        request,
        {},
        lambda: let_family_confirm(bank, actor, number, allowed=allowed),
        done=back_to("family", number),
        shown=partial(person_room, request, bank, actor, number=number),
    )


def back_to(done: str, number: str) -> str:
    """Where a person's page says what was done."""
    return f"{ROOM}?done={done}&number={quote(number)}"


def _newcomer(typed: dict[str, str], today: date) -> Newcomer:
    role = typed.get("role", "")
    if role not in _ROLES:
        raise MissingField(field="role")
    full_name = check_name(typed.get("name", ""))
    number = check_number(typed["number"]) if typed.get("number") else ""
    born_on = day_in(typed["born_on"], "born_on", today) if typed.get("born_on") else None
    id_number = None
    if typed.get("id_number"):
        identity = check_id_number(typed["id_number"], today)
        born_on, id_number = check_birth_date(identity, born_on), identity.number
    telephone = check_telephone(typed["telephone"]) if typed.get("telephone") else None
    return Newcomer(full_name, ((number, role),), born_on, id_number, telephone)


def person_room(
    request: Request,
    bank: timebank.bank.Bank,
    actor: Actor,
    form: Form,
    status: int = 200,
    *,
    number: str = "",
    of: str = "",
    note: str = "",
) -> Response:
    """The room, with the person of ``number`` if they are known, after what ``note`` says."""
    words, missing = words_for(request, bank), ""
    found: Overview | None = None
    stars: OwnStars | None = None
    portrait: PortraitStanding | None = None
    if number:
        try:
            with bank.read() as connection:
                found = overview_of(bank, connection, actor, number.strip().upper())
                portrait = portrait_standing(connection, actor, found.person.person_id)
                if VOLUNTEER in found.person.roles:
                    stars = stars_of_person(bank, connection, found.person.person_id)
        except UnknownMember as refused:
            missing, status = speech_for(request).refusal(refused), max(status, 404)
    standing = {one.purpose for one in found.consents} if found else set()
    return draw(
        request,
        bank,
        "station/people.html",
        frame_of(request, "station", actor, ROOM),
        status=status,
        form=form,
        joining_form=form if not number else empty_form(),
        blank=empty_form(),
        of=of,
        asked=number,
        missing=missing,
        found=found,
        stars=stars,
        portrait=portrait,
        is_elder=found is not None and ELDER in found.person.roles,
        family_confirms=FAMILY_CONFIRMS in standing,
        changes=actor.role in (Role.CLERK, Role.OPERATOR),
        roles=[(one, words.or_code("person_role", one)) for one in _ROLES],
        relations=[(one.value, words.or_code("relation", one.value)) for one in Relation],
        purposes=AT_REGISTRATION,
        note=note,
    )
