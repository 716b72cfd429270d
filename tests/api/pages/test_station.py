"""api/pages/station.py: logged once, refused with what was typed, reviewed by a second person."""

import pytest

from ledger.balances import balance_of
from tests.support.clients import desk_of
from tests.support.forging import bank_with
from tests.support.profiles import SHORT_IS_AN_HOUR
from tests.support.visitors import Visitor
from timebank.records.queries import queue
from timebank.stations.model import Role

SERVICE = {
    "volunteer": "V0001",
    "recipient": "E0001",
    "date": "2023-04-05",
    "start": "8:30",
    "end": "上午10点",
    "content": "陪伴聊天",
}
NASTY = "<img src=x onerror=alert(1)>\"'&"


def balance(desk, number):
    with desk.tried.bank.read() as connection:
        found = balance_of(connection, desk.tried.account(number))
    return found.posted


def log(visitor, **changed):
    visitor.open("/station")
    return visitor.send(visitor.form("/station/services"), **SERVICE | changed)


def test_a_service_is_logged_and_listed_with_its_sum(desk, visit):
    clerk = visit("clerk")

    page = log(clerk)

    assert clerk.url.split("?")[0].endswith("/station")
    assert "已登记并入账：成＊＊（V0001），1小时30分钟。" in page
    assert "1 次，服务时间共 1小时30分钟" in page
    assert balance(desk, "V0001") == 90


def test_the_running_total_grows_by_each_service(desk, visit):
    clerk = visit("clerk")
    log(clerk)

    page = log(clerk, start="10:00", end="11:00")

    assert "2 次，服务时间共 2小时30分钟" in page
    assert page.index("累计 2小时30分钟</span>") < page.index("累计 1小时30分钟</span>")


def test_the_same_form_sent_twice_logs_once_and_says_so(desk, visit):
    clerk = visit("clerk")
    clerk.open("/station")
    form = clerk.form("/station/services")
    clerk.send(form, **SERVICE)

    page = clerk.send(form, **SERVICE)

    assert "没有重复登记" in page
    assert balance(desk, "V0001") == 90


def test_the_same_form_with_other_content_is_not_logged(desk, visit):
    clerk = visit("clerk")
    clerk.open("/station")
    form = clerk.form("/station/services")
    clerk.send(form, **SERVICE)

    page = clerk.send(form, **SERVICE | {"date": "2023-04-04"})

    assert clerk.status == 409
    assert "所以没有登记" in page
    again = clerk.form("/station/services")
    assert again.fields["key"] != form.fields["key"]
    assert again.fields["date"] == "2023-04-04"
    assert balance(desk, "V0001") == 90


