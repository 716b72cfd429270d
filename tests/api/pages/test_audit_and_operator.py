"""api/pages/audit.py and operator.py: statements, files, findings, history; who may see them."""

import json
import re
from pathlib import Path

import pytest

import timebank.reconciliation.checks
from api.pages.catalogue import entries
from tests.support.banks import OPERATOR
from tests.support.call_backs import caller
from tests.support.clients import Desk, record
from tests.support.visitors import Visitor
from timebank.jobs.registry import JOBS
from timebank.jobs.runner import run_now
from timebank.reconciliation.findings import Seen, findings, note
from timebank.reconciliation.model import Difference, Severity, State
from timebank.stations.model import Role

NASTY = "<img src=x onerror=alert(1)>"


@pytest.fixture
def auditor(desk):
    desk.tried.people("V0001")
    desk.tried.issue("V0001", 90, on="2023-04-05")
    desk.tried.issue("V0001", 60)
    return Visitor(desk, "auditor")


def ask(auditor, **fields):
    auditor.open("/audit")
    form = auditor.form("/audit/statement").fields
    answer = auditor.client.get("/audit/statement", params=form | fields)
    auditor.html, auditor.status = answer.text, answer.status_code
    return answer.text


def test_a_statement_opens_adds_up_and_closes(auditor):
    page = ask(auditor, account="v0001", **{"from": "2023-04-06", "until": "4月6日"})

    rows = page.split("<tbody>")[1].split("<tr>")
    assert ">0</td>" in rows[1]
    assert ">90</td>" in rows[2]
    assert ">150</td>" in rows[3]
    assert page.count("2小时30分钟") == 2
    assert "2023-04-06 至 2023-04-06" in page


def test_an_account_id_does_as_well(desk, auditor):
    assert "2小时30分钟" in ask(auditor, account=desk.tried.account("V0001"))


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        ({"account": ""}, "account", "没有这个编号或账户"),
        ({"account": "V9999"}, "account", "没有这个编号或账户"),
        ({"account": "acct_none"}, "account", "没有这个编号或账户"),
        ({"account": NASTY}, "account", "没有这个编号或账户"),
        ({"account": "V0001", "from": "昨天"}, "from", "请写成"),
        ({"account": "V0001", "until": "2023-02-30"}, "until", "请写成"),
        (
            {"account": "V0001", "from": "2023-04-06", "until": "2023-04-05"},
            "until",
            "不能早于",
        ),
    ],
)
def test_a_wrong_question_is_answered_beside_its_field(auditor, fields, field, said):
    page = ask(auditor, **fields)
    assert auditor.status == 422
    assert said in page.split(f'id="{field}-wrong"')[1].split("</p>")[0]
    assert "<img" not in page


def test_the_file_has_the_same_statement(auditor):
    answer = auditor.client.get("/audit/statement.csv?account=V0001")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    assert answer.content.decode("utf-8-sig").splitlines()[-1].endswith(",150,,0")
    assert auditor.client.get("/audit/statement.csv?account=none").status_code == 422


def test_the_checkpoint_is_that_of_the_whole_log(desk, auditor):
    page = auditor.open("/audit")
    key = str(desk.tried.bank.log_key.vkey)
    assert key.replace("+", "&#43;") in page or key in page
    assert "timebank.example/test" in page


def test_the_export_is_where_the_page_says(auditor):
    page = auditor.open("/audit")
    for path in ("/api/v1/exports/bundle.zip", "/api/v1/exports/journal.csv"):
        assert f'href="{path}"' in page
        assert auditor.client.get(path).status_code == 200


@pytest.fixture
def found(desk):
    seen = Seen(Severity.ALARM, complete=True)
    seen.add(Difference("account acct_1", "below_floor", {"posted": -5, "floor": 0}))
    note(desk.tried.bank, {"account_limits": seen}, "reconcile")
    with desk.tried.bank.read() as connection:
        return findings(connection)[0].finding_id


def state_of(desk, finding_id):
    with desk.tried.bank.read() as connection:
        every = findings(connection, states=tuple(State))
    return next(one.state for one in every if one.finding_id == finding_id)


def test_an_auditor_reads_findings_and_changes_none(desk, auditor, found):
    page = auditor.open("/audit/findings")
    assert "acct_1" in page
    assert "警报" in page
    assert "/operator/findings" not in page
    form = auditor.form("/audit/sign-out")
    form.action = f"/operator/findings/{found}"
    auditor.send(form, state="closed", comment="x")
    assert auditor.status == 403
    assert state_of(desk, found) is State.OPEN


