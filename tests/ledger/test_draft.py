"""ledger/draft.py: what an action may ask, every refusal in its order, and nothing left behind."""

import pytest

from ledger.draft import Action
from ledger.errors import (
    AccountExists,
    AccountNotFound,
    AlreadyReversed,
    CeilingExceeded,
    EntryNotFound,
    FloorExceeded,
    HoldAlreadyEnded,
    HoldDeadlinePassed,
    HoldExpired,
    HoldNotExpired,
    HoldNotFound,
    LimitsOutOfOrder,
    NotADate,
    NotAnEntryKind,
    NotReversible,
    NotWholeMinutes,
    PolicyExists,
    PolicyNotFound,
    Refusal,
    SameAccount,
    SettlementExceedsHold,
)
from ledger.journal import JournalEntry, Movement
from ledger.spelling import Misspelled
from tests.support.books import POLICY, START_MS, TODAY
from tests.support.soundness import assert_sound, every_row

POOL, ANNA, BERTA, NOBODY = "acct_pool", "acct_anna", "acct_berta", "acct_nobody"
DEADLINE_MS = START_MS + 1_000
FACTS = {"stated": 1}


class Desk:
    """One writer of a book with three accounts; ``tell`` asks one thing of it."""

    def __init__(self, book):
        self.book = book
        self.writer = book.writer()
        book.open_accounts(self.writer, {POOL: (None, None), ANNA: (0, None), BERTA: (0, 100)})

    def tell(self, ask, **settings):
        answer = {}

        def decide(draft):
            answer["told"] = ask(draft)
            return {}

        self.writer.write(self.book.action(decide, **settings))
        return answer["told"]

    def refuses(self, refusal, ask):
        """Assert the refusal, and that nothing but its own leaf and memory came of it."""
        before = every_row(self.book.database)
        with pytest.raises(refusal) as refused:
            self.tell(ask)
        after = every_row(self.book.database)
        changed = {table for table in after if after[table] != before[table]}
        assert changed == {"head", "leaf", "idempotency_key"}
        assert len(after["leaf"]) == len(before["leaf"]) + 1
        return refused.value

    def post(self, *movements, kind="service", policy=POLICY, on=TODAY):
        return self.tell(posting(*movements, kind=kind, policy=policy, on=on))

    def hold(self, minutes, *, payer=ANNA, payee=BERTA):
        return self.tell(holding(minutes, payer=payer, payee=payee))


def posting(*movements, kind="service", policy=POLICY, on=TODAY, of=None):
    entry = JournalEntry(kind, tuple(Movement(*move) for move in movements), on, policy, of)
    return lambda draft: draft.post(entry, FACTS)


def holding(minutes, *, payer=ANNA, payee=BERTA, expires_ms=DEADLINE_MS):
    return lambda draft: draft.place_hold(
        payer=payer, payee=payee, minutes=minutes, expires_ms=expires_ms, facts=FACTS
    )


def settling(hold, minutes, *, on=TODAY, policy=POLICY):
    return lambda draft: draft.settle(
        hold, minutes=minutes, effective_on=on, policy=policy, facts=FACTS
    )


def reversing(entry, *, on=TODAY, policy=POLICY):
    return lambda draft: draft.reverse(entry, effective_on=on, policy=policy, facts=FACTS)


def opening(account, floor, ceiling, kind="member"):
    return lambda draft: draft.open_account(
        account, kind, floor=floor, ceiling=ceiling, facts=FACTS
    )


@pytest.fixture
def desk(book):
    desk = Desk(book)
    yield desk
    desk.writer.close()
    assert_sound(book.database, book.log_key)


def test_opening_an_account_refuses_in_the_documented_order(desk):
    # Each line mends the fault that the line above was refused for, and keeps the rest.
    desk.refuses(NotWholeMinutes, opening(ANNA, 1, 0.5))
    desk.refuses(LimitsOutOfOrder, opening(ANNA, 1, 600))
    desk.refuses(AccountExists, opening(ANNA, 0, 600))
    desk.tell(opening("acct_carl", 0, 600))


