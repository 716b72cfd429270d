"""timebank/matching: who is proposed for real orders, what a match refuses, a day given out."""

import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text

from tests.support.banks import OPERATOR, TriedBank, new_bank
from tests.support.forging import bank_with
from tests.support.orders import CLERK, OTHER_CLERK, STRAIGHT, Journey
from tests.support.services import service
from timebank.benchmarks.matching import matching
from timebank.errors import (
    ExtraMissing,
    MatchingValueInvalid,
    NoAgreement,
    NotInsured,
    NotPermitted,
    OrderStepNotAllowed,
    SkillMissing,
    UnknownMember,
    UnknownOrder,
    VolunteerExcluded,
    VolunteerPaused,
)
from timebank.matching.actions import Told, draw_area, keep_apart, pause, tell
from timebank.matching.assigning import assign_day
from timebank.matching.model import Window
from timebank.matching.queries import candidates, open_orders
from timebank.people.actions import register
from timebank.people.kinship import note_kinship
from timebank.people.model import Newcomer, Relation
from timebank.records.actions import log_service
from timebank.records.model import Payer
from timebank.stations.model import Actor, Role

FAR = Actor("staff_far", Role.CLERK, "FAR")
DISPATCH = """
[dispatch]
insurance_required = { value = true, source = "志愿服务条例第十七条" }
agreement_required = { value = true, source = "浙江省志愿服务条例第二十一条" }
skilled_classes = { value = ["companionship"], source = "志愿服务条例第十五条" }
"""


@pytest.fixture
def journey(bank: TriedBank) -> Journey:
    return Journey(bank).to("published")


@pytest.fixture
def alone(sqlite_bank: TriedBank) -> Journey:
    return Journey(sqlite_bank)


def found(journey: Journey, actor: Actor = CLERK) -> dict[str, list[str]]:
    """Reasons by number of whoever may be asked, and the rule by number of everybody else."""
    told = candidates(journey.tried.bank, actor, journey.order_id)
    return {one.number: [why.zh for why in one.reasons] for one in told.ranked} | {
        one.number: [one.why.code] for one in told.refused
    }


def test_ranked_with_reasons_a_station_can_read(journey: Journey) -> None:
    bank = journey.tried.bank
    for code, east in (("XFL", 0), ("A-1", 1_200)):
        draw_area(bank, OPERATOR, code, code, east, 0)
    helped = service("V0002", "E0001", at="14:00", minutes=30)
    log_service(bank, CLERK, "XFL", helped, key="helped-0001")
    tell(bank, CLERK, "E0001", Told(gender_wish="female"))
    thursday = (Window(4, 420, 720),)
    tell(
        bank, CLERK, "V0002",
        Told(("companionship",), thursday, "A-1", area_consent=True, gender="female"),
    )  # fmt: skip
    told = candidates(bank, CLERK, journey.order_id)
    assert [one.number for one in told.ranked] == ["V0002", "V0001"]
    first = told.ranked[0]
    assert "，".join(one.zh for one in first.reasons) == (
        "1.2 公里，星期四上午有空，已为这位老人服务 1 次，会亲情陪伴，符合老人对性别的意愿，"
        "近 28 天被邀约 0 次"
    )
    assert (first.name, first.points) == ("成＊＊", 1_000 + 152 + 200 + 40 + 120 + 250)
    assert (told.refused[0].number, told.refused_by) == ("E0001", {"self_service": 1})
    assert found(journey)["V0001"][0] == "距离未登记"
    journey.tried.behind(  # Whoever belongs to the station is where the station is.
        "UPDATE person SET station_code = 'XFL' WHERE person_id = :who",
        who=journey.people["V0001"],
    )
    assert found(journey)["V0001"][0] == "同一片区"


