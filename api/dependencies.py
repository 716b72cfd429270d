"""What routes ask for by type: the open bank, who asks, the idempotency key, a page of a list."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Header, Query, Request

import timebank.bank
import timebank.stations.model
from api.attempts import Attempts
from api.quick import KEY_LENGTHS, KEY_PATTERN, actor_of
from api.security import session_token
from api.sessions import Sessions
from timebank.errors import NotPermitted
from timebank.stations.model import Role

DISTRICT = (Role.OPERATOR, Role.AUDITOR)
STATION_STAFF = (Role.OPERATOR, Role.CLERK, Role.REVIEWER)
STAFF = (Role.OPERATOR, Role.CLERK, Role.REVIEWER, Role.AUDITOR)


async def the_bank(request: Request) -> timebank.bank.Bank:
    """The bank that this process has opened."""
    bank: timebank.bank.Bank = request.app.state.bank
    return bank


async def the_attempts(request: Request) -> Attempts:
    """What was answered lately to requests that the book does not remember."""
    attempts: Attempts = request.app.state.attempts
    return attempts


async def maybe_signed_in(request: Request) -> timebank.stations.model.Actor | None:
    """Who asks, or nobody; pages use it to lead to the sign-in."""
    sessions: Sessions = request.app.state.sessions
    return sessions.actor_of(session_token(request))


async def signed_in(request: Request) -> timebank.stations.model.Actor:
    """Who asks.

    Raises:
        NotSignedIn: the request carries no live session.
    """
    return actor_of(request)


Bank = Annotated[timebank.bank.Bank, Depends(the_bank)]
Tried = Annotated[Attempts, Depends(the_attempts)]
MaybeActor = Annotated[timebank.stations.model.Actor | None, Depends(maybe_signed_in)]
Actor = Annotated[timebank.stations.model.Actor, Depends(signed_in)]


def only(*roles: Role) -> Callable[[Request], Awaitable[timebank.stations.model.Actor]]:
    """A dependency that lets ``roles`` pass and answers who asks.

    Raises, the first that applies:
        NotSignedIn: nobody asks.
        NotPermitted: somebody of another role.
    """

    async def permitted(request: Request) -> timebank.stations.model.Actor:
        actor = await signed_in(request)
        if actor.role not in roles:
            route = request.scope.get("route")
            raise NotPermitted(role=actor.role.value, action=getattr(route, "name", "this"))
        return actor

    return permitted


Operator = Annotated[timebank.stations.model.Actor, Depends(only(Role.OPERATOR))]
Auditor = Annotated[timebank.stations.model.Actor, Depends(only(*DISTRICT))]
Clerk = Annotated[timebank.stations.model.Actor, Depends(only(*STATION_STAFF))]
Staff = Annotated[timebank.stations.model.Actor, Depends(only(*STAFF))]

IdempotencyKey = Annotated[
    str,
    Header(
        min_length=KEY_LENGTHS[0],
        max_length=KEY_LENGTHS[1],
        pattern=KEY_PATTERN,
        description="Names one attempt; the same key with the same content repeats the answer.",
    ),
]

PageSize = Annotated[int, Query(alias="limit", ge=1, le=200, description="Most items of a page.")]
