"""One log follows another: whether everything that the frozen one ended with has come over.

The verifier's second opinion on :mod:`ledger.carrying`.  One pass over the former log takes down
where it ended, another over its successor compares what was carried, account by account.
"""

from dataclasses import dataclass

from ledger.checkpoint import Checkpoint
from ledger.encoding import Json
from ledger.exports import AccountTotal, Totals
from ledger.leaf import Frozen, Genesis, HoldPlaced, Leaf
from ledger.notes import Note, NoteRejected, Vkey, open_parsed, parse_note
from ledger.replay import Say
from ledger.submission import parse_submission

CARRY_OVER = "carry_over"
"""What the first row of the batch does that carries a former book over."""

CARRIED_OVER = "carried_over"
"""The kind of the entries by which a balance comes over."""


@dataclass(frozen=True, slots=True)
class FormerBook:
    """Where a frozen log ended: its last ``checkpoint``, and what its leaves give there.

    ``accounts`` are in the order of their opening, ``holds`` those that are open, in that of their
    placing; both by id.  ``successor`` is the origin that the freeze names, empty where the log
    does not end with one.  ``vkeys`` are the log's keys, of which one signed the checkpoint.
    """

    checkpoint: Checkpoint
    successor: str
    accounts: dict[str, AccountTotal]
    holds: dict[str, HoldPlaced]
    vkeys: tuple[Vkey, ...]


class LastStand:
    """Takes down where a log ends, as :class:`ledger.verify_log.Rules` of its verification."""

    def __init__(self) -> None:
        self._totals = Totals()
        self._successor = ""
        self.policies: dict[str, str] = {}
        """The text of every profile that was adopted, by its version, in their order."""

    def leaf(self, leaf: Leaf, signed: Json, say: Say) -> None:
        """Take one leaf into the sums."""
        self._totals.add(leaf)
        if isinstance(leaf.body, Frozen):
            self._successor = leaf.body.successor
        if leaf.kind == "policy" and isinstance(signed, dict):
            self.policies[leaf.identifier] = str(signed.get("text"))

    def finish(self, say: Say) -> None:
        """Judge nothing; whether the log is sound is for its verifier to say."""

    def book(self, checkpoint: Checkpoint, *vkeys: Vkey) -> FormerBook:
        """What was taken down, once the leaves under ``checkpoint`` have all gone by."""
        totals = self._totals
        return FormerBook(checkpoint, self._successor, totals.accounts, totals.holds, vkeys)


