"""timebank/statements/: opening, lines and closing agree, on whichever day a line was recorded."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import text

from ledger.balances import balance_of
from ledger.errors import AccountNotFound
from tests.support.banks import OPERATOR, TriedBank
from tests.support.lived_bank import lived_bank
from timebank.chart import Kind
from timebank.errors import UnknownMember
from timebank.jobs.runner import run_now
from timebank.statements.pages import statement_page
from timebank.statements.statement import (
    account_kinds,
    account_named,
    newest_lines,
    recorded_at,
    statement,
)

DAY = date(2023, 4, 7)
MIDNIGHT = datetime(2023, 4, 6, 16, 0, tzinfo=UTC)  # of the 7th, where the stations stand
TICK = timedelta(milliseconds=1)
NEXT = timedelta(days=1)


@pytest.fixture(params=["tail", "derived"])
def lived(bank: TriedBank, request: pytest.FixtureRequest) -> TriedBank:
    """Five lines around the two midnights of one day, read from the tail or from derived lines."""
    bank.people("V0001", "E0001")
    for place, at in enumerate(
        [MIDNIGHT - TICK, MIDNIGHT, MIDNIGHT + TICK, MIDNIGHT + NEXT - TICK, MIDNIGHT + NEXT]
    ):
        bank.clock.set(at)
        bank.issue("V0001", 10**place, on="2023-04-01")
    if request.param == "derived":
        bank.clock.move(timedelta(minutes=2))
        run_now(bank.bank, OPERATOR, "derive_lines")
    return bank


@pytest.mark.parametrize(
    ("first", "last", "opening", "minutes", "closing"),
    [
        (None, None, 0, [1, 10, 100, 1_000, 10_000], 11_111),
        (None, DAY - NEXT, 0, [1], 1),
        (DAY, DAY, 1, [10, 100, 1_000], 1_111),
        (DAY + NEXT, None, 1_111, [10_000], 11_111),
        (DAY + NEXT + NEXT, DAY + NEXT + NEXT, 11_111, [], 11_111),
        (date.min + NEXT, DAY - 9 * NEXT, 0, [], 0),
        (DAY + NEXT, DAY, 1_111, [], 1_111),  # backwards: a period without a day
        (DAY + 2 * NEXT, DAY, 11_111, [], 11_111),
        (date.min, date.max, 0, [1, 10, 100, 1_000, 10_000], 11_111),
    ],
)
def test_days_begin_and_end_at_the_stations_midnight(
    lived: TriedBank,
    first: date | None,
    last: date | None,
    opening: int,
    minutes: list[int],
    closing: int,
) -> None:
    account_id = lived.account("V0001")
    with lived.bank.read() as connection:
        found = statement(connection, account_id, from_on=first, to_on=last)
        lines = list(found.lines)
    assert (found.opening, found.closing) == (opening, closing)
    assert [line.minutes for line in lines] == minutes
    balances = [opening + sum(minutes[: place + 1]) for place in range(len(minutes))]
    assert [line.balance for line in lines] == balances
    assert (found.account_id, found.account_kind, found.number) == (account_id, "member", "V0001")


@pytest.mark.parametrize(
    ("first", "last", "known"),
    [
        (date.min, date.max, (0, 90)), (None, date.min, (0, 0)), (date.max, None, (90, 90)),
        (date.max, date.min, (90, 90)), (date.min, date.min, (0, 0)),
        (date.max, date.max, (90, 90)),
    ],
)  # fmt: skip
def test_a_period_may_reach_to_the_ends_of_the_calendar(
    sqlite_bank: TriedBank, first: date | None, last: date | None, known: tuple[int, int]
) -> None:
    sqlite_bank.people("V0001")
    sqlite_bank.issue("V0001", 90)
    with sqlite_bank.bank.read() as connection:
        found = statement(connection, sqlite_bank.account("V0001"), from_on=first, to_on=last)
        assert (found.opening, found.closing) == known


def test_a_line_shows_both_dates_and_the_other_sides_kind(bank: TriedBank) -> None:
    bank.people("V0001", "E0001")
    bank.clock.set(MIDNIGHT)
    bank.issue("V0001", 90, on="2023-04-01", kind="service")
    bank.post(bank.account("V0001"), bank.account("E0001"), 30, kind="gift")
    with bank.bank.read() as connection:
        found = statement(connection, bank.account("V0001"), from_on=None, to_on=None)
        first, second = found.lines
    assert (first.effective_on, first.recorded_at) == ("2023-04-01", "2023-04-06T16:00:00.000Z")
    assert (first.other_kind, first.other_zh, first.kind_zh) == (
        "issuance", "时间发行", "志愿服务入账",
    )  # fmt: skip
    assert (second.other_kind, second.minutes, second.balance) == ("member", -30, 60)
    assert (second.kind_zh, second.number) == ("赠与", first.number + 1)


def test_what_is_held_is_told_beside_the_balance(bank: TriedBank) -> None:
    bank.people("V0001", "E0001")
    bank.issue("V0001", 90)
    bank.hold(bank.account("V0001"), bank.account("E0001"), 25, expires_ms=2**42)
    with bank.bank.read() as connection:
        found = statement(connection, bank.account("V0001"), from_on=None, to_on=None)
    assert (found.closing, found.held) == (90, 25)


def test_an_account_of_the_book_has_no_number(bank: TriedBank) -> None:
    bank.people("V0001")
    bank.issue("V0001", 90)
    with bank.bank.read() as connection:
        issuance = bank.bank.account_of(Kind.ISSUANCE)
        found = statement(connection, issuance, from_on=None, to_on=None)
        assert (found.number, found.account_kind, found.closing) == ("", "issuance", -90)
        assert [line.other_kind for line in found.lines] == ["member"]
        assert "member" not in account_kinds(connection).values()


@pytest.mark.parametrize("most", [1, 4, 5, 6])
def test_the_newest_lines_come_first_with_what_stood_after_each(
    lived: TriedBank, most: int
) -> None:
    with lived.bank.read() as connection:
        lines = newest_lines(connection, lived.account("V0001"), most)
        every = list(statement(connection, lived.account("V0001"), from_on=None, to_on=None).lines)
        assert lines == every[::-1][:most]
        last = lines[-1]
        older = newest_lines(
            connection, lived.account("V0001"), most, before=(last.leaf_index, last.place)
        )
    assert older == every[::-1][most : 2 * most]


def test_every_kind_of_line_names_its_entry(tmp_path: Path) -> None:
    """As the book itself has them: services, settlements, reversals, openings and adjustments."""
    asked = text("SELECT entry_id, leaf_index FROM entry")
    with lived_bank(tmp_path) as tried, tried.bank.read() as connection:
        known = {row.leaf_index: row.entry_id for row in connection.execute(asked)}
        seen = set()
        for (account,) in connection.execute(text("SELECT account_id FROM account")).all():
            for line in statement(connection, account, from_on=None, to_on=None).lines:
                assert line.entry_id == known[line.leaf_index]
                seen.add(line.leaf_index)
    assert seen == known.keys()


@pytest.mark.parametrize("most", [1, 2, 3, 4])
def test_pages_put_together_are_the_statement(lived: TriedBank, most: int) -> None:
    account_id, after, pages = lived.account("V0001"), None, []
    with lived.bank.read() as connection:
        whole = statement(connection, account_id, from_on=DAY, to_on=DAY)
        lines = list(whole.lines)
        while not pages or after is not None:
            page = statement_page(
                connection, account_id, from_on=DAY, to_on=DAY, after=after, most=most
            )
            pages.append(page)
            after = page.next
    assert [line for page in pages for line in page.lines] == lines
    assert pages[0].opening == whole.opening
    for before, page in pairwise(pages):
        assert page.opening == before.lines[-1].balance
    assert len(pages) == -(-len(lines) // most)


def test_an_account_without_lines(bank: TriedBank) -> None:
    bank.people("V0001")
    with bank.bank.read() as connection:
        found = statement(connection, bank.account("V0001"), from_on=None, to_on=None)
        assert (found.opening, found.closing, list(found.lines)) == (0, 0, [])
        assert newest_lines(connection, bank.account("V0001"), 5) == []


@pytest.mark.parametrize("account_id", ["acct_none", "", "V0001", "acct_" + "x" * 200])
def test_an_unknown_account_has_no_statement(bank: TriedBank, account_id: str) -> None:
    bank.people("V0001")
    with bank.bank.read() as connection:
        for ask in (
            lambda: statement(connection, account_id, from_on=None, to_on=None),
            lambda: newest_lines(connection, account_id, 5),
            lambda: statement_page(
                connection, account_id, from_on=None, to_on=None, after=None, most=5
            ),
        ):
            with pytest.raises(AccountNotFound) as refused:
                ask()
            assert refused.value.facts == {"account": account_id[:80]}


def test_an_account_is_named_by_id_or_number(bank: TriedBank) -> None:
    bank.people("V0001")
    account_id = bank.account("V0001")
    with bank.bank.read() as connection:
        assert account_named(connection, account_id) == account_id
        assert account_named(connection, " v0001 ") == account_id
        assert balance_of(connection, account_id) is not None
        with pytest.raises(AccountNotFound):
            account_named(connection, "acct_none")
        with pytest.raises(UnknownMember):
            account_named(connection, "V0009")


@pytest.mark.parametrize(
    ("ms", "shown"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (1_680_796_799_999, "2023-04-06T15:59:59.999Z"),
        (1_680_796_800_000, "2023-04-06T16:00:00.000Z"),
    ],
)
def test_a_moment_is_shown_with_its_milliseconds(ms: int, shown: str) -> None:
    assert recorded_at(ms) == shown
