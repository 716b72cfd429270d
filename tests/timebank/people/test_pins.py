"""timebank/people/pins.py: PINs that nobody guesses, hashes bound to an owner, locks that hold."""

from datetime import UTC, datetime, timedelta

import pytest

from timebank.errors import LockedOut, WeakPassword, WeakPin
from timebank.people.pins import (
    Cost,
    SecretKeeper,
    check_password,
    check_pin,
    check_unlocked,
    locked_until,
)

CHEAP = Cost(passes=1, memory_kib=8, lanes=1)
PEPPER = b"p" * 32
AT = datetime(2023, 4, 6, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize("pin", ["135790", "112233", "９０１３５７", "019283"])
def test_a_pin_that_is_not_guessed_passes(pin):
    assert check_pin(pin, "19791215", "13800000000").isascii()


@pytest.mark.parametrize(
    ("pin", "why"),
    [
        ("13579", "length"),
        ("1357902", "length"),
        ("13579a", "characters"),
        ("13579²", None),
        ("٣٤٥٦٧١", "characters"),
        ("777777", "repeated"),
        ("123456", "sequence"),
        ("654321", "sequence"),
        ("890123", "sequence"),
        ("791215", "personal"),
        ("197912", "personal"),
        ("800000", "personal"),
    ],
)
def test_a_pin_that_others_would_guess_is_refused(pin, why):
    if why is None:  # a superscript is folded to its digit
        assert check_pin(pin) == "135792"
        return
    with pytest.raises(WeakPin) as refused:
        check_pin(pin, "19791215", "13800000000")

    assert refused.value.facts["why"] == why


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("a1b2c3d4e", "length"),
        ("a" * 10, "repeated"),
        ("x-LiNa-2023", "personal"),
        ("a1" * 64 + "b", "length"),
    ],
)
def test_a_password_that_others_would_guess_is_refused(password, why):
    with pytest.raises(WeakPassword) as refused:
        check_password(password, "lina")

    assert refused.value.facts["why"] == why


@pytest.mark.parametrize("password", ["a1b2c3d4e5", "a1" * 64, "好好学习天天向上加油"])
def test_a_password_within_its_bounds_passes(password):
    assert check_password(password, "lina") == password


@pytest.fixture(scope="module")
def keeper() -> SecretKeeper:
    return SecretKeeper(PEPPER, CHEAP)


def test_the_secret_fits_and_nothing_else_does(keeper):
    stored = keeper.hash("card-1", "135790")

    assert stored.startswith("$argon2id$")
    assert keeper.matches("card-1", stored, "135790")
    assert keeper.matches("card-1", stored, "１３５７９０")
    assert not keeper.matches("card-1", stored, "135791")
    assert not keeper.matches("card-1", stored, "")


def test_a_hash_copied_to_another_card_does_not_open_it(keeper):
    assert not keeper.matches("card-2", keeper.hash("card-1", "135790"), "135790")


def test_a_hash_without_the_pepper_is_worth_nothing(keeper):
    stored = keeper.hash("card-1", "135790")

    assert not SecretKeeper(b"q" * 32, CHEAP).matches("card-1", stored, "135790")


def test_owner_and_secret_cannot_flow_into_each_other(keeper):
    assert not keeper.matches("card-11", keeper.hash("card-1", "135790"), "35790")


@pytest.mark.parametrize("stored", [None, "", "$argon2id$broken", "plain"])
def test_an_unknown_owner_or_a_broken_hash_never_fits(keeper, stored):
    assert not keeper.matches("", stored, "")


def test_the_same_secret_is_never_stored_twice_alike(keeper):
    assert keeper.hash("card-1", "135790") != keeper.hash("card-1", "135790")


def test_a_hash_of_another_cost_is_outdated_but_still_fits(keeper):
    stored = keeper.hash("card-1", "135790")
    dearer = SecretKeeper(PEPPER, Cost(passes=2, memory_kib=16, lanes=1))

    assert dearer.matches("card-1", stored, "135790")
    assert dearer.is_outdated(stored)
    assert not keeper.is_outdated(stored)


def test_the_default_cost_is_what_is_recommended():
    stored = SecretKeeper(PEPPER).hash("card-1", "135790")

    assert "m=19456,t=2,p=1" in stored


def test_a_keeper_does_not_print_its_pepper(keeper):
    assert "p" * 16 not in repr(keeper)


@pytest.mark.parametrize("length", [15, 16])
def test_a_pepper_has_a_least_length(length):
    if length < 16:
        with pytest.raises(ValueError, match="16 bytes"):
            SecretKeeper(b"p" * length, CHEAP)
    else:
        SecretKeeper(b"p" * length, CHEAP)


@pytest.mark.parametrize(
    ("failures", "minutes"),
    [(0, None), (4, None), (5, 15), (6, 30), (7, 60), (11, 960), (12, 1440), (1_000, 1440)],
)
def test_each_further_failure_locks_for_twice_as_long(failures, minutes):
    until = locked_until(failures, AT)

    assert until == (None if minutes is None else AT + timedelta(minutes=minutes))


def test_a_lock_holds_until_its_last_instant():
    until = AT + timedelta(minutes=15)
    tick = timedelta(microseconds=1)

    check_unlocked(None, AT)
    check_unlocked(until, until)
    check_unlocked(until, until + tick)
    for now, minutes in ((until - tick, 1), (AT, 15), (AT - tick, 16)):
        with pytest.raises(LockedOut) as refused:
            check_unlocked(until, now)
        assert refused.value.facts == {"minutes": minutes}


def test_what_stands_for_nobody_is_a_hash_of_the_same_cost() -> None:
    keeper = SecretKeeper(bytes(32), Cost(1, 64))
    assert not keeper.is_outdated(keeper._nobody)  # refused as malformed, a miss would cost nothing
    assert keeper.is_outdated(SecretKeeper(bytes(32), Cost(2, 64))._nobody)
