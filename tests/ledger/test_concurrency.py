"""Many callers at once: one key is decided once, limits hold, and no number is skipped."""

import threading
from functools import partial

import pytest

from ledger.balances import balance_of
from ledger.book import read_head
from ledger.errors import CeilingExceeded, FloorExceeded, KeyReused
from tests.support.books import POLICY, START_MS, TODAY
from tests.support.soundness import assert_sound

POOL, ANNA, BERTA = "acct_pool", "acct_anna", "acct_berta"
CALLERS = 64


@pytest.fixture
def opened(book):
    writer = book.writer()
    book.open_accounts(writer, {POOL: (None, None), ANNA: (0, None), BERTA: (0, 200)})
    yield book
    for left in book.writers:
        left.close()
    assert_sound(book.database, book.log_key)


def all_at_once(calls):
    """Run every call on a thread of its own, begun together; answers result or refusal each."""
    start, became = threading.Barrier(len(calls)), [None] * len(calls)

    def run(place, call):
        start.wait()
        try:
            became[place] = call()
        except Exception as error:
            became[place] = error

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return became


def asking(writers, actions):
    """Calls that hand actions to the writers in turn."""
    return [
        partial(writers[turn % len(writers)].write, action) for turn, action in enumerate(actions)
    ]


def balance(book, account):
    with book.database.read() as connection:
        return balance_of(connection, account).posted


@pytest.mark.parametrize("count", [1, 2], ids=["one writer", "two writers"])
def test_the_same_key_from_64_callers_is_one_entry_and_64_same_answers(opened, count):
    writers = [opened.writer() for _ in range(count)]
    actions = [opened.posting(POOL, ANNA, 45, key="once") for _ in range(CALLERS)]
    became = all_at_once(asking(writers, actions))

    assert {(one.answer, one.leaf_index) for one in became} == {became[0][:2]}
    assert [one.replayed for one in became].count(False) == 1
    assert read_head(opened.database).entries == 1
    assert balance(opened, ANNA) == 45


@pytest.mark.parametrize("count", [1, 2], ids=["one writer", "two writers"])
def test_the_same_key_with_64_contents_is_decided_for_one_of_them(opened, count):
    writers = [opened.writer() for _ in range(count)]
    actions = [opened.posting(POOL, ANNA, 1 + turn, key="once") for turn in range(CALLERS)]
    became = all_at_once(asking(writers, actions))

    (won,) = (turn for turn, one in enumerate(became) if not isinstance(one, Exception))
    assert [type(one) for turn, one in enumerate(became) if turn != won] == [KeyReused] * 63
    assert balance(opened, ANNA) == 1 + won
    size = read_head(opened.database).size
    again = writers[0].write(actions[won])
    assert (again.answer, again.replayed) == (became[won].answer, True)
    assert read_head(opened.database).size == size


@pytest.mark.parametrize(("minutes", "each"), [(100, 3), (63, 1), (64, 1), (65, 1)])
def test_a_race_for_the_last_minutes_gives_exactly_what_is_there(opened, minutes, each):
    writers = [opened.writer(), opened.writer()]
    opened.post(writers[0], POOL, ANNA, minutes)
    actions = [opened.posting(ANNA, POOL, each) for _ in range(CALLERS)]
    became = all_at_once(asking(writers, actions))

    paid = min(CALLERS, minutes // each)
    refused = [one for one in became if isinstance(one, Exception)]
    assert [type(one) for one in refused] == [FloorExceeded] * (CALLERS - paid)
    assert {one.facts["available"] for one in refused} <= {minutes - paid * each}
    assert balance(opened, ANNA) == minutes - paid * each


def test_a_race_for_the_last_room_below_a_ceiling(opened):
    writers = [opened.writer(), opened.writer()]
    actions = [opened.posting(POOL, BERTA, 7) for _ in range(CALLERS)]
    became = all_at_once(asking(writers, actions))

    refused = [one for one in became if isinstance(one, Exception)]
    assert [type(one) for one in refused] == [CeilingExceeded] * (CALLERS - 28)
    assert balance(opened, BERTA) == 196


def test_one_account_that_everybody_uses_keeps_every_minute(opened):
    writers = [opened.writer(), opened.writer()]
    actions = []
    for turn in range(4 * CALLERS):
        giver, receiver = (POOL, ANNA) if turn % 4 else (ANNA, POOL)
        actions.append(opened.posting(giver, receiver, 1 + turn % 7))
    became = all_at_once(asking(writers, actions))

    moved = sum(
        (1 + turn % 7) * (1 if turn % 4 else -1)
        for turn, one in enumerate(became)
        if not isinstance(one, Exception)
    )
    assert balance(opened, ANNA) == moved
    leaves = sorted(one.leaf_index for one in became if not isinstance(one, Exception))
    assert len(leaves) == len(set(leaves))
    assert {type(one) for one in became if isinstance(one, Exception)} <= {FloorExceeded}


def test_a_hold_that_everybody_settles_is_paid_once(opened):
    writers = [opened.writer(), opened.writer()]
    opened.post(writers[0], POOL, ANNA, 90)
    holds = []

    def place(draft):
        holds.append(
            draft.place_hold(payer=ANNA, payee=BERTA, minutes=60, expires_ms=START_MS + 1, facts={})
        )
        return {}

    def settle(draft):
        return {
            "entry": draft.settle(holds[0], minutes=50, effective_on=TODAY, policy=POLICY, facts={})
        }

    def release(draft):
        return {"end": draft.release(holds[0], {})}

    writers[0].write(opened.action(place))
    actions = [opened.action(settle if turn % 2 else release) for turn in range(CALLERS)]
    became = all_at_once(asking(writers, actions))

    assert [isinstance(one, Exception) for one in became].count(False) == 1
    assert {one.code for one in became if isinstance(one, Exception)} == {"hold_already_ended"}
    assert balance(opened, BERTA) in (0, 50)
