"""Kiosk and telephone: card and PIN, then the balance in figures and words, its last lines, out.

One touch further it asks for care, says who comes, gives time away, and says who looked at one's
data.

The screen keeps nothing: no cache, no autofill, a short session.  A kiosk's page leaves it behind
by itself when it is over, and whoever comes back to the first screen there has signed out.
"""

from functools import partial
from typing import Annotated

from fastapi import Query
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.dependencies import Bank, MaybeActor
from api.pages.catalogue import Words
from api.pages.forms import Form, empty_form, new_key, typed_in
from api.pages.kiosk_gifts import HeldTransfer, held_transfers
from api.pages.kiosk_parts import MY, Code, Member, door_of, show
from api.pages.plumbing import Posted, PostedByAnybody, page_router
from api.pages.render import Frame, Speech, draw, go, speech_for, words_for
from api.pages.screen import drop_screen
from api.pages.sign_in import end_session
from api.pages.views import AccountView, help_name, line_for_elder, look_for_elder
from api.pages.visits import open_orders
from api.problems import NotSignedIn, TooManyRequests, status_of
from api.security import SignInLimit, device_mark, drop_session, set_device, set_session
from ledger.balances import AccountBalance, balance_of
from ledger.errors import Refusal
from ledger.ids import is_id
from timebank.errors import LockedOut, NoProfileInForce, WrongCredentials
from timebank.expiry.queries import coming_expiries
from timebank.honours.queries import stars_of_person
from timebank.integrity.acts import device_of
from timebank.openings.queries import own_count
from timebank.orders.affordable import affordable
from timebank.orders.family import has_family
from timebank.orders.model import State
from timebank.orders.queries import ShownOrder
from timebank.people.accesses import accesses_by_others, themselves
from timebank.people.conditions import conditions_noted
from timebank.people.model import ELDER, VOLUNTEER
from timebank.people.model import Member as Person
from timebank.records.model import Payer
from timebank.statements.origins import origins_of_account
from timebank.statements.purposes import purposes_of
from timebank.statements.statement import newest_lines
from timebank.stations import sessions
from timebank.stations.model import Role
from timebank.suspensions.queries import own_suspension
from timebank.words import units_en, units_text

router = page_router()

LAST_LINES = 10
LAST_LOOKS = 10
NOTES = frozenset({"ended", "lapsed"})
_CARD = frozenset({"card", "visit"})
_GIVEN = frozenset({"give", "undo"})
_TO_CONFIRM = frozenset({State.AWAITING_CONFIRMATION, State.INTERRUPTED})


@router.get("/kiosk")
async def idle(request: Request, bank: Bank, actor: MaybeActor, note: str = "") -> Response:
    """Ask for card and PIN; a member's session that was left open ends here."""
    words = words_for(request, bank)
    said = words(f"kiosk.{note}") if note in NOTES else ""
    response = asking(request, bank, empty_form(), note=said)
    if note in NOTES:
        drop_screen(response)
    if actor is not None and actor.role is Role.MEMBER:
        await end_session(request, bank)
        drop_session(response, request)
    return response


@router.post("/kiosk/sign-in")
@router.post("/my/sign-in")
async def sign_in(request: Request, bank: Bank, posted: PostedByAnybody) -> Response:
    """Open a member's short session; an unknown card says no more than a wrong PIN."""
    typed = typed_in(posted, _CARD)
    card, visit = typed.get("card", ""), typed.get("visit", "")
    pin = posted.get("pin")
    if card and not pin:  # A reader presses Enter behind the number.
        form = empty_form(card=card, visit=visit)
        return asking(request, bank, form, note=words_for(request, bank)("kiosk.pin_next"))
    limit: SignInLimit = request.app.state.sign_in_limit
    try:
        limit.check(request, card)
        given = pin if isinstance(pin, str) else ""
        mark = device_mark(request)
        opened = partial(sessions.sign_in_by_card, device=device_of(mark))
        token = await run_in_threadpool(opened, bank, card, given)
    except (WrongCredentials, LockedOut, TooManyRequests) as refused:
        said = _refused(request, bank, refused)
        form = Form(new_key(), {"visit": visit}, general=said)
        return asking(request, bank, form, status=status_of(refused.code))
    await end_session(request, bank)
    response = go(behind_sign_in(door_of(request), visit))
    set_session(response, request, token)
    set_device(response, request, mark)
    return response


@router.get("/kiosk/account")
@router.get("/my/account")
def account(request: Request, bank: Bank, actor: Member, done: Code = "") -> Response:
    """Show the member their own account, until the session is over."""
    words, say = words_for(request, bank), speech_for(request)
    why = "/my/why?leaf=" if door_of(request) == MY else ""
    found = themselves(bank, actor)
    if found is None:
        raise NotSignedIn
    gifts = held_transfers(bank, actor, words, say)
    orders = open_orders(bank, actor)
    with bank.read() as connection:
        balance = balance_of(connection, found.account_id)
        assert balance is not None
        pages = origins_of_account(bank, connection, found.account_id)
        lines = newest_lines(connection, found.account_id, LAST_LINES, pages)
        purposes = purposes_of(connection, lines)
        waiting = own_count(connection, actor)
        stopped = own_suspension(bank, connection, actor)
        is_family = has_family(connection, actor, bank.today())
        serves = VOLUNTEER in found.roles
        stars = stars_of_person(bank, connection, found.person_id) if serves else None
        expiring = coming_expiries(bank, connection, found.account_id)
    uses, further = _uses(request, bank, found, balance)
    units = _in_units(request, bank, balance.posted)
    return show(
        request,
        bank,
        "kiosk/account.html",
        here=f"/{door_of(request)}/account",
        good=words(f"gift.did_{done}") if done in _GIVEN else "",
        wrong=words("gift.over") if done == "over" else "",
        account=AccountView(
            found.name,
            found.numbers[0] if found.numbers else "",
            balance.posted,
            balance.held,
            balance.available,
            uses,
            further,
            _held_for(words, say, orders, gifts, balance),
            [line_for_elder(line, words, purposes.get(line.leaf_index), why) for line in lines],
        ),
        gifts=gifts,
        to_confirm=[one for one in orders if one.order.state in _TO_CONFIRM],
        passbooks=waiting,
        stopped=stopped,
        expiring=expiring,
        appeal_form=empty_form(),
        may_ask=ELDER in found.roles,
        may_serve=serves,
        stars=stars,
        units=units,
        is_family=is_family,
        printed_ms=bank.now_ms(),
    )


