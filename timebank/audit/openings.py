"""What an opening balance must move: what the list said, the holder confirmed, a third approved.

The page is a commitment with a salt of the holder's own, the same for the same page of the same
holder; so that a page was paid twice shows in the leaves alone.  That the holder has signed the
paper is attested by whoever filed it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from ledger.errors import Refusal
from ledger.journal import Movement
from ledger.leaf import AccountOpened, Entry, Leaf
from ledger.replay import Say
from timebank.audit.carried import told
from timebank.audit.facts import Facts, Underived, day_of, text_of, whole_of
from timebank.audit.policy_days import PolicyDays
from timebank.chart import Kind
from timebank.openings.model import (
    APPROVE_OPENING,
    CONFIRM_OPENING,
    MOST_MINUTES,
    RETURN_OPENING,
    REVERSE_OPENING,
    STATE_OPENING,
    How,
    movements_of,
    split_at_cap,
)


@dataclass(slots=True)
class _Row:
    """A row as its list stated it, and who recorded that its holder confirmed."""

    by: str
    holder: str
    minutes: int
    on: str
    page: str
    confirmed_by: str = ""


class OpeningReplay:
    """Judges leaves in order; grows with the rows of lists and the accounts of members.

    ``posted`` are the balances as the caller keeps them, ``account_of`` the book's own accounts.
    """

    def __init__(
        self,
        policies: PolicyDays,
        posted: dict[str, int],
        account_of: Callable[[Kind], str],
    ) -> None:
        self._policies = policies
        self._posted = posted
        self._account_of = account_of
        self._members: set[str] = set()
        self._waiting: dict[str, _Row] = {}
        self._paid: dict[str, _Row] = {}
        self._pages: set[tuple[str, str]] = set()

    def leaf(self, leaf: Leaf, facts: Facts, say: Say) -> None:
        """Take in accounts, rows, confirmations, and what moves nothing."""
        if isinstance(leaf.body, AccountOpened):
            if leaf.body.kind == Kind.MEMBER:
                self._members.add(leaf.identifier)
        elif leaf.kind == "fact":
            try:
                self._fact(leaf, facts, say)
            except Underived as error:
                say(leaf.index, "facts_form", str(error))

    def _fact(self, leaf: Leaf, facts: Facts, say: Say) -> None:
        do = facts.get("do")
        if do == STATE_OPENING:
            self._stated(leaf, facts, say)
        elif do == CONFIRM_OPENING:
            self._confirmed(leaf, facts, say)
        elif do == RETURN_OPENING:
            text_of(facts, "by")
            if self._waiting.pop(text_of(facts, "opening"), None) is None:
                say(leaf.index, "opening_unknown", "no such row waits")
        elif do == APPROVE_OPENING:
            self._moved_nothing(leaf, facts, say)
        elif do == REVERSE_OPENING:
            text_of(facts, "by")
            self._free(leaf, text_of(facts, "opening"), say)

    def _stated(self, leaf: Leaf, facts: Facts, say: Say) -> None:
        opening, minutes = text_of(facts, "opening"), whole_of(facts, "minutes")
        row = _Row(
            text_of(facts, "by"), text_of(facts, "holder"), minutes,
            day_of(facts, "on").isoformat(), text_of(facts, "page"),
        )  # fmt: skip
        if not 1 <= minutes <= MOST_MINUTES:
            raise Underived("minutes: out of bounds")
        if opening in self._waiting:
            say(leaf.index, "opening_unknown", "the row was stated before")
        if day_of(facts, "on") > self._policies.today:
            say(leaf.index, "facts_differ", "the balance is of a day that had not come")
        if row.holder not in self._members:
            say(leaf.index, "opening_parties", "only a member has an opening balance")
        self._waiting[opening] = row

    def _confirmed(self, leaf: Leaf, facts: Facts, say: Say) -> None:
        by, how = text_of(facts, "by"), text_of(facts, "how")
        if how not in list(How):
            raise Underived("how: on paper, or themselves")
        if how == How.PAPER:
            text_of(facts, "slip")
        row = self._waiting.get(text_of(facts, "opening"))
        if row is None or row.confirmed_by:
            say(leaf.index, "opening_unknown", "no such row awaits its holder")
            return
        row.confirmed_by = by

    # Approval ------------------------------------------------------------------------------

    def approved(self, leaf: Leaf, entry: Entry, facts: Facts, say: Say) -> None:
        """Pay a row: what its list stated and its holder confirmed, up to the cap of the day.

        Raises:
            Underived: the facts are not those of an approval.
        """
        row = self._approval(leaf, facts, say)
        if row is None:
            return
        found, derived = tuple(Movement(*one) for one in entry.movements), self._moves(row)
        if derived is None:
            say(leaf.index, "policy_refuses", "account_cap_exceeded")
        elif found != derived:
            say(leaf.index, "postings_differ", f"derived {told(derived)}; it has {told(found)}")
        if entry.effective_on != row.on:
            say(leaf.index, "postings_differ", f"counts from {entry.effective_on}, not {row.on}")
        profile = self._policies.procedure
        if entry.policy != profile.version:
            say(leaf.index, "policy_not_in_force", f"{profile.version} was in force on that day")
        self._paid[leaf.identifier] = row

    def _moved_nothing(self, leaf: Leaf, facts: Facts, say: Say) -> None:
        """An approval of a row of which a cap takes all."""
        row = self._approval(leaf, facts, say)
        if row is None:
            return
        derived = self._moves(row)
        if derived != ():
            say(leaf.index, "postings_differ", f"derived {told(derived)}; nothing moved")
        self._paid[text_of(facts, "opening")] = row

    def _approval(self, leaf: Leaf, facts: Facts, say: Say) -> _Row | None:
        if text_of(facts, "do") != APPROVE_OPENING:
            raise Underived("do: an entry of this kind approves a row")
        by, row = text_of(facts, "by"), self._waiting.pop(text_of(facts, "opening"), None)
        if row is None:
            say(leaf.index, "opening_unknown", "no such row waits")
            return None
        if not row.confirmed_by:
            say(leaf.index, "opening_unconfirmed", "its holder has not confirmed it")
        if by in (row.by, row.confirmed_by):
            say(leaf.index, "four_eyes", "whoever handed it in or filed the slip approved it too")
        if (row.holder, row.page) in self._pages:
            say(leaf.index, "page_repeated", "this page of this holder was paid before")
        self._pages.add((row.holder, row.page))
        return row

    def _moves(self, row: _Row) -> tuple[Movement, ...] | None:
        """What follows for a row now; ``None``: the policy refuses it."""
        try:
            credited, overflow = split_at_cap(
                self._policies.procedure, self._posted.get(row.holder, 0), row.minutes
            )
        except Refusal:
            return None
        return movements_of(self._account_of, row.holder, credited, overflow)

    def reversed(self, leaf: Leaf, entry: Entry, facts: Facts, say: Say) -> bool:
        """Free the page whose entry is reversed; ``False``: the reversal is of something else.

        Raises:
            Underived: the facts are not those of a row's reversal.
        """
        if entry.of in self._paid and facts.get("do") != REVERSE_OPENING:
            raise Underived("do: what reverses an opening balance says so")
        if facts.get("do") != REVERSE_OPENING:
            return False
        text_of(facts, "by"), text_of(facts, "opening")
        self._free(leaf, entry.of or "", say)
        return True

    def _free(self, leaf: Leaf, paid_as: str, say: Say) -> None:
        row = self._paid.pop(paid_as, None)
        if row is None:
            say(leaf.index, "opening_unknown", "no page was paid there")
        else:
            self._pages.discard((row.holder, row.page))