@pytest.mark.parametrize(("state", "said"), [("closed", "问题已关闭"), ("explained", "说明已保存")])
def test_an_operator_closes_or_explains_a_finding_with_a_comment(desk, found, state, said):
    operator = Visitor(desk, "operator")
    operator.open("/operator")

    page = operator.send(operator.form("/operator/findings"), state=state, comment=" ")
    assert operator.status == 422
    assert "请写明原因" in page
    assert state_of(desk, found) is State.OPEN

    page = operator.send(operator.form("/operator/findings"), state=state, comment=NASTY)
    assert said in page
    assert "<img" not in page
    assert state_of(desk, found) is State(state)


def test_a_finding_speaks_in_words_and_names_offices(desk, auditor, found):
    operator = Visitor(desk, "operator")
    operator.open("/operator")
    operator.send(operator.form("/operator/findings"), state="explained", comment="已核对: 无误")

    page = auditor.open("/audit/findings")

    assert "没有通过的检查：" in page
    assert '<p class="code">账户 acct_1</p>' in page
    assert re.search(r"2023-04-06 09:0\d 区运营：已核对: 无误<", page)
    assert "staff_" not in page


def test_every_kind_of_subject_has_a_word():
    """As checks write them; a subject of one word is a name of its own."""
    folder = Path(timebank.reconciliation.checks.__file__).parent
    texts = [path.read_text("utf-8") for path in sorted(folder.glob("*.py"))]
    kinds = {kind for text in texts for kind in re.findall(r'Difference\(f?"([a-z]+) ', text)}
    kinds |= {kind for text in texts for kind in re.findall(r'subject = f"([a-z]+) ', text)}
    assert len(kinds) > 10
    assert {f"subject.{kind}" for kind in kinds} <= set(entries())


def test_a_finding_that_is_not_there_is_said(desk):
    operator = Visitor(desk, "operator")
    operator.open("/operator")
    form = operator.form("/operator/sign-out")
    form.action = "/operator/findings/finding_none"
    page = operator.send(form, state="closed", comment="x")
    assert operator.status == 404
    assert "没有此差异记录" in page


def test_stations_and_staff_are_listed_without_secrets(desk):
    page = Visitor(desk, "operator").open("/operator/stations")
    assert "幸福里" in page
    assert "reviewer-XFL" in page
    assert "argon2" not in page


def hire(operator, **typed):
    operator.open("/operator/stations")
    form = operator.form("/operator/staff")
    return form, operator.send(form, **{"station": "XFL", "role": "clerk"} | typed)


def test_an_operator_hires_and_sees_the_password_once(desk):
    operator = Visitor(desk, "operator")

    form, page = hire(operator, login="wang", title="登记员")

    password = page.split('id="first-password">')[1].split("<")[0]
    assert operator.status == 201
    assert ">wang</th>" in page
    signed_in = desk.client().post("/api/v1/sessions", json={"login": "wang", "password": password})
    assert signed_in.status_code == 201
    again = operator.send(form, station="XFL", role="clerk", login="wang", title="登记员")
    assert operator.status == 201
    assert password not in again
    assert "口令只显示一次" in again
    assert password not in operator.open("/operator/stations")


@pytest.mark.parametrize(
    ("typed", "status", "field", "said"),
    [
        ({"login": ""}, 422, "login", "“登录名”没有填写"),
        ({"login": "clerk-XFL"}, 409, "login", "已被使用"),
        ({"login": "wang", "station": "NONE"}, 404, "station", "没有代码为 NONE 的站点"),
        ({"login": "wang", "station": ""}, 422, "station", "请写明站点代码"),
        ({"login": "wang", "role": "operator"}, 422, "role", "“身份”没有填写"),
    ],
)
def test_a_refused_hiring_stands_beside_its_field(desk, typed, status, field, said):
    operator = Visitor(desk, "operator")

    _form, page = hire(operator, title=NASTY, **typed)

    assert operator.status == status
    assert said in page.split(f'id="{field}-wrong"')[1].split("</p>")[0]
    assert "<img" not in page
    assert "first-password" not in page


