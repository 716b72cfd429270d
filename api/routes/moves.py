"""Credit that moves between books: partner books, who moves away, who comes."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, File, Form, Path, Query, UploadFile, status
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.dependencies import Actor, Bank, IdempotencyKey, PageSize
from api.problems import RequestTooLarge, problems
from timebank.clock import from_milliseconds
from timebank.moves.arriving import approve_arrival, return_arrival, state_arrival
from timebank.moves.credit_statement import MOST_BYTES
from timebank.moves.departing import (
    LONGEST_REASON,
    approve_departure,
    ask_departure,
    return_departure,
)
from timebank.moves.issuing import credit_statement
from timebank.moves.model import MOST_NAME_CHARACTERS, ArrivalState, DepartureState
from timebank.moves.partners import decide_partner, propose_partner
from timebank.moves.queries import (
    ShownMove,
    ShownPartner,
    arrivals_listed,
    departures_listed,
    partners_listed,
)

router = APIRouter(prefix="/api/v1/moves", tags=["moves"])

MoveId = Annotated[str, Path(min_length=1, max_length=64)]
Before = Annotated[str, Query(max_length=64, description="`next` of the page before.")]
TEXT = "text/plain; charset=utf-8"


class StatedPartner(BaseModel):
    """Another book: its log's verifier key, and how people call the district."""

    model_config = ConfigDict(extra="forbid", strict=True)

    vkey: str = Field(min_length=1, max_length=400)
    name: str = Field(max_length=MOST_NAME_CHARACTERS)


class PartnerDecision(BaseModel):
    """Whether a proposed partner is approved."""

    model_config = ConfigDict(extra="forbid", strict=True)

    approve: bool


class PartnerStated(BaseModel):
    """A proposal, and where it stands."""

    partner: str
    origin: str
    state: str


class PartnerShown(BaseModel):
    """A partner book; what its clearing account has received is what it owes to this one."""

    partner_id: str
    origin: str
    name: str
    vkey: str
    account_id: str = Field(description="The clearing account; empty before the approval.")
    state: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str
    posted_minutes: int = Field(description="Moved there, less what came from there.")


class Partners(BaseModel):
    """Partner books, the newest first."""

    items: list[PartnerShown]


class StatedDeparture(BaseModel):
    """Who moves, to which book, and the number of the agreement that they signed."""

    model_config = ConfigDict(extra="forbid", strict=True)

    number: str = Field(min_length=1, max_length=20, description="Member number.")
    to: str = Field(min_length=1, max_length=120, description="Origin of the partner's log.")
    slip: str = Field(max_length=60)


class MoveDecision(BaseModel):
    """Whether a move is approved, or why it goes back."""

    model_config = ConfigDict(extra="forbid", strict=True)

    approve: bool
    reason: str = Field("", max_length=LONGEST_REASON, description="Needed to send it back.")


class MoveStated(BaseModel):
    """A move that waits for a second person."""

    move: str


class MoveDecided(MoveStated):
    """What became of a move: the entry is empty where it went back."""

    state: str
    entry: str = ""
    minutes: int = 0
    credited: int = Field(0, description="What the account cap admitted of an arrival.")


class MoveShown(BaseModel):
    """A move; the name is masked."""

    move_id: str
    number: str
    name: str
    station_code: str
    origin: str = Field(description="The other book.")
    partner: str = Field(description="How its district is called.")
    state: str
    minutes: int
    credited_minutes: int
    entry_id: str
    slip: str
    issuer_entry: str = Field(description="The other book's entry, of an arrival.")
    asked_by: str
    asked_at: datetime
    decided_by: str
    reason: str


class MovesPage(BaseModel):
    """Moves, the newest first; `next` is empty on the last page."""

    items: list[MoveShown]
    next: str


