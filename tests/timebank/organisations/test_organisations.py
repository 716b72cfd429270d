"""timebank/organisations/: group volunteers earn where the policy says so, and donate only."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import Refusal
from tests.support.banks import AUDITOR, OPERATOR, TriedBank
from tests.support.forging import CLERK, Opened, bank_with, judged, log, rules
from tests.support.orders import Journey
from timebank.errors import (
    MissingField,
    NotPermitted,
    NumberTaken,
    UnderAge,
    UnknownMember,
    UnknownRole,
)
from timebank.errors.organisations import (
    BelongsAlready,
    BelongsNot,
    CreditCodeInvalid,
    CreditCodeTaken,
    GuardianMissing,
    OrganisationDonatesOnly,
    OrganisationEarnsNothing,
    OrganisationNotSent,
    UnknownOrganisation,
)
from timebank.founding import FOUNDER
from timebank.matching.queries import candidates
from timebank.organisations.actions import end_member, note_member, register_organisation
from timebank.organisations.model import Guardian, Kind, NewOrganisation
from timebank.organisations.queries import members_listed, organisations_listed
from timebank.people.actions import register
from timebank.people.exporting import export_person
from timebank.people.model import Newcomer
from timebank.reconciliation.reconcile import reconcile
from timebank.records import admitting
from timebank.stations.model import Actor, Role
from timebank.transfers import giving
from timebank.transfers.giving import Giving, donate, give

EARN = '[earning]\norganisations = { value = true, source = "南京" }'
ADULTS = (
    '[earning]\nminimum_age = { value = 18, source = "上海" }\n'
    'under_age_in_groups = { value = true, source = "上海" }\n'
    'organisations = { value = true, source = "南京" }'
)
MOVES = (
    '[transfer]\nrelations = { value = ["friend"], source = "上海" }\n'
    'donation_to = { value = ["pool"], source = "上海" }'
)
CODE = "91110000600037341L"
GUARDIAN = Guardian("王父", "13812340000", "监护人同意书")


def made(tried: TriedBank, number: str = "T0001", key: str = "org-00001", **changed: Any) -> str:
    stated = {"name": "幸福里小学", "kind": Kind.SCHOOL, **changed}
    return register_organisation(tried.bank, CLERK, NewOrganisation(number, **stated), key=key)


def born(tried: TriedBank, number: str, name: str, on: str) -> None:
    newcomer = Newcomer(name, ((number, "volunteer"),), date.fromisoformat(on))
    register(tried.bank, OPERATOR, [newcomer], key=f"born-{number}")


def findings(tried: TriedBank) -> set[str]:
    checks = reconcile(tried.bank, FOUNDER).checks
    quiet = {"jobs_silent", "published_log"}
    return {one.name for one in checks if one.differences} - quiet


def test_what_a_unit_earned_is_donated_and_nothing_else(opened: Opened, tmp_path: Path) -> None:
    with opened(EARN, MOVES) as tried:
        unit = made(tried)
        assert made(tried) == unit
        log(tried, volunteers="T0001")
        with pytest.raises(OrganisationDonatesOnly):
            give(tried.bank, CLERK, Giving("V0001", 30, "T0001", "小李"), key="give-0001")
        log(tried, 2, at="15:00")
        with pytest.raises(OrganisationDonatesOnly):
            give(tried.bank, CLERK, Giving("T0001", 30, "V0001", "小李"), key="give-0002")
        donate(tried.bank, CLERK, Giving("pool", 60, "T0001", "小李"), key="donate-01")
        with tried.bank.read() as connection:
            (shown,) = organisations_listed(tried.bank, connection, AUDITOR)
        assert (shown.number, shown.kind, shown.posted_minutes, shown.held_minutes) == (
            "T0001", "school", 90, 60,
        )  # fmt: skip
        assert findings(tried) == set()
        assert judged(tried, tmp_path).report.findings == ()


def test_without_a_clause_it_earns_nothing(tmp_path: Path) -> None:
    with bank_with(tmp_path) as tried:
        made(tried)
        with pytest.raises(OrganisationEarnsNothing):
            log(tried, volunteers="T0001")


def test_the_verifier_finds_credit_that_no_clause_allows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault is planted in the bank: it forgets the rule, and signs what follows."""
    with bank_with(tmp_path) as tried:
        made(tried)
        monkeypatch.setattr(admitting, "check_organisation", lambda profile: None)
        log(tried, volunteers="T0001")
        assert rules(tried, tmp_path) == ["policy_refuses"]


