"""timebank/transfers: two persons fund the grant fund and grant time, once an elder and month."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from ledger.errors import NotWholeMinutes
from tests.support.banks import OPERATOR, TriedBank
from tests.support.forging import judged
from tests.support.givers import CLERK, GRANTS, SECOND, TRANSFER, Givers, givers_with
from tests.support.profiles import cap
from timebank.chart import Kind as AccountKind
from timebank.errors import AccountCapExceeded, MissingField, NotPermitted
from timebank.errors.transfers import (
    ConditionUnknown,
    NothingToGrant,
    ProposalNotOpen,
    ProposalOutdated,
    ProposerDecides,
    SourceTooSmall,
    UnknownTransfer,
)
from timebank.founding import FOUNDER
from timebank.people.conditions import conditions_noted, note_condition
from timebank.people.exporting import export_person
from timebank.reconciliation.reconcile import reconcile
from timebank.transfers.proposing import decide_proposal, propose_funding


@pytest.fixture
def givers(tmp_path: Path) -> Iterator[Givers]:
    with givers_with(tmp_path, TRANSFER, GRANTS) as made:
        yield made


def test_donated_time_becomes_grants(givers: Givers, tmp_path: Path) -> None:
    givers.fund(250)
    assert givers.of_kind(AccountKind.GRANT_FUND) == (250, 0)
    givers.note("E0001", "low_income")
    givers.note("E0002", "empty_nest_alone")
    proposed = givers.propose().body
    assert proposed["transfers"] == 2
    assert givers.balance("E0001") == (0, 0)
    assert len(givers.decide(proposed["proposal"]).body["entries"]) == 2
    assert (givers.balance("E0001"), givers.balance("E0002")) == ((120, 0), (120, 0))
    assert givers.of_kind(AccountKind.GRANT_FUND) == (10, 0)
    assert reconcile(givers.tried.bank, FOUNDER).open_findings == 0
    found = judged(givers.tried, tmp_path)
    assert (found.report.findings, found.derived) == ((), 5)


def test_an_elder_gets_one_grant_a_month(givers: Givers) -> None:
    givers.fund(300)
    givers.note("E0001", "low_income")
    proposal = givers.propose().body["proposal"]
    with pytest.raises(NothingToGrant):
        givers.propose()
    givers.decide(proposal)
    with pytest.raises(NothingToGrant):
        givers.propose()
    givers.tried.clock.move(timedelta(days=30))
    givers.decide(givers.propose().body["proposal"])
    assert givers.balance("E0001") == (240, 0)


def test_a_rejected_proposal_leaves_the_month_free(givers: Givers, tmp_path: Path) -> None:
    givers.fund(120)
    givers.note("E0001", "low_income")
    first = givers.propose().body["proposal"]
    assert givers.decide(first, OPERATOR, approve=False).body["state"] == "rejected"
    with pytest.raises(ProposalNotOpen):
        givers.decide(first)
    givers.decide(givers.propose().body["proposal"])
    assert givers.balance("E0001") == (120, 0)
    assert judged(givers.tried, tmp_path).report.findings == ()


@pytest.mark.parametrize(("minutes", "enough"), [(119, False), (120, True), (121, True)])
def test_the_fund_gives_what_it_has(givers: Givers, minutes: int, enough: bool) -> None:
    givers.fund(minutes)
    givers.note("E0001", "low_income")
    if enough:
        givers.decide(givers.propose().body["proposal"])
    else:
        with pytest.raises(SourceTooSmall):
            givers.propose()
        assert givers.of_kind(AccountKind.GRANT_FUND) == (minutes, 0)


def test_the_fund_is_filled_by_two_persons_from_what_was_donated(givers: Givers) -> None:
    bank = givers.tried.bank
    with pytest.raises(SourceTooSmall):
        propose_funding(bank, OPERATOR, 1, key=givers.key())
    with pytest.raises(NotWholeMinutes):
        propose_funding(bank, OPERATOR, 0, key=givers.key())
    with pytest.raises(NotPermitted):
        propose_funding(bank, CLERK, 1, key=givers.key())
    givers.fund(100)
    givers.donate(minutes=50)
    givers.tried.clock.move(timedelta(minutes=10))
    givers.settle()
    proposal = propose_funding(bank, OPERATOR, 50, key=givers.key()).body["proposal"]
    with pytest.raises(ProposerDecides):
        givers.decide(proposal, OPERATOR)
    with pytest.raises(NotPermitted):
        givers.decide(proposal, CLERK)
    with pytest.raises(UnknownTransfer):
        givers.decide("prop_" + "0" * 32)
    other = propose_funding(bank, OPERATOR, 50, key=givers.key()).body["proposal"]
    givers.decide(proposal)
    with pytest.raises(SourceTooSmall):
        givers.decide(other)
    assert givers.of_kind(AccountKind.GRANT_FUND) == (150, 0)


@pytest.mark.parametrize(
    ("number", "condition", "granted"),
    [("E0001", "low_income", True), ("E0001", "empty_nest_alone", False),
     ("E0002", "empty_nest_alone", True), ("E0002", "disabled", False),
     ("V0002", "low_income", False)],
)  # fmt: skip
def test_age_and_condition_decide_together(
    givers: Givers, number: str, condition: str, granted: bool
) -> None:
    givers.fund(120)
    givers.note(number, condition)
    if granted:
        assert givers.propose().body["transfers"] == 1
    else:
        with pytest.raises(NothingToGrant):
            givers.propose()


def test_what_no_longer_follows_is_proposed_anew(givers: Givers) -> None:
    givers.fund(240)
    givers.note("E0001", "low_income")
    proposal = givers.propose().body["proposal"]
    givers.note("E0001", "low_income", applies=False)
    with pytest.raises(ProposalOutdated):
        givers.decide(proposal)
    givers.note("E0001", "low_income")
    givers.tried.clock.move(timedelta(days=30))
    with pytest.raises(ProposalOutdated):
        givers.decide(proposal)


def test_a_full_account_gets_no_grant(tmp_path: Path) -> None:
    with givers_with(tmp_path, TRANSFER, GRANTS, cap("account", 400, "pool")) as givers:
        givers.fund(120)
        givers.note("E0001", "low_income")
        givers.tried.issue("E0001", 281)
        with pytest.raises(AccountCapExceeded):
            givers.decide(givers.propose().body["proposal"])


def test_unset_is_off(tmp_path: Path) -> None:
    with givers_with(tmp_path, TRANSFER) as givers:
        with pytest.raises(NothingToGrant):
            givers.propose()
        with pytest.raises(ConditionUnknown):
            givers.note("E0001", "low_income")


def test_conditions_are_sealed_shown_to_their_person_and_destroyed_with_them(
    givers: Givers,
) -> None:
    bank = givers.tried.bank
    givers.note("E0001", "low_income")
    givers.note("E0001", "disabled")
    with pytest.raises(MissingField):
        note_condition(bank, OPERATOR, "E0001", "disabled", " ", consented=True)
    with bank.read() as connection:
        sealed = bytes(connection.execute(text("SELECT sealed FROM person_condition")).scalar_one())
        noted = conditions_noted(bank, connection)
    assert b"low_income" not in sealed
    assert noted == {givers.people["E0001"]: {"disabled": "证明原件", "low_income": "证明原件"}}
    shown = export_person(bank, OPERATOR, "E0001")
    assert shown["conditions"] == {"disabled": "证明原件", "low_income": "证明原件"}


def test_the_same_key_repeats_the_answer(givers: Givers) -> None:
    givers.fund(120)
    givers.note("E0001", "low_income")
    proposal = str(givers.propose().body["proposal"])
    once = decide_proposal(givers.tried.bank, SECOND, proposal, approve=True, key="decide-0001")
    again = decide_proposal(givers.tried.bank, SECOND, proposal, approve=True, key="decide-0001")
    assert (again.replayed, again.body) == (True, once.body)
    assert givers.balance("E0001") == (120, 0)


def test_both_databases_fund_the_fund(bank: TriedBank) -> None:
    pool = bank.bank.account_of(AccountKind.POOL)
    bank.post(bank.bank.account_of(AccountKind.ISSUANCE), pool, 90)
    proposal = propose_funding(bank.bank, OPERATOR, 90, key="funding-0001").body["proposal"]
    decide_proposal(bank.bank, SECOND, str(proposal), approve=True, key="funding-0002")
    assert reconcile(bank.bank, FOUNDER).open_findings == 0
