"""Any sequence of steps by anybody: the books balance, no hold is orphaned, nothing pays twice."""

from collections import Counter
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from ledger.errors import Refusal
from tests.support.banks import TriedBank
from tests.support.counts import count
from tests.support.forging import bank_with, judged
from tests.support.orders import CLERK, OTHER_CLERK, REVIEWER, Journey
from tests.support.profiles import cap
from timebank.founding import FOUNDER
from timebank.jobs.expiry import expire_holds
from timebank.jobs.stale_orders import close_stale_orders
from timebank.orders.family import let_family_confirm
from timebank.orders.model import STEPS
from timebank.people.kinship import note_kinship
from timebank.people.model import Relation
from timebank.reconciliation.reconcile import reconcile
from timebank.records.actions import reverse_record
from timebank.records.model import Payer

CAP = 90
CLOCKED = {"holds", "jobs_silent", "messages"}
"""Checks that find what was left undone for too long, as such a sequence may."""

WHO = ("clerk", "second", "reviewer", "elder", "volunteer", "family", "stranger")
STEP_NAMES = [step.name for step in STEPS]

LED_ON = st.tuples(
    st.just("on"), st.integers(0, 2), st.sampled_from(["V0001", "V0002"]), st.integers(1, 8)
)
"""Some steps along the straight way, so that sequences get beyond the first refusals."""

ASIDE = st.tuples(
    st.just("step"),
    st.integers(0, 2),
    st.sampled_from(["cancel", "no_show", "decline", "interrupt", "dispute", "uphold"]),
    st.just("reviewer"),
    st.just("V0001"),
    st.integers(1, 120),
)
"""A step that leads off the straight way, by somebody who may."""

MOVES = st.lists(
    st.one_of(
        st.tuples(st.just("ask"), st.sampled_from(list(Payer)), st.integers(1, 200)),
        st.tuples(
            st.just("step"),
            st.integers(0, 2),
            st.sampled_from(STEP_NAMES),
            st.sampled_from(WHO),
            st.sampled_from(["V0001", "V0002"]),
            st.integers(1, 120),
        ),
        LED_ON,
        ASIDE,
        st.tuples(st.just("wait"), st.sampled_from([0, 1, 8])),
        st.tuples(st.just("jobs")),
        st.tuples(st.just("reverse"), st.integers(0, 2)),
    ),
    min_size=3,
    max_size=20,
)
STRAIGHT_ON = {
    "requested": "vet",
    "vetted": "publish",
    "published": "match",
    "matched": "accept",
    "accepted": "sign_in",
    "signed_in": "sign_out",
    "awaiting_confirmation": "confirm",
    "interrupted": "confirm",
    "disputed": "dismiss",
}


class Played:
    """Orders of one elder, led anywhere."""

    def __init__(self, tried: TriedBank) -> None:
        self.journey = Journey(tried, saved=200)
        self.orders: list[str] = []
        note_kinship(tried.bank, CLERK, "E0001", "E0002", Relation.CHILD, "户口簿")
        let_family_confirm(tried.bank, CLERK, "E0001", allowed=True)
        self.play(("ask", Payer.ELDER, 60))

    def play(self, move: tuple[Any, ...]) -> None:
        """Make a move; what is refused changes nothing."""
        tried = self.journey.tried
        if move[0] == "ask" and len(self.orders) < 3:
            self.journey.ask(payer=move[1], wanted_minutes=move[2])
            self.orders.append(self.journey.order_id)
        elif move[0] == "wait":
            tried.clock.move(timedelta(days=move[1], minutes=7))
        elif move[0] == "jobs":
            expire_holds(tried.bank, tried.bank.now_ms())
            close_stale_orders(tried.bank, tried.bank.now_ms())
        elif move[0] == "reverse":
            self.journey.order_id = self.orders[move[1] % len(self.orders)]
            with suppress(Refusal):
                record, key = self.journey.order().record_id, self.journey.key()
                reverse_record(tried.bank, REVIEWER, record, "记错", key=key)
        elif move[0] in ("step", "on"):
            self.journey.order_id = self.orders[move[1] % len(self.orders)]
            if move[0] == "step":
                self._step(*move[2:])
            else:
                self._lead(*move[2:])

    def _lead(self, volunteer: str, steps: int) -> None:
        for _step in range(steps):
            name = STRAIGHT_ON.get(self.journey.order().state.value)
            if name is not None:
                who = "reviewer" if name in ("confirm", "dismiss") else "clerk"
                self._step(name, who, volunteer, 60)

    def _step(self, name: str, who: str, volunteer: str, minutes: int) -> None:
        order = self.journey.order()
        actor = {
            "clerk": CLERK,
            "second": OTHER_CLERK,
            "reviewer": REVIEWER,
            "elder": self.journey.member("E0001"),
            "volunteer": self.journey.member("V0001"),
            "family": self.journey.member("E0002"),
            "stranger": self.journey.member("V0002"),
        }[who]
        stated: dict[str, Any] = {"reason": "说明", "party": "elder", "stars": 3}
        if name == "match":
            stated["volunteer"] = volunteer
        if name == "confirm":
            stated["minutes"] = minutes
        if name == "sign_in":
            stated["code"] = order.door_code
        if name in ("sign_out", "interrupt"):  # Without a time it ends where the clock stands.
            self.journey.tried.clock.move(timedelta(minutes=minutes))
        with suppress(Refusal):
            self.journey.step(name, actor, **stated)


