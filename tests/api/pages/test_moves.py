"""api/pages/moves.py: both directions without a script, each with its second person."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.keys import SigningKey
from tests.support.clients import Desk, desk_of
from tests.support.moves import NORTH, SOUTH, District, districts
from tests.support.visitors import Visitor
from timebank.moves.credit_statement import read_statement

ROOM = "/station/moves"

South = tuple[District, District, Desk]


@pytest.fixture
def south(tmp_path: Path) -> Iterator[South]:
    """The southern district at its desk, whose V0009 has 90 minutes in the north."""
    with districts(tmp_path) as (north, here), desk_of(here.tried) as desk:
        yield north, here, desk


def test_somebody_comes(south: South) -> None:
    north, here, desk = south
    _move, file = north.statement(SOUTH)
    clerk, reviewer = Visitor(desk, "clerk"), Visitor(desk, "reviewer")
    clerk.open(ROOM)
    form = clerk.form(f"{ROOM}/in")
    clerk.send(form, files={"file": ("x", file.replace(b":90", b":91"))}, number="V0009")
    assert (clerk.status, "签名不符" in clerk.html) == (422, True)
    clerk.send(clerk.form(f"{ROOM}/in"), files={"file": ("x", file)}, number="v0009")
    assert "结转单核对无误" in clerk.html
    assert "须由另一人批准" in clerk.html
    assert f"{ROOM}/in/move_" not in [one for one in clerk.html.split('"') if "approve" in one]
    clerk.send(clerk.form(f"{ROOM}/in"), files={"file": ("x", file)}, number="V0009")
    assert (clerk.status, "已经转入过" in clerk.html) == (409, True)
    reviewer.open(ROOM)
    assert "来自北区" in reviewer.html
    reviewer.send(reviewer.form(f"{ROOM}/in/move_"))
    assert "已批准，时间已转" in reviewer.html
    assert "净转入 1小时30分钟" in reviewer.html
    assert here.balance(here.tried.account("V0009")) == 90


def test_somebody_moves_away(south: South) -> None:
    _north, here, desk = south
    here.serve("V0009", minutes=30)
    clerk, reviewer = Visitor(desk, "clerk"), Visitor(desk, "reviewer")
    clerk.open(ROOM)
    clerk.send(clerk.form(f"{ROOM}/away"), number="V0009", partner=NORTH, slip="13812340000")
    assert (clerk.status, "不要写身份证号或电话" in clerk.html) == (422, True)
    assert 'value="V0009"' in clerk.html
    clerk.send(clerk.form(f"{ROOM}/away"), number="V0009", partner=NORTH, slip="ZC-7")
    assert "已登记，等另一人批准" in clerk.html
    clerk.send(clerk.form(f"{ROOM}/away/move_"), reason="改主意")
    assert "已退回" in clerk.html
    clerk.send(clerk.form(f"{ROOM}/away"), number="V0009", partner=NORTH, slip="ZC-8")
    reviewer.open(ROOM)
    form = reviewer.form(f"{ROOM}/away/move_")
    reviewer.send(form)
    assert "已批准，时间已转" in reviewer.html
    answer = clerk.client.get(form.action.replace("/approve", "/statement"))
    statement = read_statement(answer.content)
    assert (statement.body["minutes"], statement.body["to"]) == (30, NORTH)
    reviewer.send(form)
    assert reviewer.status == 200  # The same attempt, answered again.


def test_an_operator_enters_a_district_and_withdraws_it(south: South) -> None:
    _north, _here, desk = south
    operator = Visitor(desk, "operator")
    operator.open(ROOM)
    assert "登记往来区" in operator.html
    operator.send(operator.form(f"{ROOM}/partners"), name="西区", partner="none")
    assert (operator.status, "验证公钥不正确" in operator.html) == (422, True)
    vkey = str(SigningKey.generate("timebank.example/west").vkey)
    operator.send(operator.form(f"{ROOM}/partners"), name="西区", partner=vkey)
    assert "等另一位管理员批准" in operator.html
    form = operator.form(f"{ROOM}/partners/partner_")
    operator.send(form, decision="approve")
    assert (operator.status, "须由另一人办理" in operator.html) == (403, True)
    operator.send(operator.form(f"{ROOM}/partners/partner_"), decision="withdraw")
    assert "已办理" in operator.html
    clerk = Visitor(desk, "clerk")
    clerk.open(ROOM)
    assert "登记往来区" not in clerk.html


def test_a_book_without_partners_says_so(south: South, desk: Desk) -> None:
    clerk = Visitor(desk, "clerk")
    assert "还没有批准的往来区" in clerk.open(ROOM)


def test_lists_go_on_past_the_first_page(south: South) -> None:
    _north, here, desk = south
    for number in range(21):
        move = here.ask(NORTH, "V0009", slip=f"ZC-{number}")
        here.send_back(move)
    clerk = Visitor(desk, "clerk")
    assert clerk.open(ROOM).count("同意书编号 ZC-") == 20
    link = next(one for one in clerk.html.split('"') if "before_away=" in one)
    assert clerk.open(link).count("同意书编号 ZC-") == 1
