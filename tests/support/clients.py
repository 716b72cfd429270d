"""HTTP clients over the application of a tried bank, signed in as whom a test needs."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from fastapi import FastAPI
from starlette.testclient import TestClient

from api.app import create_app
from api.sessions import Sessions
from tests.support.banks import FOUNDER, TriedBank
from timebank.people.actions import issue_card
from timebank.stations.sessions import sign_in, sign_in_by_card

LOGINS = {
    "operator": "operator",
    "auditor": "auditor",
    "clerk": "clerk-XFL",
    "reviewer": "reviewer-XFL",
    "kiosk": "kiosk-XFL",
}
PIN = "274913"


class Desk:
    """The application of one bank, and clients of it.

    Each client bears the session of one role; :meth:`key` makes a new idempotency key.
    """

    def __init__(self, tried: TriedBank, app: FastAPI) -> None:
        self.tried = tried
        self.app = app
        self._tokens: dict[str, str] = {}
        self._numbers = itertools.count(1)

    @property
    def sessions(self) -> Sessions:
        """The application's own look-up of sessions."""
        found: Sessions = self.app.state.sessions
        return found

    def key(self) -> dict[str, str]:
        """The header of an attempt that was never made."""
        return {"Idempotency-Key": f"attempt-{next(self._numbers):06}"}

    def token(self, role: str) -> str:
        """A session of the first login of that role; ``member`` is the holder of card V0001."""
        if role not in self._tokens:
            self._tokens[role] = self._sign_in(role)
        return self._tokens[role]

    def client(self, role: str = "", **settings: Any) -> TestClient:
        """A client that bears a session of ``role``, or none."""
        client = TestClient(self.app, **settings)
        if role:
            client.headers["Authorization"] = f"Bearer {self.token(role)}"
        return client

    def settle(self) -> None:
        """Wait until the writer has done what nobody waited for."""
        self.tried.bank.keep_house(lambda draft: {})

    def forget(self, token: str) -> None:
        """Sign in anew when that session's role is asked for again."""
        self._tokens = {role: one for role, one in self._tokens.items() if one != token}

    def password(self, login: str) -> str:
        """The first password of a login."""
        return next(one.password for one in self.tried.founded.logins if one.login == login)

    def _sign_in(self, role: str) -> str:
        bank = self.tried.bank
        if role == "member":
            self.tried.people("V0001")
            issue_card(bank, FOUNDER, "V0001", PIN)
            return sign_in_by_card(bank, "V0001", PIN)
        login = LOGINS[role]
        return sign_in(bank, login, self.password(login))


@contextmanager
def desk_of(tried: TriedBank) -> Iterator[Desk]:
    """The application over ``tried``, started and stopped as a server would."""
    app = create_app(tried.bank)
    with TestClient(app):
        yield Desk(tried, app)


def record(**changed: Any) -> dict[str, Any]:
    """A service of an hour as a request states it, on the day before the frozen clock's."""
    return {
        "station": "XFL",
        "volunteers": ["V0001"],
        "recipients": ["E0001"],
        "starts_at": "2023-04-05T09:00",
        "ends_at": "2023-04-05T10:00",
        "content": "助餐",
        **changed,
    }
