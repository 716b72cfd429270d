"""timebank/orders/model.py: every step in every state by everybody, permitted or refused."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.support.banks import new_bank
from tests.support.forging import bank_with
from tests.support.orders import CLERK, OTHER_CLERK, REVIEWER, Journey
from tests.support.profiles import FOUR_EYES
from timebank.errors import BankRefusal, UnknownOrder
from timebank.jobs.stale_orders import close_stale_orders
from timebank.orders.attention import Alarm
from timebank.orders.family import let_family_confirm
from timebank.orders.model import STEPS, State, Who
from timebank.orders.presence import Means
from timebank.people.kinship import note_kinship
from timebank.people.model import Relation
from timebank.records.actions import reverse_record
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
    "sign_in": ("accepted", "staff volunteer elder"),
    "sign_out": ("signed_in", "staff volunteer elder"),
    "interrupt": ("signed_in", "staff volunteer"),
    "confirm": ("awaiting_confirmation interrupted", "staff elder family"),
    "dispute": ("awaiting_confirmation interrupted", "staff elder family volunteer"),
    "uphold": ("disputed", "reviewer operator"),
    "dismiss": ("disputed", "reviewer operator"),
    "cancel": ("requested vetted published matched accepted", "staff elder"),
    "lapse": ("requested vetted published matched accepted", "scheduler"),
    "no_show": ("accepted", "staff"),
    "rate": ("posted", "staff elder"),
}
REFERENCE = Path(__file__).parents[3] / "docs/reference/orders.md"
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
    if state == "reversed":
        brought_to(journey, "posted")
        record = journey.order().record_id
        reverse_record(journey.tried.bank, REVIEWER, record, "记错", key=journey.key())
    elif state in PATHS:
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
        "family": journey.member("E0002"),
        "scheduler": Actor("scheduler", Role.SCHEDULER),
        "kiosk": Actor("staff_kiosk", Role.KIOSK, "XFL"),
        "stranger": journey.member("V0002"),
        "elsewhere": Actor("staff_far", Role.CLERK, "FAR"),
        "auditor": Actor("staff_auditor", Role.AUDITOR),
    }


def test_the_table_speaks_of_every_step() -> None:
    assert {step.name for step in STEPS} == set(PERMITTED)
    assert {who.value for step in STEPS for who in step.by} == {who.value for who in Who}


NOT_MATCHED = {"requested", "vetted", "published", "rejected"}


def refusal_of(step: str, state: str, who: str) -> str:
    """The code that the page of orders names; empty where the step is permitted."""
    strangers = {"stranger", "elsewhere", "auditor", "kiosk"}
    if state in NOT_MATCHED:
        strangers.add("volunteer")
    if who in strangers:
        return "unknown_order"
    states, roles = PERMITTED[step]
    if who not in set(roles.split()) | (STAFF if "staff" in roles.split() else set()):
        return "not_permitted"
    return "" if state in states.split() else "order_step_not_allowed"


def test_the_reference_page_has_every_step_with_its_states_and_roles() -> None:
    page = REFERENCE.read_text(encoding="utf-8")
    for step in STEPS:
        (row,) = [line for line in page.splitlines() if line.startswith(f"| `{step.name}` ")]
        _, _name, before, after, by, reason, _ = (part.strip() for part in row.split("|"))
        assert before == ", ".join(f"`{one}`" for one in sorted(step.sources)), step.name
        assert after == f"`{step.target}`", step.name
        assert by == ", ".join(sorted(step.by)), step.name
        assert reason == ("yes" if step.needs_reason else ""), step.name
    for word in (*Alarm, *Means):
        assert f"| `{word}` " in page


@pytest.mark.slow
@pytest.mark.parametrize("state", [one.value for one in State if one is not State.CONFIRMED])
def test_every_step_by_everybody_from_here(tmp_path: Path, state: str) -> None:
    """Each permitted step ends the round, so it is tried on an order of its own."""
    stations = [("XFL", "幸福里"), ("FAR", "远处")]
    with new_bank(tmp_path, stations=stations) as tried:
        every_step(Journey(tried, saved=0, payer=Payer.NOBODY), state)


@pytest.mark.slow
def test_every_step_by_everybody_while_a_review_is_awaited(tmp_path: Path) -> None:
    with bank_with(tmp_path, FOUR_EYES, people=()) as tried:
        every_step(Journey(tried, saved=0, payer=Payer.NOBODY), "confirmed")


def every_step(journey: Journey, state: str) -> None:
    """Try each step as each actor on an order in ``state``."""
    agree(journey)
    tried: set[tuple[str, str]] = set()
    brought_to_free(journey, state)
    for step in PERMITTED:
        for who, actor in actors(journey).items():
            stated = {"reason": "说明", **SAID.get(step, {})}
            if step == "sign_in":
                stated["code"] = journey.order().door_code
            expected = refusal_of(step, state, who)
            tried.add((step, who))
            if (step, who) == ("lapse", "scheduler"):
                lapses(journey, is_permitted=not expected)
                brought_to_free(journey, state)
                continue
            if not expected:
                journey.step(step, actor, **stated)
                brought_to_free(journey, state)
                continue
            before, log_size = journey.order(), size_of(journey)
            with pytest.raises(BankRefusal) as refused:
                journey.step(step, actor, **stated)
            assert refused.value.code == expected, (step, who)
            assert journey.order() == before
            assert size_of(journey) - log_size in (0, 1)  # At most the leaf of the refusal.
    assert len(tried) == len(STEPS) * len(actors(journey))


def lapses(journey: Journey, *, is_permitted: bool) -> None:
    """Nobody asks for this step: a job takes it once the day has passed."""
    before = journey.order()
    journey.tried.clock.move(timedelta(days=20))
    close_stale_orders(journey.tried.bank, journey.tried.bank.now_ms())
    assert journey.order().state == (State.CANCELLED if is_permitted else before.state)


def agree(journey: Journey) -> None:
    """E0002 is of the elder's family, and the elder lets relatives confirm."""
    note_kinship(journey.tried.bank, CLERK, "E0001", "E0002", Relation.CHILD, "户口簿")
    let_family_confirm(journey.tried.bank, CLERK, "E0001", allowed=True)


def size_of(journey: Journey) -> int:
    with journey.tried.bank.read() as connection:
        return int(connection.execute(text("SELECT size FROM head")).scalar_one())


def brought_to_free(journey: Journey, state: str) -> None:
    """A new order at ``state``, on a later day each time, which nobody pays."""
    journey.tried.clock.move(timedelta(days=1))
    brought_to(journey, state)


def test_who_has_nothing_to_do_with_an_order_does_not_learn_of_it(tmp_path: Path) -> None:
    with new_bank(tmp_path) as tried:
        journey = Journey(tried).to("matched")
        with pytest.raises(UnknownOrder):
            journey.step("cancel", journey.member("V0002"), reason="r")
        journey.order_id = "ordr_" + "0" * 32
        with pytest.raises(UnknownOrder):
            journey.step("vet", CLERK)