@router.get("/partners", responses=problems("not_permitted"))
def list_partners(actor: Actor, bank: Bank) -> Partners:
    """Partner books and their clearing accounts."""
    with bank.read() as connection:
        return Partners(items=[_partner(one) for one in partners_listed(connection, actor)])


@router.post(
    "/partners",
    status_code=status.HTTP_201_CREATED,
    responses=problems("not_permitted", "missing_field", "partner_key_invalid", "partner_known",
                       "content_out_of_profile", "key_reused"),
)  # fmt: skip
def propose(
    stated: StatedPartner, actor: Actor, bank: Bank, idempotency_key: IdempotencyKey
) -> PartnerStated:
    """Propose another book as a partner; another operator approves."""
    answer = propose_partner(bank, actor, stated.vkey, stated.name, key=idempotency_key)
    return PartnerStated.model_validate(answer.body)


@router.post(
    "/partners/{partner_id}/decision",
    responses=problems("not_permitted", "unknown_partner", "partner_not_open", "mover_decides",
                       "key_reused"),
)  # fmt: skip
def decide_about_partner(
    partner_id: MoveId,
    stated: PartnerDecision,
    actor: Actor,
    bank: Bank,
    idempotency_key: IdempotencyKey,
) -> PartnerStated:
    """Approve a partner, which opens its clearing account, or withdraw the proposal."""
    answer = decide_partner(bank, actor, partner_id, approve=stated.approve, key=idempotency_key)
    return PartnerStated.model_validate(answer.body)


@router.get("/away", responses=problems("not_permitted"))
def list_departures(
    actor: Actor,
    bank: Bank,
    state: DepartureState | None = None,
    limit: PageSize = 50,
    before: Before = "",
) -> MovesPage:
    """Moves to other books: a member's own, a station's, or all."""
    with bank.read() as connection:
        found = departures_listed(
            bank, connection, actor, state=state, before=before, most=limit + 1
        )
    return _page(found, limit)


@router.post(
    "/away",
    status_code=status.HTTP_201_CREATED,
    responses=problems("not_permitted", "missing_field", "slip_number_invalid", "unknown_member",
                       "person_erased", "id_number_missing", "unknown_partner",
                       "person_deceased", "move_awaits", "slip_number_used", "key_reused"),
)  # fmt: skip
def ask(
    stated: StatedDeparture, actor: Actor, bank: Bank, idempotency_key: IdempotencyKey
) -> MoveStated:
    """Note that a member moves to another book; another person approves."""
    answer = ask_departure(bank, actor, stated.number, stated.to, stated.slip, key=idempotency_key)
    return MoveStated.model_validate(answer.body)


@router.post(
    "/away/{move_id}/decision",
    responses=problems("not_permitted", "missing_field", "unknown_move", "person_erased",
                       "id_number_missing", "move_not_open", "mover_decides", "person_deceased",
                       "unknown_partner", "holds_open", "nothing_to_move", "no_profile_in_force",
                       "content_out_of_profile", "key_reused"),
)  # fmt: skip
def decide_departure(
    move_id: MoveId,
    stated: MoveDecision,
    actor: Actor,
    bank: Bank,
    idempotency_key: IdempotencyKey,
) -> MoveDecided:
    """Move the whole balance to the other book, or send the move back."""
    if stated.approve:
        answer = approve_departure(bank, actor, move_id, key=idempotency_key)
        return MoveDecided.model_validate({**answer.body, "state": DepartureState.MOVED.value})
    answer = return_departure(bank, actor, move_id, stated.reason, key=idempotency_key)
    return MoveDecided.model_validate(answer.body)


@router.get(
    "/away/{move_id}/statement",
    response_class=Response,
    responses={
        200: {
            "description": "The signed statement that the person carries; it is text.",
            "content": {"text/plain": {"schema": {"type": "string"}}},
        },
        **problems("not_permitted", "unknown_move", "move_not_open", "person_erased",
                   "entry_not_found"),
    },
)  # fmt: skip
def read_statement(move_id: MoveId, actor: Actor, bank: Bank) -> Response:
    """The statement of a move, for the station and for whoever moved."""
    text = credit_statement(bank, actor, move_id)
    named = f'attachment; filename="{move_id}.credit-statement"'
    return Response(text, headers={"Content-Disposition": named}, media_type=TEXT)


