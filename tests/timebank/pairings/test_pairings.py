"""timebank/pairings/: promised and given, handed over, and somebody told when nobody comes."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import Refusal
from tests.support.banks import AUDITOR, OPERATOR, TriedBank
from tests.support.forging import Opened, bank_with, judged, log
from tests.support.orders import Journey
from timebank.errors import (
    MissingField,
    NotARecipient,
    NotAVolunteer,
    NotPermitted,
    OrderValueInvalid,
    OwnSpouse,
    UnknownClass,
    UnknownMember,
    UnreadableDate,
)
from timebank.errors.estates import PersonDeceased
from timebank.errors.organisations import OrganisationNotSent
from timebank.errors.pairings import (
    AlreadyPaired,
    InThePairing,
    KeptApart,
    LeadNeeded,
    NotInThePairing,
    PairingEnded,
    PairingFull,
    UnknownPairing,
)
from timebank.errors.suspensions import PersonSuspended
from timebank.estates.actions import report_death
from timebank.founding import FOUNDER
from timebank.matching.actions import keep_apart
from timebank.matching.queries import candidates
from timebank.organisations.actions import register_organisation
from timebank.organisations.model import Kind, NewOrganisation
from timebank.pairings.actions import make_pairing
from timebank.pairings.changing import add_volunteer, end_pairing, hand_over
from timebank.pairings.model import MOST_MEMBERS, Promise, Role
from timebank.pairings.queries import ShownPairing, months_until, pairings_listed, promised_in
from timebank.people.exporting import export_person
from timebank.people.kinship import note_kinship
from timebank.people.model import Relation
from timebank.reconciliation.reconcile import reconcile
from timebank.stations.model import Actor
from timebank.stations.model import Role as Office
from timebank.suspensions.actions import propose
from timebank.suspensions.model import Part, Proposal, Reason

CLERK = Actor("staff_clerk", Office.CLERK, "XFL")
FAR = Actor("staff_far", Office.CLERK, "YHL")
SPOUSES = '[services]\nown_spouse_excluded = { value = true, source = "St. Gallen" }'
PEOPLE = ("V0001", "V0002", "V0003", "E0001", "E0002")
AGREED: dict[str, Any] = {
    "elder": "E0001",
    "members": (("V0001", Role.LEAD), ("V0002", Role.BACKUP)),
    "minutes": 240,
    "alert_days": 14,
    "classes": ("companionship",),
    "proof": "结对协议，双方签字",
    "risks": "楼道没有灯",
}


def made(tried: TriedBank, key: str = "pair-0001", actor: Actor = CLERK, **changed: Any) -> str:
    answer = make_pairing(tried.bank, actor, Promise(**(AGREED | changed)), key=key)
    return str(answer.body["pairing"])


def shown(tried: TriedBank, actor: Actor = CLERK) -> ShownPairing:
    with tried.bank.read() as connection:
        (found,) = pairings_listed(tried.bank, connection, actor)
    return found


def findings(tried: TriedBank) -> int:
    checks = {one.name: one.differences for one in reconcile(tried.bank, FOUNDER).checks}
    return checks["pairings"]


@pytest.mark.parametrize(
    ("month", "from_on", "until_on", "promised"),
    [
        ("2023-04", "2023-03-31", "", 240), ("2023-04", "2023-04-01", "", 240),
        ("2023-04", "2023-04-02", "", 232), ("2023-04", "2023-04-30", "", 8),
        ("2023-04", "2023-05-01", "", 0), ("2023-04", "2023-04-01", "2023-04-15", 120),
        ("2023-04", "2023-04-01", "2023-03-31", 0), ("2024-02", "2024-02-15", "", 124),
    ],
)  # fmt: skip
def test_a_month_is_promised_by_its_days(
    month: str, from_on: str, until_on: str, promised: int
) -> None:
    assert promised_in(month, 240, from_on, until_on) == promised


def test_months_go_back_over_the_years_end() -> None:
    assert months_until(date(2024, 1, 31), 3) == ["2024-01", "2023-12", "2023-11"]


def test_promised_against_given(opened: Opened, tmp_path: Path) -> None:
    with opened(people=PEOPLE) as tried:
        log(tried, at="06:00")  # The day before they were paired.
        pairing = made(tried)
        assert made(tried) == pairing
        tried.clock.move(timedelta(days=30))
        log(tried, 2, on="2023-04-06", minutes=60)
        log(tried, 3, on="2023-05-02", minutes=240)
        log(tried, 4, on="2023-05-03", volunteers="V0002", minutes=30)
        log(tried, 5, on="2023-05-04", volunteers="V0003", minutes=99)  # Of no pairing.
        log(tried, 6, on="2023-05-05", recipients="E0002", minutes=99)  # Another elder.
        found = shown(tried)
        lead, backup = found.volunteers
        assert [(one.month, one.promised_minutes, one.given_minutes) for one in lead.kept] == [
            ("2023-05", 240, 240), ("2023-04", 200, 60),
        ]  # fmt: skip
        assert [one.is_kept for one in lead.kept] == [True, False]
        assert (backup.kept[0].promised_minutes, backup.kept[0].given_minutes) == (0, 30)
        assert (found.last_visit_on, found.days_without, found.is_overdue) == (
            "2023-05-03", 3, False,
        )  # fmt: skip
        assert (found.risks, shown(tried, AUDITOR).risks) == ("楼道没有灯", "")
        assert judged(tried, tmp_path).report.findings == ()


@pytest.mark.parametrize(("days", "overdue"), [(13, False), (14, False), (15, True)])
def test_when_nobody_comes_somebody_is_told(tmp_path: Path, days: int, overdue: bool) -> None:
    with bank_with(tmp_path, people=PEOPLE) as tried:
        made(tried)
        tried.clock.move(timedelta(days=days))
        assert shown(tried).is_overdue is overdue
        assert findings(tried) == int(overdue)
        if overdue:
            log(tried, on="2023-04-20")
            assert (shown(tried).is_overdue, findings(tried)) == (False, 0)


def test_a_pairing_is_handed_over_and_ends(opened: Opened) -> None:
    with opened(people=PEOPLE) as tried:
        bank, pairing = tried.bank, made(tried)
        with pytest.raises(LeadNeeded):
            hand_over(bank, CLERK, pairing, "V0001", "", "搬家", key="hand-0001")
        with pytest.raises(NotInThePairing):
            hand_over(bank, CLERK, pairing, "V0003", "", "搬家", key="hand-0002")
        hand_over(bank, CLERK, pairing, "V0001", "V0002", "搬家", key="hand-0003")
        add_volunteer(bank, CLERK, pairing, "V0003", Role.MEMBER, key="add-00001")
        with pytest.raises(InThePairing):
            add_volunteer(bank, CLERK, pairing, "V0003", Role.BACKUP, key="add-00002")
        hand_over(bank, CLERK, pairing, "V0003", "", "上学", key="hand-0004")
        running = [(one.number, one.role) for one in shown(tried).volunteers if not one.until_on]
        assert running == [("V0002", "lead")]
        end_pairing(bank, CLERK, pairing, "老人住进养老院", key="end-00001")
        found = shown(tried)
        assert (found.is_over, found.ended_on, found.reason) == (
            True, "2023-04-06", "老人住进养老院",
        )  # fmt: skip
        assert all(one.until_on for one in found.volunteers)
        with pytest.raises(PairingEnded):
            add_volunteer(bank, CLERK, pairing, "V0001", Role.MEMBER, key="add-00003")
        assert made(tried, "pair-0002") != pairing
        copied = export_person(bank, OPERATOR, "E0001")["pairings"]
        assert {one["risks"] for one in copied} == {"楼道没有灯"}


@pytest.mark.parametrize(("on", "runs"), [("09", True), ("10", True), ("11", False)])
def test_the_last_day_is_inside(tmp_path: Path, on: str, runs: bool) -> None:
    with bank_with(tmp_path, people=PEOPLE) as tried:
        pairing = made(tried, until_on="2023-04-10")
        tried.clock.move(timedelta(days=int(on) - 6))
        if runs:
            add_volunteer(tried.bank, CLERK, pairing, "V0003", Role.MEMBER, key="add-00001")
        else:
            with pytest.raises(PairingEnded):
                add_volunteer(tried.bank, CLERK, pairing, "V0003", Role.MEMBER, key="add-00001")
            made(tried, "pair-0002")


REFUSED: list[tuple[dict[str, Any], Actor, type[Refusal]]] = [
    ({"proof": ""}, CLERK, MissingField),
    ({"minutes": 0}, CLERK, OrderValueInvalid),
    ({"alert_days": 93}, CLERK, OrderValueInvalid),
    ({"classes": ("banking",)}, CLERK, UnknownClass),
    ({"until_on": "秋天"}, CLERK, UnreadableDate),
    ({"until_on": "2023-04-05"}, CLERK, OrderValueInvalid),
    ({"members": (("V0001", Role.BACKUP),)}, CLERK, LeadNeeded),
    ({"members": (("V0001", Role.LEAD), ("V0002", Role.LEAD))}, CLERK, LeadNeeded),
    ({"members": (("V0001", Role.LEAD), *((("V0002", Role.MEMBER),) * MOST_MEMBERS))}, CLERK,
     PairingFull),
    ({"members": (("V0001", Role.LEAD), ("V0001", Role.MEMBER))}, CLERK, InThePairing),
    ({"members": (("E0002", Role.LEAD),)}, CLERK, NotAVolunteer),
    ({"members": (("V9999", Role.LEAD),)}, CLERK, UnknownMember),
    ({"elder": "V0003"}, CLERK, NotARecipient),
    ({}, FAR, NotPermitted),
    ({}, replace(CLERK, role=Office.REVIEWER), NotPermitted),
]  # fmt: skip


@pytest.mark.parametrize(("changed", "actor", "refusal"), REFUSED)
def test_what_is_agreed_is_checked(
    tmp_path: Path, changed: dict[str, Any], actor: Actor, refusal: type[Refusal]
) -> None:
    with bank_with(tmp_path, people=PEOPLE) as tried:
        tried.behind("UPDATE person SET station_code = 'XFL'")
        with pytest.raises(refusal):
            made(tried, actor=actor, **changed)


def test_who_cannot_be_paired(tmp_path: Path) -> None:
    with bank_with(tmp_path, SPOUSES, people=PEOPLE) as tried:
        bank = tried.bank
        pairing = made(tried)
        with pytest.raises(AlreadyPaired):
            made(tried, "pair-0002")
        team = NewOrganisation("T0001", "巾帼队", Kind.TEAM)
        register_organisation(bank, CLERK, team, key="org-00001")

        def add(number: str, key: str) -> None:
            add_volunteer(bank, CLERK, pairing, number, Role.MEMBER, key=key)

        with pytest.raises(OrganisationNotSent):
            add("T0001", "add-00001")
        note_kinship(bank, OPERATOR, "V0003", "E0001", Relation.SPOUSE, "结婚证")
        with pytest.raises(OwnSpouse):
            add("V0003", "add-00002")
        note_kinship(bank, OPERATOR, "V0003", "E0001", Relation.FRIEND, "自述")
        keep_apart(bank, CLERK, "E0001", "V0003", apart=True)
        with pytest.raises(KeptApart):
            add("V0003", "add-00003")
        keep_apart(bank, CLERK, "E0001", "V0003", apart=False)
        add("V0003", "add-00004")
        stopped = Proposal("V0003", Part.VOLUNTEER, Reason.HARM, "训斥老人")
        propose(bank, CLERK, stopped, key="susp-0001")
        assert findings(tried) == 1
        report_death(bank, CLERK, "V0001", "2023-04-06", "证明", key="death-001")
        report_death(bank, CLERK, "E0001", "2023-04-06", "证明", key="death-002")
        assert findings(tried) == 2  # The elder, and somebody of the volunteers.
        end_pairing(bank, CLERK, pairing, "老人去世", key="end-00001")
        assert findings(tried) == 0
        with pytest.raises(PersonDeceased):
            made(tried, "pair-0003")
        with pytest.raises(PersonSuspended):
            made(tried, "pair-0004", elder="E0002", members=(("V0003", Role.LEAD),))
        with pytest.raises(UnknownPairing):
            end_pairing(bank, CLERK, "pair_0", "没有", key="end-00002")
        for actor in (AUDITOR, Actor("p", Office.MEMBER, "", "p")):
            with pytest.raises(NotPermitted):
                end_pairing(bank, actor, pairing, "不行", key="end-00003")


def test_who_is_paired_is_asked_first(tmp_path: Path) -> None:
    with bank_with(tmp_path, people=()) as tried:
        journey = Journey(tried).to("published")
        made(tried, members=(("V0002", Role.LEAD), ("V0001", Role.BACKUP)))
        first, second = candidates(tried.bank, CLERK, journey.order_id).ranked[:2]
        assert (first.number, second.number) == ("V0002", "V0001")
        assert "与这位老人结对" in {one.zh for one in first.reasons}
        assert "是这位老人结对的候补" in {one.zh for one in second.reasons}


def test_a_page_of_many(opened: Opened) -> None:
    with opened(people=PEOPLE) as tried:
        first = made(tried)
        tried.clock.move(timedelta(minutes=1))
        second = made(tried, "pair-0002", elder="E0002")
        with tried.bank.read() as connection:
            page = pairings_listed(tried.bank, connection, CLERK, most=1)
            rest = pairings_listed(tried.bank, connection, CLERK, before=second)
            assert pairings_listed(tried.bank, connection, FAR) == []
        assert [one.pairing_id for one in (*page, *rest)] == [second, first]
