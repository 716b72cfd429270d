"""api/pages/receipts.py: words in Chinese first, the whole text as a QR code, or its address."""

import re

import pytest

from api.pages.receipts import qr_of
from ledger.journal import JournalEntry, Movement
from tests.api.pages.test_station import log
from tests.support.banks import OPERATOR
from tests.support.log_builder import little_log
from tests.support.qr import read_svg
from tests.support.receipts import SECOND_KEY, WITNESS, receipt_of
from timebank.audit.receipt_cli import judge
from timebank.chart import Kind

MOST_BYTES = 2_953
"""What a QR code of version 40 holds in byte mode at level L (ISO/IEC 18004, table 7)."""


def links(page):
    return re.findall(r'href="/station/receipts/(entry_[0-9a-f]+)"', page)


def open_receipt(visitor, entry):
    return visitor.open(f"/station/receipts/{entry}")


@pytest.fixture
def logged(visit):
    """A clerk who has logged a service, and its entry."""
    clerk = visit("clerk")
    return clerk, links(log(clerk))[0]


def test_a_logged_service_leads_to_its_receipt(logged):
    clerk, entry = logged

    page = open_receipt(clerk, entry)

    assert (clerk.status, "入账回执" in page) == (200, True)
    for said in ("第 1 号", "志愿服务入账", "90 分钟（1小时30分钟）", "2023-04-05", entry):
        assert said in page
    assert f'href="/api/v1/entries/{entry}/receipt"' in page
    assert "＊" not in page  # Nobody's name, not even masked.


def test_each_volunteer_has_a_link_of_their_own(visit):
    page = log(visit("clerk"), volunteer="V0001、V0002")

    assert len(set(links(page))) == 2
    assert "第 1 号记录，第 2 位志愿者" in page


def test_the_qr_code_is_a_receipt_that_verifies(desk, logged):
    clerk, entry = logged
    (svg,) = re.findall(r"<svg.*?</svg>", open_receipt(clerk, entry), re.DOTALL)

    text = read_svg(svg)

    _receipt, leaf, _proven = judge(text, desk.tried.bank.log_key.vkey, [])
    assert leaf.identifier == entry
    assert "style" not in svg


def test_the_other_language_says_the_same(logged):
    clerk, entry = logged
    clerk.open(f"/language/en?back=/station/receipts/{entry}")

    for said in ("Receipt of an entry", "90 min (1 hour 30 minutes)", "Effective on"):
        assert said in clerk.html


@pytest.mark.parametrize("length", [1, 1_500, MOST_BYTES - 1, MOST_BYTES])
def test_what_fits_is_read_back(length):
    text = bytes(one % 256 for one in range(length))

    assert read_svg(str(qr_of(text))) == text


def test_one_byte_more_does_not_fit():
    assert qr_of(bytes(MOST_BYTES + 1)) is None


def test_the_long_lines_never_reach_the_paper():
    receipt = receipt_of(little_log(), 10, SECOND_KEY, WITNESS)

    assert qr_of(str(receipt).encode()) is None
    assert qr_of(str(receipt.for_paper()).encode()) is not None


def test_what_does_not_fit_is_said_with_the_address(desk, visit):
    clerk, tried = visit("clerk"), desk.tried
    issuance = tried.bank.account_of(Kind.ISSUANCE)
    entry = JournalEntry(
        "grant", (Movement(issuance, tried.account("V0001"), 5),), "2023-04-05", tried.policy
    )

    def decide(draft):
        return {"entry": draft.post(entry, {"do": "grant", "why": "x" * 2_000})}

    action = tried.bank.action(OPERATOR, "grant", decide, key="grant-1-long", content={})
    posted = tried.bank.act(action).body["entry"]

    page = open_receipt(clerk, posted)

    assert "<svg" not in page
    assert "二维码放不下" in page
    assert f"http://testserver/api/v1/entries/{posted}/receipt" in page


@pytest.mark.parametrize("role", ["auditor", "kiosk"])
def test_the_page_is_the_stations(visit, logged, role):
    stranger = visit(role)

    open_receipt(stranger, logged[1])

    assert stranger.status == 403


def test_an_unknown_entry_is_a_page(visit):
    clerk = visit("clerk")

    page = open_receipt(clerk, "entry_none")

    assert (clerk.status, "凭证不存在" in page) == (404, True)
