"""timebank/stations/sessions.py: who is signed in, until when, and what a guesser learns."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from tests.support.banks import FOUNDER, OPERATOR, TriedBank
from timebank.errors import LockedOut, WrongCredentials
from timebank.people.actions import issue_card
from timebank.people.pins import FREE_ATTEMPTS, SecretKeeper
from timebank.stations.actions import set_password
from timebank.stations.model import Actor, Role
from timebank.stations.sessions import (
    actor_of,
    checked_staff,
    sign_in,
    sign_in_by_card,
    sign_out,
)

LOGIN, WRONG, PIN = "clerk-XFL", "not the password", "274913"
MINUTE = timedelta(minutes=1)
TICK = timedelta(milliseconds=1)


def password(bank: TriedBank, login: str = LOGIN) -> str:
    return next(one.password for one in bank.founded.logins if one.login == login)


def holder(bank: TriedBank, token: str) -> tuple[Actor, int] | None:
    with bank.bank.read() as connection:
        return actor_of(connection, token, bank.bank.now_ms())


def fail(bank: TriedBank, times: int = FREE_ATTEMPTS, login: str = LOGIN) -> None:
    for _attempt in range(times):
        with pytest.raises(WrongCredentials):
            sign_in(bank.bank, login, WRONG)


@pytest.fixture
def carded(bank: TriedBank) -> TriedBank:
    """A bank with one member who has a card."""
    bank.people("V0001")
    issue_card(bank.bank, FOUNDER, "V0001", PIN)
    return bank


def test_a_session_belongs_to_the_login_and_ends_after_its_minutes(bank: TriedBank) -> None:
    began = bank.bank.now_ms()
    token = sign_in(bank.bank, LOGIN, password(bank))
    known = checked_staff(bank.bank, LOGIN, password(bank))

    found = holder(bank, token)
    assert found is not None
    actor, until = found
    assert (actor.actor_id, actor.role, actor.station_code) == (known.actor_id, Role.CLERK, "XFL")
    assert until == began + bank.settings.session_minutes * 60_000

    bank.clock.move(MINUTE * bank.settings.session_minutes - TICK)
    assert holder(bank, token) is not None
    bank.clock.move(TICK)
    assert holder(bank, token) is None
    bank.clock.move(TICK)
    assert holder(bank, token) is None


def test_only_the_hash_of_a_token_is_kept(bank: TriedBank) -> None:
    token = sign_in(bank.bank, LOGIN, password(bank))
    with bank.bank.read() as connection:
        (kept,) = connection.exec_driver_sql("SELECT token_hash FROM session").scalars()
    assert len(bytes(kept)) == 32
    assert token.encode() not in bytes(kept)
    assert holder(bank, token[:-1]) is None
    assert holder(bank, "") is None


def test_signing_out_ends_one_session_and_no_other(bank: TriedBank) -> None:
    here, there = (sign_in(bank.bank, LOGIN, password(bank)) for _place in range(2))
    sign_out(bank.bank, here)
    sign_out(bank.bank, here)
    sign_out(bank.bank, "no such token")

    assert holder(bank, here) is None
    assert holder(bank, there) is not None


def test_an_unknown_login_says_what_a_wrong_password_says(bank: TriedBank) -> None:
    said = []
    for login, secret in ((LOGIN, WRONG), ("nobody", WRONG), ("nobody", ""), ("", password(bank))):
        with pytest.raises(WrongCredentials) as refused:
            sign_in(bank.bank, login, secret)
        said.append((str(refused.value), refused.value.facts))
    assert len({str(one) for one in said}) == 1


def test_a_password_opens_its_own_login_only(bank: TriedBank) -> None:
    with pytest.raises(WrongCredentials):
        sign_in(bank.bank, "reviewer-XFL", password(bank))


@pytest.mark.parametrize("wrong", [FREE_ATTEMPTS - 1, FREE_ATTEMPTS], ids=["free", "locked"])
def test_the_fifth_wrong_password_locks(bank: TriedBank, wrong: int) -> None:
    fail(bank, wrong)
    if wrong < FREE_ATTEMPTS:
        assert sign_in(bank.bank, LOGIN, password(bank))
        return
    with pytest.raises(LockedOut) as locked:
        sign_in(bank.bank, LOGIN, password(bank))
    assert locked.value.facts == {"minutes": 15}


def test_a_lock_holds_to_its_last_moment_and_doubles(bank: TriedBank) -> None:
    fail(bank)
    bank.clock.move(15 * MINUTE - TICK)
    with pytest.raises(LockedOut):
        sign_in(bank.bank, LOGIN, password(bank))
    bank.clock.move(TICK)
    fail(bank, 1)
    with pytest.raises(LockedOut) as locked:
        sign_in(bank.bank, LOGIN, password(bank))
    assert locked.value.facts == {"minutes": 30}

    bank.clock.move(30 * MINUTE)
    sign_in(bank.bank, LOGIN, password(bank))
    fail(bank, FREE_ATTEMPTS - 1)  # A success began the count anew.
    sign_in(bank.bank, LOGIN, password(bank))


def test_one_login_locked_leaves_the_others_open(bank: TriedBank) -> None:
    fail(bank)
    assert sign_in(bank.bank, "reviewer-XFL", password(bank, "reviewer-XFL"))


def test_the_operator_lifts_a_lock_with_a_new_password(bank: TriedBank) -> None:
    fail(bank)
    set_password(bank.bank, OPERATOR, LOGIN, "a new horse 9")
    assert sign_in(bank.bank, LOGIN, "a new horse 9")


def test_guesses_at_the_same_time_are_counted_like_guesses_in_turn(bank: TriedBank) -> None:
    together = Barrier(FREE_ATTEMPTS)

    def guess(_number: int) -> type[Exception]:
        together.wait()
        with pytest.raises((WrongCredentials, LockedOut)) as refused:
            sign_in(bank.bank, LOGIN, WRONG)
        return refused.type

    with ThreadPoolExecutor(FREE_ATTEMPTS) as pool:
        list(pool.map(guess, range(FREE_ATTEMPTS)))
    with pytest.raises(LockedOut):
        sign_in(bank.bank, LOGIN, password(bank))


def test_who_was_put_aside_is_a_stranger(bank: TriedBank) -> None:
    bank.behind("UPDATE staff SET active = 0 WHERE login = :login", login=LOGIN)
    with pytest.raises(WrongCredentials):
        sign_in(bank.bank, LOGIN, password(bank))


def test_a_card_opens_a_short_session_of_its_holder(carded: TriedBank) -> None:
    bank, began = carded.bank, carded.bank.now_ms()
    (person,) = carded.people("V0001")
    found = holder(carded, sign_in_by_card(bank, " v0001 ", PIN, "XFL"))

    assert found is not None
    actor, until = found
    assert actor == Actor(person, Role.MEMBER, "XFL", person)
    assert until == began + carded.settings.kiosk_session_minutes * 60_000


@pytest.mark.parametrize(
    ("number", "pin"), [("V0001", "274914"), ("V0001", ""), ("V0002", PIN), ("", "")]
)
def test_a_wrong_pin_and_an_unknown_card_are_told_apart_by_nobody(
    carded: TriedBank, number: str, pin: str
) -> None:
    with pytest.raises(WrongCredentials) as refused:
        sign_in_by_card(carded.bank, number, pin)
    assert refused.value.facts == {}


def test_a_lost_card_is_worth_nothing(carded: TriedBank) -> None:
    carded.behind("UPDATE card SET state = 'lost'")
    with pytest.raises(WrongCredentials):
        sign_in_by_card(carded.bank, "V0001", PIN)


def test_guessing_a_pin_locks_the_card_until_the_staff_give_a_new_one(carded: TriedBank) -> None:
    for guess in range(FREE_ATTEMPTS):
        with pytest.raises(WrongCredentials):
            sign_in_by_card(carded.bank, "V0001", f"90817{guess}")
    with pytest.raises(LockedOut):
        sign_in_by_card(carded.bank, "V0001", PIN)

    issue_card(carded.bank, FOUNDER, "V0001", "518204")
    assert sign_in_by_card(carded.bank, "V0001", "518204")


def test_a_new_password_ends_what_the_old_one_opened(bank: TriedBank) -> None:
    mine = sign_in(bank.bank, LOGIN, password(bank))
    other = sign_in(bank.bank, "reviewer-XFL", password(bank, "reviewer-XFL"))
    set_password(bank.bank, OPERATOR, LOGIN, "a new horse 9")

    assert holder(bank, mine) is None
    assert holder(bank, other) is not None
    assert holder(bank, sign_in(bank.bank, LOGIN, "a new horse 9")) is not None


def test_a_new_pin_ends_what_the_old_one_opened(carded: TriedBank) -> None:
    carded.people("V0002")
    issue_card(carded.bank, FOUNDER, "V0002", PIN)
    mine, other = (sign_in_by_card(carded.bank, card, PIN) for card in ("V0001", "V0002"))
    staff = sign_in(carded.bank, LOGIN, password(carded))
    issue_card(carded.bank, FOUNDER, "V0001", "518204")

    assert holder(carded, mine) is None
    assert holder(carded, other) is not None
    assert holder(carded, staff) is not None
    assert holder(carded, sign_in_by_card(carded.bank, "V0001", "518204")) is not None


def test_a_password_that_is_changed_while_it_is_compared_opens_nothing(
    bank: TriedBank, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody signs in with the old one; it changes between the comparison and the session."""
    compare = type(bank.bank.secrets).matches

    def then_change(keeper: SecretKeeper, owner: str, stored: str | None, secret: str) -> bool:
        fits = compare(keeper, owner, stored, secret)
        set_password(bank.bank, OPERATOR, LOGIN, "a new horse 9")
        return fits

    old = password(bank)
    monkeypatch.setattr(SecretKeeper, "matches", then_change)
    with pytest.raises(WrongCredentials):
        sign_in(bank.bank, LOGIN, old)
    with bank.bank.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM session").scalar() == 0
