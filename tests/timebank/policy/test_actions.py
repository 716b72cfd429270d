"""timebank/policy/actions.py: a profile enters the book, and what was recorded keeps its price."""

from pathlib import Path

import pytest

from ledger.draft import Draft
from ledger.errors import PolicyExists
from tests.support.banks import AUDITOR, OPERATOR, TriedBank
from tests.support.forging import CLERK, bank_with, judged, log, rules
from tests.support.profiles import HEAD, SHORT_IS_AN_HOUR
from timebank.errors import NotPermitted, ProfilePricesThePast, ProfilesOverlap
from timebank.policy.actions import adopt
from timebank.policy.load import read_profile
from timebank.policy.model import Profile

TODAY = "2023-04-06"


def following(start: str, replaces: str | None = "test-1") -> Profile:
    """A profile that follows the bare one and makes short services an hour."""
    head = HEAD.replace("test-1", "test-2").replace("2020-01-01", start)
    if replaces:
        head = head.replace("rules = 1", f'rules = 1\nreplaces = "{replaces}"')
    return read_profile(f"{head}\n{SHORT_IS_AN_HOUR}\n")


def credited(tried: TriedBank) -> list[int]:
    with tried.bank.read() as connection:
        sql = "SELECT credited_minutes FROM record_person WHERE part = 'volunteer'"
        return sorted(connection.exec_driver_sql(sql).scalars())


@pytest.mark.parametrize(
    ("start", "allowed"), [("2023-04-04", False), ("2023-04-05", False), (TODAY, True)]
)
def test_it_begins_behind_the_last_recorded_service(
    tmp_path: Path, start: str, allowed: bool
) -> None:
    """The last service is of 5 April."""
    with bank_with(tmp_path) as tried:
        log(tried, minutes=45)
        if not allowed:
            with pytest.raises(ProfilePricesThePast) as refused:
                adopt(tried.bank, OPERATOR, following(start), key="adopt-001")
            assert refused.value.facts == {"start": start, "on": "2023-04-05"}
        else:
            answer = adopt(tried.bank, OPERATOR, following(start), key="adopt-001")
            assert answer.body == {"policy": following(start).version}
            log(tried, 2, on=TODAY, at="08:00", minutes=45)
        assert credited(tried) == ([45, 60] if allowed else [45])
        assert judged(tried, tmp_path).ok


def test_a_running_server_prices_by_what_another_process_adopts(tmp_path: Path) -> None:
    with bank_with(tmp_path) as tried:
        log(tried, 1, minutes=45)
        other = tried.again()
        adopt(other, OPERATOR, following(TODAY), key="adopt-001")
        other.close()
        log(tried, 2, on=TODAY, at="08:00", minutes=45)
        assert credited(tried) == [45, 60]
        assert judged(tried, tmp_path).ok


def test_a_day_has_one_profile_and_a_book_each_profile_once(tmp_path: Path) -> None:
    with bank_with(tmp_path) as tried:
        with pytest.raises(ProfilesOverlap):
            adopt(tried.bank, OPERATOR, following("2024-01-01", None), key="adopt-001")
        adopt(tried.bank, OPERATOR, following("2024-01-01"), key="adopt-002")
        with pytest.raises(PolicyExists):
            adopt(tried.bank, OPERATOR, following("2024-01-01"), key="adopt-003")


@pytest.mark.parametrize("actor", [CLERK, AUDITOR])
def test_only_an_operator_adopts(tmp_path: Path, actor: object) -> None:
    with bank_with(tmp_path) as tried, pytest.raises(NotPermitted):
        adopt(tried.bank, actor, following("2024-01-01"), key="adopt-001")  # type: ignore[arg-type]


def test_the_verifier_finds_a_profile_that_would_price_the_past(tmp_path: Path) -> None:
    with bank_with(tmp_path) as tried:
        log(tried, minutes=45)
        profile = following("2023-04-05")

        def decide(draft: Draft) -> dict[str, object]:
            draft.adopt_policy(profile.version, {"do": "adopt_policy", "text": profile.text})
            return {}

        tried.bank.act(tried.bank.action(OPERATOR, "policy", decide, key="forge-001", content={}))
        assert rules(tried, tmp_path) == ["policy_text"]
