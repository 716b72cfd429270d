"""timebank/audit/carried.py: what carries a balance over moves that balance and nothing else."""

from pathlib import Path
from typing import Any

import pytest

from ledger.journal import Movement
from tests.support.banks import STATION, new_bank
from tests.support.profiles import HEAD, cap
from tests.support.services import service
from tests.timebank.test_succession import NEXT, exported, frozen
from timebank.audit.carried import carried_movements
from timebank.audit.facts import Underived
from timebank.audit.verification import verify_all
from timebank.bank import Bank
from timebank.config import Settings
from timebank.records.actions import log_service
from timebank.stations.model import Role
from timebank.succession import found_successor


def facts(**other: Any) -> dict[str, Any]:
    return {"do": "carry_balance", "account": "acct_2", "posted": 90, **other}


@pytest.mark.parametrize(
    ("signed", "found", "derived"),
    [
        (facts(), [("acct_1", "acct_2", 90)], [("acct_1", "acct_2", 90)]),
        (facts(posted=-90), [("acct_2", "acct_1", 90)], [("acct_2", "acct_1", 90)]),
        (facts(), [("acct_1", "acct_3", 90)], [("acct_1", "acct_2", 90)]),
        (facts(), [("acct_1", "acct_2", 91)], [("acct_1", "acct_2", 90)]),
        (
            facts(),
            [("acct_1", "acct_2", 60), ("acct_1", "acct_2", 30)],
            [("acct_1", "acct_2", 60), ("acct_1", "acct_2", 30)],
        ),
        (
            facts(),
            [("acct_1", "acct_2", 60), ("acct_1", "acct_3", 30)],
            [("acct_1", "acct_2", 60), ("acct_1", "acct_2", 30)],
        ),
    ],
)
def test_the_movements_follow_from_the_facts(signed: Any, found: Any, derived: Any) -> None:
    moved = tuple(Movement(*one) for one in found)
    expected = tuple(Movement(*one) for one in derived)
    assert carried_movements(signed, "acct_1", moved) == expected


@pytest.mark.parametrize("wrong", [{"do": "gift"}, {"account": 2}, {"posted": "90"}])
def test_nothing_follows_from_other_facts(wrong: dict[str, Any]) -> None:
    with pytest.raises(Underived):
        carried_movements(facts(**wrong), "acct_1", ())


def test_what_the_former_log_knows_of_a_capped_day_is_attested(tmp_path: Path) -> None:
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "test-1.toml").write_text(HEAD + cap("day", 100, "trim"), encoding="utf-8")
    with new_bank(tmp_path, policies=["test-1"], policy_folder=folder) as tried:
        tried.people("V0001", "E0001")
        clerk = tried.actor(Role.CLERK)
        log_service(tried.bank, clerk, STATION[0], service(), key="log-00001")
        frozen(tried)
        bundle = exported(tried.bank, tmp_path / "last")
        assert (verify_all(bundle).derived, verify_all(bundle).attested) == (1, 0)
        settings = Settings(data=tmp_path / "next")
        found_successor(settings, tried.clock, origin=NEXT, bundle=bundle, former=tried.settings)
        with Bank.open(settings, tried.clock) as bank:
            stated = service(at="14:00")
            body = log_service(bank, clerk, STATION[0], stated, key="log-00002").body
            assert [one["minutes"] for one in body["credits"]] == [10]
            bank.publish()
    verified = verify_all(settings.log_folder, predecessor=bundle)
    assert (verified.report.findings, verified.attested) == ((), 1)