@router.get("/in", responses=problems("not_permitted"))
def list_arrivals(
    actor: Actor,
    bank: Bank,
    state: ArrivalState | None = None,
    limit: PageSize = 50,
    before: Before = "",
) -> MovesPage:
    """Moves from other books: a member's own, a station's, or all."""
    with bank.read() as connection:
        found = arrivals_listed(bank, connection, actor, state=state, before=before, most=limit + 1)
    return _page(found, limit)


@router.post(
    "/in",
    status_code=status.HTTP_201_CREATED,
    responses=problems("not_permitted", "request_too_large", "statement_unreadable",
                       "unknown_partner", "addressed_elsewhere", "unknown_member",
                       "person_erased", "id_number_missing", "holder_differs",
                       "already_arrived", "person_deceased", "key_reused"),
)  # fmt: skip
def hand_in(
    actor: Actor,
    bank: Bank,
    idempotency_key: IdempotencyKey,
    file: Annotated[UploadFile, File(description="The statement that the member brings.")],
    number: Annotated[str, Form(min_length=1, max_length=20, description="Member number here.")],
) -> MoveStated:
    """Take in a statement of another book; another person approves."""
    if (file.size or 0) > MOST_BYTES:
        raise RequestTooLarge(most=MOST_BYTES)
    answer = state_arrival(bank, actor, number, file.file.read(), key=idempotency_key)
    return MoveStated.model_validate(answer.body)


@router.post(
    "/in/{move_id}/decision",
    responses=problems("not_permitted", "missing_field", "unknown_move", "move_not_open",
                       "mover_decides", "person_erased", "person_deceased", "unknown_partner",
                       "account_cap_exceeded", "no_profile_in_force", "content_out_of_profile",
                       "key_reused"),
)  # fmt: skip
def decide_arrival(
    move_id: MoveId,
    stated: MoveDecision,
    actor: Actor,
    bank: Bank,
    idempotency_key: IdempotencyKey,
) -> MoveDecided:
    """Credit what came, or send the move back; its statement may be handed in again."""
    if stated.approve:
        answer = approve_arrival(bank, actor, move_id, key=idempotency_key)
        return MoveDecided.model_validate({**answer.body, "state": ArrivalState.POSTED.value})
    answer = return_arrival(bank, actor, move_id, stated.reason, key=idempotency_key)
    return MoveDecided.model_validate(answer.body)


def _partner(one: ShownPartner) -> PartnerShown:
    return PartnerShown(
        partner_id=one.partner_id,
        origin=one.origin,
        name=one.name,
        vkey=one.vkey,
        account_id=one.account_id,
        state=one.state,
        proposed_by=one.proposed_by,
        proposed_at=from_milliseconds(one.proposed_ms),
        decided_by=one.decided_by,
        posted_minutes=one.posted_minutes,
    )


def _page(found: list[ShownMove], limit: int) -> MovesPage:
    items = [
        MoveShown(
            move_id=one.move_id,
            number=one.number,
            name=one.name,
            station_code=one.station_code,
            origin=one.origin,
            partner=one.partner,
            state=one.state,
            minutes=one.minutes,
            credited_minutes=one.credited_minutes,
            entry_id=one.entry_id,
            slip=one.slip,
            issuer_entry=one.issuer_entry,
            asked_by=one.asked_by,
            asked_at=from_milliseconds(one.asked_ms),
            decided_by=one.decided_by,
            reason=one.reason,
        )
        for one in found[:limit]
    ]
    return MovesPage(items=items, next=items[-1].move_id if len(found) > limit else "")
