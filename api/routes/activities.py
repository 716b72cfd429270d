"""Activities of campaigns: rosters, signing in and out, hours, and whom they serve."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, status

from api.activity_schemas import (
    HoursHandedIn,
    RefusedLine,
    RosterKept,
    RosterLine,
    ServedForgotten,
    ServedNoted,
    ServedShown,
    StatedGoing,
    StatedHours,
    StatedRoster,
    StatedServed,
)
from api.campaign_schemas import ActivityShown
from api.dependencies import Actor, Bank, Clerk, IdempotencyKey
from api.problems import ValidationFailed, problems
from timebank.campaigns import people, queries
from timebank.campaigns.hours import hand_in_hours
from timebank.campaigns.model import Line, Served
from timebank.campaigns.rosters import keep_roster, take_off_roster

router = APIRouter(prefix="/api/v1/activities", tags=["campaigns"])

ActivityId = Annotated[str, Path(min_length=1, max_length=64)]
PersonId = Annotated[str, Path(min_length=1, max_length=64)]
_FOUND = ("not_permitted", "unknown_activity")
_PEOPLE = ("missing_field", "unknown_member", "not_a_volunteer", "ambiguous_member")


@router.get("/{activity_id}", responses=problems(*_FOUND))
def read_activity(activity_id: ActivityId, actor: Actor, bank: Bank) -> ActivityShown:
    """One line of a project table."""
    with bank.read() as connection:
        return ActivityShown.model_validate(queries.activity_shown(connection, actor, activity_id))


@router.get("/{activity_id}/roster", responses=problems(*_FOUND))
def read_roster(activity_id: ActivityId, actor: Actor, bank: Bank) -> list[RosterLine]:
    """Everybody on the roster, up to 500; names masked."""
    with bank.read() as connection:
        rows = queries.roster_shown(bank, connection, actor, activity_id)
    return [RosterLine.model_validate(one) for one in rows]


@router.post(
    "/{activity_id}/roster",
    responses=problems(*_FOUND, *_PEOPLE, "group_too_large", "roster_line_handed_in",
                       "roster_times_unfit", "key_reused"),
)  # fmt: skip
def keep(
    activity_id: ActivityId,
    stated: StatedRoster,
    actor: Clerk,
    bank: Bank,
    idempotency_key: IdempotencyKey,
) -> RosterKept:
    """Put people on the roster, or sign them in and out; all lines or none."""
    lines = [
        Line(one.volunteer, _wall(one.signed_in_at), _wall(one.signed_out_at))
        for one in stated.lines
    ]
    answer = keep_roster(bank, actor, activity_id, lines, key=idempotency_key)
    return RosterKept.model_validate(answer.body)


@router.post(
    "/{activity_id}/roster/removal",
    responses=problems(*_FOUND, "unknown_member", "unknown_campaign_item",
                       "roster_line_handed_in", "key_reused"),
)  # fmt: skip
def take_off(
    activity_id: ActivityId,
    stated: StatedGoing,
    actor: Clerk,
    bank: Bank,
    idempotency_key: IdempotencyKey,
) -> RosterKept:
    """Take somebody off the roster who was not handed in."""
    answer = take_off_roster(bank, actor, activity_id, stated.number, key=idempotency_key)
    return RosterKept.model_validate(answer.body)


@router.post(
    "/{activity_id}/hours",
    status_code=status.HTTP_201_CREATED,
    responses=problems(
        *_FOUND, "group_too_large", "nothing_to_hand_in", "heads_counted", "key_reused"
    ),
)
def hand_in(
    activity_id: ActivityId,
    stated: StatedHours,
    actor: Clerk,
    bank: Bank,
    idempotency_key: IdempotencyKey,
) -> HoursHandedIn:
    """Make a record of each line that is signed in and out; another person approves them."""
    answer = hand_in_hours(
        bank, actor, activity_id, heads=stated.heads, reason=stated.reason, key=idempotency_key
    )
    refused = [RefusedLine(person=who, code=code) for who, code in answer.body["refused"]]
    return HoursHandedIn.model_validate(answer.body | {"refused": refused})


@router.get("/{activity_id}/served", responses=problems(*_FOUND))
def list_served(activity_id: ActivityId, actor: Actor, bank: Bank) -> list[ServedShown]:
    """Whom the activity serves in particular; masked."""
    with bank.read() as connection:
        queries.activity_shown(connection, actor, activity_id)
        found = people.served_of(bank, connection, activity_id)
    return [ServedShown.model_validate(one) for one in found]


@router.post(
    "/{activity_id}/served",
    status_code=status.HTTP_201_CREATED,
    responses=problems(*_FOUND, "missing_field", "child_without_guardian",
                       "theme_serves_nobody", "list_full", "key_reused"),
)  # fmt: skip
def note_served(
    activity_id: ActivityId,
    stated: StatedServed,
    actor: Clerk,
    bank: Bank,
    idempotency_key: IdempotencyKey,
) -> ServedNoted:
    """Note somebody in particular whom the activity serves; a child with their guardian."""
    served = Served(stated.category, stated.name, stated.guardian)
    answer = people.note_served(bank, actor, activity_id, served, key=idempotency_key)
    return ServedNoted(person=answer.body["people"][0])


@router.post(
    "/served/{person_id}/forgetting",
    responses=problems("not_permitted", "unknown_campaign_item", "unknown_activity", "key_reused"),
)
def forget_served(
    person_id: PersonId, actor: Clerk, bank: Bank, idempotency_key: IdempotencyKey
) -> ServedForgotten:
    """Destroy what names somebody whom an activity served."""
    answer = people.forget_served(bank, actor, person_id, key=idempotency_key)
    return ServedForgotten.model_validate(answer.body)


def _wall(moment: datetime | None) -> datetime | None:
    if moment is not None and moment.tzinfo is not None:
        raise ValidationFailed(field="lines")
    return moment