@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [
        ({"volunteer": "V0009"}, "volunteer", "尚未登记"),
        ({"volunteer": ""}, "volunteer", "没有填写"),
        ({"recipient": "V0009"}, "recipient", "尚未登记"),
        ({"date": "2023-04-07"}, "date", "晚于登记之日"),
        ({"date": "改天"}, "date", "无法识别"),
        ({"start": "八点前"}, "start", "无法识别"),
        ({"end": "8:30"}, "end", "必须晚于"),
        ({"content": "有偿护理"}, "content", "不属于志愿服务"),
        ({"date": "2023-03-01"}, "reason", "必须填写补录原因"),
        ({"head_count": "很多"}, "head_count", "整数"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else None,
)
def test_a_refusal_stands_beside_its_field_and_keeps_what_was_typed(
    known_desk, changed, field, said
):
    clerk = Visitor(known_desk, "clerk")

    page = log(clerk, **changed)

    assert 400 <= clerk.status < 500
    refusal = page.split(f'id="{field}-wrong"')[1].split("</p>")[0]
    assert said in refusal
    assert f'aria-describedby="{field}-wrong"' in page or f'{field}-wrong" aria-invalid' in page
    typed = clerk.form("/station/services").fields
    assert {name: typed[name] for name in SERVICE | changed} == SERVICE | changed
    assert balance(known_desk, "V0001") == 0


def test_a_mended_form_is_logged(desk, visit):
    clerk = visit("clerk")
    log(clerk, volunteer="V0009")

    page = clerk.send(clerk.form("/station/services"), volunteer="V0001")

    assert "已登记并入账" in page


def test_an_overlap_names_the_other_record_by_number_and_time(desk, visit):
    clerk = visit("clerk")
    log(clerk)

    page = log(clerk, start="9:00", end="11:00")

    assert "第 1 号记录，2023年4月5日 08:30–10:00" in page
    assert "record_" not in page.split('id="volunteer-wrong"')[1].split("</p>")[0]


def test_what_is_typed_is_only_text(desk, visit):
    clerk = visit("clerk")

    page = log(clerk, volunteer=NASTY, recipient=NASTY, content=NASTY, note=NASTY, reason=NASTY)

    assert "<img" not in page
    assert clerk.form("/station/services").fields["note"] == NASTY
    log(clerk, content=NASTY)
    assert "<img" not in clerk.html
    assert "&lt;img src=x onerror=alert(1)&gt;" in clerk.html


def test_the_public_is_served_by_a_head_count(desk, visit):
    clerk = visit("clerk")

    page = log(clerk, recipient="公众", head_count="35", content="垃圾分类宣传")

    assert "公众（35 人次）" in page


def test_a_form_without_its_token_changes_nothing(desk, visit):
    clerk = visit("clerk")
    clerk.open("/station")

    page = clerk.send(clerk.form("/station/services"), **SERVICE | {"form_token": "x"})

    assert clerk.status == 403
    assert "这张表单已过期" in page
    assert balance(desk, "V0001") == 0


def test_a_form_of_another_session_changes_nothing(desk, visit):
    clerk, other = visit("clerk"), visit("reviewer")
    clerk.open("/station")

    other.send(clerk.form("/station/services"), **SERVICE)

    assert other.status == 403
    assert balance(desk, "V0001") == 0


def test_nobody_logs_for_another_station(desk, visit):
    clerk = visit("clerk")
    clerk.open("/station")

    clerk.send(clerk.form("/station/services"), **SERVICE | {"station": "ELSEWHERE"})

    assert "已登记并入账" in clerk.html  # at their own station, whatever the form says


def test_the_district_logs_at_a_station_of_its_choice(desk, visit):
    operator = visit("operator")
    page = log(operator)
    assert "已登记并入账" in page
    operator.send(operator.form("/station/services"), **SERVICE | {"station": "NOWHERE"})
    assert operator.status == 404


@pytest.mark.parametrize("role", ["auditor", "kiosk", "member"])
def test_who_does_not_work_here_is_asked_to_sign_in(shared_desk, role):
    stranger = Visitor(shared_desk, role)
    for path in ("/station", "/station/review", "/station/register"):
        page = stranger.open(path)
        assert stranger.status == 403
        assert "不能进入“站点”" in page


def test_whoever_is_not_signed_in_is_asked_to(shared_desk):
    stranger = Visitor(shared_desk)
    assert "站点登录" in stranger.open("/station")
    assert stranger.status == 200
    assert "登录已过期" in stranger.open("/station/review")


def reviewing(desk, role="reviewer"):
    desk.tried.people("V0001", "E0001")
    clerk = Visitor(desk, "clerk")
    assert "等待另一人复核" in log(clerk)
    reviewer = Visitor(desk, role)
    reviewer.open("/station/review")
    return reviewer


def test_a_second_person_approves(strict_desk):
    reviewer = reviewing(strict_desk)
    assert balance(strict_desk, "V0001") == 0

    page = reviewer.send(reviewer.form("/station/reviews/"), decision="approve")

    assert "第 1 号记录已通过并入账" in page
    assert "没有待复核的记录" in page
    assert balance(strict_desk, "V0001") == 90


def test_an_approval_sent_twice_approves_once(strict_desk):
    reviewer = reviewing(strict_desk)
    form = reviewer.form("/station/reviews/")
    for _time in range(2):
        reviewer.send(form, decision="approve")
        assert reviewer.status == 200
    assert balance(strict_desk, "V0001") == 90


def test_a_record_goes_back_with_a_reason_only(strict_desk):
    reviewer = reviewing(strict_desk)

    page = reviewer.send(reviewer.form("/station/reviews/"), decision="return", reason=" ")
    assert reviewer.status == 422
    assert "退回时要写明原因" in page

    page = reviewer.send(reviewer.form("/station/reviews/"), decision="return", reason="时间不对")
    assert "第 1 号记录已退回" in page
    assert balance(strict_desk, "V0001") == 0


def test_nobody_reviews_their_own_record(strict_desk):
    strict_desk.tried.people("V0001", "E0001")
    reviewer = Visitor(strict_desk, "reviewer")
    log(reviewer)
    with strict_desk.tried.bank.read() as connection:
        actor = strict_desk.tried.actor(Role.REVIEWER)
        [record] = queue(strict_desk.tried.bank, connection, actor)

    page = reviewer.open("/station/review")

    assert "请另一人复核" in page
    assert "/station/reviews/" not in page
    form = reviewer.form("/station/sign-out")
    form.action = f"/station/reviews/{record.record_id}"
    reviewer.send(form, decision="approve", key="k" * 22)
    assert "登记人不能复核自己登记的记录" in reviewer.html
    assert balance(strict_desk, "V0001") == 0


def test_a_clerk_has_no_review(strict_desk):
    clerk = Visitor(strict_desk, "clerk")
    assert "待复核</a>" not in clerk.open("/station")
    clerk.open("/station/review")
    assert clerk.status == 403


def test_a_record_leads_to_how_it_was_reckoned(desk, visit):
    clerk = visit("clerk")
    page = log(clerk, volunteer="V0001、V0002")
    address = page.split('href="/station/records/')[1].split('"')[0]

    told = clerk.open(f"/station/records/{address}")

    assert clerk.status == 200
    assert told.count("服务 90 分钟，入账 90 分钟") == 2
    assert told.count("复算：与记录一致") == 2
    assert "民政部令第67号第七条" in told
    assert "<script" not in told
    clerk.client.cookies.set("timebank_language", "en")
    assert "90 minutes given, 90 credited" in clerk.open(f"/station/records/{address}")
    assert "没有这条服务记录" in visit("clerk").open("/station/records/record_none")


def test_an_altered_record_is_shown_as_one(desk, visit):
    clerk = visit("clerk")
    address = log(clerk).split('href="/station/records/')[1].split('"')[0]
    desk.tried.behind("UPDATE record_person SET credited_minutes = 900 WHERE part = 'volunteer'")

    told = clerk.open(f"/station/records/{address}")

    assert "记录：服务 90 分钟，入账 900 分钟" in told
    assert 'class="notice note"' in told


def test_a_reviewer_sees_how_it_will_be_credited(strict_desk):
    strict_desk.tried.people("V0001", "V0002", "E0001")
    log(Visitor(strict_desk, "clerk"))
    reviewer = Visitor(strict_desk, "reviewer")
    address = reviewer.open("/station/review").split('href="/station/records/')[1].split('"')[0]

    told = reviewer.open(f"/station/records/{address}")

    assert "还没有入账" in told
    assert 'href="/station/review"' in told


# What a policy weighs of the time --------------------------------------------------------------

WEIGHED = (
    '[counting]\ntravel = { value = false, source = "志愿汇 2024" }\n'
    'meals_and_rest = { value = false, source = "志愿汇 2024" }\n' + SHORT_IS_AN_HOUR
)


def test_travel_rest_and_aim_are_asked_for_where_the_policy_weighs_them(tmp_path, visit):
    assert 'name="travel"' not in visit("clerk").open("/station")
    with bank_with(tmp_path, WEIGHED) as tried, desk_of(tried) as weighing:
        clerk = Visitor(weighing, "clerk")
        for text in ("很久", "1.5", "1441", "-5"):
            assert f"“路途时间”无法识别：{text}；请写分钟数" in log(clerk, travel=text)
        assert "合计必须少于服务的 90 分钟" in log(clerk, travel="60", rest="30")
        log(clerk, travel="40分钟", rest="5", aim="missed")
        assert balance(weighing, "V0001") == 45
        log(clerk, start="11:00", end="11:45", travel="0")
        assert balance(weighing, "V0001") == 45 + 60


def test_a_refusal_shows_where_the_form_asks_for_rest_alone(tmp_path):
    rest = '[counting]\nmeals_and_rest = { value = false, source = "志愿汇 2024" }\n'
    with bank_with(tmp_path, rest) as tried, desk_of(tried) as weighing:
        clerk = Visitor(weighing, "clerk")
        assert 'name="travel"' not in clerk.open("/station")
        assert "合计必须少于服务的 90 分钟" in log(clerk, rest="90")
