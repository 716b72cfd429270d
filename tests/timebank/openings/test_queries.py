"""timebank/openings/queries.py and the statement: the source page is named, under masks."""

from typing import Any

import pytest

from tests.support.banks import AUDITOR, OPERATOR
from tests.support.openings import CLERK, PAGE, REVIEWER, Scheme
from timebank.errors import NotPermitted, UnknownBatch
from timebank.openings.queries import (
    Before,
    list_of,
    lists_listed,
    openings_listed,
    own_openings,
    pages_of_account,
)
from timebank.people.exporting import export_person
from timebank.people.forgetting import forget
from timebank.statements.spreadsheet import as_csv, as_words
from timebank.statements.statement import newest_lines, statement
from timebank.stations.model import Actor, Role

ELSEWHERE = Actor("staff_elsewhere", Role.CLERK, "YHL")
KIOSK = Actor("kiosk", Role.KIOSK, "XFL")


def statement_of(scheme: Scheme, number: str) -> list[Any]:
    account = scheme.tried.account(number)
    with scheme.tried.bank.read() as connection:
        pages = pages_of_account(scheme.tried.bank, connection, account)
        found = statement(connection, account, from_on=None, to_on=None, pages=pages)
        assert newest_lines(connection, account, 5, pages)[-1].page == pages[min(pages)]
        return list(found.lines)


def test_the_line_of_a_statement_names_the_page(scheme: Scheme) -> None:
    scheme.posted()
    scheme.tried.issue("V0001", 5)
    first, second = statement_of(scheme, "V0001")
    assert (first.kind, first.kind_zh, first.page) == ("opening_balance", "期初余额入账", PAGE)
    assert (first.effective_on, first.minutes, first.other_kind) == ("2022-12-31", 150, "opening")
    assert second.page == ""


def test_a_file_has_the_page_and_no_formula(scheme: Scheme) -> None:
    handed = scheme.hand_in([("V0001", "", '=HYPERLINK("http://x")', "1", "2022-12-31")])
    scheme.confirm("V0001")
    scheme.approve(handed.batch_id)
    account = scheme.tried.account("V0001")
    with scheme.tried.bank.read() as connection:
        pages = pages_of_account(scheme.tried.bank, connection, account)
        found = statement(connection, account, from_on=None, to_on=None, pages=pages)
        text = b"".join(as_csv(found)).decode("utf-8-sig")
    assert text.splitlines()[2].split(",", 8)[8].startswith("\"'=HYPERLINK")
    assert [as_words(one) for one in ("", "第1页", "-1", "＋1")] == ["", "第1页", "'-1", "'＋1"]


def test_the_page_of_somebody_forgotten_is_read_by_nobody(scheme: Scheme) -> None:
    batch_id = scheme.hand_in().batch_id
    forget(scheme.tried.bank, OPERATOR, "V0001", key="forget-0001")
    with scheme.tried.bank.read() as connection:
        first, second = openings_listed(scheme.tried.bank, connection, CLERK, batch_id)
        assert pages_of_account(scheme.tried.bank, connection, first.opening_id) == {}
    assert (first.page, first.number, first.name) == ("", "", "停止使用")
    assert (second.page, second.number, second.name) == ("台账第3页", "V0002", "李＊＊")


def test_lists_and_their_rows(scheme: Scheme) -> None:
    bank, first = scheme.tried.bank, scheme.posted("V0001")
    scheme.hand_in([("V0003", "", "9", "1", "2022-12-31")])
    with bank.read() as connection:
        lists = lists_listed(connection, CLERK)
        assert len(lists) == 2
        found = list_of(connection, AUDITOR, first)
        rows = openings_listed(bank, connection, REVIEWER, first, most=1)
        rest = openings_listed(bank, connection, REVIEWER, first, after=rows[0].place)
        waiting = openings_listed(bank, connection, REVIEWER, first, state="awaiting_holder")
        assert lists_listed(connection, ELSEWHERE) == []
        assert lists_listed(connection, OPERATOR, station_code="XFL", before=Before(0, "")) == []
    assert (found.rows, found.posted, found.awaiting_holder, found.refused) == (2, 1, 1, 0)
    assert (found.minutes, found.posted_minutes) == (240, 150)
    assert (rows[0].name, rows[0].state, rows[0].credited_minutes) == ("王＊＊", "posted", 150)
    assert [one.place for one in rest] == [one.place for one in waiting] == [2]


def test_who_reads_lists(scheme: Scheme) -> None:
    batch_id = scheme.hand_in().batch_id
    with scheme.tried.bank.read() as connection:
        for actor in (ELSEWHERE, KIOSK):
            with pytest.raises(NotPermitted):
                list_of(connection, actor, batch_id)
        with pytest.raises(NotPermitted):
            lists_listed(connection, ELSEWHERE, station_code="XFL")
        with pytest.raises(UnknownBatch):
            list_of(connection, CLERK, "opnl_none")
        with pytest.raises(NotPermitted):
            own_openings(scheme.tried.bank, connection, CLERK)


def test_a_member_sees_their_own_rows_and_takes_a_copy(scheme: Scheme) -> None:
    scheme.hand_in()
    first = scheme.rows()[0]
    member = Actor(str(first.person_id), Role.MEMBER, "", str(first.person_id))
    with scheme.tried.bank.read() as connection:
        own = own_openings(scheme.tried.bank, connection, member)
    assert [(one.opening_id, one.page) for one in own] == [(first.opening_id, PAGE)]
    (told,) = export_person(scheme.tried.bank, OPERATOR, "V0001")["openings"]
    assert (told["page"], told["minutes"], told["state"]) == (PAGE, 150, "awaiting_holder")
    assert len(told["salt"]) == 32
