"""Giving time at kiosk or telephone: to kin in three touches, to the pool in one.

It is undone for ten minutes.
"""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

import timebank.bank
from api.dependencies import Bank
from api.pages.catalogue import Words
from api.pages.forms import Form, empty_form, key_in, new_key, typed_in
from api.pages.kiosk_parts import Member, door_of, show, who_asks
from api.pages.plumbing import Posted, page_router
from api.pages.render import Speech, go, speech_for, words_for
from api.problems import status_of
from ledger.errors import Refusal
from timebank.errors import NotPermitted
from timebank.errors.transfers import UndoOver
from timebank.stations.model import Actor
from timebank.transfers import giving
from timebank.transfers.model import POOL, Kind, State
from timebank.transfers.queries import transfers_listed
from timebank.transfers.receivers import Receiver, may_donate, receivers

router = page_router()

AMOUNTS = (60, 120, 300, 600)
"""Minutes that a touch gives; all that is available besides, other amounts at the counter."""

MOST_HELD = 20
_GIFT = frozenset(("to", "minutes"))
_ONE = frozenset(("minutes",))


@dataclass(frozen=True, slots=True)
class HeldTransfer:
    """What the member gave and has not moved yet; ``until`` is empty when it cannot be undone."""

    transfer_id: str
    minutes: int
    said: str
    until: str
    form: Form


@router.get("/kiosk/gift")
@router.get("/my/gift")
def gift(
    request: Request,
    bank: Bank,
    actor: Member,
    to: Annotated[int, Query(ge=0, le=100)] = 0,
    minutes: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> Response:
    """Whom and how much; ``to`` counts the kin from 1, so that no address names anybody."""
    with bank.read() as connection:
        kin = receivers(bank, connection, actor)
    if minutes and 1 <= to <= len(kin):
        where = f"/{door_of(request)}/gift?to={to}&minutes={minutes}"
        return _check(request, bank, actor, kin[to - 1], minutes, empty_form(), where)
    return _choose(request, bank, actor, kin, empty_form())


@router.post("/kiosk/gifts")
@router.post("/my/gifts")
def give(request: Request, bank: Bank, actor: Member, posted: Posted) -> Response:
    """Hold the gift for ten minutes; the same form sent twice gives once."""
    typed = typed_in(posted, _GIFT)
    stated = giving.Giving(typed.get("to", ""), _minutes(typed))
    try:
        giving.give(bank, actor, stated, key=key_in(posted))
    except NotPermitted:
        raise
    except Refusal as refused:
        return _refused(request, bank, actor, refused)
    return go(f"/{door_of(request)}/account?done=give")


@router.post("/kiosk/donations")
@router.post("/my/donations")
def donate(request: Request, bank: Bank, actor: Member, posted: Posted) -> Response:
    """Hold a donation to the pool for ten minutes, likewise."""
    stated = giving.Giving(POOL, _minutes(typed_in(posted, _ONE)))
    try:
        giving.donate(bank, actor, stated, key=key_in(posted))
    except NotPermitted:
        raise
    except Refusal as refused:
        return _refused(request, bank, actor, refused)
    return go(f"/{door_of(request)}/account?done=give")


@router.post("/kiosk/transfers/{transfer_id}/undo")
@router.post("/my/transfers/{transfer_id}/undo")
def undo(request: Request, bank: Bank, actor: Member, transfer_id: str, posted: Posted) -> Response:
    """Take back what was given in the last ten minutes."""
    try:
        giving.undo(bank, actor, transfer_id, key=key_in(posted))
    except UndoOver:
        return go(f"/{door_of(request)}/account?done=over")
    return go(f"/{door_of(request)}/account?done=undo")


def held_transfers(
    bank: timebank.bank.Bank, actor: Actor, words: Words, say: Speech
) -> list[HeldTransfer]:
    """What the member gave and the job has not moved yet, the newest first."""
    person, _balance = who_asks(bank, actor)
    with bank.read() as connection:
        found = [
            one
            for one in transfers_listed(connection, actor, state=State.HELD, most=MOST_HELD)
            if one.from_account == person.account_id
        ]
        known = receivers(bank, connection, actor) if found else []
    kin = {one.account_id: one for one in known}
    now_ms, shown = bank.now_ms(), []
    for one in found:
        minutes = say.minutes(one.minutes)
        if one.kind == Kind.DONATION:
            said = words("gift.held_pool", minutes=minutes)
        else:
            receiver = kin.get(one.to_account)
            to = named(receiver, words) if receiver else words("gift.somebody")
            said = words("gift.held_gift", to=to, minutes=minutes)
        until = say.clock(one.undo_until_ms) if now_ms < one.undo_until_ms else ""
        shown.append(HeldTransfer(one.transfer_id, one.minutes, said, until, empty_form()))
    return shown


def named(receiver: Receiver, words: Words) -> str:
    """Somebody as the giver knows them: 老伴 王＊＊."""
    relation = words.or_code("relation", receiver.relation.value)
    return words("gift.to", relation=relation, name=receiver.name)


def _choose(
    request: Request,
    bank: timebank.bank.Bank,
    actor: Actor,
    kin: list[Receiver],
    form: Form,
    *,
    status: int = 200,
) -> Response:
    words = words_for(request, bank)
    _person, balance = who_asks(bank, actor)
    return show(
        request,
        bank,
        "kiosk/gift.html",
        here=f"/{door_of(request)}/gift",
        status=status,
        form=form,
        kin=[named(one, words) for one in kin],
        amounts=[one for one in AMOUNTS if one < balance.available],
        available=balance.available,
        has_pool=may_donate(bank),
        donations=[empty_form() for _one in AMOUNTS],
        whole=empty_form(),
    )


def _check(
    request: Request,
    bank: timebank.bank.Bank,
    actor: Actor,
    receiver: Receiver,
    minutes: int,
    form: Form,
    where: str,
) -> Response:
    _person, balance = who_asks(bank, actor)
    return show(
        request,
        bank,
        "kiosk/gift_check.html",
        here=where,
        form=form,
        to=named(receiver, words_for(request, bank)),
        number=receiver.number,
        minutes=minutes,
        left=balance.available - minutes,
    )


def _refused(
    request: Request, bank: timebank.bank.Bank, actor: Actor, refused: Refusal
) -> Response:
    with bank.read() as connection:
        kin = receivers(bank, connection, actor)
    form = Form(new_key(), general=speech_for(request).refusal(refused))
    return _choose(request, bank, actor, kin, form, status=status_of(refused.code))


def _minutes(typed: dict[str, str]) -> int:
    text = typed.get("minutes", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 8 else 0
