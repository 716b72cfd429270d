"""timebank/transfers/carrying.py: gifts and grants go on in the book that follows."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.support.givers import GRANTS, TEN_MINUTES, TRANSFER, Givers, givers_with
from tests.timebank.test_succession import NEXT, exported, frozen, judge
from timebank.bank import Bank
from timebank.chart import Kind as AccountKind
from timebank.config import Settings
from timebank.errors.transfers import NothingToGrant, ProposalNotOpen
from timebank.founding import FOUNDER
from timebank.reconciliation.reconcile import reconcile
from timebank.succession import found_successor


def followed(givers: Givers, place: Path, *, later: timedelta = timedelta()) -> Path:
    """End the book, go on with its successor; answers the last bundle."""
    tried = givers.tried
    frozen(tried)
    bundle = exported(tried.bank, place / "last")
    tried.clock.move(later)
    settings = Settings(data=place / "next")
    found_successor(settings, tried.clock, origin=NEXT, bundle=bundle, former=tried.settings)
    givers.tried = replace(tried, bank=Bank.open(settings, tried.clock), settings=settings)
    return bundle


def states(givers: Givers) -> list[tuple[str, str]]:
    with givers.tried.bank.read() as connection:
        query = text("SELECT kind, state FROM transfer ORDER BY kind, state")
        return [(row.kind, row.state) for row in connection.execute(query)]


def is_sound(givers: Givers, bundle: Path) -> None:
    with givers.tried.bank as bank:
        bank.publish()
        assert reconcile(bank, FOUNDER).open_findings == 0
    assert judge(givers.tried.settings.log_folder, bundle).findings == ()


@pytest.mark.parametrize("undone", [True, False])
def test_a_gift_that_waits_is_settled_or_undone_in_the_next_book(
    tmp_path: Path, undone: bool
) -> None:
    with givers_with(tmp_path, TRANSFER) as givers:
        transfer = givers.give().body["transfer"]
        bundle = followed(givers, tmp_path)
        if undone:
            givers.undo(transfer)
        givers.tried.clock.move(TEN_MINUTES)
        assert givers.settle()["settled"] == (0 if undone else 1)
        assert givers.balance("E0001") == ((0, 0) if undone else (60, 0))
        is_sound(givers, bundle)


def test_a_gift_whose_hold_has_lapsed_goes_back(tmp_path: Path) -> None:
    with givers_with(tmp_path, TRANSFER) as givers:
        givers.give()
        bundle = followed(givers, tmp_path, later=timedelta(days=40))
        assert states(givers) == [("gift", "lapsed")]
        assert givers.balance("V0001") == (300, 0)
        is_sound(givers, bundle)


def test_a_month_stays_granted_and_a_proposal_is_made_anew(tmp_path: Path) -> None:
    with givers_with(tmp_path, TRANSFER, GRANTS) as givers:
        givers.fund(240)
        givers.note("E0001", "low_income")
        givers.decide(givers.propose().body["proposal"])
        givers.note("E0002", "empty_nest_alone")
        waiting = givers.propose().body["proposal"]
        bundle = followed(givers, tmp_path)
        assert states(givers) == [
            ("donation", "carried_over"), ("grant", "carried_over"), ("grant", "rejected"),
            ("grant_funding", "carried_over"),
        ]  # fmt: skip
        with pytest.raises(ProposalNotOpen):
            givers.decide(waiting)
        givers.decide(givers.propose().body["proposal"])
        with pytest.raises(NothingToGrant):
            givers.propose()
        assert (givers.balance("E0001"), givers.balance("E0002")) == ((120, 0), (120, 0))
        assert givers.of_kind(AccountKind.GRANT_FUND) == (0, 0)
        is_sound(givers, bundle)