def test_the_verifier_finds_a_gift_from_a_unit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with bank_with(tmp_path, EARN, MOVES) as tried:
        made(tried)
        log(tried, volunteers="T0001")
        monkeypatch.setattr(giving, "GROUP", "nobody")
        give(tried.bank, CLERK, Giving("V0001", 30, "T0001", "小李"), key="give-0001")
        assert rules(tried, tmp_path) == ["policy_refuses"]


def test_nobody_is_visited_by_a_unit(tmp_path: Path) -> None:
    with bank_with(tmp_path, EARN, people=()) as tried:
        made(tried)
        journey = Journey(tried).to("published")
        found = candidates(tried.bank, CLERK, journey.order_id)
        assert "T0001" not in {one.number for one in (*found.ranked, *found.refused)}
        with pytest.raises(OrganisationNotSent):
            journey.step("match", volunteer="T0001")


@pytest.mark.parametrize("on", ["2005-04-05", "2005-04-06", "2005-04-04"])
def test_who_is_under_age_gives_beside_an_adult_of_their_group(tmp_path: Path, on: str) -> None:
    """Eighteen on the day of the service (2023-04-05) is an adult; a day younger is not."""
    with bank_with(tmp_path, ADULTS) as tried:
        made(tried)
        born(tried, "V0101", "小明", on)
        born(tried, "V0102", "王老师", "1980-01-01")
        alone = on <= "2005-04-05"
        if alone:
            log(tried, volunteers="V0101")
            return
        with pytest.raises(UnderAge):
            log(tried, volunteers="V0101")
        with pytest.raises(UnderAge):  # Of no group.
            log(tried, 2, volunteers="V0101、V0102")
        note_member(tried.bank, CLERK, "T0001", "V0101", GUARDIAN)
        note_member(tried.bank, CLERK, "T0001", "V0102")
        with pytest.raises(UnderAge):  # Not before that day.
            log(tried, 3, volunteers="V0101、V0102")
        tried.behind("UPDATE organisation_member SET from_on = '2023-04-05'")
        log(tried, 4, volunteers="V0101、V0102")


def test_a_minor_joins_by_a_guardians_word(tmp_path: Path) -> None:
    with bank_with(tmp_path) as tried:
        made(tried)
        for number, on, needs in (
            ("V0101", "2005-04-05", False), ("V0102", "2005-04-06", False),
            ("V0103", "2005-04-07", True),
        ):  # fmt: skip
            born(tried, number, f"成员{number}", on)
            if needs:
                with pytest.raises(GuardianMissing):
                    note_member(tried.bank, CLERK, "T0001", number)
            else:
                note_member(tried.bank, CLERK, "T0001", number)
        with pytest.raises(GuardianMissing):  # Nobody knows how old V0001 is.
            note_member(tried.bank, CLERK, "T0001", "V0001")
        for guardian in (Guardian("", "13812340000", "书"), Guardian("王父", "", "书")):
            with pytest.raises(MissingField):
                note_member(tried.bank, CLERK, "T0001", "V0103", guardian)
        note_member(tried.bank, CLERK, "T0001", "V0103", GUARDIAN)
        with tried.bank.read() as connection:
            found = members_listed(tried.bank, connection, CLERK, "t0001")
        assert {one.number: one.has_guardian for one in found} == {
            "V0101": False, "V0102": False, "V0103": True,
        }  # fmt: skip
        copied = export_person(tried.bank, OPERATOR, "V0103")["groups"]
        assert copied[0]["guardian"]["guardian"] == "王父"