def test_posting_refuses_in_the_documented_order(desk):
    desk.refuses(NotAnEntryKind, posting((ANNA, ANNA, 0), kind="hold", policy="none"))
    desk.refuses(NotWholeMinutes, posting((ANNA, ANNA, 0), policy="none"))
    desk.refuses(SameAccount, posting((ANNA, ANNA, 101), policy="none"))
    desk.refuses(PolicyNotFound, posting((NOBODY, BERTA, 101), policy="none"))
    desk.refuses(AccountNotFound, posting((NOBODY, BERTA, 101)))
    desk.refuses(FloorExceeded, posting((ANNA, BERTA, 101)))
    desk.refuses(CeilingExceeded, posting((POOL, BERTA, 101)))
    desk.post((POOL, BERTA, 100))


def test_movements_are_tried_in_their_order(desk):
    assert desk.refuses(CeilingExceeded, posting((POOL, BERTA, 101), (ANNA, POOL, 1)))
    assert desk.refuses(FloorExceeded, posting((ANNA, POOL, 1), (POOL, BERTA, 101)))
    desk.post((POOL, ANNA, 30), (ANNA, BERTA, 30))


def test_a_late_movement_that_is_refused_takes_the_earlier_ones_back(desk):
    desk.post((POOL, ANNA, 60))
    refusal = desk.refuses(FloorExceeded, posting((POOL, BERTA, 50), (ANNA, BERTA, 61)))
    assert refusal.facts == {"account": ANNA, "available": 60, "minutes": 61}
    refusal = desk.refuses(CeilingExceeded, posting((ANNA, BERTA, 60), (POOL, BERTA, 41)))
    assert refusal.facts == {"account": BERTA, "room": 40, "minutes": 41}


def test_placing_a_hold_refuses_in_the_documented_order(desk):
    desk.refuses(NotWholeMinutes, holding(0, payee=ANNA, expires_ms=START_MS))
    desk.refuses(SameAccount, holding(1, payee=ANNA, expires_ms=START_MS))
    desk.refuses(HoldDeadlinePassed, holding(1, payee=NOBODY, expires_ms=START_MS))
    desk.refuses(AccountNotFound, holding(1, payee=NOBODY, expires_ms=START_MS + 1))
    desk.refuses(FloorExceeded, holding(1, expires_ms=START_MS + 1))
    desk.post((POOL, ANNA, 1))
    desk.tell(holding(1, expires_ms=START_MS + 1))


def test_held_minutes_cannot_be_spent_or_held_again(desk):
    desk.post((POOL, ANNA, 90))
    desk.hold(60)

    desk.refuses(FloorExceeded, posting((ANNA, BERTA, 31)))
    desk.refuses(FloorExceeded, holding(31))
    desk.post((ANNA, BERTA, 30))


def test_settling_refuses_in_the_documented_order(desk):
    desk.post((POOL, ANNA, 120), (POOL, BERTA, 50))
    held = desk.hold(60)
    released = desk.hold(30)
    desk.tell(lambda draft: draft.release(released, FACTS))

    desk.refuses(HoldNotFound, settling("hold_none", 0, on="soon", policy="none"))
    desk.refuses(NotWholeMinutes, settling(released, 0, on="soon", policy="none"))
    desk.refuses(HoldAlreadyEnded, settling(released, 61, on="soon", policy="none"))
    desk.refuses(SettlementExceedsHold, settling(held, 61, on="soon", policy="none"))
    desk.refuses(NotADate, settling(held, 60, on="soon", policy="none"))
    desk.refuses(PolicyNotFound, settling(held, 60, policy="none"))
    desk.refuses(CeilingExceeded, settling(held, 60))
    desk.tell(settling(held, 50))
    desk.refuses(HoldAlreadyEnded, settling(held, 1))


