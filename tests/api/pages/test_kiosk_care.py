"""The kiosk's care: three touches to a wish, who comes and who came, confirm, not right, rate."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from api.pages.kiosk_care import begins, helps_offered
from api.pages.kiosk_visits import LAST_CAME
from tests.support.banks import OPERATOR
from tests.support.clients import PIN
from tests.support.forging import bank_with, log
from tests.support.orders import CLERK, Journey
from tests.support.visitors import Visitor, forms_of
from timebank.people.accesses import Purpose, accesses_by_others
from timebank.people.actions import issue_card
from timebank.records.model import Payer
from timebank.stations.actions import open_station


@pytest.fixture
def journey(desk):
    """E0001 with a card and five hours."""
    return Journey(desk.tried)


def enter(desk, number="E0001"):
    """A visitor who has signed in at the kiosk."""
    issue_card(desk.tried.bank, OPERATOR, number, PIN)
    visitor = Visitor(desk)
    visitor.open("/kiosk")
    visitor.send(visitor.form("/kiosk/sign-in"), card=number, pin=PIN)
    return visitor


def touch(visitor, words):
    """Follow the link of that text."""
    for href, inside in re.findall(r'<a [^>]*href="([^"]+)"[^>]*>(.*?)</a>', visitor.html):
        if words in re.sub(r"<[^>]+>", "", inside):
            return visitor.open(href.replace("&amp;", "&"))
    raise AssertionError(f"{words} is not there")


def orders(desk):
    with desk.tried.bank.read() as connection:
        query = "SELECT * FROM service_order ORDER BY number"
        return connection.execute(text(query)).mappings().all()


def asked(visitor):
    """The three touches of an elder who wants company tomorrow afternoon; answers the form."""
    visitor.open("/kiosk/account")
    touch(visitor, "请人帮忙")
    touch(visitor, "陪我聊天")
    touch(visitor, "明天 4月7日 下午")
    return visitor.form("/kiosk/ask")


def test_a_wish_in_three_touches(desk, journey):
    visitor = enter(desk)
    form = asked(visitor)
    assert "4月7日 周五 14:00" in visitor.html
    assert "幸福里" in visitor.html
    assert "没关系" not in visitor.html

    page = visitor.send(form)

    assert "已交给幸福里，安排好了会告诉您。" in page
    (order,) = orders(desk)
    assert order["elder_id"] == journey.people["E0001"]
    assert (order["wanted_on"], order["wanted_at"]) == ("2023-04-07", "14:00")
    assert (order["wanted_minutes"], order["class_code"]) == (60, "companionship")
    assert (order["channel"], order["payer"], order["station_code"]) == ("kiosk", "elder", "XFL")
    assert "已交给站点，等工作人员安排" in page


def test_back_and_again_is_one_wish(desk, journey):
    visitor = enter(desk)
    form = asked(visitor)
    first = visitor.send(form)
    again = visitor.send(form)
    assert len(orders(desk)) == 1
    assert first.count("已交给幸福里") == again.count("已交给幸福里") == 1


def test_the_same_form_with_other_content_does_nothing(desk, journey):
    visitor = enter(desk)
    form = asked(visitor)
    visitor.send(form)
    page = visitor.send(form, minutes="120")
    assert visitor.status == 422
    assert len(orders(desk)) == 1
    assert visitor.form("/kiosk/ask").fields["key"] != form.fields["key"]
    assert "请您看一看" in page


def test_a_longer_visit_costs_one_touch_more(desk, journey):
    visitor = enter(desk)
    asked(visitor)
    touch(visitor, "3小时")
    visitor.send(visitor.form("/kiosk/ask"))
    assert orders(desk)[0]["wanted_minutes"] == 180


@pytest.mark.parametrize(("minutes", "kindly"), [(59, True), (60, False), (61, False)])
def test_whoever_has_no_hours_asks_all_the_same(desk, minutes, kindly):
    Journey(desk.tried, saved=minutes)
    visitor = enter(desk)
    form = asked(visitor)
    assert ("没关系，申请照样交给站点" in visitor.html) is kindly
    visitor.send(form)
    assert len(orders(desk)) == 1


@pytest.mark.parametrize(
    "query",
    ["", "?what=nursing", "?what=environment", "?what=%00", "?what=<b>", "?on=2023-04-07&at=14:00"],
)
def test_what_is_not_offered_leads_to_the_first_touch(desk, journey, query):
    page = enter(desk).open(f"/kiosk/ask{query}")
    assert "请人帮忙做什么？" in page
    assert "<b>" not in page


@pytest.mark.parametrize(
    "when",
    ["", "&on=2023-04-05&at=09:00", "&on=2023-04-13&at=09:00", "&on=2023-04-07&at=03:00",
     "&on=2023-04-07", "&on=2023-04-07&at="],
)  # fmt: skip
def test_what_is_no_offered_time_leads_to_the_second_touch(desk, journey, when):
    assert "什么时候来？" in enter(desk).open(f"/kiosk/ask?what=meals{when}")


@pytest.mark.parametrize(
    ("half", "hour", "expected"),
    [
        ("morning", 7, "09:00"),
        ("morning", 8, "09:00"),
        ("morning", 9, "10:00"),
        ("morning", 10, "11:00"),
        ("morning", 11, ""),
        ("afternoon", 13, "14:00"),
        ("afternoon", 14, "15:00"),
        ("afternoon", 16, "17:00"),
        ("afternoon", 17, ""),
        ("afternoon", 23, ""),
    ],
)
def test_today_is_offered_as_long_as_it_lasts(half, hour, expected):
    now = datetime.fromisoformat(f"2023-04-06T{hour:02}:30")
    assert begins(half, now.date(), now) == expected
    assert begins(half, now.date() + timedelta(days=1), now) in ("09:00", "14:00")


def test_late_in_the_evening_today_is_over(desk, journey):
    desk.tried.clock.set(datetime(2023, 4, 6, 12, 30, tzinfo=UTC))  # 20:30 at the station
    page = enter(desk).open("/kiosk/ask?what=meals")
    assert page.count("已过") == 2
    assert "on=2023-04-06" not in page


def test_a_wish_for_a_day_that_went_by_meanwhile(desk, journey):
    visitor = enter(desk)
    form = asked(visitor)
    page = visitor.send(form, on="2023-04-05")
    assert visitor.status == 422
    assert orders(desk) == []
    assert "未通过" in page


def test_classes_that_the_policy_excludes_are_not_offered(tmp_path):
    excluded = '[services]\nexcluded_classes = { value = ["bathing"], source = "上海 2026" }'
    with bank_with(tmp_path, excluded) as tried:
        assert "bathing" not in helps_offered(tried.bank)
        assert "meals" in helps_offered(tried.bank)


def test_of_several_stations_the_elder_or_the_screen_says_which(desk, journey):
    open_station(desk.tried.bank, OPERATOR, "YHL", "银河路", key="open-YHL")
    visitor = enter(desk)
    asked(visitor)
    assert visitor.html.count("<option") == 2
    visitor.open("/kiosk/at/YHL")
    assert "这台机器现在属于银河路" in visitor.html
    form = asked(visitor)
    assert "<option" not in visitor.html
    visitor.send(form)
    assert orders(desk)[0]["station_code"] == "YHL"


def test_no_wish_goes_to_a_station_that_is_not_there(desk, journey):
    visitor = enter(desk)
    form = asked(visitor)
    for changed in ({"station": "NONE"}, {"what": "nursing"}):
        assert "请人帮忙做什么？" in visitor.send(form, **changed)
    del form.fields["station"]
    assert "请人帮忙做什么？" in visitor.send(form)
    assert orders(desk) == []


def test_a_volunteer_is_not_offered_what_only_elders_may_ask(desk, journey):
    visitor = enter(desk, "V0001")
    page = visitor.open("/kiosk/account")
    assert "/kiosk/ask" not in page
    visitor.open("/kiosk/ask?what=meals&on=2023-04-07&at=14:00")
    visitor.send(visitor.form("/kiosk/ask"))
    assert visitor.status == 403


# Visits ------------------------------------------------------------------------------------


def test_who_comes_with_the_full_name_and_the_door_code(desk, journey):
    journey.to("accepted")
    page = enter(desk).open("/kiosk/visits")

    assert "志愿者答应来了" in page
    assert "成员V0001" in page
    assert journey.order().door_code in page
    with desk.tried.bank.read() as connection:
        seen = accesses_by_others(desk.tried.bank, connection, journey.member("V0001"), most=10)
    assert [one.purpose for one in seen] == [Purpose.LOOK.value]


def test_the_account_shows_neither_door_code_nor_volunteer(desk, journey):
    journey.to("accepted")
    page = enter(desk).open("/kiosk/account")
    assert journey.order().door_code not in page
    assert "成员V0001" not in page
    assert "4月6日 陪我聊天：1小时" in page  # what the held hour is for


def test_who_came_under_masks_the_latest_first(desk, journey):
    journey.to("posted")
    page = enter(desk).open("/kiosk/visits")
    rows = page.split("<tbody>")[1].split("<tr>")[1:]
    assert len(rows) == 1
    assert "08:00–09:00" in rows[0]
    assert "成＊＊" in rows[0]
    assert "现在没有预约" in page


@pytest.mark.parametrize("count", [LAST_CAME - 1, LAST_CAME, LAST_CAME + 1])
def test_older_visits_come_on_the_next_page(desk, count):
    desk.tried.people("V0001", "E0001")
    for place in range(count):
        log(desk.tried, place, at=f"{8 + place:02}:00", minutes=30)
    visitor = enter(desk)
    page = visitor.open("/kiosk/visits")
    assert page.split("<tbody>")[1].count("<tr>") == min(count, LAST_CAME)
    assert ("看更早的" in page) == (count > LAST_CAME)
    if count > LAST_CAME:
        older = touch(visitor, "看更早的")
        assert older.split("<tbody>")[1].count("<tr>") == 1
        assert "08:00–08:30" in older
        assert "现在的预约" not in older


def test_confirm_in_words_and_rate_with_a_face(desk, journey):
    journey.to("awaiting_confirmation")
    visitor = enter(desk)
    page = visitor.open("/kiosk/account")
    assert "有 1 次服务结束了，请您确认。" in page
    touch(visitor, "请您确认")
    assert "成＊＊来过了，一共 1小时。对吗？" in visitor.html
    assert "08:00 到 09:00，一共 1小时（一小时）" in visitor.html

    confirm = visitor.form(f"/kiosk/visits/{journey.order_id}/confirm")
    page = visitor.send(confirm)
    assert "谢谢，您已确认。" in page
    assert "这次服务怎么样" in page
    assert journey.balance("E0001") == (240, 0)
    assert journey.balance("V0001")[0] == 60
    visitor.send(confirm)  # back, and pressed again
    assert journey.balance("E0001") == (240, 0)

    visitor.open(f"/kiosk/visits/{journey.order_id}")
    page = visitor.send(visitor.form(f"/kiosk/visits/{journey.order_id}/rate"), stars="5")
    assert "谢谢您的评价。" in page
    assert "非常满意" in page
    assert "这次服务怎么样" not in page
    assert orders(desk)[0]["stars"] == 5


def test_where_a_second_person_reviews_the_rating_waits(strict_desk):
    journey = Journey(strict_desk.tried, saved=0, payer=Payer.NOBODY).to("awaiting_confirmation")
    visitor = enter(strict_desk)
    visitor.open(f"/kiosk/visits/{journey.order_id}")
    page = visitor.send(visitor.form(f"/kiosk/visits/{journey.order_id}/confirm"))
    assert "已确认，还没有入账" in page
    assert "这次服务怎么样" not in page


@pytest.mark.parametrize(
    ("touched", "reason"),
    [
        ("dispute_time", "时间不对"),
        ("dispute_nobody", "没有人来过"),
        ("dispute_other", "别的疑问，请站点联系我"),
    ],
)
def test_not_right_says_why_in_the_stations_language(desk, journey, touched, reason):
    journey.to("awaiting_confirmation")
    visitor = enter(desk)
    visitor.open("/language/en?back=/kiosk/account")
    visitor.open(f"/kiosk/visits/{journey.order_id}")
    page = visitor.send(visitor.form(f"/kiosk/visits/{journey.order_id}/dispute"), why=touched)
    assert "The station knows and will call you." in page
    assert journey.order().state == "disputed"
    with desk.tried.bank.read() as connection:
        said = connection.execute(
            text("SELECT reason FROM order_step WHERE step = 'dispute'")
        ).scalar_one()
    assert said == reason


def test_a_reason_that_nobody_offers_is_none(desk, journey):
    journey.to("awaiting_confirmation")
    visitor = enter(desk)
    for why in ("", "cancel_later", "<b>"):
        visitor.open(f"/kiosk/visits/{journey.order_id}")
        page = visitor.send(visitor.form(f"/kiosk/visits/{journey.order_id}/dispute"), why=why)
        assert visitor.status == 422
        assert "未通过" in page
    assert journey.order().state == "awaiting_confirmation"


def test_a_visit_that_is_not_wanted_any_more(desk, journey):
    journey.to("accepted")
    assert journey.balance("E0001") == (300, 60)
    visitor = enter(desk)
    visitor.open(f"/kiosk/visits/{journey.order_id}")
    page = visitor.send(
        visitor.form(f"/kiosk/visits/{journey.order_id}/cancel"), why="cancel_unwell"
    )
    assert "已取消，预留的时间已经放回。" in page
    assert journey.balance("E0001") == (300, 0)


def test_what_changed_meanwhile_is_said_kindly(desk, journey):
    journey.to("awaiting_confirmation")
    visitor = enter(desk)
    visitor.open(f"/kiosk/visits/{journey.order_id}")
    form = visitor.form(f"/kiosk/visits/{journey.order_id}/confirm")
    journey.step("dispute", CLERK, reason="老人来电")
    page = visitor.send(form)
    assert visitor.status == 409
    assert "情况可能刚有变化" in page
    assert "有疑问，站点正在核实" in page


def test_another_persons_visit_is_not_there(desk, journey):
    journey.to("accepted")
    for number in ("E0002", "V0001"):  # a stranger, and the volunteer of the visit
        visitor = enter(desk, number)
        visitor.open(f"/kiosk/visits/{journey.order_id}")
        assert visitor.status == 404, number
        token = forms_of(visitor.open("/kiosk/account"))[0].fields["form_token"]
        sent = visitor.client.post(
            f"/kiosk/visits/{journey.order_id}/cancel",
            data={"form_token": token, "why": "cancel_later", "key": "k" * 22},
        )
        assert sent.status_code == 404
    assert journey.order().state == "accepted"


@pytest.mark.parametrize("step", ["vet", "match", "sign_in", "nothing"])
def test_only_an_elders_own_steps(desk, journey, step):
    journey.to("accepted")
    visitor = enter(desk)
    token = forms_of(visitor.open("/kiosk/account"))[0].fields["form_token"]
    sent = visitor.client.post(
        f"/kiosk/visits/{journey.order_id}/{step}", data={"form_token": token}
    )
    assert sent.status_code == 404


def test_no_form_without_its_token(desk, journey):
    journey.to("awaiting_confirmation")
    visitor = enter(desk)
    sent = visitor.client.post(f"/kiosk/visits/{journey.order_id}/confirm", data={"minutes": "60"})
    assert sent.status_code == 403
    assert journey.order().state == "awaiting_confirmation"


@pytest.mark.parametrize("role", ["", "clerk", "operator", "kiosk"])
@pytest.mark.parametrize("path", ["/kiosk/ask", "/kiosk/visits", "/kiosk/gift"])
def test_nobody_else_sees_these_pages(desk, role, path):
    visitor = Visitor(desk, role)
    page = visitor.open(path)
    assert visitor.status == (403 if role else 200)
    assert ("已为您自动退出" in page) is not bool(role)