class CarriedOver:
    """Judges a log that follows another, as :class:`ledger.verify_log.Rules`.

    Without a ``former`` book only the batch itself is judged, and :attr:`unchecked` says so.
    """

    def __init__(self, former: FormerBook | None) -> None:
        self._former = former
        self._origin = self._operator = ""
        self._head: Checkpoint | None = None
        self._batch = ""
        self._begun = -1
        self._begun_ms = 0
        self._parts: set[int] = set()
        self._totals = Totals()

    @property
    def unchecked(self) -> bool:
        """Whether the log follows another that its balances were not held against."""
        return self._head is not None and self._former is None

    def leaf(self, leaf: Leaf, signed: Json, say: Say) -> None:
        """Judge what one leaf says of the former book."""
        body = leaf.body
        if isinstance(body, Genesis):
            self._genesis(body, say)
        elif leaf.kind == "batch":
            self._part(leaf, signed, say)
        elif leaf.ref is not None and leaf.ref[0] in self._parts:
            if leaf.kind in ("account", CARRIED_OVER, "hold"):
                self._totals.add(leaf)
        elif leaf.kind == CARRIED_OVER:
            say(leaf.index, "carried_unfounded", "is no part of the batch that carries over")

    def finish(self, say: Say) -> None:
        """Compare what came over with what there was."""
        if self._head is not None and self._begun < 0:
            say(0, "carried_missing", f"no leaf carries over what {self._head.origin} ended with")
        elif self._former is not None and self._head is not None:
            self._compare_accounts(self._former, say)
            self._compare_holds(self._former, say)

    # The two leaves that name the former log -----------------------------------------------

    def _genesis(self, genesis: Genesis, say: Say) -> None:
        self._origin = genesis.origin
        self._operator = genesis.operator.partition("+")[0]
        if genesis.predecessor is None:
            if self._former is not None:
                say(0, "predecessor", "leaf 0 names no log that this one follows")
            return
        try:
            note = parse_note(genesis.predecessor)
            self._head = Checkpoint.parse(note.text)
        except NoteRejected as error:
            say(0, "predecessor", str(error))
            return
        if self._former is not None:
            self._same_log(self._former, self._head, note, say)

    def _same_log(self, former: FormerBook, head: Checkpoint, note: Note, say: Say) -> None:
        end = former.checkpoint
        if (head.origin, head.size, head.root) != (end.origin, end.size, end.root):
            evidence = f"leaf 0 names {_named(head)}, the former log ends as {_named(end)}"
            say(0, "predecessor", evidence)
        try:
            open_parsed(note, former.vkeys)
        except NoteRejected as error:
            say(0, "predecessor", f"the checkpoint in leaf 0: {error}")
        if former.successor != self._origin:
            named = former.successor or "no log"
            say(0, "predecessor", f"the former log's freeze names {named} as its successor")

    def _part(self, leaf: Leaf, signed: Json, say: Say) -> None:
        """A batch leaf: the one that begins carrying over, another part of it, or neither."""
        if self._begun >= 0:
            if leaf.identifier == self._batch:
                self._parts.add(leaf.index)
            return
        rows = signed.get("rows") if isinstance(signed, dict) else None
        first = rows[0] if isinstance(rows, list) and rows else None
        if not isinstance(first, dict) or first.get("do") != CARRY_OVER:
            return
        self._begun, self._begun_ms, self._batch = leaf.index, leaf.recorded_ms, leaf.identifier
        self._parts.add(leaf.index)
        head = self._head
        if head is None or [first.get(name) for name in ("origin", "size", "root")] != [
            head.origin, head.size, head.root.hex(),
        ]:  # fmt: skip
            say(leaf.index, "carried_unfounded", "names another checkpoint than leaf 0 does")
        if leaf.sub is None or parse_submission(leaf.sub).submitter != self._operator:
            say(leaf.index, "carried_unfounded", f"is not signed by {self._operator}")

    # What came over ------------------------------------------------------------------------

    def _compare_accounts(self, former: FormerBook, say: Say) -> None:
        carried = self._totals.accounts
        for name, old in former.accounts.items():
            new = carried.get(name)
            if new is None:
                evidence = f"{name} of leaf {old.last_leaf} of the former log is not carried over"
                say(self._begun, "carried_account", evidence)
                continue
            limits = (new.kind, new.floor, new.ceiling)
            if limits != (old.kind, old.floor, old.ceiling):
                evidence = f"{name} was {old.kind} with limits {old.floor}, {old.ceiling}"
                say(new.last_leaf, "carried_account", evidence)
            if new.posted != old.posted:
                evidence = f"{name} has {new.posted}; the former log's leaf {old.last_leaf} "
                say(new.last_leaf, "carried_balance", f"{evidence}leaves it {old.posted}")
        for name in carried.keys() - former.accounts.keys():
            evidence = f"{name} is no account of the former log"
            say(carried[name].last_leaf, "carried_account", evidence)

    def _compare_holds(self, former: FormerBook, say: Say) -> None:
        """Every hold is there unless its deadline had come, and no other is."""
        carried = self._totals.holds
        expected = {
            name: hold for name, hold in former.holds.items() if hold.expires_ms > self._begun_ms
        }
        for name in [*expected, *(carried.keys() - expected.keys())]:
            if carried.get(name) != expected.get(name):
                payer = (carried.get(name) or expected[name]).payer
                total = self._totals.accounts.get(payer)
                leaf = self._begun if total is None else total.last_leaf
                evidence = f"{name} is {_held(carried.get(name))}, was {_held(expected.get(name))}"
                say(leaf, "carried_hold", evidence)


def _named(head: Checkpoint) -> str:
    return f"{head.origin} with {head.size} leaves under {head.root.hex()[:16]}…"


def _held(hold: HoldPlaced | None) -> str:
    if hold is None:
        return "not open"
    return f"{hold.minutes} minutes of {hold.payer} for {hold.payee} until {hold.expires_ms}"