def test_every_hard_rule_reaches_the_station_by_its_name(tmp_path: Path) -> None:
    text_of = DISPATCH + (
        '[earning]\nminimum_age = { value = 18, source = "志愿服务条例" }\n'
        '[services]\nown_spouse_excluded = { value = true, source = "例" }\n'
        '[caps]\nday_minutes = { value = 100, source = "例" }\n'
        'day_excess = { value = "trim", source = "例" }\n'
        'account_minutes = { value = 200, source = "例" }\n'
        'account_excess = { value = "pool", source = "例" }\n'
    )
    with bank_with(tmp_path, text_of, people=()) as tried:
        journey, bank = Journey(tried), tried.bank
        newcomers = [
            Newcomer(f"成员{number}", ((number, "volunteer"),), born_on)
            for number, born_on in (
                *((f"V000{at}", None) for at in range(3, 10)),
                ("V0010", (bank.today() - timedelta(days=365 * 17))),
            )
        ]
        register(bank, OPERATOR, newcomers, key="more-0001")
        papers = Told(("companionship",), insured_until="2024-01-01", agreed_until="2024-01-01")
        numbers = [f"V{at:04}" for at in (1, 2, *range(3, 11))]
        for number in numbers:
            tell(bank, CLERK, number, papers)
        tell(bank, CLERK, "V0002", Told(skills=()))
        tell(bank, CLERK, "V0003", Told(insured_until=""))
        tell(bank, CLERK, "V0004", Told(agreed_until="2023-04-05"))
        keep_apart(bank, CLERK, "E0001", "V0005", apart=True)
        pause(bank, CLERK, "V0006", from_on="2023-04-01", until_on="2023-04-06", reason="r")
        note_kinship(bank, OPERATOR, "V0007", "E0001", Relation.SPOUSE, "户口簿")
        journey.ask(wanted_at="08:30", elder="E0002", payer=Payer.NOBODY)
        for name in ("vet", "publish"):
            journey.step(name)
        journey.step("match", volunteer="V0008")
        tried.issue("V0009", 150)
        journey.to("published")
        told = found(journey)
        expected = {
            "E0001": "self_service", "V0002": "skill_missing", "V0003": "not_insured",
            "V0004": "no_agreement", "V0005": "volunteer_excluded", "V0006": "volunteer_paused",
            "V0007": "own_spouse", "V0008": "volunteer_busy", "V0009": "account_cap_exceeded",
            "V0010": "under_age",
        }  # fmt: skip
        assert {number: why[0] for number, why in told.items() if number != "V0001"} == expected
        journey.ask(wanted_at="18:00")
        for name in ("vet", "publish"):
            journey.step(name)
        assert found(journey)["V0008"] == ["daily_cap_exceeded"]


def test_who_may_ask_for_candidates(journey: Journey) -> None:
    bank = journey.tried.bank
    for actor in (journey.member("E0001"), Actor("a", Role.AUDITOR)):
        with pytest.raises(NotPermitted):
            candidates(bank, actor, journey.order_id)
    with pytest.raises(UnknownOrder):
        candidates(bank, FAR, journey.order_id)
    journey.step("match", volunteer="V0001")
    with pytest.raises(OrderStepNotAllowed):
        candidates(bank, CLERK, journey.order_id)


def test_open_orders_for_a_volunteer(journey: Journey) -> None:
    bank, me = journey.tried.bank, journey.member("V0001")
    tell(bank, me, "V0001", Told(windows=(Window(5, 420, 720),)))
    first = journey.order_id
    tomorrow = (bank.today() + timedelta(days=1)).isoformat()
    journey.ask(wanted_on=tomorrow, elder="E0002", payer=Payer.NOBODY)
    for name in ("vet", "publish"):
        journey.step(name)
    second = journey.order_id
    ranked = open_orders(bank, me, "V0001")
    assert [one.asked.request.order_id for one in ranked] == [second, first]
    assert "星期五上午有空" in {why.zh for why in ranked[0].reasons}
    assert "not_free" in {why.code for why in ranked[1].reasons}
    keep_apart(bank, CLERK, "E0002", "V0001", apart=True)
    assert [one.asked.request.order_id for one in open_orders(bank, me, "V0001")] == [first]
    assert open_orders(bank, CLERK, "V0001", most=1)[0].asked.request.order_id == first
    tell(bank, CLERK, "E0001", Told(gender_wish="male"))
    tell(bank, CLERK, "V0001", Told(gender="male"))
    for actor, is_told in ((CLERK, True), (me, False)):
        (only,) = open_orders(bank, actor, "V0001")
        assert ("gender" in {why.code for why in only.reasons}) is is_told
    with pytest.raises(UnknownMember):
        open_orders(bank, me, "V0002")
    assert open_orders(bank, journey.member("E0002"), "E0002") == []