def test_a_hold_stops_being_payable_at_its_deadline(desk):
    desk.post((POOL, ANNA, 90))
    early, late = desk.hold(30), desk.hold(60)

    desk.book.now_ms = DEADLINE_MS - 1
    desk.refuses(HoldNotExpired, lambda draft: draft.expire(late, FACTS))
    desk.tell(settling(early, 30))
    desk.book.now_ms = DEADLINE_MS
    desk.refuses(HoldExpired, settling(late, 61))
    desk.tell(lambda draft: draft.expire(late, FACTS))
    desk.refuses(HoldAlreadyEnded, lambda draft: draft.release(late, FACTS))
    desk.refuses(HoldAlreadyEnded, lambda draft: draft.expire(early, FACTS))
    desk.refuses(HoldNotFound, lambda draft: draft.expire("hold_none", FACTS))
    desk.refuses(HoldNotFound, lambda draft: draft.release("hold_none", FACTS))


def test_reversing_refuses_in_the_documented_order(desk):
    first = desk.post((POOL, ANNA, 60))
    undone = desk.tell(reversing(first))
    second = desk.post((POOL, ANNA, 60))
    desk.post((ANNA, BERTA, 1))

    desk.refuses(EntryNotFound, reversing("entry_none", on="soon", policy="none"))
    desk.refuses(NotReversible, reversing(undone, on="soon", policy="none"))
    refusal = desk.refuses(AlreadyReversed, reversing(first, on="soon", policy="none"))
    assert refusal.facts == {"entry": first, "by": undone}
    desk.refuses(NotADate, reversing(second, on="soon", policy="none"))
    desk.refuses(PolicyNotFound, reversing(second, policy="none"))
    desk.refuses(FloorExceeded, reversing(second))
    desk.post((POOL, ANNA, 1))
    desk.tell(reversing(second))


@pytest.mark.parametrize("kind", ["settlement", "reversal"])
def test_nobody_posts_a_settlement_or_reversal_by_hand(desk, kind):
    desk.refuses(NotAnEntryKind, posting((POOL, ANNA, 1), kind=kind))


def test_a_policy_is_adopted_once_and_stays_adopted(desk):
    desk.refuses(PolicyExists, lambda draft: draft.adopt_policy(POLICY, FACTS))
    desk.post((POOL, ANNA, 1))


def test_a_refused_action_unadopts_only_its_own_policy(desk):
    def adopt_then_fail(draft):
        draft.adopt_policy("plain-2027", FACTS)
        draft.post(JournalEntry("gift", (Movement(ANNA, POOL, 1),), TODAY, "plain-2027"), FACTS)

    desk.refuses(FloorExceeded, adopt_then_fail)
    desk.refuses(PolicyNotFound, posting((POOL, ANNA, 1), policy="plain-2027"))
    desk.post((POOL, ANNA, 1))


def unsound(desk, fault, ask, **settings):
    """Assert that a fault of our own code stores nothing at all, its key not even remembered."""
    before = every_row(desk.book.database)
    with pytest.raises(fault):
        desk.tell(ask, **settings)
    assert every_row(desk.book.database) == before


@pytest.mark.parametrize(
    "ask",
    [
        opening("Acct-Anna", 0, None),
        opening("acct_carl", 0, None, kind="Member of Lane"),
        lambda draft: draft.adopt_policy("plain 2027", FACTS),
        lambda draft: draft.state("Record 1", FACTS),
        holding(1, expires_ms=2**53),
        holding(1, expires_ms=START_MS + 0.5),
    ],
)
def test_no_leaf_is_written_that_its_reader_would_reject(desk, ask):
    desk.post((POOL, ANNA, 1))
    unsound(desk, Misspelled, ask)


def test_only_settlements_and_reversals_name_another_leaf(desk):
    unsound(desk, ValueError, posting((POOL, ANNA, 1), of="entry_1"))


def test_an_action_whose_words_no_leaf_can_hold_cannot_be_made():
    for wrong in ({"kind": "Test"}, {"kind": "test", "batch": "Batch 1"}):
        with pytest.raises(Misspelled):
            Action(decide=lambda draft: {}, **wrong)


def test_a_policy_is_never_part_of_a_batch_whose_outcome_could_not_name_it(desk):
    adopt = lambda draft: draft.adopt_policy("plain-2027", FACTS)  # noqa: E731
    unsound(desk, ValueError, adopt, batch="batch_1")