def test_who_leaves_and_comes_back(opened: Opened) -> None:
    with opened() as tried:
        made(tried)
        born(tried, "V0101", "王老师", "1980-01-01")
        with pytest.raises(BelongsNot):
            end_member(tried.bank, CLERK, "T0001", "V0101")
        note_member(tried.bank, CLERK, "T0001", "V0101")
        with pytest.raises(BelongsAlready):
            note_member(tried.bank, CLERK, "T0001", "V0101")
        end_member(tried.bank, CLERK, "T0001", "V0101")
        note_member(tried.bank, CLERK, "T0001", "V0101")  # The same day: as if never gone.
        tried.clock.move(timedelta(days=1))
        end_member(tried.bank, CLERK, "T0001", "V0101")
        tried.clock.move(timedelta(days=1))
        note_member(tried.bank, CLERK, "T0001", "V0101")
        with tried.bank.read() as connection:
            found = members_listed(tried.bank, connection, CLERK, "T0001")
            (shown,) = organisations_listed(tried.bank, connection, CLERK)
        assert [(one.from_on, one.until_on) for one in found] == [
            ("2023-04-06", "2023-04-07"), ("2023-04-08", ""),
        ]  # fmt: skip
        assert shown.people == 1


REFUSED: list[tuple[dict[str, Any], type[Refusal]]] = [
    ({"name": ""}, MissingField),
    ({"credit_code": "91110000600037341M"}, CreditCodeInvalid),
    ({"number": "V0001"}, NumberTaken),
]


@pytest.mark.parametrize(("changed", "refusal"), REFUSED)
def test_what_a_registration_must_say(
    tmp_path: Path, changed: dict[str, Any], refusal: type[Refusal]
) -> None:
    with bank_with(tmp_path) as tried, pytest.raises(refusal):
        made(tried, **changed)


def test_a_credit_code_names_one_body_and_a_person_is_none(tmp_path: Path) -> None:
    with bank_with(tmp_path) as tried:
        made(tried, credit_code=CODE.lower())
        with pytest.raises(CreditCodeTaken):
            made(tried, "T0002", "org-00002", name="另一单位", credit_code=CODE)
        person = Newcomer("王敏", (("V0101", "volunteer group"),))
        with pytest.raises(UnknownRole):
            register(tried.bank, OPERATOR, [person], key="people-09")
        with pytest.raises(UnknownOrganisation):
            note_member(tried.bank, CLERK, "V0002", "V0001", GUARDIAN)
        with pytest.raises(UnknownOrganisation):
            note_member(tried.bank, CLERK, "T0001", "T0001", GUARDIAN)
        with pytest.raises(UnknownMember):
            note_member(tried.bank, CLERK, "T0001", "V9999")
        for actor in (AUDITOR, Actor("p", Role.MEMBER, "", "p")):
            with pytest.raises(NotPermitted):
                note_member(tried.bank, actor, "T0001", "V0001", GUARDIAN)
        with tried.bank.read() as connection, pytest.raises(UnknownOrganisation):
            members_listed(tried.bank, connection, CLERK, "V0001")


def test_pages_go_by_number(tmp_path: Path) -> None:
    with bank_with(tmp_path) as tried:
        for at in (2, 1, 3):
            made(tried, f"T000{at}", f"org-0000{at}", name=f"单位{at}")
        with tried.bank.read() as connection:
            first = organisations_listed(tried.bank, connection, CLERK, most=2)
            rest = organisations_listed(tried.bank, connection, CLERK, after=first[-1].number)
        assert [one.number for one in (*first, *rest)] == ["T0001", "T0002", "T0003"]