def test_only_an_operator_hires(desk):
    auditor = Visitor(desk, "auditor")
    auditor.open("/audit")
    form = auditor.form("/audit/sign-out")
    form.action = "/operator/staff"
    auditor.send(form, login="wang", station="XFL", role="clerk", title="")
    assert auditor.status == 403


def test_jobs_show_what_they_did(desk):
    operator = Visitor(desk, "operator")
    assert "还没有运行过任务" in operator.open("/operator/jobs")
    told = {
        key
        for job in JOBS
        for key in json.loads(run_now(desk.tried.bank, OPERATOR, job.name).detail)
    }
    assert {f"job_fact.{key}" for key in told} <= set(entries())

    page = operator.open("/operator/jobs")

    assert page.count('class="tag good"') == len(JOBS)
    assert re.search(r"检查 \d+，关闭 0，新发现 0，再次出现 0<", page)
    assert "{" not in page


@pytest.mark.parametrize(
    ("role", "door", "status"),
    [
        ("clerk", "audit", 403),
        ("reviewer", "audit", 403),
        ("member", "audit", 403),
        ("kiosk", "audit", 403),
        ("operator", "audit", 200),
        ("auditor", "operator", 403),
        ("clerk", "operator", 403),
        ("member", "operator", 403),
        ("operator", "operator", 200),
    ],
)
def test_each_door_lets_in_whom_it_should(shared_desk, role, door, status):
    visitor = Visitor(shared_desk, role)
    for path in {"audit": ("", "/findings"), "operator": ("", "/jobs", "/stations")}[door]:
        visitor.open(f"/{door}{path}")
        assert visitor.status == status


@pytest.mark.parametrize("door", ["station", "audit", "operator"])
def test_signing_in_and_out(shared_desk, door):
    visitor = Visitor(shared_desk)
    visitor.open(f"/{door}")
    form = visitor.form(f"/{door}/sign-in")
    page = visitor.send(form, login="operator", password="wrong")
    assert visitor.status == 401
    assert "登录名与口令不符" in page
    assert visitor.form(f"/{door}/sign-in").fields["login"] == "operator"

    visitor.send(form, login="operator", password=shared_desk.password("operator"))
    assert visitor.url.endswith(f"/{door}")
    token = visitor.client.cookies["timebank_session"]
    page = visitor.send(visitor.form(f"/{door}/sign-out"))
    assert "您已退出" in page
    assert shared_desk.sessions.actor_of(token) is None


def test_there_is_no_other_door(shared_desk):
    assert shared_desk.client().post("/elsewhere/sign-in", data={}).status_code == 404


def test_a_line_of_a_service_leads_to_how_it_was_reckoned(desk, auditor):
    desk.tried.people("E0001")
    desk.client("clerk").post("/api/v1/records", json=record(), headers=desk.key())
    desk.tried.issue("V0001", 5, kind="service")  # of no record

    page = ask(auditor, account="V0001")

    found = page.split('href="/audit/explanation?leaf=')[1:]
    links = [part.split('"')[0].replace("&amp;", "&") for part in found]
    assert [link.split("&", 1)[1] for link in links] == ["account=V0001"] * 2
    told = auditor.open(f"/audit/explanation?leaf={links[0]}")
    assert 'href="/audit/statement?account=V0001"' in told
    assert "服务 60 分钟，入账 60 分钟" in told
    assert desk.tried.policy in told
    for nothing in (links[1], 0, 10**9, "x"):
        auditor.open(f"/audit/explanation?leaf={nothing}")
        assert auditor.status == 404


def test_findings_name_staff_by_their_office(desk: Desk) -> None:
    clerk = caller(desk.tried, Role.CLERK).actor_id
    reviewer = caller(desk.tried, Role.REVIEWER).actor_id
    facts = {"by": clerk, "records": 5, "seconds": 3, "least": 20}
    seen = Seen(Severity.WARNING, complete=True, lasting=True)
    seen.add(Difference(f"handler {reviewer} 2023-04-06", "reviewed_at_once", facts))
    seen.add(Difference("handler staff_gone 2023-04-06", "reviewed_at_once", facts))
    note(desk.tried.bank, {"speed": seen}, "reconcile")
    page = Visitor(desk, "auditor").open("/audit/findings")
    assert f"经办人 复核员 {reviewer} 2023-04-06" in page
    assert f"登记员 {clerk} 登记的 5 条" in page
    assert "经办人 staff_gone 2023-04-06" in page
