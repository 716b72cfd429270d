"""api/pages/clearing.py: months are stated, taken in, netted and ended without a script."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.clearing import APRIL, MAY, both_ways, proposed, stated, taken, turn_to
from tests.support.clients import Desk, desk_of
from tests.support.moves import SECOND_OPERATOR, District
from tests.support.visitors import Visitor
from timebank.clearing.ending import ask_end
from timebank.moves.partners import partner_of

ROOM = "/operator/clearing"

North = tuple[District, District, Desk]


@pytest.fixture
def north(tmp_path: Path) -> Iterator[North]:
    """The northern district at its desk, which owes the southern one sixty minutes of April."""
    with both_ways(tmp_path) as (here, south), desk_of(here.tried) as desk:
        turn_to(MAY, here, south)
        yield here, south, desk


def test_a_month_from_its_statement_to_the_netting(north: North) -> None:
    here, south, desk = north
    operator = Visitor(desk, "operator")
    operator.open(ROOM)
    assert "南区" in operator.html
    operator.send(operator.form(f"{ROOM}/statements"))
    assert "清算单已做出" in operator.html
    link = next(one for one in operator.html.split('"') if one.startswith(f"{ROOM}/statement?"))
    assert operator.client.get(link.replace("&amp;", "&")).content == stated(here, south)
    assert "未收到" in operator.html
    assert "对方还没有转入" in operator.html

    file = stated(south, here)
    forged = file.replace(b":30", b":31")
    operator.send(operator.form(f"{ROOM}/taken"), files={"file": ("x", forged)})
    assert (operator.status, "明细与签名的合计不一致" in operator.html) == (422, True)
    operator.send(operator.form(f"{ROOM}/taken"), files={"file": ("x", file)})
    assert "清算单核对无误，已收下" in operator.html
    assert "逐笔相符" in operator.html
    operator.send(operator.form(f"{ROOM}/nettings"))
    assert "已提出轧差" in operator.html
    assert "批准轧差" not in operator.html
    operator.send(operator.form(f"{ROOM}/nettings/net_"), decision="withdraw")
    assert "已办理" in operator.html


def test_what_another_proposed_is_approved_and_the_partnership_ends(north: North) -> None:
    here, south, desk = north
    taken(here, stated(south, here))
    taken(south, stated(here, south))
    proposed(here, south)
    operator = Visitor(desk, "operator")
    operator.open(ROOM)
    operator.send(operator.form(f"{ROOM}/nettings/net_"), decision="approve")
    assert "已办理" in operator.html
    operator.open(ROOM)
    assert "已轧差" in operator.html
    assert here.clearing(south.origin) == 0
    with here.tried.bank.read() as connection:
        partner = partner_of(connection, south.origin).partner_id
    ask_end(here.tried.bank, SECOND_OPERATOR, partner, key=here.key())
    operator.open(ROOM)
    operator.send(operator.form(f"{ROOM}/endings/end_"), decision="approve")
    assert "往来已结束，只供查询" in operator.html
    operator.open("/station/moves")
    assert "已结束" in operator.html


def test_an_end_with_something_left_is_refused(north: North) -> None:
    _here, _south, desk = north
    operator = Visitor(desk, "operator")
    operator.open(ROOM)
    operator.send(operator.form(f"{ROOM}/partners/partner_"))
    assert (operator.status, "轧差到零以后才能结束往来" in operator.html) == (409, True)


def test_the_report_between_stations_of_a_month(north: North) -> None:
    _here, _south, desk = north
    operator = Visitor(desk, "operator")
    operator.open(f"{ROOM}?month={APRIL}")
    assert f"{APRIL} 没有站点之间的服务" in operator.html
    operator.open(f"{ROOM}?month=april")
    assert operator.status == 422


def test_clerks_have_no_such_room(north: North) -> None:
    _here, _south, desk = north
    clerk = Visitor(desk, "clerk")
    clerk.open(ROOM)
    assert clerk.status == 403
    auditor = desk.client("auditor")
    assert auditor.get("/api/v1/clearing").json()["items"][0]["clearing_minutes"] == 60
