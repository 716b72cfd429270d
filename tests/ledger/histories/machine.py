"""Random wishes, asked of the real ledger and of the reference; nothing may tell them apart."""

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ledger.balances import balances
from ledger.book import read_head
from ledger.bundle import seal
from ledger.checkpoint import Checkpoint, sign_checkpoint
from ledger.errors import KeyReused, Refusal
from ledger.exports import write_exports
from ledger.journal import JournalEntry, Movement
from ledger.leaf_parser import parse
from ledger.lines import sum_of
from ledger.publish import publish
from tests.ledger.histories.reference import (
    Expire,
    Open,
    Place,
    Post,
    Reference,
    Release,
    Reverse,
    Settle,
    Wish,
)
from tests.support import independent_model
from tests.support.books import POLICY, Book
from tests.support.counts import full_run
from tests.support.soundness import assert_sound, leaves_of

DAYS = ("2026-01-31", "2026-02-01", "2026-02-25", "2026-02-28", "2026-03-01")
NO_MINUTES = (0, -1, True, 1.5, "60", 2**31 - 1, 2**31)


def mostly(good: st.SearchStrategy, *bad: object, of: int = 20) -> st.SearchStrategy:
    """``good``, and once in a while one of ``bad``; a plain choice would be bad half the time."""
    dice = st.integers(1, of)
    return dice.flatmap(lambda n: st.just(bad[n - 1]) if n <= len(bad) else good)


# Pick 0 is something that does not exist, the others are spread over what does.
PICK = st.integers(1, 40) | st.integers(0, 40)
MINUTES = mostly(st.integers(1, 60) | st.integers(1, 130), *NO_MINUTES, of=120)
DAY = mostly(st.sampled_from(DAYS), "2026-02-29", "soon", of=40)
POLICIES = mostly(st.just(POLICY), "none", of=20)
KINDS = mostly(st.sampled_from(["service", "gift"]), "hold", "settlement", "Gift", of=60)
FLOOR = mostly(st.sampled_from([None, 0, -60, -1]), 1, 0.5)
CEILING = mostly(st.sampled_from([None, None, 100, 600, 0]), -1, "600")

OPENING = st.tuples(st.just("open"), PICK, FLOOR, CEILING)
MOVES = mostly(st.lists(st.tuples(PICK, PICK, MINUTES), min_size=1, max_size=3), [], of=30)
POSTING = st.tuples(st.just("post"), MOVES, DAY, POLICIES, KINDS)
PLACING = st.tuples(
    st.just("place"),
    PICK,
    PICK,
    MINUTES,
    mostly(st.integers(1, 3_000) | st.integers(3_000, 9_000), 0, -1),
)
SETTLING = st.tuples(st.just("settle"), PICK, MINUTES, DAY, POLICIES)
RELEASING = st.tuples(st.just("release"), PICK)
EXPIRING = st.tuples(st.just("expire"), PICK)
REVERSING = st.tuples(st.just("reverse"), PICK, DAY, POLICIES)
ROUGH = st.integers(0, 15).flatmap(
    (
        [PLACING] * 4 + [SETTLING] * 4 + [POSTING] * 5 + [RELEASING, EXPIRING, REVERSING]
    ).__getitem__
)  # fmt: skip
"""A wish whose picks become ids when it is asked, so that it may name what came just before."""


@dataclass
class Asked:
    """One wish as it was asked, and the id or the code that came of it."""

    wish: Wish
    recorded_ms: int
    identifier: str = ""
    code: str = ""


@dataclass
class Attempt:
    """One key: its content, its rough wishes, and what was told."""

    key: str
    content: bytes
    rough: list
    batch: str | None
    told: object = None
    asked: list[Asked] = field(default_factory=list)


