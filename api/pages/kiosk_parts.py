"""What the pages of members share at both their doors, the kiosk and the telephone (``/my``).

Who may see them, when a kiosk leaves them, whose station they ask.
"""

from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, Query
from starlette.requests import Request
from starlette.responses import Response

import timebank.bank
import timebank.stations.model
from api.dependencies import only
from api.pages.render import Frame, draw, here_of
from api.pages.screen import station_of_screen
from api.problems import NotSignedIn
from ledger.balances import AccountBalance, balance_of
from timebank.people.directory import home_station, members
from timebank.people.model import Member as Person
from timebank.stations.directory import ShownStation, stations_listed
from timebank.stations.model import Actor, Role

KIOSK, MY = "kiosk", "my"
STATIONS = 1_000
WARNING_SECONDS = 30
"""A page asks whether anybody is there so long before the session ends."""

Member = Annotated[timebank.stations.model.Actor, Depends(only(Role.MEMBER))]
Code = Annotated[str, Query(max_length=40)]


def door_of(request: Request) -> str:
    """At which of the two doors a member's page is asked for: ``kiosk`` or ``my``."""
    return MY if request.url.path.split("/")[1] == MY else KIOSK


def show(
    request: Request,
    bank: timebank.bank.Bank,
    template: str,
    *,
    here: str = "",
    status: int = 200,
    **shown: object,
) -> Response:
    """A signed-in page, which a kiosk leaves when nobody is there; no script is needed.

    ``here`` is the address that shows it again, where a form was posted.
    """
    address, door = here or here_of(request), door_of(request)
    response = draw(
        request,
        bank,
        template,
        Frame(door),
        status=status,
        here=address,
        session_minutes=bank.settings.kiosk_session_minutes,
        **shown,
    )
    if door == KIOSK:
        seconds = bank.settings.kiosk_session_minutes * 60 - WARNING_SECONDS
        response.headers["Refresh"] = f"{seconds}; url=/kiosk/still-there?back={quote(address)}"
    return response


def stations_for(
    request: Request, bank: timebank.bank.Bank, actor: Actor, elder_id: str = ""
) -> list[ShownStation]:
    """Which station would arrange a member's care: one where it is plain, else all to choose from.

    ``elder_id`` is whose care it is, where the member asks for somebody else.  It is the one where
    they are registered, or at whose kiosk they stand, or the only one.
    """
    with bank.read() as connection:
        every = stations_listed(connection, most=STATIONS)
        home = home_station(connection, elder_id or actor.person_id)
    for code in (home, station_of_screen(request)):
        plain = [one for one in every if one.code == code]
        if plain:
            return plain
    return every


def who_asks(bank: timebank.bank.Bank, actor: Actor) -> tuple[Person, AccountBalance]:
    """The member who has signed in, with the balance of their account.

    Raises:
        NotSignedIn: they are not shown any more.
    """
    with bank.read() as connection:
        person = members(bank, connection, [actor.person_id]).get(actor.person_id)
        if person is None:
            raise NotSignedIn
        balance = balance_of(connection, person.account_id)
    assert balance is not None, "every person has an account"
    return person, balance
