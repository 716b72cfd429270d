"""api/pages/registers.py: upload, rehearsal, the sheet's own total beside ours, the error sheet."""

import io
from pathlib import Path

import openpyxl
import pytest

import timebank.demo
from ledger.book import read_head
from tests.support.banks import OPERATOR
from tests.support.visitors import Visitor
from timebank.people.forgetting import forget
from timebank.people.roster import register_members

LANE = Path(timebank.demo.__file__).parent / "happiness_lane"
REGISTER, MEMBERS = LANE / "register.xlsx", LANE / "members.csv"


def upload(visitor, *, rehearse=False, members=False, file=REGISTER, **fields):
    visitor.open("/station/register")
    form = visitor.form("/station/register")
    form.fields.pop("rehearse")
    files = {"file": (file.name, file.read_bytes())}
    if members:
        files["members"] = (MEMBERS.name, MEMBERS.read_bytes())
    return visitor.send(form, files=files, **({"rehearse": "yes"} if rehearse else {}), **fields)


@pytest.fixture
def clerk(desk):
    return Visitor(desk, "clerk")


def test_a_register_with_its_members_is_posted_and_its_refusals_are_shown(desk, clerk):
    page = upload(clerk, members=True)

    assert clerk.status == 200
    assert "接受的行已经入账" in page
    assert ">160 行<" in page
    assert ">13 行<" in page
    assert page.count('<th scope="row"') == 13
    assert "257小时" in page
    assert "第119行" in page
    assert "无名氏" in page


def test_a_rehearsal_writes_nothing(desk, clerk):
    before = read_head(desk.tried.bank.database).size

    page = upload(clerk, rehearse=True, members=True)

    assert "什么也没有写入" in page
    assert ">160 行<" in page
    assert read_head(desk.tried.bank.database).size == before


@pytest.mark.parametrize("rehearse", [True, False])
def test_one_who_asked_to_be_forgotten_stops_no_list(desk, clerk, rehearse):
    """Their row of the members file is shown, the register is imported without them."""
    register_members(desk.tried.bank, OPERATOR, MEMBERS, key="members-1")
    forget(desk.tried.bank, OPERATOR, "V0001", key="forget-1")

    page = upload(clerk, rehearse=rehearse, members=True)

    assert clerk.status == 200
    members = page.split("人员名单里没有登记的行")[1]
    assert members.count('<th scope="row"') == 1
    assert "“V0001”已申请注销" in members
    assert "韩杰浩" not in members
    assert "13 行" not in page.split("未通过的行")[0], "the services of V0001 are refused besides"


def test_the_same_form_sent_twice_imports_once(desk, clerk):
    register_members(desk.tried.bank, OPERATOR, MEMBERS, key="members-1")
    clerk.open("/station/register")
    form = clerk.form("/station/register")
    form.fields.pop("rehearse")
    files = {"file": (REGISTER.name, REGISTER.read_bytes())}
    clerk.send(form, files=files)
    size, url = read_head(desk.tried.bank.database).size, clerk.url

    clerk.send(form, files=files)

    assert clerk.url == url
    assert read_head(desk.tried.bank.database).size == size


def test_the_same_register_again_posts_nothing_and_says_so(desk, clerk):
    upload(clerk, members=True)

    page = upload(clerk)

    assert "没有新的行" in page
    assert "先前已入账" in page


@pytest.mark.parametrize("rehearse", [True, False])
def test_the_error_sheet_has_the_refused_rows(desk, clerk, rehearse):
    upload(clerk, members=True, rehearse=rehearse)

    answer = clerk.client.get(clerk.url + "/sheet")

    assert "attachment" in answer.headers["content-disposition"]
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    codes = {cell.value for row in sheet.iter_rows() for cell in row}
    assert {"unknown_member", "overlapping_service", "in_the_future"} <= codes


def test_what_the_book_keeps_is_shown_when_the_shelf_is_empty(desk, clerk):
    upload(clerk, members=True)
    url = clerk.url
    del desk.app.state.shelf

    page = clerk.open(url)

    assert ">160 行<" in page
    assert page.count('<th scope="row"') == 13
    assert clerk.client.get(url + "/sheet").status_code == 200


def test_a_rehearsal_is_for_the_one_who_made_it(desk, clerk):
    upload(clerk, rehearse=True, members=True)
    other = Visitor(desk, "operator")
    other.open(clerk.url)
    assert other.status == 404
    assert other.client.get(clerk.url + "/sheet").status_code == 404


def test_no_file_is_said_beside_the_field(clerk):
    clerk.open("/station/register")
    page = clerk.send(clerk.form("/station/register"))
    assert clerk.status == 422
    assert "请选择台账文件" in page.split('id="file-wrong"')[1]


@pytest.fixture
def trying(shared_desk):
    """A clerk at the module's own desk, whose uploads are refused or only rehearsed."""
    return Visitor(shared_desk, "clerk")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04broken", b"\x00\x01\x02", b"a,b\n1,2\n"])
def test_what_is_no_register_is_refused_in_words(tmp_path, trying, content):
    path = tmp_path / "x.xlsx"
    path.write_bytes(content)

    page = upload(trying, file=path)

    assert 400 <= trying.status < 500
    assert 'id="file-wrong"' in page


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "..", "a\x00b.xlsx", "x" * 300 + ".xlsx", ".xlsx", "C:\\台账.xlsx"],
)
def test_a_file_name_is_only_a_name(trying, name):
    trying.open("/station/register")
    files = {"file": (name, REGISTER.read_bytes())}
    page = trying.send(trying.form("/station/register"), files=files)
    assert trying.status == 200
    assert "什么也没有写入" in page


def test_a_file_that_is_too_large_is_refused_in_words(desk, clerk, tmp_path):
    path = tmp_path / "big.csv"
    path.write_bytes(b"x" * (desk.tried.bank.settings.upload_max_bytes + 1))

    page = upload(clerk, file=path)

    assert clerk.status == 413
    assert "文件太大，最多 20 MB" in page


def test_a_whole_register_is_approved_by_another_person(strict_desk):
    clerk = Visitor(strict_desk, "clerk")
    assert "等待另一人复核" in upload(clerk, members=True)
    reviewer = Visitor(strict_desk, "reviewer")
    page = reviewer.open("/station/review")
    assert "160 行，257小时" in page

    batch = reviewer.form("/station/batches/")
    assert "共 160 条" in reviewer.open(f"/station/review?batch={batch.action.rsplit('/', 1)[1]}")
    page = reviewer.send(batch)

    assert "已整批通过并入账，257小时" in page
    assert "没有待复核的记录" in page
