"""timebank/expiry/giving_back.py: an operator gives back what expired, once, with a reason."""

from pathlib import Path

import pytest

from ledger.balances import balance_of
from ledger.errors import FloorExceeded
from tests.support.banks import OPERATOR, TriedBank
from tests.support.expiries import TWELVE_AND_THREE, announced, expired, on, rows
from tests.support.forging import CLERK, REVIEWER, Opened, bank_with, judged, log
from timebank.chart import Kind
from timebank.errors import MissingField, NotPermitted
from timebank.errors.expiry import ExpiryCarriedOver, NothingExpired, UnknownExpiry
from timebank.expiry.giving_back import give_back
from timebank.expiry.queries import expiries_listed
from timebank.records.actions import reverse_record
from timebank.stations.model import Actor


def the_id(tried: TriedBank) -> str:
    with tried.bank.read() as connection:
        return expiries_listed(connection, OPERATOR)[0].announcement_id


def back(tried: TriedBank, actor: Actor = OPERATOR, reason: str = "告知有误", key: int = 1) -> int:
    made = give_back(tried.bank, actor, the_id(tried), reason, key=f"give-back-{key}")
    return int(made.body["minutes"])


def posted(tried: TriedBank, account: str) -> int:
    with tried.bank.read() as connection:
        found = balance_of(connection, account)
    assert found is not None
    return found.posted


def test_what_expired_comes_back_once_and_lives_anew(opened: Opened, tmp_path: Path) -> None:
    with opened(TWELVE_AND_THREE) as tried:
        log(tried)
        announced(tried)
        with pytest.raises(NothingExpired):
            back(tried)
        expired(tried)
        with pytest.raises(NotPermitted):
            back(tried, CLERK)
        with pytest.raises(MissingField):
            back(tried, reason=" ")
        with pytest.raises(UnknownExpiry):
            give_back(tried.bank, OPERATOR, "expy_none", "告知有误", key="give-back-9")
        assert back(tried, key=2) == 90
        assert posted(tried, tried.account("V0001")) == 90
        assert rows(tried)[0][2] == "given_back"
        with pytest.raises(NothingExpired):
            back(tried, key=3)
        assert judged(tried, tmp_path).ok
        assert announced(tried, "2025-02-01") == (0, 0)
        assert announced(tried, "2025-03-01") == (1, 90)  # It came in May 2024.


def test_what_the_pool_has_given_away_stays_there(tmp_path: Path) -> None:
    with bank_with(tmp_path, TWELVE_AND_THREE) as tried:
        log(tried)
        announced(tried)
        expired(tried)
        pool = tried.bank.account_of(Kind.POOL)
        tried.post(pool, tried.bank.account_of(Kind.GRANT_FUND), 1)
        with pytest.raises(FloorExceeded):
            back(tried)
        assert posted(tried, pool) == 89


def test_what_expired_in_the_book_before_is_out_of_reach(tmp_path: Path) -> None:
    with bank_with(tmp_path, TWELVE_AND_THREE) as tried:
        log(tried)
        announced(tried)
        expired(tried)
        tried.behind("UPDATE expiry_announcement SET entry_id = 'entry_elsewhere'")
        with pytest.raises(ExpiryCarriedOver):
            back(tried)


def test_a_service_whose_credit_expired_is_reversed_once_that_is_given_back(
    tmp_path: Path,
) -> None:
    """Until then the reversal is bounded by what is there, as if the minutes had been spent."""
    with bank_with(tmp_path, TWELVE_AND_THREE) as tried:
        record = log(tried)
        announced(tried)
        expired(tried)
        on(tried, "2024-05-02")
        with pytest.raises(FloorExceeded):
            reverse_record(tried.bank, REVIEWER, record, "登记有误", key="reverse-0001")
        assert posted(tried, tried.account("V0001")) == 0
        back(tried)
        reverse_record(tried.bank, REVIEWER, record, "登记有误", key="reverse-0002")
        assert posted(tried, tried.account("V0001")) == 0
        assert judged(tried, tmp_path).ok
