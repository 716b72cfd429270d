"""What may leave for another book and come from there, from what was signed.

Of an arrival the other book's receipt stands in this log, so how much came, whose it was and that
it was sent here follow from that book's own signature.  That a member of this book is the person of
the commitment is attested by whoever looked at the statement.
"""

from collections.abc import Callable
from dataclasses import dataclass

from ledger.errors import Refusal
from ledger.journal import Movement
from ledger.leaf import AccountOpened, Entry, Genesis, Leaf
from ledger.receipt import Receipt, ReceiptRejected
from ledger.replay import Say
from timebank.audit.clearing import ClearingReplay
from timebank.audit.facts import Facts, Underived, text_of
from timebank.audit.partners import PartnerReplay, hold_against
from timebank.audit.policy_days import PolicyDays
from timebank.chart import Kind
from timebank.clearing.model import NETTED
from timebank.moves.credit_statement import proven
from timebank.moves.model import (
    APPROVE_ARRIVAL,
    APPROVE_DEPARTURE,
    ASK_DEPARTURE,
    MOVED_AWAY,
    MOVED_IN,
    RETURN_ARRIVAL,
    RETURN_DEPARTURE,
    STATE_ARRIVAL,
    arriving,
)


@dataclass(frozen=True, slots=True)
class _Departure:
    by: str
    account: str
    to: str


@dataclass(frozen=True, slots=True)
class _Arrival:
    by: str
    account: str
    origin: str
    issuer_entry: str
    minutes: int


