"""timebank/stations/staff.py: who signs in, by page, for the operator alone."""

import pytest

from tests.support.banks import AUDITOR, OPERATOR, new_bank
from timebank.errors import NotPermitted
from timebank.stations.staff import staff_listed


def test_staff_are_listed_by_login_in_pages(tmp_path):
    with new_bank(tmp_path) as tried, tried.bank.read() as connection:
        first = staff_listed(connection, OPERATOR, most=3)
        rest = staff_listed(connection, OPERATOR, after=first[-1].login)
        with pytest.raises(NotPermitted):
            staff_listed(connection, AUDITOR)

    logins = [one.login for one in first + rest]
    assert logins == sorted(one.login for one in tried.founded.logins)
    assert all(one.is_active and one.locked_until_ms == 0 for one in first + rest)
    assert not any("argon2" in repr(one) for one in first + rest)
