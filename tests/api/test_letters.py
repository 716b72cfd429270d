"""api/routes/letters.py, api/pages/letters.py: a station prints what is due and says it is out."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.clients import Desk, desk_of
from tests.support.expiries import on
from tests.support.forging import bank_with, log
from tests.support.paper import text_of
from tests.support.visitors import Visitor
from timebank.jobs.letters import make_letters

PATH, ROOM = "/api/v1/letters", "/station/letters"
TWICE = '[endings]\nstatements_per_year = { value = 2, source = "本区规定" }'


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """An application on the first working day of the second half of 2023, with its runs made."""
    with bank_with(tmp_path, TWICE) as tried:
        tried.behind(
            "UPDATE person SET station_code = 'XFL' WHERE person_id IN (SELECT person_id "
            "FROM person_number WHERE number <> 'V0002')"
        )
        log(tried)
        on(tried, "2023-07-03", "09:00")
        make_letters(tried.bank, tried.bank.now_ms())
        with desk_of(tried) as found:
            yield found


def test_a_program_reads_prints_and_states(desk: Desk) -> None:
    clerk, operator = desk.client("clerk"), desk.client("operator")
    (run,) = clerk.get(PATH).json()["items"]
    assert (run["part"], run["letters"], run["station_code"]) == ("2023-1of2", 2, "XFL")
    assert (run["drawn_at"], run["handed_at"], run["hand_by"]) == (None, None, "2023-07-17")
    first = operator.get(PATH, params={"limit": 1}).json()
    rest = operator.get(PATH, params={"after": first["next"]}).json()
    both = {one["station_code"] for one in (*first["items"], *rest["items"])}
    assert (both, rest["next"]) == ({"", "XFL"}, None)
    address, key = f"{PATH}/{run['run_id']}", desk.key()
    early = clerk.post(f"{address}/handed", headers=desk.key())
    assert (early.status_code, early.json()["code"]) == (409, "letters_not_drawn")
    file = clerk.get(f"{address}/file")
    assert file.headers["content-type"] == "application/pdf"
    assert file.headers["cache-control"] == "no-store"
    assert "2023-1of2-XFL.pdf" in file.headers["content-disposition"]
    assert text_of(file.content).replace(" ", "").count("您好") == 2
    stated = clerk.post(f"{address}/handed", headers=key)
    again = clerk.post(f"{address}/handed", headers=key)
    assert (stated.status_code, stated.content) == (201, again.content)
    twice = clerk.post(f"{address}/handed", headers=desk.key())
    assert (twice.status_code, twice.json()["code"]) == (409, "letters_handed_before")
    (run,) = clerk.get(PATH).json()["items"]
    assert (run["drawn_letters"], run["handed_at"] is not None) == (2, True)


def test_who_reads_and_who_does_not(desk: Desk) -> None:
    for role in ("reviewer", "auditor"):
        (run, *_rest) = desk.client(role).get(PATH).json()["items"]
        refused = desk.client(role).get(f"{PATH}/{run['run_id']}/file")
        assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")
    assert desk.client().get(PATH).status_code == 401
    assert desk.client("kiosk").get(PATH).status_code == 403
    unknown = desk.client("clerk").get(f"{PATH}/lett_none/file")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_letter_run")


def test_the_clerk_prints_and_says_that_they_left(desk: Desk) -> None:
    clerk = Visitor(desk, "clerk")
    clerk.open(ROOM)
    assert "2 封" in clerk.html
    assert "还没有下载" in clerk.html
    assert "7月17日及以前登记" in clerk.html
    assert "已打印并交给会员或寄出" not in clerk.html
    link = next(one for one in clerk.html.split('"') if one.endswith("/file"))
    assert clerk.client.get(link).content.startswith(b"%PDF")
    clerk.open(ROOM)
    assert "再下载一次" in clerk.html
    assert "2 封 登记员" in clerk.html
    form = clerk.form(ROOM)
    clerk.send(form)
    assert "已登记：书面对账单已交给会员" in clerk.html
    form.fields["key"] = "another-key-1"
    clerk.send(form)
    assert (clerk.status, "已经登记为交给会员" in clerk.html) == (409, True)


def test_the_operator_sees_those_of_no_station(desk: Desk) -> None:
    operator = Visitor(desk, "operator")
    operator.open(ROOM)
    assert "不属于任何站点的会员" in operator.html


def test_what_is_late_says_so_and_the_reviewer_only_reads(desk: Desk) -> None:
    on(desk.tried, "2023-07-18", "09:00")
    reviewer = Visitor(desk, "reviewer")
    reviewer.open(ROOM)
    assert "已过期" in reviewer.html
    assert "/file" not in reviewer.html
