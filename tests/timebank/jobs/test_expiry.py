"""timebank/jobs/expiry.py: holds past their deadline end, once, however often the job is run."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from tests.support.banks import TriedBank
from timebank.jobs import expiry
from timebank.jobs.expiry import due_holds, expire_holds, has_work

MINUTE_MS = 60_000


@pytest.fixture
def payer(bank: TriedBank) -> TriedBank:
    """A bank with a volunteer who has 300 minutes, and an elder."""
    bank.people("V0001", "E0001")
    bank.issue("V0001", 300)
    return bank


def place(tried: TriedBank, *deadlines: int) -> list[str]:
    giver, receiver = tried.account("V0001"), tried.account("E0001")
    now = tried.bank.now_ms()
    return [tried.hold(giver, receiver, 10, expires_ms=now + after) for after in deadlines]


def ends(tried: TriedBank) -> dict[str, str]:
    with tried.bank.read() as connection:
        rows = connection.execute(text("SELECT hold_id, state FROM hold_ended"))
        return {row.hold_id: row.state for row in rows}


def held(tried: TriedBank) -> int:
    with tried.bank.read() as connection:
        return int(connection.execute(text("SELECT sum(held) FROM balance")).scalar_one())


def pass_ms(tried: TriedBank, ms: int) -> None:
    tried.clock.move(timedelta(milliseconds=ms))


@pytest.mark.parametrize(
    ("passed", "due"), [(MINUTE_MS - 1, 0), (MINUTE_MS, 1), (MINUTE_MS + 1, 1)]
)
def test_a_hold_is_due_at_its_deadline(sqlite_bank: TriedBank, passed: int, due: int) -> None:
    sqlite_bank.people("V0001", "E0001")
    sqlite_bank.issue("V0001", 300)
    place(sqlite_bank, MINUTE_MS)
    pass_ms(sqlite_bank, passed)
    assert len(due_holds(sqlite_bank.bank)) == due
    assert has_work(sqlite_bank.bank, 0) is bool(due)
    assert expire_holds(sqlite_bank.bank, 1) == {"expired": due}
    assert held(sqlite_bank) == 10 * (1 - due)


def test_only_what_is_due_ends(payer: TriedBank) -> None:
    first, second, third = place(payer, MINUTE_MS, 2 * MINUTE_MS, 3 * MINUTE_MS)
    payer.settle(second, 5)
    pass_ms(payer, 2 * MINUTE_MS)
    assert expire_holds(payer.bank, 1) == {"expired": 1}
    assert ends(payer) == {first: "expired", second: "settled"}
    assert held(payer) == 10
    assert third not in ends(payer)


def test_a_repeated_run_expires_what_is_left_and_nothing_twice(
    payer: TriedBank, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first run dies after its first part: the same planned time goes on behind it."""
    monkeypatch.setattr(expiry, "HOLDS_AT_ONCE", 2)
    holds = place(payer, *[MINUTE_MS] * 5)
    pass_ms(payer, MINUTE_MS)
    assert expiry._expire(payer.bank, due_holds(payer.bank, 2), 7, 0) == 2
    assert expire_holds(payer.bank, 7) == {"expired": 3}
    assert ends(payer) == dict.fromkeys(holds, "expired")
    assert expire_holds(payer.bank, 7) == {"expired": 0}


def test_a_hold_that_ended_meanwhile_is_passed_over(payer: TriedBank) -> None:
    first, second = place(payer, MINUTE_MS, MINUTE_MS)
    pass_ms(payer, MINUTE_MS)
    looked = due_holds(payer.bank)
    assert expiry._expire(payer.bank, [first], 7, 0) == 1
    assert expiry._expire(payer.bank, looked, 8, 0) == 1
    assert ends(payer) == {first: "expired", second: "expired"}


def test_what_is_due_is_found_by_who_has_something_set_aside(payer: TriedBank) -> None:
    place(payer, MINUTE_MS)
    explain = "EXPLAIN QUERY PLAN " if payer.is_sqlite else "EXPLAIN "
    with payer.bank.read() as connection:
        if not payer.is_sqlite:  # so small a table is read whole otherwise
            connection.execute(text("SET LOCAL enable_seqscan = off"))
        rows = connection.execute(text(explain + expiry._DUE.text), {"now": 2**42, "most": 200})
        plan = "\n".join(str(row[-1]) for row in rows)
    assert "hold_by_payer" in plan
    assert "SCAN p" not in plan