def test_a_match_asks_for_permission_once_more(tmp_path: Path) -> None:
    with bank_with(tmp_path, DISPATCH, people=()) as tried:
        journey, bank = Journey(tried).to("published"), tried.bank
        on = journey.day

        def refused(kind: type[Exception]) -> None:
            with pytest.raises(kind):
                journey.step("match", volunteer="V0001")
            assert journey.balance("E0001") == (300, 0)

        keep_apart(bank, CLERK, "E0001", "V0001", apart=True)
        refused(VolunteerExcluded)
        keep_apart(bank, CLERK, "E0001", "V0001", apart=False)
        pause(bank, CLERK, "V0001", from_on=on, until_on=on, reason="r")
        refused(VolunteerPaused)
        pause(bank, CLERK, "V0001", from_on="", until_on="", reason="")
        tell(bank, CLERK, "V0001", Told(insured_until="2023-04-05"))
        refused(NotInsured)
        tell(bank, CLERK, "V0001", Told(insured_until=on))
        refused(NoAgreement)
        tell(bank, CLERK, "V0001", Told(agreed_until=on))
        refused(SkillMissing)
        assert asked(journey) == []
        tell(bank, CLERK, "V0001", Told(skills=("companionship",)))
        assert journey.step("match", volunteer="V0001").body["state"] == "matched"
        assert asked(journey) == [journey.people["V0001"]]


def asked(journey: Journey) -> list[str]:
    with journey.tried.bank.read() as connection:
        return list(connection.execute(text("SELECT person_id FROM matching_asked")).scalars())


def test_whoever_was_asked_counts_as_asked_whatever_they_said(journey: Journey) -> None:
    journey.step("match", volunteer="V0001")
    journey.step("decline", reason="家里有事")
    assert asked(journey) == [journey.people["V0001"]]
    assert found(journey)["V0001"][-1] == "近 28 天被邀约 1 次"
    assert next(iter(found(journey))) == "V0002"
    journey.tried.clock.move(timedelta(days=29))
    journey.to("published")
    assert found(journey)["V0001"][-1] == "近 28 天被邀约 0 次"


def test_a_visit_that_took_place_counts_as_taken(journey: Journey) -> None:
    for name, stated in STRAIGHT[2:]:
        journey.step(name, OTHER_CLERK if name == "confirm" else CLERK, **stated)
    journey.ask(wanted_at="20:00")
    for name in ("vet", "publish"):
        journey.step(name)
    told = found(journey)["V0001"]
    assert told[-2:] == ["近 28 天被邀约 1 次", "近 28 天承接 1 次"]
    assert "已为这位老人服务 1 次" in told


# A whole day -------------------------------------------------------------------------------


def three_orders(journey: Journey) -> list[str]:
    made = []
    for at, elder in (("08:00", "E0001"), ("08:30", "E0002"), ("10:00", "E0001")):
        payer = Payer.NOBODY if elder == "E0002" else Payer.ELDER
        journey.ask(wanted_at=at, elder=elder, payer=payer)
        for name in ("vet", "publish"):
            journey.step(name)
        made.append(journey.order_id)
    return made


def test_a_day_is_proposed_and_nothing_is_changed(alone: Journey) -> None:
    orders = three_orders(alone)
    plan = assign_day(alone.tried.bank, CLERK, "XFL", alone.day)
    given = {one.asked.request.order_id: one.number for one in plan.proposals}
    assert list(given) == orders
    assert given[orders[0]] != given[orders[1]]
    assert all(given.values())
    assert plan.points == sum(one.points for one in plan.proposals) - 100 * (
        len(given) - len(set(given.values()))
    )
    assert all(one.answer is None for one in plan.proposals)
    assert alone.balance("E0001") == (300, 0)


