"""timebank/expiry/queries.py and explaining.py: what comes, what came of it by month, and why."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.banks import AUDITOR, OPERATOR, TriedBank
from tests.support.expiries import DUE, TWELVE_AND_THREE, announced, expired, on
from tests.support.forging import CLERK, Opened, bank_with, log
from timebank.errors import NotPermitted
from timebank.errors.expiry import UnknownExpiry
from timebank.expiry.explaining import explain_expiry, explain_expiry_of_leaf
from timebank.expiry.queries import (
    MonthOfExpiry,
    coming_expiries,
    expiries_by_month,
    expiries_listed,
    expiry_rule,
    told_of_expiries,
)
from timebank.people.directory import account_of_number
from timebank.stations.model import Actor, Role


def coming(tried: TriedBank) -> list[tuple[str, int]]:
    with tried.bank.read() as connection:
        found = coming_expiries(tried.bank, connection, tried.account("V0001"))
    return [(one.due_on.isoformat(), one.minutes) for one in found]


def test_what_comes_shrinks_with_what_is_used_or_held(opened: Opened) -> None:
    with opened(TWELVE_AND_THREE) as tried:
        log(tried)
        on(tried, "2023-05-08")
        log(tried, 2, on="2023-05-07", minutes=30)
        assert coming(tried) == []
        announced(tried)
        announced(tried, "2024-03-01")
        assert coming(tried) == [(DUE, 90), ("2024-06-01", 30)]
        giver, other = tried.account("V0001"), tried.account("V0002")
        tried.post(giver, other, 60)
        assert coming(tried) == [(DUE, 30), ("2024-06-01", 30)]
        tried.hold(giver, other, 40, expires_ms=2_000_000_000_000)
        assert coming(tried) == [("2024-06-01", 20)]


def test_by_month_every_minute_that_was_announced_is_accounted_for(opened: Opened) -> None:
    people = ("V0001", "V0002", "V0003", "V0004", "E0001")
    with opened(TWELVE_AND_THREE, people=people) as tried:
        for place, number in enumerate(people[:4], 1):
            log(tried, place, volunteers=number, at=f"{place * 2 + 6:02}:00")
        announced(tried)
        tried.post(tried.account("V0001"), tried.account("V0003"), 20)
        tried.post(tried.account("V0002"), tried.account("V0003"), 90)
        tried.behind("UPDATE message SET told_ms = NULL WHERE number = 4")
        expired(tried)
        with tried.bank.read() as connection:
            with pytest.raises(NotPermitted):
                expiries_by_month(connection, CLERK)
            (month,) = expiries_by_month(connection, AUDITOR)
        assert month == MonthOfExpiry("2024-05", 4, 360, 90, 160, 0, 0, 110)


def test_a_page_of_announcements_goes_on_behind_the_last(tmp_path: Path) -> None:
    people = ("V0001", "V0002", "E0001")
    with bank_with(tmp_path, TWELVE_AND_THREE, people=people) as tried:
        for place, number in enumerate(people[:2], 1):
            log(tried, place, volunteers=number, at=f"{place * 2 + 6:02}:00")
        announced(tried)
        with tried.bank.read() as connection:
            with pytest.raises(NotPermitted):
                expiries_listed(connection, CLERK)
            (first,) = expiries_listed(connection, OPERATOR, most=1)
            (second,) = expiries_listed(connection, OPERATOR, after=first.announcement_id)
            assert expiries_listed(connection, OPERATOR, month="2024-06") == []
            person = account_of_number(connection, "V0002")[0]
            (told,) = told_of_expiries(connection, person)
        assert (told["announcement_id"], told["minutes"]) == (second.announcement_id, 90)


def test_why_it_expired_is_answered_with_rule_value_clause_and_inputs(opened: Opened) -> None:
    with opened(TWELVE_AND_THREE) as tried:
        tried.behind("UPDATE person SET station_code = 'XFL'")
        log(tried)
        announced(tried)
        on(tried, "2024-03-05")
        log(tried, 2, on="2024-03-04", minutes=30)
        tried.hold(tried.account("V0001"), tried.account("V0002"), 20, expires_ms=2_000_000_000_000)
        expired(tried)
        with tried.bank.read() as connection:
            (row,) = expiries_listed(connection, OPERATOR)
            leaf = connection.exec_driver_sql(
                "SELECT leaf_index FROM movement WHERE kind = 'expired'"
            ).scalar_one()
            found = explain_expiry(tried.bank, connection, CLERK, row.announcement_id)
            person = account_of_number(connection, "V0001")[0]
            owner, other = (
                Actor(one, Role.MEMBER, "", person_id=one) for one in (person, "person_other")
            )
            assert explain_expiry_of_leaf(tried.bank, connection, owner, leaf) == found
            assert explain_expiry_of_leaf(tried.bank, connection, other, leaf) is None
            assert explain_expiry_of_leaf(tried.bank, connection, owner, 0) is None
            kiosk = Actor("kiosk_1", Role.KIOSK, "XFL")
            elsewhere = replace(CLERK, station_code="DHL")
            unseen = [(one, row.announcement_id) for one in (other, kiosk, elsewhere)]
            for actor, asked in (*unseen, (OPERATOR, "expy_none")):
                with pytest.raises(UnknownExpiry):
                    explain_expiry(tried.bank, connection, actor, asked)
        assert found.inputs is not None
        assert (found.inputs.posted_minutes, found.inputs.received_minutes) == (120, 30)
        assert (found.inputs.old_minutes, found.inputs.held_minutes) == (90, 20)
        assert (found.inputs.derived_minutes, found.expired_minutes, found.agrees) == (70, 70, True)
        assert "所以更早的还剩 90 分钟（2023-04 入账的 90 分钟），其中已预留 20 分钟" in found.zh
        assert (
            "credit lives for 12 months after the month of recording (本区规定第九条)" in found.en
        )
        assert any("本区规定第十条" in line for line in found.zh)


def test_an_entry_that_does_not_follow_is_called_so(tmp_path: Path) -> None:
    with bank_with(tmp_path, TWELVE_AND_THREE) as tried:
        log(tried)
        announced(tried)
        expired(tried)
        tried.behind("UPDATE expiry_announcement SET expired_minutes = 60")
        with tried.bank.read() as connection:
            (row,) = expiries_listed(connection, OPERATOR)
            found = explain_expiry(tried.bank, connection, OPERATOR, row.announcement_id)
        assert not found.agrees
        assert "注意：复算与凭证不符，请对账" in found.zh


def test_the_rule_of_today_or_none(tmp_path: Path) -> None:
    with bank_with(tmp_path, TWELVE_AND_THREE) as tried:
        rule = expiry_rule(tried.bank)
        assert rule is not None
        assert (rule.expires_after_months, rule.notice_months) == (12, 3)
        on(tried, "2019-12-31")
        assert expiry_rule(tried.bank) is None
