"""timebank/orders/model.py: every step in every state by everybody, permitted or refused."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.banks import new_bank
from tests.support.orders import CLERK, OTHER_CLERK, REVIEWER, Journey
from timebank.errors import BankRefusal, NotPermitted, OrderStepNotAllowed, UnknownOrder
from timebank.orders.model import STEPS, State, Who
from timebank.records.model import Payer
from timebank.stations.model import Actor, Role

# Written by hand from the flow of an order, not from the table that it judges.
PERMITTED = {
    "vet": ("requested", "staff"),
    "reject": ("requested", "staff"),
    "publish": ("vetted", "staff"),
    "match": ("published", "staff"),
    "accept": ("matched", "staff volunteer"),
    "decline": ("matched accepted", "staff volunteer"),
    "sign_in": ("accepted", "staff volunteer"),
    "sign_out": ("signed_in", "staff volunteer"),
    "interrupt": ("signed_in", "staff volunteer"),
    "confirm": ("awaiting_confirmation interrupted", "staff elder"),
    "dispute": ("awaiting_confirmation interrupted", "staff elder volunteer"),
    "uphold": ("disputed", "reviewer operator"),
    "dismiss": ("disputed", "reviewer operator"),
    "cancel": ("requested vetted published matched accepted", "staff elder"),
    "lapse": ("requested vetted published matched accepted", "scheduler"),
    "no_show": ("accepted", "staff"),
    "rate": ("posted", "staff elder"),
}
STAFF = {"clerk", "reviewer", "operator"}
PATHS = {
    "rejected": ("requested", "reject", {"reason": "r"}),
    "interrupted": ("signed_in", "interrupt", {"reason": "r", "at": "08:30"}),
    "upheld": ("disputed", "uphold", {"reason": "r"}),
    "disputed": ("awaiting_confirmation", "dispute", {"reason": "r"}),
    "cancelled": ("accepted", "cancel", {"reason": "r"}),
    "no_show": ("accepted", "no_show", {"reason": "r", "party": "volunteer"}),
}
SAID = {
    "match": {"volunteer": "V0001"},
    "sign_in": {"at": "08:00"},
    "sign_out": {"at": "08:40"},
    "interrupt": {"at": "08:40"},
    "no_show": {"party": "volunteer"},
    "rate": {"stars": 4},
}


def brought_to(journey: Journey, state: str) -> None:
    if state in PATHS:
        before, step, stated = PATHS[state]
        brought_to(journey, before)
        journey.step(step, REVIEWER if step == "uphold" else CLERK, **stated)
    else:
        journey.to(state)


def actors(journey: Journey) -> dict[str, Actor]:
    return {
        "clerk": OTHER_CLERK,
        "reviewer": REVIEWER,
        "operator": Actor("staff_operator", Role.OPERATOR),
        "elder": journey.member("E0001"),
        "volunteer": journey.member("V0001"),
        "stranger": journey.member("V0002"),
        "elsewhere": Actor("staff_far", Role.CLERK, "FAR"),
        "auditor": Actor("staff_auditor", Role.AUDITOR),
    }


def may(step: str, state: str, who: str) -> bool:
    states, roles = PERMITTED[step]
    allowed = set(roles.split()) | (STAFF if "staff" in roles.split() else set())
    return state in states.split() and who in allowed


def test_the_table_speaks_of_every_step() -> None:
    assert {step.name for step in STEPS} == set(PERMITTED)
    assert {who.value for step in STEPS for who in step.by} == {who.value for who in Who}


@pytest.mark.slow
@pytest.mark.parametrize(
    "state", [one.value for one in State if one.value not in ("confirmed", "reversed")]
)
def test_every_step_by_everybody_from_here(tmp_path: Path, state: str) -> None:
    """Each permitted step ends the round, so it is tried on an order of its own."""
    stations = [("XFL", "幸福里"), ("FAR", "远处")]
    with new_bank(tmp_path, stations=stations) as tried:
        journey = Journey(tried, saved=0, payer=Payer.NOBODY)
        brought_to_free(journey, state)
        for step in PERMITTED:
            for who, actor in actors(journey).items():
                if state in ("requested", "vetted", "published", "rejected") and who == "volunteer":
                    continue  # Nobody is matched yet.
                stated = {"reason": "说明", **SAID.get(step, {})}
                if step == "sign_in":
                    stated["code"] = journey.order().door_code
                if may(step, state, who):
                    journey.step(step, actor, **stated)
                    brought_to_free(journey, state)
                    continue
                before = journey.order()
                with pytest.raises(BankRefusal) as refused:
                    journey.step(step, actor, **stated)
                assert isinstance(
                    refused.value, NotPermitted | OrderStepNotAllowed | UnknownOrder
                ), (step, who)
                assert journey.order() == before


def brought_to_free(journey: Journey, state: str) -> None:
    """A new order at ``state``, on a later day each time, which nobody pays."""
    journey.tried.clock.move(timedelta(days=1))
    brought_to(journey, state)


def test_who_has_nothing_to_do_with_an_order_does_not_learn_of_it(tmp_path: Path) -> None:
    with new_bank(tmp_path) as tried:
        journey = Journey(tried).to("matched")
        with pytest.raises(UnknownOrder):
            journey.step("cancel", journey.member("E0002"), reason="r")
        journey.order_id = "ordr_" + "0" * 32
        with pytest.raises(UnknownOrder):
            journey.step("vet", CLERK)