def test_only_rows_of_a_batch_are_refused_apart(desk):
    unsound(desk, ValueError, lambda draft: draft.refuse_row(FACTS, NotADate(on="soon")))


def test_a_refused_row_of_a_batch_leaves_balances_byte_identical(desk):
    desk.post((POOL, ANNA, 60))
    before = every_row(desk.book.database)

    def two_bad_rows(draft):
        for ask in (
            posting((POOL, BERTA, 50), (ANNA, BERTA, 61)), holding(61), opening(BERTA, 0, None),
        ):  # fmt: skip
            try:
                ask(draft)
            except Refusal as refusal:
                draft.refuse_row(FACTS, refusal)

    desk.tell(two_bad_rows, batch="batch_1")
    after = every_row(desk.book.database)
    assert {t for t in after if after[t] != before[t]} == {
        "head", "leaf", "idempotency_key", "signing_key",
    }  # fmt: skip
    assert after["balance"] == before["balance"]
    outcome = max(after["leaf"])[2]
    assert b'"rows":["floor_exceeded","floor_exceeded","account_exists"]' in outcome


def test_rows_of_a_batch_see_the_rows_before_them(desk):
    def spend_what_came(draft):
        posting((POOL, ANNA, 60))(draft)
        hold = holding(40)(draft)
        entry = posting((ANNA, BERTA, 20))(draft)
        settling(hold, 40)(draft)
        reversing(entry)(draft)
        with pytest.raises(HoldAlreadyEnded):
            settling(hold, 1)(draft)
        with pytest.raises(AlreadyReversed):
            reversing(entry)(draft)
        return [draft.account(name).posted for name in (POOL, ANNA, BERTA)]

    assert desk.tell(spend_what_came, batch="batch_1") == [-60, 20, 40]


def test_a_rehearsal_decides_like_the_real_thing_and_stores_nothing(desk):
    desk.post((POOL, ANNA, 60))
    before = every_row(desk.book.database)

    def everything(draft):
        opening("acct_carl", 0, None)(draft)
        hold = holding(20)(draft)
        settling(hold, 10)(draft)
        reversing(posting((POOL, "acct_carl", 5))(draft))(draft)
        return draft.account(ANNA).available

    assert desk.tell(everything, rehearsal=True, batch="batch_1") == 50
    with pytest.raises(FloorExceeded):
        desk.tell(posting((ANNA, BERTA, 61)), rehearsal=True)
    assert every_row(desk.book.database) == before
    assert desk.tell(everything, batch="batch_2") == 50


def test_an_action_that_breaks_leaves_nothing_behind(desk):
    class Broken(Exception):
        pass

    def breaks(draft):
        opening("acct_carl", 0, None)(draft)
        posting((POOL, "acct_carl", 5))(draft)
        raise Broken

    unsound(desk, Broken, breaks)
    desk.tell(opening("acct_carl", 0, None))


def test_an_attempt_takes_all_of_itself_back_and_nothing_before_it(desk):
    desk.post((POOL, ANNA, 60))

    def all_or_nothing(draft, kept, hold, last):
        with draft.attempt():
            opening("acct_carl", 0, None)(draft)
            posting((POOL, "acct_carl", 5))(draft)
            reversing(kept)(draft)
            settling(hold, 20)(draft)
            holding(1, payer="acct_carl")(draft)
            last(draft)

    def rows(draft):
        kept = posting((ANNA, BERTA, 10))(draft)
        hold = holding(20)(draft)
        for last in (posting((ANNA, BERTA, 500)), settling(hold, 21), opening(ANNA, 0, None)):
            with pytest.raises(Refusal):
                all_or_nothing(draft, kept, hold, last)
            with pytest.raises(AccountNotFound):
                draft.account("acct_carl")
            assert draft.account(ANNA).available == 30
        opening("acct_dora", 0, None)(draft)
        reversing(kept)(draft)
        settling(hold, 20)(draft)
        return [draft.account(name).posted for name in (POOL, ANNA, BERTA, "acct_dora")]

    assert desk.tell(rows, batch="batch_1") == [-60, 40, 20, 0]
