"""timebank/matching/model.py: hard rules in their order, points that add up, sentences, draws."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from random import Random
from typing import Any

import pytest

from tests.support.matching import DAY, STRICT, invented_day, request
from timebank.matching.model import (
    HARD,
    WEIGHTS,
    Place,
    Reason,
    Rules,
    Standing,
    Volunteer,
    Window,
    again_points,
    near_points,
    rank,
    reasons,
    refusal,
    rotation_points,
    rules_of,
    score,
)
from timebank.matching.wording import HARD_RULES, hard_sentence, sentence
from timebank.policy.load import named_profile

PAPERS = Standing("2023-12-31", "2023-12-31")
FIT = Volunteer("person_fit", standing=PAPERS, place=Place(0, 0), born_on=date(1990, 1, 1))
NOON = DAY.toordinal() * 1_440


def said(one: Any, who: Volunteer) -> str:
    return "，".join(sentence(one, reason).zh for reason in reasons(one, who))


REFUSED: Mapping[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "person_suspended": ({"elder_suspended": True}, {"suspended": True}),
    "self_service": ({"elder_id": "person_fit"}, {}),
    "own_spouse": ({}, {"kin": {"elder": "spouse"}}),
    "under_age": ({}, {"born_on": date(2005, 4, 12)}),
    "volunteer_excluded": ({}, {"excluded": frozenset({"elder"})}),
    "volunteer_paused": ({}, {"standing": replace(PAPERS, paused_from="2023-04-11")}),
    "not_insured": ({}, {"standing": replace(PAPERS, insured_until="2023-04-10")}),
    "no_agreement": ({}, {"standing": replace(PAPERS, agreed_until="2023-04-10")}),
    "skill_missing": ({"class_code": "repairs"}, {"skills": frozenset({"meals"})}),
    "volunteer_busy": ({}, {"busy": ((NOON + 899, NOON + 930),)}),
    "daily_cap_exceeded": ({}, {"committed_on": {"2023-04-11": 181}}),
    "account_cap_exceeded": ({}, {"account_minutes": 5_941}),
}
"""By rule: a request and a volunteer of which that rule alone refuses, by one unit."""

PASSES: tuple[tuple[dict[str, Any], dict[str, Any]], ...] = (
    ({}, {"kin": {"elder": "child"}}),
    ({}, {"born_on": date(2005, 4, 11)}),
    ({}, {"born_on": None}),
    ({}, {"excluded": frozenset({"another"})}),
    ({}, {"standing": replace(PAPERS, paused_from="2023-04-12")}),
    ({}, {"standing": replace(PAPERS, paused_from="2023-04-01", paused_until="2023-04-10")}),
    ({}, {"standing": replace(PAPERS, insured_until="2023-04-11")}),
    ({}, {"standing": replace(PAPERS, agreed_until="2023-04-11")}),
    ({"class_code": "repairs"}, {"skills": frozenset({"repairs"})}),
    ({}, {"busy": ((NOON + 780, NOON + 840), (NOON + 900, NOON + 960))}),
    ({}, {"committed_on": {"2023-04-11": 180, "2023-04-12": 240}}),
    ({}, {"account_minutes": 5_940}),
)
"""The nearest cases that no rule refuses."""


@pytest.mark.parametrize("code", [code for code, _rule in HARD])
def test_each_hard_rule_refuses_by_its_name(code: str) -> None:
    asked, who = REFUSED[code]
    assert refusal(request(**asked), replace(FIT, **who), STRICT) == code
    assert hard_sentence(code).zh == HARD_RULES[code][0]


@pytest.mark.parametrize(("asked", "who"), PASSES)
def test_the_nearest_case_passes(asked: dict[str, Any], who: dict[str, Any]) -> None:
    assert refusal(request(**asked), replace(FIT, **who), STRICT) == ""


@pytest.mark.parametrize(
    "code",
    [
        "own_spouse", "under_age", "not_insured", "no_agreement", "skill_missing",
        "daily_cap_exceeded", "account_cap_exceeded",
    ],
)  # fmt: skip
def test_what_a_profile_leaves_unset_refuses_nobody(code: str) -> None:
    asked, who = REFUSED[code]
    assert refusal(request(**asked), replace(FIT, **who), Rules()) == ""


def test_a_pause_holds_on_its_first_and_its_last_day() -> None:
    pause = Standing(paused_from="2023-04-10", paused_until="2023-04-12")
    days = ("2023-04-09", "2023-04-10", "2023-04-11", "2023-04-12", "2023-04-13")
    assert [pause.is_paused(on) for on in days] == [False, True, True, True, False]


def test_rules_come_from_the_profile() -> None:
    assert rules_of(named_profile("plain-2026")) == Rules(spouse_excluded=True)
    nanjing = rules_of(named_profile("nanjing-2019"))
    assert nanjing.minimum_age == 18


def test_reasons_read_as_a_station_would_say_them() -> None:
    one = request(class_code="repairs", gender_wish="female")
    who = replace(
        FIT,
        skills=frozenset({"repairs"}),
        windows=(Window(2, 840, 900),),
        gender="female",
        served={"elder": 2},
        asked_lately=1,
        matched_lately=1,
    )
    assert said(one, who) == (
        "1.2 公里，星期二下午有空，已为这位老人服务 2 次，会家电维修，符合老人对性别的意愿，"
        "近 28 天被邀约 1 次，近 28 天承接 1 次"
    )
    assert [sentence(one, reason).en for reason in reasons(one, who)] == [
        "1.2 km", "free on Tuesday afternoon", "served this elder twice before",
        "has the skill (repairs)", "as the elder wishes (gender)",
        "asked once in the last 28 days", "took 1 in the last 28 days",
    ]  # fmt: skip
    assert score(one, who) == 1_000 + (200 - 48) + 200 + 80 + 120 + 250 - 25 - 25


@pytest.mark.parametrize(
    ("metres", "points", "shown"),
    [
        (-1, WEIGHTS.near_unknown, "距离未登记"),
        (0, 200, "同一片区"),
        (24, 200, "0.0 公里"),
        (25, 199, "0.0 公里"),
        (4_999, 1, "5.0 公里"),
        (5_000, 0, "5.0 公里"),
        (90_049, 0, "90.0 公里"),
    ],
)
def test_distance(metres: int, points: int, shown: str) -> None:
    assert near_points(metres) == points
    assert sentence(request(), Reason("near", points, metres)).zh == shown


@pytest.mark.parametrize(
    ("window", "code"),
    [
        (Window(2, 840, 900), "free"),
        (Window(2, 841, 900), "not_free"),
        (Window(2, 840, 899), "not_free"),
        (Window(1, 840, 900), "not_free"),
    ],
)
def test_a_window_must_cover_the_whole_visit(window: Window, code: str) -> None:
    assert code in {one.code for one in reasons(request(), replace(FIT, windows=(window,)))}


@pytest.mark.parametrize(("minute", "shown"), [(719, "上午"), (720, "下午"), (1_080, "晚上")])
def test_parts_of_the_day(minute: int, shown: str) -> None:
    assert f"星期二{shown}" in said(
        request(from_minute=minute), replace(FIT, windows=(Window(1, 0, 9),))
    )


def test_more_asking_never_helps_and_ends_below_nothing_else() -> None:
    took = [rotation_points(times, 25) for times in range(12)]
    assert took[:3] == [0, -25, -50]
    assert took[7:] == [-175, -200, -200, -200, -200]
    worst = replace(FIT, place=None, windows=(Window(1, 0, 1),), asked_lately=99, matched_lately=99)
    assert score(request(place=None), worst) - again_points(99) > 0


def test_whoever_was_asked_less_comes_first_among_equals() -> None:
    often = [replace(FIT, person_id=f"often_{at}", asked_lately=3) for at in range(5)]
    never = [replace(FIT, person_id=f"never_{at}") for at in range(5)]
    ranked, refused = rank([(request(), who) for who in (*often, *never)], lambda on: STRICT)
    assert refused == []
    assert [one.volunteer.person_id[:5] for one in ranked] == ["never"] * 5 + ["often"] * 5


def test_equals_are_drawn_anew_each_day_and_alike_everywhere() -> None:
    people = [replace(FIT, person_id=f"person_{at}") for at in range(40)]

    def order_on(day: int, shuffled: bool = False) -> list[str]:
        drawn = Random(day).sample(people, 40) if shuffled else people
        pairs = [(request(on=date(2023, 4, day)), who) for who in drawn]
        return [one.volunteer.person_id for one in rank(pairs, lambda on: STRICT)[0]]

    assert order_on(11) == order_on(11, shuffled=True)
    firsts = {order_on(day)[0] for day in range(1, 29)}
    assert len(firsts) > 10
    assert order_on(11)[:3] == ["person_36", "person_20", "person_18"]


def test_every_rule_refuses_somebody_of_an_invented_day() -> None:
    asked, people = invented_day(Random(5), 60, 60)
    _ranked, refused = rank([(a, b) for a in asked for b in people], lambda on: STRICT)
    assert {one.code for one in refused} == {code for code, _rule in HARD}
