"""Somebody at the pages without a browser: reads a form, fills it in, sends it as browsers do.

Every hidden field of a form goes along, so a test sees what the page really drew.
"""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from api.security import SESSION_COOKIE
from tests.support.clients import Desk
from tests.support.profiles import FOUR_EYES, HEAD


@dataclass
class PageForm:
    """A form as it was drawn: where it goes, and the value of each of its fields."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[PageForm] = []
        self._area: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.found.append(PageForm(given.get("action") or "", given.get("method") or "get"))
        elif tag == "input" and given.get("name") and given.get("type") != "file":
            if given.get("type") != "checkbox" or "checked" in given:
                self.found[-1].fields[str(given["name"])] = given.get("value") or ""
        elif tag == "textarea":
            self._area = str(given["name"])
            self.found[-1].fields[self._area] = ""

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self.found[-1].fields[self._area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = None


def forms_of(html: str) -> list[PageForm]:
    """Every form of a page, in its order."""
    parser = _Forms()
    parser.feed(html)
    return parser.found


class Visitor:
    """Somebody signed in by cookie, as browsers are; redirections are followed unless asked not."""

    def __init__(self, desk: Desk, role: str = "") -> None:
        self.client: TestClient = desk.client()
        if role:
            self.client.cookies.set(SESSION_COOKIE, desk.token(role))
        self.html = ""
        self.status = 0
        self.url = ""

    def open(self, path: str) -> str:
        """Open a page; answers its text."""
        return self._took(self.client.get(path))

    def form(self, action: str) -> PageForm:
        """The first form of the page that goes to an address beginning so."""
        return next(one for one in forms_of(self.html) if one.action.startswith(action))

    def send(self, form: PageForm, files: Any = None, **typed: str) -> str:
        """Fill in a form and send it; answers the page that follows."""
        data = form.fields | typed
        return self._took(self.client.post(form.action, data=data, files=files))

    def _took(self, answer: Any) -> str:
        self.html, self.status, self.url = answer.text, answer.status_code, str(answer.url)
        return self.html


def demands_two_people(folder: Path) -> dict[str, Any]:
    """Settings of :func:`tests.support.banks.new_bank` for a policy with a second person."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.joinpath("test-1.toml").write_text(f"{HEAD}\n{FOUR_EYES}\n", encoding="utf-8")
    return {"policies": ("test-1",), "policy_folder": folder}
