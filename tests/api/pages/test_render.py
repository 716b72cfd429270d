"""api/pages/render.py: one frame in two languages, texts are only text, paths stay here."""

import re

import pytest

from api.pages.catalogue import Language
from api.pages.render import STATIC_TYPES, Speech, local_path, static_address, static_file


@pytest.mark.parametrize("path", ["/", "/station", "/station?at=XFL&done=record_1"])
def test_a_path_of_ours_is_kept(path):
    assert local_path(path) == path


@pytest.mark.parametrize(
    "path",
    ["", "station", "//evil.example", "/\\evil.example", "https://evil.example", "/a\r\nb", "/钥"],
)
def test_a_path_elsewhere_leads_to_the_doors(path):
    assert local_path(path) == "/"


def test_minutes_and_days_in_both_languages():
    zh, en = Speech(Language.ZH), Speech(Language.EN)
    assert (zh.minutes(750), en.minutes(750)) == ("12小时30分钟", "12 hours 30 minutes")
    assert (zh.spoken(750), en.spoken(750)) == ("十二小时三十分钟", "12 hours 30 minutes")
    assert (zh.day("2023-03-05"), en.day("2023-03-05")) == ("2023年3月5日", "5 Mar 2023")
    assert zh.moment(1_680_742_800_000) == "2023-04-06 09:00"


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(0, "0 min"), (59, "59 min"), (60, "1 h"), (61, "1 h 1 min"), (-90, "−1 h 30 min")],
)
def test_english_is_short_in_columns(minutes, said):
    assert Speech(Language.EN).short(minutes) == said


def test_static_files_change_their_address_with_their_content():
    for name in STATIC_TYPES:
        path, version = static_address(name).split("?v=")
        assert path == f"/static/{name}"
        assert len(version) == 12
        assert static_file(name)


def test_the_first_page_is_light(shared_desk):
    """The kiosk's first load: the page and what it names (sheet, script, pictures)."""
    page = shared_desk.client().get("/kiosk").text
    named = set(re.findall(r'(?:src|href)="/static/([^"?]+)', page))
    assert {"style.css", "kiosk.js"} <= named <= set(STATIC_TYPES)
    weight = len(page.encode()) + sum(len(static_file(name)) for name in named)
    assert weight < 60_000 // 2


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("path", ["/", "/kiosk", "/station", "/audit", "/operator"])
def test_every_door_opens_in_both_languages(shared_desk, language, path):
    client = shared_desk.client()
    client.cookies.set("timebank_language", language)
    said = client.get(path)
    assert said.status_code == 200
    assert said.headers["content-type"] == "text/html; charset=utf-8"
    assert said.headers["cache-control"] == "no-store"
    assert f'<html lang="{Language(language).tag}"' in said.text


def test_the_language_is_remembered_and_leads_back(shared_desk):
    client = shared_desk.client()
    said = client.get("/language/en?back=/kiosk", follow_redirects=False)
    assert (said.status_code, said.headers["location"]) == (303, "/kiosk")
    assert "Show your card" in client.get("/kiosk").text


def test_the_language_leads_nowhere_else(shared_desk):
    said = shared_desk.client().get("/language/en?back=//evil.example", follow_redirects=False)
    assert said.headers["location"] == "/"


def test_static_files_are_kept_for_ever_and_others_are_not_there(shared_desk):
    client = shared_desk.client()
    said = client.get(static_address("style.css"))
    assert said.headers["content-type"] == "text/css; charset=utf-8"
    assert "immutable" in said.headers["cache-control"]
    for name in ("other.css", "..%2frender.py", "%2e%2e/render.py"):
        assert client.get(f"/static/{name}").status_code == 404


@pytest.mark.parametrize(
    ("path", "back"),
    [
        ("/station/nothing", "/station"),
        ("/kiosk/sign-in", "/kiosk"),
        ("/statoin", "/"),
        ("/a/b", "/"),
    ],
)
def test_a_wrong_address_is_told_by_a_page_to_a_browser_alone(shared_desk, path, back):
    client = shared_desk.client()
    page = client.get(path, headers={"Accept": "text/html,*/*;q=0.8"})
    assert page.status_code == 404
    assert "没有这个页面" in page.text
    assert f'<a class="button second" href="{back}"' in page.text
    assert client.get(path).headers["content-type"] == "application/problem+json"
    for program in ("/api/v1/nothing", "/log/nothing"):
        told = client.get(program, headers={"Accept": "text/html"})
        assert told.headers["content-type"] == "application/problem+json"
