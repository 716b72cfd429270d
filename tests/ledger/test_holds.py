"""ledger/holds.py: a hold ends once, pays no more than it held, and always balances."""

import pytest

from ledger.errors import (
    HoldAlreadyEnded,
    HoldDeadlinePassed,
    HoldExpired,
    HoldNotExpired,
    NotWholeMinutes,
    SameAccount,
    SettlementExceedsHold,
)
from ledger.holds import Hold, HoldState, expire, place, release, settle

PLACED, RELEASED, EXPIRED = HoldState.PLACED, HoldState.RELEASED, HoldState.EXPIRED
DEADLINE_MS = 1_775_638_800_000
IN_TIME_MS = DEADLINE_MS - 1
TODAY = "2026-04-08"


def hold_of(held_minutes, state=PLACED):
    return Hold("hold_1", "acct_1", "acct_2", held_minutes, DEADLINE_MS, state)


def pay(hold, minutes, now_ms=IN_TIME_MS):
    return settle(hold, minutes=minutes, now_ms=now_ms, effective_on=TODAY, policy="plain-2026")


def place_one(payee="acct_2", minutes=90, now_ms=IN_TIME_MS):
    return place(
        "hold_1",
        payer="acct_1",
        payee=payee,
        minutes=minutes,
        expires_ms=DEADLINE_MS,
        now_ms=now_ms,
    )


@pytest.mark.parametrize("minutes", [1, 89, 90], ids=["least", "part", "all"])
def test_settling_moves_the_confirmed_minutes_from_payer_to_payee(minutes):
    ended, entry = pay(hold_of(90), minutes)

    assert ended == hold_of(90, HoldState.SETTLED)
    assert (entry.kind, entry.of, entry.effective_on) == ("settlement", "hold_1", TODAY)
    assert entry.postings == (("acct_1", -minutes), ("acct_2", minutes))


@pytest.mark.parametrize("now_ms", [DEADLINE_MS - 2, DEADLINE_MS - 1])
def test_placing_before_the_deadline(now_ms):
    assert place_one(now_ms=now_ms) == hold_of(90)


@pytest.mark.parametrize("now_ms", [DEADLINE_MS, DEADLINE_MS + 1])
def test_a_deadline_that_has_come_is_none(now_ms):
    with pytest.raises(HoldDeadlinePassed):
        place_one(now_ms=now_ms)


@pytest.mark.parametrize("ended", [state for state in HoldState if state is not PLACED])
@pytest.mark.parametrize(
    "end",
    [lambda hold: pay(hold, 1), release, lambda hold: expire(hold, now_ms=DEADLINE_MS)],
    ids=["settle", "release", "expire"],
)
def test_a_hold_ends_only_once(end, ended):
    with pytest.raises(HoldAlreadyEnded) as refused:
        end(hold_of(90, ended))
    assert refused.value.facts == {"hold": "hold_1", "state": ended.value}


@pytest.mark.parametrize("minutes", [0, -1, True, 1.0, "60"], ids=repr)
def test_only_positive_whole_minutes(minutes):
    with pytest.raises(NotWholeMinutes):
        pay(hold_of(90), minutes)
    with pytest.raises(NotWholeMinutes):
        place_one(minutes=minutes)


@pytest.mark.parametrize(
    ("now_ms", "expires"), [(IN_TIME_MS, False), (DEADLINE_MS, True), (DEADLINE_MS + 1, True)]
)
def test_at_its_deadline_a_hold_stops_being_payable_and_starts_to_expire(now_ms, expires):
    if expires:
        assert expire(hold_of(90), now_ms=now_ms).state is EXPIRED
        with pytest.raises(HoldExpired):
            pay(hold_of(90), 90, now_ms=now_ms)
    else:
        assert pay(hold_of(90), 90, now_ms=now_ms)[0].state is HoldState.SETTLED
        with pytest.raises(HoldNotExpired):
            expire(hold_of(90), now_ms=now_ms)


def test_releasing_keeps_everything_but_the_state():
    assert release(hold_of(90)) == hold_of(90, RELEASED)


@pytest.mark.parametrize(
    ("state", "minutes", "now_ms", "refusal"),
    [
        # Each row mends the fault that the row above was refused for, and keeps the rest.
        (RELEASED, 0, DEADLINE_MS, NotWholeMinutes),
        (RELEASED, 91, DEADLINE_MS, HoldAlreadyEnded),
        (PLACED, 91, DEADLINE_MS, HoldExpired),
        (PLACED, 91, IN_TIME_MS, SettlementExceedsHold),
    ],
)
def test_settling_gives_the_first_refusal_in_the_documented_order(state, minutes, now_ms, refusal):
    with pytest.raises(refusal):
        pay(hold_of(90, state), minutes, now_ms)


@pytest.mark.parametrize(
    ("minutes", "payee", "now_ms", "refusal"),
    [
        (0, "acct_1", DEADLINE_MS, NotWholeMinutes),
        (1, "acct_1", DEADLINE_MS, SameAccount),
        (1, "acct_2", DEADLINE_MS, HoldDeadlinePassed),
    ],
)
def test_placing_gives_the_first_refusal_in_the_documented_order(minutes, payee, now_ms, refusal):
    with pytest.raises(refusal):
        place_one(payee, minutes, now_ms)


def test_an_ended_hold_is_told_before_its_early_expiry():
    with pytest.raises(HoldAlreadyEnded):
        expire(hold_of(90, RELEASED), now_ms=IN_TIME_MS)
