"""Somebody who walks through pages, while eyes look at each."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.support.eyes import Eyes
    from tests.support.typist import Typist

WALL = (1920, 1080)
KIOSK: dict[str, Any] = {"text": 24, "target": 60, "more": (WALL,)}
"""How the eyes look at a page of the kiosk."""


class Walk:
    """Somebody who walks through the pages while ``eyes`` look at each."""

    def __init__(self, typist: "Typist", eyes: "Eyes") -> None:
        self.typist, self.eyes, self.page = typist, eyes, typist.page

    def fill(self, **typed: str) -> None:
        """Type into fields and press Enter in the last one."""
        for name, text in typed.items():
            self.page.fill(f"#{name}", text)
        with self.page.expect_navigation():
            self.page.press(f"#{list(typed)[-1]}", "Enter")

    def sign_in(self, door: str, login: str) -> None:
        """Sign in afresh."""
        self.page.context.clear_cookies(name="timebank_session")
        logins = self.typist.tried.founded.logins
        password = next(one.password for one in logins if one.login == login)
        self.typist.open(f"/{door}")
        self.fill(login=login, password=password)
