"""api/routes/suspensions.py and api/pages/suspensions.py: at the counter and at the kiosk."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.clients import PIN, Desk, desk_of
from tests.support.forging import bank_with
from tests.support.visitors import PageForm, Visitor, forms_of
from timebank.founding import FOUNDER
from timebank.people.actions import issue_card

PATH = "/api/v1/suspensions"
STATED = {"number": "V0001", "part": "volunteer", "reason": "no_shows", "words": "三次爽约"}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with bank_with(tmp_path) as tried, desk_of(tried) as found:
        yield found


def test_from_the_proposal_to_the_appeal(desk: Desk) -> None:
    clerk, operator, member = desk.client("clerk"), desk.client("operator"), desk.client("member")
    key = desk.key()
    made = [clerk.post(PATH, json=STATED, headers=key) for _time in range(2)]
    assert (made[0].status_code, made[0].json()) == (201, made[1].json())
    assert made[0].json()["until_on"] == "2023-04-20"
    suspension = made[0].json()["suspension"]
    words = {"words": "属实", "approved": True}
    refused = clerk.post(f"{PATH}/{suspension}/decision", json=words, headers=desk.key())
    assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")
    done = operator.post(f"{PATH}/{suspension}/decision", json=words, headers=desk.key())
    assert (done.status_code, done.json()["state"]) == (200, "approved")
    said = {"words": "有两次我请了假"}
    appealed = member.post(f"{PATH}/{suspension}/appeal", json=said, headers=desk.key())
    assert (appealed.status_code, appealed.json()["due_on"]) == (201, "2023-04-20")
    again = member.post(f"{PATH}/{suspension}/appeal", json=said, headers=desk.key())
    assert (again.status_code, again.json()["code"]) == (409, "appeal_open")
    own = operator.post(
        f"{PATH}/{suspension}/appeal/answer", json={"words": "维持", "upheld": False},
        headers=desk.key(),
    )  # fmt: skip
    assert (own.status_code, own.json()["code"]) == (403, "suspender_decides")
    lifted = operator.post(f"{PATH}/{suspension}/end", json={"words": "改正了"}, headers=desk.key())
    assert lifted.json()["state"] == "lifted"
    (shown,) = clerk.get(PATH).json()["items"]
    assert (shown["number"], shown["name"][1:], shown["is_over"]) == ("V0001", "＊＊", True)
    assert [one["step"] for one in shown["steps"]] == ["propose", "approve", "appeal", "lift"]
    assert member.get(PATH).status_code == 403


def test_suspensions_come_page_by_page(desk: Desk) -> None:
    clerk = desk.client("clerk")
    for number in ("V0001", "V0002", "E0001"):
        clerk.post(PATH, json={**STATED, "number": number}, headers=desk.key())
    first = clerk.get(PATH, params={"limit": 2}).json()
    second = clerk.get(PATH, params={"limit": 2, "before": first["next"]}).json()
    numbers = [one["number"] for one in first["items"] + second["items"]]
    assert (sorted(numbers), second["next"]) == (["E0001", "V0001", "V0002"], "")


def test_the_page_of_the_station(desk: Desk) -> None:
    clerk, operator = Visitor(desk, "clerk"), Visitor(desk, "operator")
    assert "没有暂停。" in clerk.open("/station/suspensions")
    typed = {"number": "V0001", "part": "volunteer", "cause": "charging", "words": "收了40元"}
    page = clerk.send(clerk.form("/station/suspensions"), **typed, until="哪天")
    assert clerk.status == 422
    assert "哪天" in page
    page = clerk.send(clerk.form("/station/suspensions"), **typed, until="2023-06-30")
    assert "已暂停，等待另一人决定。" in page
    assert "向服务对象收费" in page
    assert "同意暂停" not in page
    operator.open("/station/suspensions")
    page = operator.send(form_to(operator, "/decide"), reason="属实", choice="")
    assert operator.status == 422
    page = operator.send(form_to(operator, "/decide"), reason="属实", choice="approve")
    assert "已决定。" in page
    clerk.open("/station/suspensions")
    page = clerk.send(form_to(clerk, "/appeal"), reason="是别人收的")
    assert "申诉已登记。" in page
    operator.open("/station/suspensions")
    page = operator.send(form_to(operator, "/answer"), reason="维持", choice="dismiss")
    assert operator.status == 403
    assert "请由另一人办理" in page
    page = operator.send(form_to(operator, "/lift"), reason="期满前改正", choice="lift")
    assert "已解除。" in page


def test_the_kiosk_says_so_and_takes_a_no(desk: Desk) -> None:
    desk.client("clerk").post(PATH, json=STATED, headers=desk.key())
    issue_card(desk.tried.bank, FOUNDER, "V0001", PIN)
    visitor = Visitor(desk)
    visitor.open("/kiosk")
    page = visitor.send(visitor.form("/kiosk/sign-in"), card="V0001", pin=PIN)
    assert "您的志愿服务目前暂停，时间一分不少。" in page
    page = visitor.send(visitor.form("/kiosk/appeal"))
    assert "您已提出不同意，2023年4月20日" in page
    assert "我不同意" not in page


def form_to(visitor: Visitor, ending: str) -> PageForm:
    return next(one for one in forms_of(visitor.html) if one.action.endswith(ending))
