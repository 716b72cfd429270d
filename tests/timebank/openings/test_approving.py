"""timebank/openings: confirmation, approval by a third, going back, reversal; both databases."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import FloorExceeded
from ledger.ids import new_id
from tests.support.banks import AUDITOR, OPERATOR
from tests.support.forging import judged
from tests.support.openings import (
    CLERK,
    PAGE,
    REVIEWER,
    SECOND_CLERK,
    SECOND_REVIEWER,
    Scheme,
    scheme_with,
)
from tests.support.profiles import cap
from timebank.errors import MissingField, NotPermitted, UnknownBatch
from timebank.errors.openings import (
    ApproverNotIndependent,
    NoOpeningToApprove,
    OpeningNotWaiting,
    SlipNumberInvalid,
    SlipNumberUsed,
    UnknownOpening,
)
from timebank.founding import FOUNDER
from timebank.openings.actions import Signed, confirm_openings
from timebank.openings.approving import approve_openings
from timebank.people.forgetting import forget
from timebank.reconciliation.reconcile import reconcile
from timebank.stations.model import Actor, Role
from timebank.transfers.giving import Giving, give

TO_FRIENDS = '[transfer]\nrelations = { value = ["friend"], source = "上海 2026" }\n'
ELSEWHERE = Actor("staff_elsewhere", Role.CLERK, "YHL")
REVIEWER_ELSEWHERE = Actor("staff_elsewhere", Role.REVIEWER, "YHL")


def member(scheme: Scheme, row: Any) -> Actor:
    return Actor(str(row.person_id), Role.MEMBER, "", str(row.person_id))


def sign(scheme: Scheme, *slips: str, actor: Actor = CLERK) -> None:
    """Confirm the first rows with these slips."""
    signed = [
        Signed(str(row.opening_id), slip) for row, slip in zip(scheme.rows(), slips, strict=False)
    ]
    confirm_openings(scheme.tried.bank, actor, signed, key=scheme.key())


def test_confirmed_and_approved_rows_are_posted(scheme: Scheme, tmp_path: Path) -> None:
    batch_id = scheme.hand_in().batch_id
    scheme.confirm("V0001")
    assert scheme.balance("V0001") == 0
    approval = scheme.approve(batch_id)
    assert (approval.approved, approval.minutes, approval.waiting) == (1, 150, 1)
    assert scheme.states() == ["posted", "awaiting_holder"]
    assert (scheme.balance("V0001"), scheme.balance("V0002")) == (150, 0)
    posted = scheme.rows()[0]
    assert (posted.credited_minutes, posted.policy) == (150, scheme.tried.policy)
    assert reconcile(scheme.tried.bank, FOUNDER).open_findings == 0
    found = judged(scheme.tried, tmp_path)
    assert (found.report.findings, found.derived) == ((), 1)


def test_what_is_not_posted_cannot_be_spent(tmp_path: Path) -> None:
    with scheme_with(tmp_path, TO_FRIENDS) as scheme:
        batch_id = scheme.hand_in().batch_id
        bank, giver = scheme.tried.bank, member(scheme, scheme.rows()[0])
        scheme.confirm("V0001")
        with pytest.raises(FloorExceeded):
            give(bank, giver, Giving("V0002", 1), key=scheme.key())
        scheme.approve(batch_id)
        assert give(bank, giver, Giving("V0002", 150), key=scheme.key()).body["minutes"] == 150


@pytest.mark.parametrize(
    ("slip", "error"),
    [
        ("A", None),
        ("2023/04-001", None),
        ("A" * 39, None),
        ("A" * 40, None),
        ("A" * 41, SlipNumberInvalid),
        ("", MissingField),
        ("  ", MissingField),
        ("-A", SlipNumberInvalid),
        ("王德福", SlipNumberInvalid),
        ("1234567890", None),
        ("13800001234", SlipNumberInvalid),
        ("320106195005201234", SlipNumberInvalid),
        ("a b", SlipNumberInvalid),
    ],
)
def test_the_number_of_a_slip(scheme: Scheme, slip: str, error: Any) -> None:
    scheme.hand_in()
    if error is None:
        sign(scheme, slip)
        assert scheme.rows()[0].slip == slip.upper()
        return
    with pytest.raises(error):
        sign(scheme, slip)
    assert scheme.states() == ["awaiting_holder", "awaiting_holder"]


def test_a_slip_confirms_one_row(scheme: Scheme) -> None:
    scheme.hand_in()
    with pytest.raises(SlipNumberUsed):
        sign(scheme, "S-1", "s-1")
    sign(scheme, "S-1")
    with pytest.raises(SlipNumberUsed):
        confirm_openings(
            scheme.tried.bank, CLERK, [Signed(str(scheme.rows()[1].opening_id), "s-1")],
            key=scheme.key(),
        )  # fmt: skip
    assert scheme.states() == ["awaiting_approval", "awaiting_holder"]


def test_a_holder_confirms_their_own_rows_alone(scheme: Scheme) -> None:
    scheme.hand_in()
    first, second = scheme.rows()
    holder = member(scheme, first)
    for wrong in (str(second.opening_id), new_id("opng", 1)):
        with pytest.raises(UnknownOpening):
            confirm_openings(scheme.tried.bank, holder, [Signed(wrong)], key=scheme.key())
    confirm_openings(scheme.tried.bank, holder, [Signed(str(first.opening_id))], key=scheme.key())
    confirmed = scheme.rows()[0]
    assert (confirmed.state, confirmed.how, confirmed.slip) == ("awaiting_approval", "self", None)
    assert scheme.approve(str(first.batch_id)).approved == 1


def test_a_row_is_confirmed_once(scheme: Scheme) -> None:
    scheme.hand_in()
    sign(scheme, "S-1")
    with pytest.raises(OpeningNotWaiting) as told:
        sign(scheme, "S-2")
    assert told.value.in_chinese().count("待复核") == 1
    with pytest.raises(MissingField):
        confirm_openings(scheme.tried.bank, CLERK, [], key=scheme.key())


@pytest.mark.parametrize("actor", [AUDITOR, Actor("kiosk", Role.KIOSK, "XFL"), ELSEWHERE])
def test_who_records_a_confirmation(scheme: Scheme, actor: Actor) -> None:
    scheme.hand_in()
    with pytest.raises(NotPermitted):
        sign(scheme, "S-1", actor=actor)


def test_neither_importer_nor_who_filed_the_slip_approves(scheme: Scheme) -> None:
    batch_id = scheme.hand_in(actor=OPERATOR).batch_id
    scheme.confirm("V0001", "V0002", actor=REVIEWER)
    with pytest.raises(ApproverNotIndependent):
        scheme.approve(batch_id, OPERATOR)
    with pytest.raises(ApproverNotIndependent):
        scheme.approve(batch_id, REVIEWER)
    assert scheme.balance("V0001") == 0
    assert scheme.approve(batch_id, SECOND_REVIEWER).approved == 2


def test_own_confirmations_are_left_to_another(scheme: Scheme) -> None:
    batch_id = scheme.hand_in().batch_id
    scheme.confirm("V0001", actor=REVIEWER)
    scheme.confirm("V0002", actor=SECOND_CLERK)
    approval = scheme.approve(batch_id, REVIEWER)
    assert (approval.approved, approval.own) == (1, 1)
    assert scheme.states() == ["awaiting_approval", "posted"]
    assert scheme.approve(batch_id, SECOND_REVIEWER).approved == 1


@pytest.mark.parametrize("actor", [CLERK, AUDITOR, REVIEWER_ELSEWHERE])
def test_who_approves(scheme: Scheme, actor: Actor) -> None:
    batch_id = scheme.hand_in(actor=SECOND_CLERK).batch_id
    scheme.confirm("V0001")
    with pytest.raises(NotPermitted):
        scheme.approve(batch_id, actor)


def test_there_must_be_something_to_approve(scheme: Scheme) -> None:
    batch_id = scheme.hand_in().batch_id
    with pytest.raises(NoOpeningToApprove) as told:
        scheme.approve(batch_id)
    assert told.value.facts["waiting"] == 2
    with pytest.raises(UnknownBatch):
        scheme.approve("opnl_none")
    scheme.confirm("V0001", "V0002")
    scheme.approve(batch_id)
    with pytest.raises(NoOpeningToApprove):
        scheme.approve(batch_id)


def test_the_same_key_approves_once(scheme: Scheme) -> None:
    batch_id = scheme.hand_in().batch_id
    scheme.confirm("V0001", "V0002")
    bank = scheme.tried.bank
    first = approve_openings(bank, REVIEWER, batch_id, key="approve-0001")
    assert approve_openings(bank, REVIEWER, batch_id, key="approve-0001") == first
    assert scheme.balance("V0001") == 150


@pytest.mark.parametrize("confirmed", [False, True])
def test_a_row_goes_back(scheme: Scheme, tmp_path: Path, confirmed: bool) -> None:
    batch_id = scheme.hand_in().batch_id
    if confirmed:
        scheme.confirm("V0001")
    opening_id = str(scheme.rows()[0].opening_id)
    with pytest.raises(MissingField):
        scheme.send_back(opening_id, reason=" ")
    scheme.send_back(opening_id, CLERK)
    assert scheme.rows()[0].reason == "页码不符"
    with pytest.raises(OpeningNotWaiting):
        scheme.send_back(opening_id)
    with pytest.raises(NoOpeningToApprove):
        scheme.approve(batch_id)
    assert judged(scheme.tried, tmp_path).report.findings == ()


def test_a_posted_row_is_reversed_and_its_page_may_come_again(
    scheme: Scheme, tmp_path: Path
) -> None:
    scheme.posted()
    first = scheme.rows()[0]
    with pytest.raises(NotPermitted):
        scheme.reverse(str(first.opening_id), CLERK)
    with pytest.raises(MissingField):
        scheme.reverse(str(first.opening_id), reason="")
    scheme.reverse(str(first.opening_id))
    assert (scheme.balance("V0001"), scheme.states()) == (0, ["reversed", "posted"])
    with pytest.raises(OpeningNotWaiting):
        scheme.reverse(str(first.opening_id))
    again = scheme.hand_in([("V0001", "", PAGE, "3", "2022-12-31")])
    scheme.confirm("V0001", slip="T")
    scheme.approve(again.batch_id)
    assert scheme.balance("V0001") == 180
    assert reconcile(scheme.tried.bank, FOUNDER).open_findings == 0
    found = judged(scheme.tried, tmp_path)
    assert (found.report.findings, found.derived) == ((), 4)


def test_what_was_spent_is_not_reversed(scheme: Scheme) -> None:
    scheme.posted()
    scheme.tried.post(scheme.tried.account("V0001"), scheme.tried.account("E0001"), 1)
    with pytest.raises(FloorExceeded):
        scheme.reverse(str(scheme.rows()[0].opening_id))


def test_a_holder_who_is_gone_is_left_out(scheme: Scheme) -> None:
    batch_id = scheme.hand_in().batch_id
    scheme.confirm("V0001", "V0002")
    forget(scheme.tried.bank, OPERATOR, "V0001", key="forget-0001")
    approval = scheme.approve(batch_id)
    assert (approval.approved, approval.refused) == (1, [(1, "opening_holder_gone")])
    assert scheme.states() == ["awaiting_approval", "posted"]


# The account cap ---------------------------------------------------------------------------


@pytest.fixture(params=["pool", "honour", "refuse"])
def capped(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, Scheme]]:
    with scheme_with(tmp_path, cap("account", 150, request.param)) as scheme:
        yield request.param, scheme


@pytest.mark.parametrize("minutes", [149, 150, 151, 200])
def test_the_cap_of_an_account_holds(
    capped: tuple[str, Scheme], minutes: int, tmp_path: Path
) -> None:
    excess, scheme = capped
    batch_id = scheme.hand_in([("V0001", "", "1", f"{minutes}分钟", "2022-12-31")]).batch_id
    scheme.confirm("V0001")
    approval = scheme.approve(batch_id)
    over = max(minutes - 150, 0)
    if excess == "refuse" and over:
        assert approval.refused == [(1, "account_cap_exceeded")]
        assert (scheme.states(), scheme.balance("V0001")) == (["awaiting_approval"], 0)
    else:
        assert scheme.balance("V0001") == min(minutes, 150)
        assert approval.overflow == (over if excess == "pool" else 0)
    assert reconcile(scheme.tried.bank, FOUNDER).open_findings == 0
    assert judged(scheme.tried, tmp_path).report.findings == ()


def test_a_cap_that_takes_all_of_it_leaves_the_fact(tmp_path: Path) -> None:
    with scheme_with(tmp_path, cap("account", 150, "honour")) as scheme:
        rows = [("V0001", "", f"{page}", "150分钟", "2022-12-31") for page in (1, 2)]
        batch_id = scheme.hand_in(rows).batch_id
        scheme.confirm("V0001")
        assert scheme.approve(batch_id).approved == 2
        first, second = scheme.rows()
        assert (second.state, second.credited_minutes, second.entry_id) == ("posted", 0, "")
        scheme.reverse(str(second.opening_id))
        assert scheme.balance("V0001") == 150
        assert first.credited_minutes == 150
        assert reconcile(scheme.tried.bank, FOUNDER).open_findings == 0
        assert judged(scheme.tried, tmp_path).report.findings == ()


def test_a_long_list_is_approved_in_parts(scheme: Scheme, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("timebank.openings.approving.ROWS_AT_ONCE", 2)
    rows = [("V0001", "", f"第{at}页", "1", "2022-12-31") for at in range(5)]
    batch_id = scheme.hand_in(rows).batch_id
    scheme.confirm("V0001")
    told: list[tuple[int, int]] = []
    approval = approve_openings(
        scheme.tried.bank, REVIEWER, batch_id, key="long-0001",
        progress=lambda *at: told.append(at),
    )  # fmt: skip
    assert (approval.approved, approval.minutes) == (5, 300)
    assert told == [(2, 5), (4, 5), (5, 5)]