class MoveReplay:
    """Judges leaves in order; grows with partners, moves and the accounts of members."""

    def __init__(
        self,
        policies: PolicyDays,
        posted: dict[str, int],
        account_of: Callable[[Kind], str],
    ) -> None:
        self._policies = policies
        self._posted = posted
        self._account_of = account_of
        self._origin = ""
        self._members: set[str] = set()
        self._partners = PartnerReplay()
        self._cleared = ClearingReplay(policies, posted, self._partners, self._waits)
        self._issuers: dict[str, str] = {}
        self._departures: dict[str, _Departure] = {}
        self._arrivals: dict[str, _Arrival] = {}
        self._paid: set[tuple[str, str]] = set()
        self._by_do: dict[object, Callable[[Leaf, Facts, Say], None]] = {
            **self._partners.by_do,
            **self._cleared.by_do,
            ASK_DEPARTURE: self._ask,
            RETURN_DEPARTURE: self._return_departure,
            STATE_ARRIVAL: self._state,
            RETURN_ARRIVAL: self._return_arrival,
        }

    def leaf(self, leaf: Leaf, facts: Facts, say: Say) -> None:
        """Take in accounts, partners, what was asked for and stated, and what went back."""
        try:
            if isinstance(leaf.body, Genesis):
                self._origin = self._cleared.origin = leaf.body.origin
            elif isinstance(leaf.body, AccountOpened):
                self._account(leaf, leaf.body, facts, say)
            elif leaf.kind == "fact" and facts.get("do") in self._by_do:
                self._by_do[facts.get("do")](leaf, facts, say)
        except Underived as error:
            say(leaf.index, "facts_form", str(error))

    def entry(self, leaf: Leaf, entry: Entry, facts: Facts, say: Say) -> None:
        """Judge an entry that moves minutes between books, or that nets them.

        Raises:
            Underived: its facts are not those of such an entry.
        """
        by_kind = {
            MOVED_AWAY: self._departed,
            MOVED_IN: self._arrived,
            NETTED: self._cleared.netted,
        }
        by_kind[leaf.kind](leaf, entry, facts, say)

    def note(self, leaf: Leaf, entry: Entry) -> None:
        """Keep what an entry does to a clearing account, for the month's statement."""
        self._cleared.note(leaf, entry, self._issuers.pop(leaf.identifier, ""))

    def _account(self, leaf: Leaf, opened: AccountOpened, facts: Facts, say: Say) -> None:
        if opened.kind == Kind.MEMBER:
            self._members.add(leaf.identifier)
        elif opened.kind == Kind.PARTNER_CLEARING:
            self._cleared.watch(leaf.identifier)
            self._partners.opened(leaf, facts, say)
        elif opened.kind == Kind.PARTNER_SETTLED:
            self._cleared.opened(leaf, facts, say)

    def _waits(self, origin: str) -> bool:
        """Whether a move to or from that book awaits its decision."""
        away = any(one.to == origin for one in self._departures.values())
        return away or any(one.origin == origin for one in self._arrivals.values())

    # Moving away ---------------------------------------------------------------------------

    def _ask(self, leaf: Leaf, facts: Facts, say: Say) -> None:
        text_of(facts, "slip")
        asked = _Departure(*(text_of(facts, name) for name in ("by", "account", "to")))
        if asked.account not in self._members:
            say(leaf.index, "move_parties", "only a member moves")
        self._departures[text_of(facts, "move")] = asked

    def _return_departure(self, leaf: Leaf, facts: Facts, say: Say) -> None:
        text_of(facts, "by")
        if self._departures.pop(text_of(facts, "move"), None) is None:
            say(leaf.index, "move_unknown", "no such move waits")

    def _departed(self, leaf: Leaf, entry: Entry, facts: Facts, say: Say) -> None:
        """Move all that the account has to the partner's clearing account.

        Raises:
            Underived: the facts are not those of a departure.
        """
        if text_of(facts, "do") != APPROVE_DEPARTURE:
            raise Underived("do: an entry of this kind moves a balance to another book")
        by, to = text_of(facts, "by"), text_of(facts, "to")
        text_of(facts, "holder")
        asked = self._departures.pop(text_of(facts, "move"), None)
        if asked is None:
            say(leaf.index, "move_unknown", "no such move waits")
            return
        if by == asked.by:
            say(leaf.index, "four_eyes", "whoever asked for the move approved it")
        if to != asked.to:
            say(leaf.index, "facts_differ", f"asked for was {asked.to}, approved {to}")
        clearing = self._partners.live_account(asked.to)
        if clearing is None:
            say(leaf.index, "partner_unknown", "the book was no partner")
            return
        minutes = self._posted.get(asked.account, 0)
        derived = (Movement(asked.account, clearing, minutes),)
        hold_against(self._policies, leaf, entry, derived, say)

    # Coming --------------------------------------------------------------------------------

    def _state(self, leaf: Leaf, facts: Facts, say: Say) -> None:
        by, account = text_of(facts, "by"), text_of(facts, "account")
        move, partner = text_of(facts, "move"), text_of(facts, "partner")
        if partner not in self._partners.live:
            say(leaf.index, "partner_unknown", "the statement is of no approved partner")
            return
        origin, vkey = self._partners.live[partner]
        try:
            moved = proven(Receipt.parse(text_of(facts, "receipt")), vkey)
        except ReceiptRejected as error:
            say(leaf.index, "move_unproven", str(error))
            return
        if moved.to != self._origin:
            say(leaf.index, "move_unproven", f"the time was moved to {moved.to}")
        if account not in self._members:
            say(leaf.index, "move_parties", "only a member receives what comes")
        self._arrivals[move] = _Arrival(by, account, origin, moved.entry_id, moved.minutes)

    def _return_arrival(self, leaf: Leaf, facts: Facts, say: Say) -> None:
        text_of(facts, "by")
        if self._arrivals.pop(text_of(facts, "move"), None) is None:
            say(leaf.index, "move_unknown", "no such move waits")

    def _arrived(self, leaf: Leaf, entry: Entry, facts: Facts, say: Say) -> None:
        """Credit what the other book let go, once, up to the cap of the day.

        Raises:
            Underived: the facts are not those of an arrival.
        """
        if text_of(facts, "do") != APPROVE_ARRIVAL:
            raise Underived("do: an entry of this kind credits what another book let go")
        by, stated = text_of(facts, "by"), self._arrivals.pop(text_of(facts, "move"), None)
        if stated is None:
            say(leaf.index, "move_unknown", "no such move waits")
            return
        if by == stated.by:
            say(leaf.index, "four_eyes", "whoever handed the statement in approved it")
        proof = (stated.origin, stated.issuer_entry)
        if proof in self._paid:
            say(leaf.index, "move_repeated", "the other book's entry came in before")
        self._paid.add(proof)
        self._issuers[leaf.identifier] = stated.issuer_entry
        try:
            derived = arriving(
                self._policies.procedure, self._account_of, self._partners.clearing[stated.origin],
                stated.account, self._posted.get(stated.account, 0), stated.minutes,
            )  # fmt: skip
        except Refusal as refusal:
            say(leaf.index, "policy_refuses", refusal.code)
            return
        hold_against(self._policies, leaf, entry, derived, say)