def recounted(tried: TriedBank) -> None:
    """Credits, holds and caps once more, by statements that the bank does not use."""
    with tried.bank.read() as connection:
        moved = connection.execute(
            text("SELECT from_no, to_no, minutes, kind, effective_on FROM movement")
        ).all()
        balances = connection.execute(text("SELECT account_no, posted, held FROM balance")).all()
        paid = connection.execute(
            text(
                "SELECT record_id, person_id, count(DISTINCT entry_id) FROM record_person "
                "WHERE part = 'volunteer' AND entry_id <> '' GROUP BY record_id, person_id"
            )
        ).all()
        recorded = connection.execute(
            text("SELECT record_id FROM service_order WHERE record_id <> ''")
        ).all()
        live = {
            row.hold_id: row
            for row in connection.execute(
                text(
                    "SELECT p.hold_id, p.payer_no, p.minutes FROM hold_placed p WHERE NOT EXISTS "
                    "(SELECT 1 FROM hold_ended e WHERE e.hold_id = p.hold_id)"
                )
            )
        }
        named = connection.execute(
            text("SELECT hold_id FROM service_order WHERE hold_id <> ''")
        ).scalars()
        credited = connection.execute(
            text(
                "SELECT person_id, started_at, credited_minutes FROM record_person "
                "WHERE part = 'volunteer' AND live = 1"
            )
        ).all()
        assert set(live) <= set(named)
    sums: Counter[int] = Counter()
    for row in moved:
        sums[row.to_no] += row.minutes
        sums[row.from_no] -= row.minutes
    assert sum(sums.values()) == 0
    assert {row.account_no: row.posted for row in balances if row.posted} == {
        number: minutes for number, minutes in sums.items() if minutes
    }
    held: Counter[int] = Counter()
    for row in live.values():
        held[row.payer_no] += row.minutes
    assert {row.account_no: row.held for row in balances if row.held} == dict(held)
    assert all(entries == 1 for _record, _person, entries in paid)
    assert len({row.record_id for row in recorded}) == len(recorded)
    days: Counter[tuple[str, str]] = Counter()
    for row in credited:
        days[row.person_id, row.started_at[:10]] += row.credited_minutes
    assert max(days.values()) <= CAP


@settings(max_examples=count(full=300, scaled=20), deadline=None)
@given(MOVES)
def test_whatever_is_asked_of_orders_the_books_stay_sound(moves: list[tuple[Any, ...]]) -> None:
    with (
        TemporaryDirectory() as folder,
        bank_with(Path(folder), cap("day", CAP, "trim"), people=()) as tried,
    ):
        played = Played(tried)
        for move in moves:
            played.play(move)
            recounted(tried)
        checks = reconcile(tried.bank, FOUNDER).checks
        differing = {one.name for one in checks if one.differences}
        assert differing <= CLOCKED
        assert judged(tried, Path(folder)).report.findings == ()