@router.get("/kiosk/looks")
@router.get("/my/looks")
def looks(
    request: Request,
    bank: Bank,
    actor: Member,
    before: Annotated[int | None, Query(ge=1, le=2**53 - 1)] = None,
) -> Response:
    """Who else looked at the member's data, when and why; one's own looks are not listed."""
    words = words_for(request, bank)
    with bank.read() as connection:
        found = accesses_by_others(bank, connection, actor, before=before, most=LAST_LOOKS + 1)
    shown = found[:LAST_LOOKS]
    return show(
        request,
        bank,
        "kiosk/looks.html",
        looks=[look_for_elder(one, words) for one in shown],
        older=shown[-1].number if len(found) > LAST_LOOKS else None,
        is_first=before is None,
    )


@router.post("/kiosk/sign-out")
@router.post("/my/sign-out")
async def sign_out(request: Request, bank: Bank, _posted: Posted) -> Response:
    """End the session, here and in the browser, and show the first screen."""
    await end_session(request, bank)
    response = go(f"/{door_of(request)}?note=ended")
    drop_session(response, request)
    return response


def behind_sign_in(door: str, visit: str) -> str:
    """Where somebody goes who has signed in: to the visit that a slip asked for, or the account."""
    return f"/my/work/{visit}" if door == MY and is_id(visit, "ordr") else f"/{door}/account"


def asking(
    request: Request, bank: Bank, form: Form, *, note: str = "", status: int = 200
) -> Response:
    """The page that asks for card and PIN, at either door."""
    door = door_of(request)
    return draw(
        request, bank, "kiosk/sign_in.html", Frame(door),
        status=status, here=f"/{door}", form=form, note=note,
    )  # fmt: skip


def _in_units(request: Request, bank: Bank, minutes: int) -> str:
    """The minutes in the city's own unit; empty where that is the plain hour."""
    try:
        profile = bank.profile_on(bank.today())
    except NoProfileInForce:
        return ""
    unit = profile.unit
    if unit.minutes_per_unit.value == 60 and unit.name_zh.value == "小时":
        return ""
    pair = units_text(minutes, profile), units_en(minutes, profile)
    return words_for(request, bank)("kiosk.in_units", units=words_for(request, bank).of_pair(*pair))


def _uses(request: Request, bank: Bank, member: Person, balance: AccountBalance) -> tuple[str, str]:
    """What the minutes may be used for, and why not yet; empty for who is no elder."""
    words, say, today = words_for(request, bank), speech_for(request), bank.today()
    try:
        profile = bank.profile_on(today)
    except NoProfileInForce:
        return "", ""  # The balance is shown all the same.
    with bank.read() as connection:
        noted = conditions_noted(bank, connection, member.person_id).get(member.person_id, {})
    found = affordable(
        profile, member, today, posted=balance.posted, available=balance.available, noted=noted
    )
    if found is None:
        return "", ""
    if found.refused is not None:
        return "", words("kiosk.uses_later", said=say.refusal(found.refused))
    told = {"posted": say.minutes(balance.posted), "length": say.minutes(found.visit_minutes)}
    if not found.charged_minutes:
        return words("kiosk.uses_free", posted=told["posted"]), ""
    if not found.visits:
        return "", words("kiosk.uses_short", charged=say.minutes(found.charged_minutes))
    if balance.held:
        available = say.minutes(balance.available)
        return words("kiosk.uses_held", visits=found.visits, available=available, **told), ""
    return words("kiosk.uses", visits=found.visits, **told), ""


def _held_for(
    words: Words,
    say: Speech,
    orders: list[ShownOrder],
    gifts: list[HeldTransfer],
    balance: AccountBalance,
) -> list[str]:
    """What the held minutes are for: visits, then what was given, then what else there is."""
    if not balance.held:
        return []
    said, known = [], 0
    for one in orders:
        order = one.order
        if order.held_minutes and order.payer is Payer.ELDER:
            known += order.held_minutes
            minutes, day = say.minutes(order.held_minutes), say.near(order.wanted_on)
            said.append(
                words(
                    "kiosk.held_visit",
                    day=day,
                    help=help_name(words, order.class_code),
                    minutes=minutes,
                )
            )
    for gift in gifts:
        known += gift.minutes
        said.append(gift.said)
    if balance.held > known:
        said.append(words("kiosk.held_other", minutes=say.minutes(balance.held - known)))
    return said


def _refused(request: Request, bank: Bank, refused: Refusal) -> str:
    words = words_for(request, bank)
    if isinstance(refused, WrongCredentials):
        return words("kiosk.wrong")
    if isinstance(refused, LockedOut):
        return words("kiosk.locked", minutes=refused.facts["minutes"])
    return speech_for(request).refusal(refused)
