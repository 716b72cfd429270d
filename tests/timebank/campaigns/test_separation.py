"""Whoever keeps a roster does not approve its hours: in the book, and found in the log."""

from pathlib import Path

import pytest

from ledger.balances import balance_of
from tests.support.banks import OPERATOR
from tests.support.campaigns import REVIEWER, Month, month_with
from tests.support.forging import forge, rules
from timebank.campaigns.rosters import take_off_roster
from timebank.chart import Kind
from timebank.errors import ReviewerIsRecorder
from timebank.errors.campaigns import ReviewerKeptRoster
from timebank.records.review import review_record
from timebank.stations.model import Actor, Role

OTHER = Actor("staff_other", Role.REVIEWER, "XFL")
NINE, ELEVEN = "2023-03-05T09:00", "2023-03-05T11:00"


def posted(month: Month, number: str = "V0001") -> int:
    with month.tried.bank.read() as connection:
        found = balance_of(connection, month.tried.account(number))
    assert found is not None
    return found.posted


def test_a_keeper_does_not_approve_and_another_does(month: Month) -> None:
    month.report()
    month.sign(1, "V0001", NINE, ELEVEN, actor=REVIEWER)
    batch = month.hand_in(1)["batch"]
    with pytest.raises(ReviewerKeptRoster):
        month.approve(batch)
    assert posted(month) == 0
    month.approve(batch, OTHER)
    assert posted(month) == 120


def test_whose_times_were_mended_by_another_is_a_keeper_still(month: Month) -> None:
    month.report()
    month.sign(1, "V0001", NINE, "", actor=REVIEWER)
    month.sign(1, "V0001", "", ELEVEN)
    with pytest.raises(ReviewerKeptRoster):
        month.approve(month.hand_in(1)["batch"])


def test_a_keeper_of_one_line_approves_none_of_the_activity(sqlite_month: Month) -> None:
    month = sqlite_month
    month.report()
    month.sign(1, "V0001", NINE, ELEVEN)
    month.sign(1, "V0002", NINE, "", actor=REVIEWER)
    take_off_roster(month.tried.bank, REVIEWER, month.activity(1), "V0002", key=month.key())
    with pytest.raises(ReviewerKeptRoster):
        month.approve(month.hand_in(1)["batch"])


def test_another_activity_is_another_roster(sqlite_month: Month) -> None:
    month = sqlite_month
    month.report()
    month.sign(2, "V0002", "2023-03-18T14:00", "2023-03-18T15:00", actor=REVIEWER)
    month.sign(1, "V0001", NINE, ELEVEN)
    month.approve(month.hand_in(1)["batch"])
    assert posted(month) == 120


def test_a_keeper_may_send_back_and_who_handed_in_may_not(sqlite_month: Month) -> None:
    month = sqlite_month
    month.report()
    month.sign(1, "V0001", NINE, ELEVEN, actor=REVIEWER)
    batch = month.hand_in(1, actor=OTHER)["batch"]
    with pytest.raises(ReviewerIsRecorder):
        month.approve(batch, OTHER)
    with month.tried.bank.read() as connection:
        record = connection.exec_driver_sql("SELECT record_id FROM campaign_record").scalar_one()
    review_record(
        month.tried.bank, REVIEWER, record, approve=False, reason="时间不符", key=month.key()
    )
    assert posted(month) == 0


@pytest.mark.parametrize(("who", "found"), [(REVIEWER, ["four_eyes"]), (OTHER, []), (OPERATOR, [])])
def test_the_verifier_finds_a_keepers_approval(
    tmp_path: Path, who: Actor, found: list[str]
) -> None:
    with month_with(tmp_path) as month:
        month.report()
        month.sign(1, "V0001", NINE, ELEVEN, actor=REVIEWER)
        month.hand_in(1)
        tried = month.tried
        with tried.bank.read() as connection:
            record = connection.exec_driver_sql(
                "SELECT record_id FROM campaign_record"
            ).scalar_one()
        account = tried.account("V0001")
        signed = {"by": who.actor_id, "do": "approve", "record": record, "volunteer": account}
        move = (tried.bank.account_of(Kind.ISSUANCE), account, 120)
        forge(tried, signed, move, on="2023-03-05")
        assert rules(tried, tmp_path) == found
