"""timebank/matching/actions.py: who may tell what of whom, what is sealed, what is forgotten."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from tests.support.banks import AUDITOR, OPERATOR, TriedBank
from timebank.errors import (
    ConsentMissing,
    MatchingValueInvalid,
    MissingField,
    NotPermitted,
    SamePerson,
    UnknownArea,
    UnknownMember,
)
from timebank.matching.actions import LOCATION, Told, draw_area, joined, keep_apart, pause, tell
from timebank.matching.model import Window
from timebank.matching.queries import areas_listed, matching_shown
from timebank.people.exporting import export_person
from timebank.people.forgetting import forget
from timebank.stations.model import Actor, Role

CLERK = Actor("staff_clerk", Role.CLERK, "XFL")
ELSEWHERE = Actor("staff_far", Role.CLERK, "FAR")
TUESDAY = Window(2, 780, 1_020)
TABLES = ("matching_person", "matching_skill", "matching_window", "matching_exclusion")


@pytest.fixture
def people(bank: TriedBank) -> dict[str, str]:
    numbers = ("V0001", "V0002", "E0001")
    draw_area(bank.bank, OPERATOR, "XFL", "幸福里", 0, 0)
    return dict(zip(numbers, bank.people(*numbers), strict=True))


def member(person_id: str) -> Actor:
    return Actor(person_id, Role.MEMBER, "", person_id)


def rows(tried: TriedBank, table: str) -> list[Any]:
    with tried.bank.read() as connection:
        return list(connection.execute(text(f"SELECT * FROM {table}")).mappings())


def told(tried: TriedBank, number: str = "V0001", actor: Actor = CLERK) -> dict[str, Any]:
    return matching_shown(tried.bank, actor, number)


def test_what_is_told_stands_until_it_is_told_anew(bank: TriedBank, people: dict[str, str]) -> None:
    everything = Told(
        ("repairs", "meals"), (TUESDAY,), "XFL", True, "2023-12-31", "2023-11-30", "female", "male"
    )
    tell(bank.bank, CLERK, "V0001", everything)
    tell(bank.bank, CLERK, "v0001", Told(insured_until="2024-12-31", gender_wish=""))
    tell(bank.bank, member(people["V0001"]), "V0001", Told(windows=(Window(6, 0, 1_440),)))
    assert told(bank) == {
        "skills": ["meals", "repairs"],
        "free_times": [{"weekday": 6, "from_minute": 0, "to_minute": 1_440}],
        "area": "XFL",
        "insured_until": "2024-12-31",
        "agreed_until": "2023-11-30",
        "paused_from": "",
        "paused_until": "",
        "gender": "female",
        "gender_wish": "",
        "pause_reason": "",
        "apart": [],
    }
    tell(bank.bank, CLERK, "V0001", Told(skills=(), windows=()))
    assert (told(bank)["skills"], told(bank)["free_times"]) == ([], [])


def test_what_describes_somebody_is_sealed_for_them(
    bank: TriedBank, people: dict[str, str]
) -> None:
    tell(bank.bank, CLERK, "V0001", Told(gender="female"))
    pause(bank.bank, CLERK, "V0001", from_on="2023-04-10", until_on="", reason="照顾家人")
    (row,) = rows(bank, "matching_person")
    assert row["paused_from"] == "2023-04-10"
    sealed = bytes(row["sealed"])
    assert b"female" not in sealed
    wrapped = bank.bank.wrapped_keys.of([people["V0001"]])[people["V0001"]]
    assert bank.bank.vault.open(people["V0001"], wrapped, sealed) == {
        "gender": "female", "pause_reason": "照顾家人",
    }  # fmt: skip
    pause(bank.bank, CLERK, "V0001", from_on="", until_on="", reason="")
    shown = told(bank)
    assert (shown["paused_from"], shown["pause_reason"], shown["gender"]) == ("", "", "female")


def test_an_area_needs_its_own_consent_and_goes_with_it(
    bank: TriedBank, people: dict[str, str]
) -> None:
    with pytest.raises(ConsentMissing):
        tell(bank.bank, CLERK, "V0001", Told(area="XFL"))
    with pytest.raises(UnknownArea):
        tell(bank.bank, CLERK, "V0001", Told(area="NOWHERE", area_consent=True))
    assert rows(bank, "consent") == []
    tell(bank.bank, CLERK, "V0001", Told(area="XFL", area_consent=True))
    (given,) = rows(bank, "consent")
    assert (given["purpose"], given["withdrawn_ms"]) == (LOCATION, None)
    bank.clock.move(timedelta(days=1))
    tell(bank.bank, CLERK, "V0001", Told(area="XFL", area_consent=True))
    assert rows(bank, "consent") == [given]
    tell(bank.bank, CLERK, "V0001", Told(area=""))
    (ended,) = rows(bank, "consent")
    assert (ended["given_ms"], ended["withdrawn_ms"]) == (given["given_ms"], bank.bank.now_ms())
    assert told(bank)["area"] == ""
    tell(bank.bank, CLERK, "V0001", Told(area="XFL", area_consent=True))
    (again,) = rows(bank, "consent")
    assert (again["given_ms"], again["withdrawn_ms"]) == (bank.bank.now_ms(), None)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        (Told(skills=("flying",)), "skill"),
        (Told(skills=("not_volunteer",)), "skill"),
        (Told(windows=(Window(0, 0, 1),)), "free_time"),
        (Told(windows=(Window(8, 0, 1),)), "free_time"),
        (Told(windows=(Window(1, -1, 1),)), "free_time"),
        (Told(windows=(Window(1, 60, 60),)), "free_time"),
        (Told(windows=(Window(1, 0, 1_441),)), "free_time"),
        (Told(windows=tuple(Window(1, at, at + 1) for at in range(51))), "free_time"),
        (Told(insured_until="2023-13-01"), "insured_until"),
        (Told(agreed_until="20231201"), "agreed_until"),
        (Told(gender="other"), "gender"),
        (Told(gender_wish="any"), "gender"),
    ],
)
def test_values_out_of_bounds_are_refused(sqlite_bank: TriedBank, said: Told, field: str) -> None:
    sqlite_bank.people("V0001")
    with pytest.raises(MatchingValueInvalid) as refused:
        tell(sqlite_bank.bank, CLERK, "V0001", said)
    assert refused.value.facts["field"] == field
    assert all(rows(sqlite_bank, table) == [] for table in TABLES)


def test_windows_that_touch_become_one() -> None:
    told = [Window(2, 60, 120), Window(1, 0, 60), Window(2, 0, 60), Window(2, 121, 130)]
    assert joined(told) == [Window(1, 0, 60), Window(2, 0, 120), Window(2, 121, 130)]
    assert joined([Window(1, 0, 90), Window(1, 30, 60)]) == [Window(1, 0, 90)]


@pytest.mark.parametrize(
    ("actor", "said", "refusal"),
    [
        (AUDITOR, Told(), NotPermitted),
        (ELSEWHERE, Told(windows=()), UnknownMember),
        (Actor("kiosk", Role.KIOSK, "XFL"), Told(windows=()), NotPermitted),
    ],
)
def test_who_has_nothing_to_tell(
    sqlite_bank: TriedBank, actor: Actor, said: Told, refusal: type[Exception]
) -> None:
    sqlite_bank.people("V0001")
    sqlite_bank.behind("UPDATE person SET station_code = 'XFL'")
    with pytest.raises(refusal):
        tell(sqlite_bank.bank, actor, "V0001", said)


def test_members_tell_of_their_own_free_time_alone(bank: TriedBank, people: dict[str, str]) -> None:
    me = member(people["V0001"])
    for said in (Told(skills=("meals",)), Told(insured_until=""), Told(windows=(), gender="male")):
        with pytest.raises(NotPermitted):
            tell(bank.bank, me, "V0001", said)
    with pytest.raises(UnknownMember):
        tell(bank.bank, me, "V0002", Told(windows=()))
    with pytest.raises(NotPermitted):
        pause(bank.bank, me, "V0001", from_on="2023-04-10", until_on="", reason="x")
    with pytest.raises(NotPermitted):
        keep_apart(bank.bank, me, "E0001", "V0001", apart=True)
    with pytest.raises(UnknownMember):
        told(bank, "V0002", me)


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        (("2023-04-31", "", "r"), MatchingValueInvalid),
        (("2023-04-10", "2023-04-09", "r"), MatchingValueInvalid),
        (("2023-04-10", "", " "), MissingField),
        (("2023-04-10", "", "因" * 201), MatchingValueInvalid),
    ],
)
def test_a_pause_has_days_in_order_and_a_reason(
    sqlite_bank: TriedBank, said: tuple[str, str, str], refusal: type[Exception]
) -> None:
    sqlite_bank.people("V0001")
    with pytest.raises(refusal):
        pause(sqlite_bank.bank, CLERK, "V0001", from_on=said[0], until_on=said[1], reason=said[2])


def test_exclusions_are_for_staff_and_can_be_lifted(
    bank: TriedBank, people: dict[str, str]
) -> None:
    keep_apart(bank.bank, CLERK, "E0001", "V0001", apart=True)
    keep_apart(bank.bank, CLERK, "E0001", "V0001", apart=True)
    assert told(bank, "E0001")["apart"] == [{"number": "V0001", "name": "成＊＊"}]
    assert told(bank, "V0001")["apart"] == [{"number": "E0001", "name": "成＊＊"}]
    assert told(bank, "V0001", member(people["V0001"]))["apart"] == []
    keep_apart(bank.bank, CLERK, "E0001", "V0001", apart=False)
    assert told(bank, "E0001")["apart"] == []
    with pytest.raises(SamePerson):
        keep_apart(bank.bank, CLERK, "V0001", "V0001", apart=True)


def test_areas_are_the_operators(bank: TriedBank) -> None:
    draw_area(bank.bank, OPERATOR, "A-1", "一区", 100, -200)
    draw_area(bank.bank, OPERATOR, "A-1", "一区", 150, -200)
    with bank.bank.read() as connection:
        (found,) = areas_listed(connection, CLERK)
        assert (found.code, found.east_metres, found.north_metres) == ("A-1", 150, -200)
        with pytest.raises(NotPermitted):
            areas_listed(connection, member("person"))
    with pytest.raises(NotPermitted):
        draw_area(bank.bank, CLERK, "A-2", "二区", 0, 0)
    for code, name, metres in (("甲", "x", 0), ("A", "", 0), ("A", "x", 1_000_001)):
        with pytest.raises(MatchingValueInvalid):
            draw_area(bank.bank, OPERATOR, code, name, metres, 0)


def test_forgetting_takes_everything_and_the_export_has_it_before(
    bank: TriedBank, people: dict[str, str]
) -> None:
    tell(bank.bank, CLERK, "V0001", Told(("meals",), (TUESDAY,), gender="female"))
    keep_apart(bank.bank, CLERK, "E0001", "V0001", apart=True)
    exported = export_person(bank.bank, OPERATOR, "V0001")["matching"]
    assert (exported["skills"], exported["gender"]) == (["meals"], "female")
    bank.clock.move(timedelta(days=366 * 11))
    assert forget(bank.bank, OPERATOR, "V0001", key="forget-0001").outcome == "forgotten"
    assert [rows(bank, table) for table in TABLES] == [[], [], [], []]
