"""timebank/shortfalls/: what is spent is taken back all the same, by two people, and comes back."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from ledger.errors import FloorExceeded, Refusal
from tests.support.banks import OPERATOR
from tests.support.forging import CLERK, REVIEWER, judged, log
from tests.support.givers import SECOND, TEN_MINUTES, TRANSFER, Givers, givers_with
from timebank.answers import Answer
from timebank.chart import Kind
from timebank.errors import MissingField, NotAwaitingReview, NotPermitted, UnknownRecord
from timebank.errors.shortfalls import (
    NothingMissing,
    ProposalNotOpen,
    ReversalProposed,
    ReversalProposerDecides,
    UnknownProposal,
)
from timebank.people.exporting import export_person
from timebank.reconciliation.reconcile import reconcile
from timebank.records.actions import reverse_record
from timebank.shortfalls.explaining import explain_reversal
from timebank.shortfalls.model import missing, recoverable
from timebank.shortfalls.proposing import decide_reversal, propose_reversal
from timebank.shortfalls.queries import proposals_listed, shortfalls_listed
from timebank.shortfalls.recovering import recover_shortfalls
from timebank.stations.model import Actor

WHY = "活动没有举行"
HALF = '[recording]\nshortfall_recovery_percent = { value = 50, source = "区办法" }'


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def givers(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Givers]:
    """V0001 was credited 300 minutes by one record, and gave 200 of them to the pool."""
    on_postgres = request.param == "postgres"
    place = request.getfixturevalue("founded_postgres") if on_postgres else None
    with givers_with(tmp_path, TRANSFER, HALF, database=place) as made:
        spend(made, 200)
        yield made


def spend(givers: Givers, minutes: int) -> None:
    givers.donate(minutes=minutes)
    givers.tried.clock.move(TEN_MINUTES)
    givers.settle()


def the_record(givers: Givers) -> str:
    with givers.tried.bank.read() as connection:
        asked = "SELECT min(record_id) FROM service_record WHERE book_id = 1"
        return str(connection.execute(text(asked)).scalar_one())


def propose(givers: Givers, actor: Actor = OPERATOR, reason: str = WHY) -> Answer:
    bank, record = givers.tried.bank, the_record(givers)
    return propose_reversal(bank, actor, record, reason, key=givers.key())


def decide(
    givers: Givers, proposal: object, actor: Actor = SECOND, *, approve: bool = True
) -> Answer:
    bank = givers.tried.bank
    return decide_reversal(bank, actor, str(proposal), approve=approve, key=givers.key())


def taken_back(givers: Givers) -> Answer:
    return decide(givers, propose(givers).body["proposal"])


def recover(givers: Givers, planned_ms: int = 1) -> tuple[object, object]:
    done = recover_shortfalls(givers.tried.bank, planned_ms)
    return done["accounts"], done["minutes"]


def lent(givers: Givers) -> int:
    return -givers.of_kind(Kind.SHORTFALL)[0]


def agrees(givers: Givers, folder: Path) -> None:
    found = judged(givers.tried, folder)
    assert found.ok, found.report.findings
    told = reconcile(givers.tried.bank, OPERATOR).as_json()
    assert {one["name"] for one in told["checks"] if one["differences"]} <= {"jobs_silent"}


@pytest.mark.parametrize(
    ("available", "short"), [(-1, 60), (0, 60), (59, 1), (60, 0), (61, 0)], ids=str
)
def test_what_is_missing_is_what_is_not_there(available: int, short: int) -> None:
    assert missing(60, available) == short


@pytest.mark.parametrize(
    ("credited", "recovered", "available", "minutes"),
    [
        (1, 0, 500, 0),
        (2, 0, 500, 1),
        (3, 0, 500, 1),
        (100, 49, 500, 1),
        (100, 50, 500, 0),
        (100, 51, 500, 0),
        (100, 0, 49, 49),
        (398, 0, 500, 199),
        (400, 0, 500, 200),
        (402, 0, 500, 200),
    ],
    ids=str,
)
def test_half_of_what_services_brought_comes_back(
    credited: int, recovered: int, available: int, minutes: int
) -> None:
    found = recoverable(
        open_minutes=200, credited=credited, recovered=recovered, available=available, percent=50
    )
    assert found == minutes


def test_what_is_spent_is_taken_back_by_two_people(givers: Givers, tmp_path: Path) -> None:
    bank, record = givers.tried.bank, the_record(givers)
    with pytest.raises(FloorExceeded):
        reverse_record(bank, OPERATOR, record, WHY, key=givers.key())
    asked = propose(givers)
    assert asked.body["missing"] == 200
    assert givers.balance("V0001") == (100, 0)
    done = decide(givers, asked.body["proposal"])
    assert (done.body["missing"], done.body["state"], len(done.body["entries"])) == (
        200, "approved", 1,
    )  # fmt: skip
    assert givers.balance("V0001") == (0, 0)
    assert lent(givers) == 200
    assert givers.of_kind(Kind.POOL) == (200, 0)
    agrees(givers, tmp_path)


def test_only_two_people_of_the_office_may(givers: Givers) -> None:
    for actor in (CLERK, givers.member):
        with pytest.raises(NotPermitted):
            propose(givers, actor)
    elsewhere = Actor("staff_reviewer", REVIEWER.role, "YHL")
    with pytest.raises(NotPermitted):
        propose(givers, elsewhere)
    proposal = propose(givers).body["proposal"]
    for actor in (CLERK, REVIEWER):
        with pytest.raises(NotPermitted):
            decide(givers, proposal, actor)
    with pytest.raises(ReversalProposerDecides):
        decide(givers, proposal, OPERATOR)
    assert givers.balance("V0001") == (100, 0)


def test_a_proposal_is_made_once_and_decided_once(givers: Givers, tmp_path: Path) -> None:
    with pytest.raises(MissingField):
        propose(givers, reason=" ")
    with pytest.raises(UnknownRecord):
        propose_reversal(givers.tried.bank, OPERATOR, "record_none", WHY, key=givers.key())
    first = propose(givers, REVIEWER).body["proposal"]
    with pytest.raises(ReversalProposed) as raised:
        propose(givers)
    assert raised.value.facts["proposal"] == first
    with pytest.raises(UnknownProposal):
        decide(givers, "rvsl_none")
    assert decide(givers, first, OPERATOR, approve=False).body["state"] == "withdrawn"
    with pytest.raises(ProposalNotOpen):
        decide(givers, first)
    second = propose(givers).body["proposal"]
    decide(givers, second)
    with pytest.raises(NotAwaitingReview):
        propose(givers)
    assert givers.balance("V0001") == (0, 0)
    agrees(givers, tmp_path)


def test_what_is_there_needs_no_shortfall(givers: Givers) -> None:
    record = log(givers.tried, volunteers="V0002")
    with pytest.raises(NothingMissing):
        propose_reversal(givers.tried.bank, OPERATOR, record, WHY, key=givers.key())


def test_what_came_meanwhile_is_taken_first(givers: Givers, tmp_path: Path) -> None:
    proposal = propose(givers).body["proposal"]
    log(givers.tried, recipients="E0002", at="14:00", minutes=90)
    assert decide(givers, proposal).body["missing"] == 110
    assert (lent(givers), givers.balance("V0001")) == (110, (0, 0))
    agrees(givers, tmp_path)


def test_what_is_held_is_not_there(givers: Givers, tmp_path: Path) -> None:
    givers.donate(minutes=60)
    assert givers.balance("V0001") == (100, 60)
    assert taken_back(givers).body["missing"] == 260
    assert givers.balance("V0001") == (60, 60)
    agrees(givers, tmp_path)


def test_a_record_that_was_reversed_meanwhile_is_not_taken_back_again(givers: Givers) -> None:
    proposal = propose(givers).body["proposal"]
    log(givers.tried, recipients="E0002", at="14:00", minutes=300)
    reverse_record(givers.tried.bank, OPERATOR, the_record(givers), WHY, key=givers.key())
    with pytest.raises(NotAwaitingReview):
        decide(givers, proposal)
    assert lent(givers) == 0


def test_half_of_later_credit_comes_back_until_all_is_back(givers: Givers, tmp_path: Path) -> None:
    taken_back(givers)
    assert recover(givers) == (0, 0)
    givers.tried.clock.move(timedelta(days=1))
    log(givers.tried, recipients="E0002", at="14:00", minutes=91)
    assert recover(givers, 2) == (1, 45)
    assert recover(givers, 3) == (0, 0)
    assert (givers.balance("V0001"), lent(givers)) == ((46, 0), 155)
    log(givers.tried, 2, recipients="E0002", at="16:00", minutes=400)
    assert recover(givers, 4) == (1, 155)
    assert lent(givers) == 0
    log(givers.tried, 3, recipients="E0002", at="06:00", minutes=60)
    assert recover(givers, 5) == (0, 0)
    assert givers.balance("V0001") == (46 + 400 - 155 + 60, 0)
    with givers.tried.bank.read() as connection:
        assert shortfalls_listed(connection, OPERATOR) == []
    agrees(givers, tmp_path)


def test_a_second_shortfall_counts_from_its_own_day(givers: Givers, tmp_path: Path) -> None:
    taken_back(givers)
    givers.tried.clock.move(timedelta(minutes=1))
    log(givers.tried, recipients="E0002", at="14:00", minutes=400)
    assert recover(givers) == (1, 200)
    second = log(givers.tried, 2, recipients="E0002", at="06:00", minutes=100)
    spend(givers, 280)
    proposal = propose_reversal(givers.tried.bank, OPERATOR, second, WHY, key=givers.key())
    assert decide(givers, proposal.body["proposal"]).body["missing"] == 80
    assert recover(givers, 2) == (0, 0)
    agrees(givers, tmp_path)


def test_where_the_policy_is_silent_nothing_is_taken(tmp_path: Path) -> None:
    with givers_with(tmp_path, TRANSFER) as givers:
        spend(givers, 200)
        taken_back(givers)
        givers.tried.clock.move(timedelta(minutes=1))
        log(givers.tried, recipients="E0002", at="14:00", minutes=90)
        assert recover(givers) == (0, 0)
        assert (givers.balance("V0001"), lent(givers)) == ((90, 0), 200)
        agrees(givers, tmp_path)


def test_the_same_key_repeats_the_answer(givers: Givers) -> None:
    proposal = str(propose(givers).body["proposal"])
    first = decide_reversal(givers.tried.bank, SECOND, proposal, approve=True, key="twice-0001")
    again = decide_reversal(givers.tried.bank, SECOND, proposal, approve=True, key="twice-0001")
    assert (first.body, again.replayed) == (again.body, True)
    assert lent(givers) == 200
    with pytest.raises(Refusal) as raised:
        decide_reversal(givers.tried.bank, SECOND, proposal, approve=False, key="twice-0001")
    assert raised.value.code == "key_reused"


def test_it_is_listed_for_the_district_and_told_to_the_person(givers: Givers) -> None:
    proposal = propose(givers, REVIEWER).body["proposal"]
    with givers.tried.bank.read() as connection:
        (shown,) = proposals_listed(connection, OPERATOR)
        assert proposals_listed(connection, Actor("x", REVIEWER.role, "YHL")) == []
    assert (shown.proposal_id, shown.record_id, shown.reason) == (
        proposal, the_record(givers), WHY,
    )  # fmt: skip
    decide(givers, proposal)
    with givers.tried.bank.read() as connection:
        (short,) = shortfalls_listed(connection, OPERATOR)
        (decided,) = proposals_listed(connection, OPERATOR)
        with pytest.raises(NotPermitted):
            shortfalls_listed(connection, CLERK)
    assert (short.open_minutes, short.recovered_minutes) == (200, 0)
    assert (decided.state, decided.covered_minutes) == ("approved", 200)
    told = export_person(givers.tried.bank, OPERATOR, "V0001")
    assert told["shortfall"] == {"open_minutes": 200, "recovered_minutes": 0}
    kinds = [line["kind"] for line in told["statement"]["lines"]]
    assert kinds[-2:] == ["shortfall_covered", "reversal"]


def test_why_so_much_was_lent_and_comes_back(givers: Givers) -> None:
    proposal = str(propose(givers).body["proposal"])

    def told() -> tuple[str, str]:
        with givers.tried.bank.read() as connection:
            found = explain_reversal(givers.tried.bank, connection, REVIEWER, proposal)
        return "\n".join(found.zh), "\n".join(found.en)

    assert "待批准，没有任何时间变动" in told()[0]
    decide(givers, proposal)
    givers.tried.clock.move(timedelta(minutes=1))
    log(givers.tried, recipients="E0002", at="14:00", minutes=91)
    zh, en = told()
    assert "垫付 200 分钟" in zh
    assert (
        "短缺由以后入账归还（%）（recording.shortfall_recovery_percent）：50（依据：区办法）" in zh
    )
    assert "未归还 200 分钟，已归还 0 分钟" in zh
    assert "现在应归还 45 分钟" in zh
    assert "services brought 91 since, of which 50%" in en
    recover(givers)
    assert "未归还 155 分钟，已归还 45 分钟" in told()[0]
    with givers.tried.bank.read() as connection:
        for actor, code in ((CLERK, "not_permitted"), (OPERATOR, "unknown_reversal_proposal")):
            with pytest.raises(Refusal) as raised:
                explain_reversal(givers.tried.bank, connection, actor, "rvsl_none")
            assert raised.value.code == code