def test_a_day_is_matched_step_by_step_and_each_is_answered_for_itself(alone: Journey) -> None:
    """The second order of the elder finds the hours held by the first; the others stand."""
    alone.saved = 300
    orders = three_orders(alone)
    alone.ask(wanted_at="14:00", wanted_minutes=240)
    for name in ("vet", "publish"):
        alone.step(name)
    plan = assign_day(alone.tried.bank, CLERK, "XFL", alone.day, commit=True, key="day-000001")
    answers = [one.answer or {} for one in plan.proposals]
    assert [one.get("state", one.get("code")) for one in answers] == [
        "matched", "matched", "matched", "floor_exceeded",
    ]  # fmt: skip
    assert alone.balance("E0001") == (300, 120)
    assert len(asked(alone)) == 3  # Whoever was refused was not asked.
    again = assign_day(alone.tried.bank, CLERK, "XFL", alone.day)
    assert [one.asked.request.order_id for one in again.proposals] == [alone.order_id]
    assert len(orders) == 3


def test_nobody_is_named_where_nobody_may_go_or_all_are_taken(alone: Journey) -> None:
    three_orders(alone)
    for number in ("V0001", "V0002", "V1001"):
        day = alone.day if number != "V0001" else "2023-04-05"
        pause(alone.tried.bank, CLERK, number, from_on="2023-04-01", until_on=day, reason="r")
    keep_apart(alone.tried.bank, CLERK, "E0002", "V0001", apart=True)
    plan = assign_day(alone.tried.bank, CLERK, "XFL", alone.day)
    assert [(one.number, one.why[0].code) for one in plan.proposals if not one.number] == [
        ("", "no_candidate")
    ]
    keep_apart(alone.tried.bank, CLERK, "E0002", "V0001", apart=False)
    plan = assign_day(alone.tried.bank, CLERK, "XFL", alone.day)
    (left,) = [one for one in plan.proposals if not one.number]
    assert left.why[0].code == "all_taken"


def test_a_day_needs_staff_a_day_and_orders(alone: Journey) -> None:
    bank = alone.tried.bank
    for actor in (alone.member("V0001"), FAR):
        with pytest.raises(NotPermitted):
            assign_day(bank, actor, "XFL", alone.day)
    with pytest.raises(MatchingValueInvalid):
        assign_day(bank, CLERK, "XFL", "morgen")
    assert assign_day(bank, CLERK, "XFL", alone.day).proposals == ()


@pytest.mark.parametrize("name", ["numpy", "scipy"])
def test_without_the_extra_a_day_is_refused_and_an_order_still_ranked(
    alone: Journey, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ExtraMissing) as refused:
        assign_day(alone.tried.bank, CLERK, "XFL", alone.day)
    assert refused.value.facts == {"extra": "matching"}
    with pytest.raises(ExtraMissing):
        matching(requests=1, volunteers=1, rounds=1)
    assert "V0001" in found(alone.to("published"))


def test_the_statements_do_not_grow_with_people_or_orders(tmp_path: Path) -> None:
    def statements(volunteers: int, orders: int) -> int:
        with new_bank(tmp_path) as tried:
            journey = Journey(tried)
            newcomers = [
                Newcomer(f"成员{at}", ((f"W{at:04}", "volunteer"),)) for at in range(volunteers)
            ]
            register(tried.bank, OPERATOR, newcomers, key="many-0001")
            for _ in range(orders):
                journey.to("published")
            seen: list[Any] = []
            engine = tried.bank.database.reading
            event.listen(engine, "before_cursor_execute", lambda *said: seen.append(said))
            assign_day(tried.bank, CLERK, "XFL", journey.day)
            return len(seen)

    assert statements(3, 1) == statements(150, 4) < 25
