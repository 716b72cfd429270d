"""A volunteer joins a record that awaits review: everybody is credited once, by the approval."""

from datetime import timedelta

import pytest

from ledger.balances import balance_of
from tests.support.banks import OPERATOR, new_bank
from tests.support.profiles import FOUR_EYES, HEAD
from timebank.records.importing import import_register
from timebank.records.queries import records_listed
from timebank.records.review import review_record
from timebank.stations.model import Role

HEADER = "服务日期,开始时间,结束时间,志愿者姓名,服务对象,服务内容,服务时长\n"
ROW = "2023-04-03,09:00,10:30,{},E0001,助餐,1.5\n"


@pytest.fixture
def joined(tmp_path):
    """Four eyes until the sixth of April; the second import comes under a policy without."""
    folder = tmp_path / "policies"
    folder.mkdir()
    first = HEAD.replace("rules = 1", "in_force_until = 2023-04-06\nrules = 1") + FOUR_EYES
    second = HEAD.replace("test-1", "test-2").replace("2020-01-01", "2023-04-07")
    folder.joinpath("test-1.toml").write_text(first)
    folder.joinpath("test-2.toml").write_text(second)
    with new_bank(tmp_path, policies=("test-1", "test-2"), policy_folder=folder) as tried:
        tried.people("V0001", "V0002", "E0001")
        for number in ("V0001", "V0002"):
            file = tmp_path / f"{number}.csv"
            file.write_text(HEADER + ROW.format(number))
            clerk = tried.actor(Role.CLERK)
            import_register(tried.bank, clerk, "XFL", file, key=f"import-{number}")
            tried.clock.move(timedelta(days=2))
        yield tried


def posted(tried) -> list[int]:
    with tried.bank.read() as connection:
        return [balance_of(connection, tried.account(name)).posted for name in ("V0001", "V0002")]


@pytest.mark.parametrize(("approve", "minutes"), [(True, 90), (False, 0)])
def test_whoever_joins_waits_with_the_record(joined, approve, minutes):
    with joined.bank.read() as connection:
        (record,) = records_listed(joined.bank, connection, OPERATOR)
    assert record.state == "awaiting_review"
    assert posted(joined) == [0, 0]

    reviewer = joined.actor(Role.REVIEWER)
    review_record(
        joined.bank, reviewer, record.record_id, approve=approve, reason="x", key="review-001"
    )

    assert posted(joined) == [minutes, minutes]
