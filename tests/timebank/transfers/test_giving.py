"""timebank/transfers: gifts and donations wait ten minutes, then move what was given."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from ledger.errors import FloorExceeded, NotWholeMinutes
from tests.support.banks import AUDITOR, OPERATOR, TriedBank
from tests.support.forging import judged
from tests.support.givers import CLERK, TEN_MINUTES, TRANSFER, Givers, givers_with
from tests.support.profiles import cap
from timebank.chart import Kind as AccountKind
from timebank.errors import (
    AccountCapExceeded,
    AssistantMissing,
    NotPermitted,
    SamePerson,
    TransferNotAllowed,
    UnknownMember,
)
from timebank.errors.transfers import DonationGroupWithoutAccount, UndoOver, UnknownTransfer
from timebank.founding import FOUNDER
from timebank.people.kinship import note_kinship
from timebank.people.model import Relation
from timebank.reconciliation.reconcile import reconcile
from timebank.stations.model import Actor, Role
from timebank.transfers.giving import Giving, give
from timebank.transfers.queries import transfers_listed


@pytest.fixture
def givers(tmp_path: Path) -> Iterator[Givers]:
    with givers_with(tmp_path, TRANSFER) as made:
        yield made


def agrees(givers: Givers) -> bool:
    return reconcile(givers.tried.bank, FOUNDER).open_findings == 0


def test_a_gift_moves_after_ten_minutes_and_follows_from_the_log(
    givers: Givers, tmp_path: Path
) -> None:
    given = givers.give().body
    assert (given["code"], given["state"], given["minutes"]) == ("spouse", "held", 60)
    assert (givers.balance("V0001"), givers.balance("E0001")) == ((300, 60), (0, 0))
    givers.tried.clock.move(TEN_MINUTES - timedelta(milliseconds=1))
    assert givers.settle() == {"lapsed": 0, "settled": 0}
    givers.tried.clock.move(timedelta(milliseconds=1))
    assert givers.settle() == {"lapsed": 0, "settled": 1}
    assert (givers.balance("V0001"), givers.balance("E0001")) == ((240, 0), (60, 0))
    assert agrees(givers)
    found = judged(givers.tried, tmp_path)
    assert (found.report.findings, found.derived, found.attested) == ((), 2, 0)


def test_one_planned_run_twice_settles_once(givers: Givers) -> None:
    givers.give()
    givers.tried.clock.move(TEN_MINUTES)
    assert (givers.settle()["settled"], givers.settle()["settled"]) == (1, 0)
    assert givers.balance("E0001") == (60, 0)


def test_undo_is_the_release_within_ten_minutes(givers: Givers, tmp_path: Path) -> None:
    first, second, third = (givers.give(minutes=10).body["transfer"] for _ in range(3))
    givers.tried.clock.move(TEN_MINUTES - timedelta(milliseconds=1))
    assert givers.undo(first).body["state"] == "undone"
    with pytest.raises(UndoOver):
        givers.undo(first)
    givers.tried.clock.move(timedelta(milliseconds=1))
    with pytest.raises(UndoOver):
        givers.undo(second)
    givers.tried.clock.move(timedelta(milliseconds=1))
    with pytest.raises(UndoOver):
        givers.undo(third)
    assert givers.settle() == {"lapsed": 0, "settled": 2}
    assert givers.balance("V0001") == (280, 0)
    assert agrees(givers)
    assert judged(givers.tried, tmp_path).report.findings == ()


def test_whoever_did_not_give_does_not_undo(givers: Givers) -> None:
    transfer = givers.give(actor=CLERK).body["transfer"]
    with pytest.raises(UnknownTransfer):
        givers.undo(transfer, Actor("other", Role.MEMBER, "", givers.people["E0001"]))
    elsewhere = "UPDATE transfer SET station_code = :station"
    givers.tried.behind(elsewhere, station="OTHER")
    with pytest.raises(NotPermitted):
        givers.undo(transfer, CLERK)
    givers.tried.behind(elsewhere, station="XFL")
    with pytest.raises(UnknownTransfer):
        givers.undo("trsf_" + "0" * 32)
    assert givers.undo(givers.give().body["transfer"], CLERK).body["state"] == "undone"
    assert givers.undo(transfer, OPERATOR).body["state"] == "undone"


@pytest.mark.parametrize(
    ("relation", "code"),
    [(Relation.SPOUSE, "spouse"), (Relation.PARENT, "lineal_relative"),
     (Relation.GRANDCHILD, "lineal_relative"), (Relation.SIBLING, None), (Relation.FRIEND, None)],
)  # fmt: skip
def test_the_policy_says_which_kin_may_get(
    givers: Givers, relation: Relation, code: str | None
) -> None:
    note_kinship(givers.tried.bank, OPERATOR, "V0001", "E0002", relation, "户口簿")
    if code is None:
        with pytest.raises(TransferNotAllowed):
            givers.give("E0002")
    else:
        assert givers.give("E0002").body["code"] == code


def test_friends_and_relatives_where_the_policy_has_them(tmp_path: Path) -> None:
    wide = '[transfer]\nrelations = { value = ["relative", "friend"], source = "上海 2026" }'
    with givers_with(tmp_path, wide) as givers:
        assert givers.give("E0001").body["code"] == "relative"
        assert givers.give("E0002").body["code"] == "friend"
        assert givers.give("V0002").body["code"] == "friend"


def test_unset_allows_nobody(tmp_path: Path) -> None:
    with givers_with(tmp_path) as givers:
        for giving in (givers.give, givers.donate):
            with pytest.raises(TransferNotAllowed):
                giving()


@pytest.mark.parametrize(("minimum", "allowed"), [(69, True), (70, True), (71, False)])
def test_the_receiver_is_old_enough(tmp_path: Path, minimum: int, allowed: bool) -> None:
    with givers_with(tmp_path, TRANSFER.replace("60", str(minimum))) as givers:
        if allowed:
            givers.give()
        else:
            with pytest.raises(TransferNotAllowed):
                givers.give()


def test_who_may_give_what(givers: Givers) -> None:
    bank = givers.tried.bank
    with pytest.raises(NotPermitted):
        givers.give(actor=AUDITOR)
    with pytest.raises(AssistantMissing):
        give(bank, CLERK, Giving("E0001", 60, "V0001"), key=givers.key())
    for to, refusal in (("E9999", UnknownMember), ("V0001", SamePerson)):
        with pytest.raises(refusal):
            givers.give(to)
    with pytest.raises(FloorExceeded):
        givers.give(minutes=301)
    with pytest.raises(NotWholeMinutes):
        givers.give(minutes=0)
    assert givers.balance("V0001") == (300, 0)


@pytest.mark.parametrize(("minutes", "allowed"), [(39, True), (40, True), (41, False)])
def test_a_gift_does_not_lift_an_account_over_its_cap(
    tmp_path: Path, minutes: int, allowed: bool
) -> None:
    with givers_with(tmp_path, TRANSFER, cap("account", 400, "pool")) as givers:
        givers.tried.issue("E0001", 300)
        givers.give(minutes=60)  # It waits, and counts all the same.
        if allowed:
            givers.give(minutes=minutes)
        else:
            with pytest.raises(AccountCapExceeded):
                givers.give(minutes=minutes)


def test_a_donation_goes_to_the_pool(givers: Givers, tmp_path: Path) -> None:
    with pytest.raises(DonationGroupWithoutAccount):
        givers.donate("childless_elder")
    with pytest.raises(TransferNotAllowed):
        givers.donate("hardship_elder")
    givers.donate()
    givers.tried.clock.move(TEN_MINUTES)
    givers.settle()
    assert givers.of_kind(AccountKind.POOL) == (60, 0)
    assert agrees(givers)
    assert judged(givers.tried, tmp_path).report.findings == ()


def test_what_nobody_settles_goes_back(givers: Givers) -> None:
    givers.give()
    givers.tried.clock.move(timedelta(days=30))
    assert givers.settle() == {"lapsed": 1, "settled": 0}


def test_a_gift_to_somebody_forgotten_goes_back(givers: Givers, tmp_path: Path) -> None:
    givers.give()
    givers.tried.behind(
        "UPDATE person SET state = 'restricted' WHERE person_id = :person",
        person=givers.people["E0001"],
    )
    givers.tried.clock.move(TEN_MINUTES)
    assert givers.settle() == {"lapsed": 1, "settled": 0}
    assert givers.balance("V0001") == (300, 0)
    assert judged(givers.tried, tmp_path).report.findings == ()


def test_everybody_reads_their_own(givers: Givers) -> None:
    given = givers.give(actor=CLERK).body["transfer"]
    receiver = Actor("e", Role.MEMBER, "", givers.people["E0001"])
    stranger = Actor("s", Role.MEMBER, "", givers.people["E0002"])
    with givers.tried.bank.read() as connection:
        for actor, seen in (
            (givers.member, [given]), (receiver, [given]), (stranger, []), (OPERATOR, [given]),
            (CLERK, [given]), (replace(CLERK, station_code="OTHER"), []), (AUDITOR, [given]),
        ):  # fmt: skip
            assert [one.transfer_id for one in transfers_listed(connection, actor)] == seen


def test_no_name_stands_in_the_log(givers: Givers) -> None:
    givers.give(actor=CLERK)
    with givers.tried.bank.read() as connection:
        bodies = [bytes(row[0]) for row in connection.execute(text("SELECT body FROM leaf"))]
    for word in ("小李", "王秀兰", "王建国"):
        spelt = (word.encode(), ascii(word)[1:-1].encode())
        assert not any(one in body for body in bodies for one in spelt)


def test_both_databases_keep_transfers(bank: TriedBank) -> None:
    """The bare policy allows none, and says so on either."""
    one, _two = bank.people("V0001", "E0001")
    giver = Actor(one, Role.MEMBER, "", one)
    with pytest.raises(TransferNotAllowed):
        give(bank.bank, giver, Giving("E0001", 5), key="giving-0001")
