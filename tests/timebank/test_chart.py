"""timebank/chart.py: a chart that accountants can read and the ledger can keep."""

from pathlib import Path

import pytest

from ledger.accounts import check_limits
from timebank.chart import TITLES, Kind, Per, detail_code, title_of, titles_per

EXPLANATION = Path(__file__).parents[2] / "docs" / "explanation" / "why-double-entry.md"


def test_every_kind_has_one_line_in_the_order_of_the_codes():
    codes = [title.code for title in TITLES]

    assert {title.kind for title in TITLES} == set(Kind)
    assert codes == sorted(set(codes))
    assert all(len(code) == 4 and code.isdigit() for code in codes)


@pytest.mark.parametrize("title", TITLES, ids=lambda title: title.kind)
def test_limits_are_such_that_the_ledger_opens_the_account(title):
    assert check_limits(title.floor, title.ceiling) == (title.floor, title.ceiling)


@pytest.mark.parametrize("title", TITLES, ids=lambda title: title.kind)
def test_the_class_of_the_code_is_the_type(title):
    assert title.type_zh == {"1": "资产", "2": "负债", "3": "共同", "4": "净资产"}[title.code[0]]
    assert title.direction in ("借", "贷")
    if title.ceiling == 0:
        assert title.direction == "借"
    if title.floor == 0:
        assert title.direction == "贷"


def test_only_those_give_without_having_that_must():
    assert {title.kind for title in TITLES if title.floor is None} == {
        Kind.ISSUANCE,
        Kind.SHORTFALL,
        Kind.CLEARING,
        Kind.PARTNER_CLEARING,
        Kind.PARTNER_SETTLED,
        Kind.OPENING,
    }


def test_a_book_opens_with_the_accounts_that_it_has_once():
    assert [title.kind for title in titles_per(Per.BOOK)] == [
        Kind.ISSUANCE,
        Kind.SHORTFALL,
        Kind.POOL,
        Kind.SUSPENSE,
        Kind.REDEEMED,
        Kind.OPENING,
    ]
    assert [title.kind for title in titles_per(Per.STATION)] == [Kind.CLEARING]
    assert [title.kind for title in titles_per(Per.FUND)] == [Kind.GRANT_FUND]
    assert [title.kind for title in titles_per(Per.UMBRELLA)] == [Kind.UMBRELLA]
    assert [title.kind for title in titles_per(Per.PARTNER)] == [
        Kind.PARTNER_CLEARING,
        Kind.PARTNER_SETTLED,
    ]


def test_a_kind_is_found_by_its_word_in_the_log():
    assert title_of("member").name_zh == "成员时间"
    with pytest.raises(ValueError, match="bank"):
        title_of("bank")


@pytest.mark.parametrize(("serial", "code"), [(1, "2011000001"), (999_999, "2011999999")])
def test_an_account_below_its_title_has_a_serial(serial, code):
    assert detail_code(title_of("member"), serial) == code


@pytest.mark.parametrize("serial", [0, 1_000_000])
def test_a_serial_out_of_bounds_is_a_fault_of_the_caller(serial):
    with pytest.raises(ValueError, match="no serial"):
        detail_code(title_of("member"), serial)


def test_the_chart_stands_in_the_documentation():
    page = EXPLANATION.read_text(encoding="utf-8")

    for title in TITLES:
        assert f"| {title.code} | {title.name_zh} | `{title.kind}` |" in page
