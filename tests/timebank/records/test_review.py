"""timebank/records/review.py: credit moves after a second person looked, and never before."""

from pathlib import Path

import pytest

from ledger.balances import balance_of
from tests.support.banks import TriedBank, new_bank
from tests.support.profiles import FOUR_EYES, HEAD
from tests.support.services import service
from timebank.errors import (
    AlreadyReviewed,
    Duplicate,
    MissingField,
    NotAwaitingReview,
    NotPermitted,
    ReviewerIsRecorder,
    UnknownRecord,
)
from timebank.records.actions import log_service
from timebank.records.review import review_record
from timebank.stations.model import Actor, Role

CLERK = Actor("staff_clerk", Role.CLERK, "XFL")
REVIEWER = Actor("staff_reviewer", Role.REVIEWER, "XFL")


@pytest.fixture
def careful(tmp_path: Path):
    """A bank whose policy lets nothing post before review."""
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "test-1.toml").write_text(HEAD + FOUR_EYES, encoding="utf-8")
    stations = [("XFL", "幸福里"), ("OTHER", "别处")]
    with new_bank(tmp_path, policies=["test-1"], policy_folder=folder, stations=stations) as bank:
        bank.people("V0001", "V0002", "E0001")
        yield bank


def minutes_of(bank: TriedBank, number: str = "V0001") -> int:
    with bank.bank.read() as connection:
        found = balance_of(connection, bank.account(number))
        assert found is not None
        return found.posted


def logged(bank: TriedBank, **stated: str) -> str:
    answer = log_service(bank.bank, CLERK, "XFL", service(**stated), key="log-00001")
    return str(answer.body["record"])


def test_credit_waits_for_the_second_person(careful: TriedBank) -> None:
    record = logged(careful, volunteers="V0001、V0002")
    assert minutes_of(careful) == 0

    body = review_record(careful.bank, REVIEWER, record, approve=True, key="review-1").body

    assert (body["state"], len(body["entries"])) == ("posted", 2)
    assert (minutes_of(careful), minutes_of(careful, "V0002")) == (90, 90)


def test_nobody_reviews_what_they_recorded(careful: TriedBank) -> None:
    record = logged(careful)
    same = Actor(CLERK.actor_id, Role.REVIEWER, "XFL")
    with pytest.raises(ReviewerIsRecorder):
        review_record(careful.bank, same, record, approve=True, key="review-1")
    assert minutes_of(careful) == 0


@pytest.mark.parametrize(
    "actor", [CLERK, Actor("x", Role.AUDITOR), Actor("x", Role.REVIEWER, "OTHER")], ids=str
)
def test_only_reviewers_of_the_station_review(careful: TriedBank, actor: Actor) -> None:
    record = logged(careful)
    with pytest.raises(NotPermitted):
        review_record(careful.bank, actor, record, approve=True, key="review-1")


def test_a_record_is_reviewed_once(careful: TriedBank) -> None:
    record = logged(careful)
    review_record(careful.bank, REVIEWER, record, approve=True, key="review-1")
    with pytest.raises(AlreadyReviewed):
        review_record(careful.bank, REVIEWER, record, approve=True, key="review-2")
    assert minutes_of(careful) == 90


def test_what_is_sent_back_needs_a_reason_and_frees_the_hours(careful: TriedBank) -> None:
    record = logged(careful)
    with pytest.raises(MissingField):
        review_record(careful.bank, REVIEWER, record, approve=False, key="review-1")
    with pytest.raises(Duplicate):
        log_service(careful.bank, CLERK, "XFL", service(), key="log-again-1")
    review_record(careful.bank, REVIEWER, record, approve=False, reason="时间不对", key="review-2")

    with pytest.raises(NotAwaitingReview):
        review_record(careful.bank, REVIEWER, record, approve=True, key="review-3")
    log_service(careful.bank, CLERK, "XFL", service(), key="log-again-2")
    assert minutes_of(careful) == 0


def test_where_the_policy_posts_at_once_a_review_only_takes_the_mark_away(
    sqlite_bank: TriedBank,
) -> None:
    sqlite_bank.people("V0001", "E0001")
    record = logged(sqlite_bank)
    with pytest.raises(NotAwaitingReview):
        review_record(
            sqlite_bank.bank, REVIEWER, record, approve=False, reason="不对", key="review-1"
        )
    body = review_record(sqlite_bank.bank, REVIEWER, record, approve=True, key="review-2").body

    assert body["entries"] == []
    assert minutes_of(sqlite_bank) == 90


def test_an_unknown_record_is_said_to_be_unknown(careful: TriedBank) -> None:
    with pytest.raises(UnknownRecord):
        review_record(careful.bank, REVIEWER, "record_none", approve=True, key="review-1")
