"""What a wish costs is said before the elder agrees to it, and why, with the clause."""

from pathlib import Path

import pytest

from api.pages.kiosk_care import helps_offered
from tests.support.banks import OPERATOR
from tests.support.clients import PIN, desk_of
from tests.support.forging import bank_with
from tests.support.orders import Journey
from tests.support.visitors import Visitor
from tests.timebank.orders.test_professional import rate
from timebank.people.actions import issue_card

WISH = "on=2023-04-07&at=14:00"


@pytest.mark.parametrize(("saved", "is_kind"), [(179, True), (180, False), (181, False)])
def test_the_elder_reads_what_professional_care_uses(
    tmp_path: Path, saved: int, is_kind: bool
) -> None:
    with bank_with(tmp_path, rate(3), people=()) as tried, desk_of(tried) as desk:
        Journey(tried, saved=saved)
        issue_card(tried.bank, OPERATOR, "E0001", PIN)
        visitor = Visitor(desk)
        visitor.open("/kiosk")
        visitor.send(visitor.form("/kiosk/sign-in"), card="E0001", pin=PIN)
        page = visitor.open(f"/kiosk/ask?what=nursing&{WISH}")
        assert "这次服务1小时，会用掉3小时。" in page
        assert "专业照护每 1 分钟使用 3 分钟" in page
        assert "新北" in page
        assert ("没关系，申请照样交给站点" in page) is is_kind
        plain = visitor.open(f"/kiosk/ask?what=companionship&{WISH}")
        assert "这次服务1小时，会用掉1小时。" in plain
        assert "新北" not in plain
        visitor.open(f"/kiosk/ask?what=nursing&{WISH}")
        visitor.send(visitor.form("/kiosk/ask"))
        (listed,) = desk.client("clerk").get("/api/v1/orders").json()["items"]
        page = Visitor(desk, "clerk").open(f"/station/orders/{listed['order_id']}")
        assert "为什么是这么多" in page
        assert "新北" in page


def test_a_trained_hand_is_offered_where_a_rule_says_what_it_costs(tmp_path: Path) -> None:
    (tmp_path / "with").mkdir()
    (tmp_path / "without").mkdir()
    with bank_with(tmp_path / "with", rate(3), people=()) as tried:
        assert "nursing" in helps_offered(tried.bank)
    with bank_with(tmp_path / "without", people=()) as tried:
        assert "nursing" not in helps_offered(tried.bank)
