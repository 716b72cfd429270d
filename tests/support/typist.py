"""Somebody who has a keyboard only: tabs, types, presses Enter, looks where the focus is."""

import re
from typing import Any

from playwright.sync_api import Page, expect

from tests.support.banks import TriedBank
from tests.support.server import Served

MOST_TABS = 60

_FOCUS = """() => {
  const at = document.activeElement, style = getComputedStyle(at);
  return {name: at.name || "", id: at.id || "", text: (at.innerText || "").replace(/\\s/g, ""),
          value: at.value || "", tag: at.tagName,
          ring: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 3};
}"""


class Typist:
    """Uses ``page`` by keyboard; ``served`` is the server, ``tried`` its bank."""

    def __init__(self, page: Page, served: Served, tried: TriedBank) -> None:
        self.page = page
        self.served = served
        self.tried = tried

    def open(self, path: str) -> None:
        """Type an address."""
        self.page.goto(self.served.at(path))

    @property
    def text(self) -> str:
        """What stands on the page."""
        return self.page.inner_text("body")

    def focus(self) -> dict[str, Any]:
        """What has the focus, and whether a ring shows it."""
        found: dict[str, Any] = self.page.evaluate(_FOCUS)
        return found

    def tab_to(self, wanted: str) -> None:
        """Press Tab until a field of that name, or a button or link of that text, has the focus.

        Blanks do not count.  Every stop on the way must show where it is.
        """
        text = "".join(wanted.split())
        for _press in range(MOST_TABS):
            at = self.focus()
            if wanted in (at["name"], at["id"]) or (
                text == at["text"] and at["tag"] in ("A", "BUTTON", "SUMMARY")
            ):
                assert at["ring"], f"{wanted} has the focus and does not show it"
                return
            self.page.keyboard.press("Tab")
            at = self.focus()
            assert at["ring"] or at["tag"] in ("BODY", "HTML"), at
        raise AssertionError(f"{wanted!r} cannot be reached by keyboard")

    def fill(self, **typed: str) -> None:
        """Tab to each field and type into it, over what stands there."""
        for name, text in typed.items():
            self.tab_to(name)
            self.page.keyboard.press("Control+A")
            if text:
                self.page.keyboard.insert_text(text)
            else:
                self.page.keyboard.press("Delete")

    def press(self, wanted: str, key: str = "Enter") -> None:
        """Tab to a button or link, press it, and wait for the page that follows."""
        self.tab_to(wanted)
        with self.page.expect_navigation():
            self.page.keyboard.press(key)

    def press_twice(self, button: str, arrives: str) -> None:
        """Double-click the button of that selector, and wait until the address holds ``arrives``.

        The second click breaks off the first one's page, so no single navigation can be waited
        for: only where the browser has come to rest counts.
        """
        self.page.dblclick(button)
        expect(self.page).to_have_url(re.compile(re.escape(arrives)))

    def enter(self) -> None:
        """Press Enter where the focus is, and wait for the page that follows."""
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def sign_in(self, door: str, login: str) -> None:
        """Sign in at a staff door with the login's first password."""
        password = next(one.password for one in self.tried.founded.logins if one.login == login)
        self.open(f"/{door}")
        self.fill(login=login, password=password)
        self.enter()