class History(RuleBasedStateMachine):
    """Two writers on one book, a clock that we set, and the reference beside it."""

    new_book = None
    """Set by the test: makes a context manager that founds a book."""
    new_reference = Reference

    def __init__(self) -> None:
        super().__init__()
        self.stack = type(self).new_book()
        self.book: Book = self.stack.__enter__()
        self.reference = self.new_reference({POLICY}, recorded_ms=self.book.now_ms)
        self.names: list[str] = ["acct_none"]
        self.attempts: list[Attempt] = []
        self.checkpoints: list[str] = []

    @initialize()
    def begin(self) -> None:
        self.writers = [self.book.writer(), self.book.writer(most_in_group=3)]

        def adopt(draft):
            draft.adopt_policy(POLICY, {})
            return {}

        self.writers[0].write(self.book.action(adopt))
        for limits in ((None, None), (0, None), (0, 100), (-60, 600)):
            self._do([self._attempt([("open", 99, *limits)], batch=False)])
        moves = [(3, 1, 80), (3, 2, 60), (3, 3, 400)]
        self._do([self._attempt([("post", moves, DAYS[0], POLICY, "gift")], batch=False)])

    # Asking --------------------------------------------------------------------------------

    def _attempt(self, rough: list, *, batch: bool) -> Attempt:
        key = f"key-{len(self.attempts)}"
        made = Attempt(key, repr(rough).encode(), rough, f"batch_{key[4:]}" if batch else None)
        self.attempts.append(made)
        return made

    def _wish(self, rough: tuple, recorded_ms: int) -> Wish:
        """Picks become the ids that there are by now."""
        kind, *rest = rough
        if kind == "open":
            pick, floor, ceiling = rest
            name = self.names[-1] if pick < 3 else f"acct_{len(self.names)}"
            return Open(name, floor, ceiling)
        if kind == "post":
            moves, on, policy, word = rest
            ids = tuple((*self._sides(giver, to), minutes) for giver, to, minutes in moves)
            return Post(ids, on, policy, word)
        if kind == "place":
            payer, payee, minutes, lasts_ms = rest
            return Place(*self._sides(payer, payee), minutes, recorded_ms + lasts_ms)
        if kind == "reverse":
            return Reverse(self._named(self.entry_ids, rest[0]), *rest[1:])
        hold = self._named(self.hold_ids, rest[0])
        return {"settle": Settle, "release": Release, "expire": Expire}[kind](hold, *rest[1:])

    def _sides(self, giver: int, receiver: int) -> tuple[str, str]:
        """Two accounts that differ, but for pick 0; every other giver is the unlimited one."""
        first = self.names[1] if giver % 2 and giver > 2 else self._named(self.names, giver)
        if receiver == 0:
            return first, first
        others = [name for name in self.names[1:] if name != first]
        return first, others[-1 - receiver % len(others)]

    entry_ids: tuple[str, ...] = ("entry_none",)
    hold_ids: tuple[str, ...] = ("hold_none",)

    @staticmethod
    def _named(ids: Sequence[str], pick: int) -> str:
        """The newest first; pick 0 is the first id of all, which nothing has."""
        return ids[0] if pick == 0 else ids[-1 - (pick - 1) % max(1, len(ids) - 1)]

    def _ask(self, draft, attempt: Attempt, rough: tuple) -> str:
        """Ask the real ledger; the answer or the refusal is noted for the reference."""
        asked = Asked(self._wish(rough, draft.recorded_ms), draft.recorded_ms)
        attempt.asked.append(asked)
        try:
            asked.identifier = carry_out(draft, asked.wish)
        except Refusal as refusal:
            asked.code = refusal.code
            raise
        if isinstance(asked.wish, Open):
            self.names.append(asked.identifier)
        elif isinstance(asked.wish, Place):
            self.hold_ids = (*self.hold_ids, asked.identifier)
        elif not isinstance(asked.wish, Release | Expire):
            self.entry_ids = (*self.entry_ids, asked.identifier)
        return asked.identifier

    def _action(self, attempt: Attempt, content: bytes | None = None):
        def decide(draft):
            if attempt.batch is None:
                return {"id": self._ask(draft, attempt, attempt.rough[0])}
            told = []
            for rough in attempt.rough:
                try:
                    told.append(self._ask(draft, attempt, rough))
                except Refusal as refusal:
                    draft.refuse_row({"row": len(told)}, refusal)
                    told.append(refusal.code)
            return {"rows": told}

        return self.book.action(
            decide,
            key=attempt.key,
            content=attempt.content if content is None else content,
            batch=attempt.batch,
        )

    def _do(self, attempts: list[Attempt], writer: int = 0) -> None:
        """Have attempts decided, as one group where they meet, and hold them to the reference."""
        futures = [self.writers[writer].submit(self._action(attempt)) for attempt in attempts]
        for attempt, future in zip(attempts, futures, strict=True):
            error = future.exception()
            assert error is None or isinstance(error, Refusal), error
            if error is None:
                decided = future.result()
                attempt.told = decided.answer
                self.checkpoints.append(decided.checkpoint)
            else:
                attempt.told = (error.code, error.facts)
                assert attempt.asked[-1].code == error.code
        for attempt in attempts:
            self._compare(attempt)

    def _compare(self, attempt: Attempt) -> None:
        """The reference does the same in the same order, and must come to the same."""
        moment = max(self.book.now_ms, self.reference.recorded_ms)
        for asked in attempt.asked:
            assert asked.recorded_ms == moment
            self.reference.recorded_ms = moment
            assert self.reference.judge(asked.wish, asked.identifier) == asked.code, asked
        if attempt.batch is not None:
            assert isinstance(attempt.told, bytes)
            rows = json.loads(attempt.told)["rows"]
            assert rows == [asked.identifier or asked.code for asked in attempt.asked]

    # Steps ---------------------------------------------------------------------------------

    @rule(rough=ROUGH, writer=st.integers(0, 1))
    def one(self, rough, writer) -> None:
        self._do([self._attempt([rough], batch=False)], writer)

    @rule(rough=st.lists(ROUGH, min_size=1, max_size=6), writer=st.integers(0, 1))
    def batch(self, rough, writer) -> None:
        self._do([self._attempt(rough, batch=True)], writer)

    @rule(rough=st.lists(ROUGH, min_size=2, max_size=5), writer=st.integers(0, 1))
    def group(self, rough, writer) -> None:
        self._do([self._attempt([one], batch=False) for one in rough], writer)

    @rule(by_ms=st.sampled_from([1, 999, 1_000, 3_000, -500]))
    def clock(self, by_ms) -> None:
        self.book.now_ms += by_ms

    @precondition(lambda self: self.attempts)
    @rule(pick=PICK, writer=st.integers(0, 1), change=st.booleans())
    def retry(self, pick, writer, change) -> None:
        attempt = self.attempts[pick % len(self.attempts)]
        size, asked = read_head(self.book.database).size, len(attempt.asked)
        action = self._action(attempt, b"changed" if change else None)
        future = self.writers[writer].submit(action)
        error = future.exception()
        if change:
            assert isinstance(error, KeyReused)
        elif isinstance(attempt.told, tuple):
            assert isinstance(error, Refusal)
            assert (error.code, error.facts) == attempt.told
        else:
            assert future.result().replayed
            assert future.result().answer == attempt.told
        assert (read_head(self.book.database).size, len(attempt.asked)) == (size, asked)

    @rule()
    def another_writer(self) -> None:
        self.writers[1].close()
        self.writers[1] = self.book.writer()

    # What must hold ------------------------------------------------------------------------

    @invariant()
    def balances_and_numbers_agree(self) -> None:
        with self.book.database.read() as connection:
            stored = {
                found.account_id: (found.posted, found.held, found.floor, found.ceiling)
                for found in balances(connection)
            }
        reference = self.reference
        assert stored == {
            name: (reference.posted[name], reference.held[name], *limits)
            for name, limits in reference.limits.items()
        }
        assert sum(reference.posted.values()) == 0
        head = read_head(self.book.database)
        assert (head.entries, head.accounts) == (len(reference.entries), len(reference.limits))
        if full_run():
            self.the_independent_model_agrees()

    def the_independent_model_agrees(self) -> None:
        """Export the book as anybody would get it, and let the stranger's reading judge."""
        reference = self.reference
        with tempfile.TemporaryDirectory() as name:
            truth = independent_model.read(write_bundle(self.book, Path(name)))
        assert truth.problems == []
        assert {name: one.posted for name, one in truth.accounts.items()} == reference.posted
        held = {name: account.held for name, account in truth.accounts.items()}
        assert held == reference.held
        assert [entry.number for entry in truth.entries] == list(
            range(1, len(reference.entries) + 1)
        )
        found = [
            (one.identifier, one.kind, tuple(map(tuple, one.movements))) for one in truth.entries
        ]
        assert found == [(key, one.kind, one.moves) for key, one in reference.entries.items()]
        assert set(truth.open_holds) == {
            key for key, hold in reference.holds.items() if not hold.state
        }
        with self.book.database.read() as connection:
            for number, account in enumerate(reference.limits, start=1):
                for until in DAYS:
                    known = reference.recorded_ms
                    total = sum_of(connection, number, effective_until=until, known_before_ms=known)
                    assert total == reference.balance(account, until, known)
                    assert total == truth.balance(account, until, known - 1)

    def teardown(self) -> None:
        try:
            if hasattr(self, "writers"):
                for writer in self.writers:
                    writer.close()
                assert_sound(self.book.database, self.book.log_key, *self.checkpoints[-3:])
                self.the_independent_model_agrees()
        finally:
            self.stack.__exit__(None, None, None)


