"""timebank/audit/policy_replay.py: two people, and any history of what they record and review."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from ledger.errors import Refusal
from tests.support.banks import TriedBank
from tests.support.forging import REVIEWER, bank_with, facts, forge, honest_move, judged, log, rules
from tests.support.profiles import FOUR_EYES, FOUR_EYES_AND_NOTICE, NOTICE, cap
from tests.support.services import DAY
from timebank.jobs.notices import post_noticed
from timebank.records.actions import reverse_record
from timebank.records.review import review_record


@pytest.fixture
def careful(tmp_path: Path) -> Iterator[TriedBank]:
    with bank_with(tmp_path, FOUR_EYES) as made:
        yield made


def test_what_was_reviewed_follows_from_what_was_recorded(
    careful: TriedBank, tmp_path: Path
) -> None:
    both = log(careful, 1, volunteers="V0001、V0002")
    sent_back = log(careful, 2, at="12:00")
    review_record(careful.bank, REVIEWER, both, approve=True, key="review-1")
    review_record(
        careful.bank, REVIEWER, sent_back, approve=False, reason="单据不全", key="review-2"
    )
    log(careful, 3, at="14:00")
    found = judged(careful, tmp_path)
    assert (found.ok, found.derived) == (True, 2)


def test_nothing_posts_before_a_second_person_saw_it(careful: TriedBank, tmp_path: Path) -> None:
    forge(careful, facts(careful), honest_move(careful))
    assert rules(careful, tmp_path) == ["four_eyes"]


def approval(tried: TriedBank, of: str, **changed: Any) -> dict[str, Any]:
    signed = {"by": "staff_reviewer", "do": "approve", "record": of}
    return signed | {"volunteer": tried.account("V0001")} | changed


@pytest.mark.parametrize(
    ("changed", "minutes", "found"),
    [
        ({}, 90, []),
        ({"by": "staff_clerk"}, 90, ["four_eyes"]),
        ({"record": "record_" + "9" * 32}, 90, ["review_unknown"]),
        ({}, 89, ["postings_differ"]),
        ({}, 91, ["postings_differ"]),
    ],
    ids=str,
)
def test_a_forged_approval_is_found(
    careful: TriedBank, tmp_path: Path, changed: dict[str, Any], minutes: int, found: list[str]
) -> None:
    signed = approval(careful, log(careful), **changed)
    forge(careful, signed, honest_move(careful, minutes))
    assert rules(careful, tmp_path) == found


def test_an_approval_leaves_nobody_out(careful: TriedBank, tmp_path: Path) -> None:
    record = log(careful, volunteers="V0001、V0002")
    forge(careful, approval(careful, record), honest_move(careful, 90))
    assert rules(careful, tmp_path) == ["part_left_out"]


def test_what_awaits_review_counts_for_the_caps_of_its_submission(tmp_path: Path) -> None:
    with bank_with(tmp_path, FOUR_EYES, cap("day", 100, "trim")) as tried:
        first = log(tried, 1, at="08:00", minutes=60)
        second = log(tried, 2, at="10:00", minutes=60)
        review_record(tried.bank, REVIEWER, first, approve=False, reason="单据不全", key="review-1")
        third = log(tried, 3, at="12:00", minutes=90)
        for number, record in enumerate((second, third)):
            review_record(tried.bank, REVIEWER, record, approve=True, key=f"review-a{number}")
        found = judged(tried, tmp_path)
        assert (found.ok, found.derived) == (True, 2)


def test_nothing_posts_before_its_notice(tmp_path: Path) -> None:
    with bank_with(tmp_path, NOTICE) as tried:
        forge(tried, facts(tried), honest_move(tried))
        assert rules(tried, tmp_path) == ["notice_open"]


def at_the_end(tried: TriedBank, of: str, **changed: Any) -> dict[str, Any]:
    return approval(tried, of, by="scheduler", do="post") | changed


@pytest.mark.parametrize(("days", "found"), [(5, ["notice_open"]), (6, []), (7, [])], ids=str)
def test_a_notice_that_is_cut_short_is_found(tmp_path: Path, days: int, found: list[str]) -> None:
    with bank_with(tmp_path, NOTICE) as tried:
        record = log(tried)
        tried.clock.move(timedelta(days=days))
        forge(tried, at_the_end(tried, record), honest_move(tried, 90))
        assert rules(tried, tmp_path) == found


def test_a_notice_is_no_second_person_and_a_review_no_notice(tmp_path: Path) -> None:
    with bank_with(tmp_path, FOUR_EYES_AND_NOTICE) as tried:
        unseen, hasty = log(tried, 1), log(tried, 2, at="12:00")
        tried.clock.move(timedelta(days=6))
        forge(tried, at_the_end(tried, unseen), honest_move(tried, 90), key=1)
        forge(tried, approval(tried, hasty), honest_move(tried, 90), key=2)
        assert rules(tried, tmp_path) == ["four_eyes", "notice_open", "notice_open"]


@pytest.mark.parametrize(
    ("steps", "found"),
    [
        ([("staff_a", "object")], ["notice_objected"]),
        ([("staff_a", "object"), ("staff_b", "dismiss")], []),
        ([("staff_a", "object"), ("staff_a", "dismiss")], ["four_eyes"]),
        ([("staff_a", "object"), ("staff_clerk", "dismiss")], ["four_eyes"]),
        ([("staff_a", "object"), ("staff_b", "uphold")], ["review_unknown"]),
    ],
    ids=str,
)
def test_an_objection_decides(
    tmp_path: Path, steps: list[tuple[str, str]], found: list[str]
) -> None:
    with bank_with(tmp_path, NOTICE) as tried:
        record = log(tried)
        for at, (by, do) in enumerate(steps, 2):
            forge(tried, {"by": by, "do": do, "record": record}, key=at)
        tried.clock.move(timedelta(days=6))
        forge(tried, at_the_end(tried, record), honest_move(tried, 90))
        assert rules(tried, tmp_path) == found


POLICIES = {
    "notice": NOTICE + "\n" + cap("day", 100, "trim"),
    "careful notice": FOUR_EYES_AND_NOTICE,
    "plain": "",
    "day": cap("day", 100, "trim"),
    "account": cap("account", 150, "pool"),
    "careful": FOUR_EYES + "\n" + cap("day", 100, "trim"),
}
STEPS = some.lists(
    some.tuples(
        some.sampled_from(["log", "log", "log", "approve", "reject", "reverse", "wait", "post"]),
        some.sampled_from(["V0001", "V0002", "V0001、V0002"]),
        some.integers(8, 19),
        some.sampled_from([1, 30, 59]),
        some.sampled_from(["2023-04-04", DAY]),
    ),
    max_size=14,
)


@pytest.mark.slow
@pytest.mark.parametrize("policy", list(POLICIES))
@settings(
    deadline=None, max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_any_history_of_records_follows(
    tmp_path_factory: pytest.TempPathFactory, policy: str, steps: list[Any]
) -> None:
    folder = tmp_path_factory.mktemp("any")
    with bank_with(folder, POLICIES[policy]) as tried:
        records: list[str] = []
        for at, (do, who, hour, minutes, on) in enumerate(steps):
            key = f"step-{at:05}"
            try:
                if do == "log":
                    stated = {
                        "volunteers": who,
                        "at": f"{hour:02}:00",
                        "minutes": minutes,
                        "on": on,
                    }
                    records.append(log(tried, at, **stated))
                elif do == "wait":
                    tried.clock.move(timedelta(days=2))
                elif do == "post":
                    post_noticed(tried.bank, tried.bank.now_ms())
                elif records and do == "reverse":
                    reverse_record(tried.bank, REVIEWER, records[at % len(records)], "错", key=key)
                elif records:
                    review_record(
                        tried.bank, REVIEWER, records[at % len(records)],
                        approve=do == "approve", reason="退回", key=key,
                    )  # fmt: skip
            except Refusal:
                continue
        found = judged(tried, folder)
        assert found.report.findings == ()
