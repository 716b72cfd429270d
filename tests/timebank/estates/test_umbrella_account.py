"""The umbrella body has one account at most, which reconciliation counts."""

from pathlib import Path

from tests.support.forging import bank_with
from tests.support.integrity import seen_by
from tests.timebank.estates.test_estates import ending, settled, widow
from timebank.reconciliation.checks.account_limits import CHECK as LIMITS


def test_a_second_account_of_the_umbrella_body_is_found(tmp_path: Path) -> None:
    with bank_with(tmp_path, ending(50, 50)) as tried:
        settled(tried, widow(tried))
        for accounts in (1, 2):
            with tried.bank.read() as connection:
                found = [
                    one.facts["accounts"]
                    for one in seen_by(LIMITS, connection, tried)
                    if one.what == "title_count"
                ]
            assert found == ([accounts] if accounts > 1 else [])
            tried.behind("UPDATE account SET kind = 'umbrella' WHERE kind = 'clearing'")