def carry_out(draft, wish: Wish) -> str:
    """Ask the real ledger what is wished; answers the id of what came of it."""
    match wish:
        case Open(account, floor, ceiling):
            draft.open_account(account, "member", floor=floor, ceiling=ceiling, facts={})
            return account
        case Post(moves, on, policy, kind):
            movements = tuple(Movement(*move) for move in moves)
            return draft.post(JournalEntry(kind, movements, on, policy), {})
        case Place(payer, payee, minutes, expires_ms):
            return draft.place_hold(
                payer=payer, payee=payee, minutes=minutes, expires_ms=expires_ms, facts={}
            )
        case Settle(hold, minutes, on, policy):
            return draft.settle(hold, minutes=minutes, effective_on=on, policy=policy, facts={})
        case Release(hold):
            return draft.release(hold, {})
        case Expire(hold):
            return draft.expire(hold, {})
        case Reverse(entry, on, policy):
            return draft.reverse(entry, effective_on=on, policy=policy, facts={})


def write_bundle(book: Book, folder: Path) -> Path:
    """The whole sealed bundle of the book."""
    head = read_head(book.database)
    with book.database.read() as connection:
        leaves = leaves_of(connection)
    tree = Checkpoint(head.origin, head.size, head.root)
    note = sign_checkpoint(tree, book.log_key)
    log = folder / "log"
    log.mkdir()
    publish(log, lambda at, count: leaves[at : at + count], note, durable=False)
    log.joinpath("vkey").write_text(f"{book.log_key.vkey}\n", encoding="utf-8")
    write_exports(folder, head.origin, map(parse, leaves))
    seal(folder, tree, book.log_key)
    return folder
