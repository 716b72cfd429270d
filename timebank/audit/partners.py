"""Which books are partners, and their clearing accounts, from what was signed."""

from collections.abc import Callable
from dataclasses import dataclass

from ledger.journal import Movement
from ledger.leaf import Entry, Leaf
from ledger.notes import NoteRejected, Vkey
from ledger.replay import Say
from timebank.audit.carried import told
from timebank.audit.facts import Facts, Underived, text_of
from timebank.audit.policy_days import PolicyDays
from timebank.moves.model import APPROVE_PARTNER, CARRY_PARTNER, PROPOSE_PARTNER


@dataclass(frozen=True, slots=True)
class _Proposed:
    by: str
    vkey: Vkey


class PartnerReplay:
    """Partners by id while they are active; accounts by origin for good.

    ``settled`` has the account of what was netted with each book.
    """

    def __init__(self) -> None:
        self.live: dict[str, tuple[str, Vkey]] = {}
        self.clearing: dict[str, str] = {}
        self.settled: dict[str, str] = {}
        self.carried: set[str] = set()
        """Accounts of both kinds that came over and belong to no partner yet."""
        self._proposed: dict[str, _Proposed] = {}
        self.by_do: dict[object, Callable[[Leaf, Facts, Say], None]] = {
            PROPOSE_PARTNER: self._propose,
            APPROVE_PARTNER: self._approve,
            CARRY_PARTNER: self._carry,
        }

    def opened(self, leaf: Leaf, facts: Facts, say: Say) -> None:
        """A clearing account was opened or carried over.

        Raises:
            Underived: neither by the approval of a partner nor by carrying it over.
        """
        if facts.get("do") == "carry_account":
            self.carried.add(leaf.identifier)
        elif text_of(facts, "do") != APPROVE_PARTNER:
            raise Underived("do: such an account opens when a partner is approved")
        else:
            self._approve(leaf, facts, say, leaf.identifier)

    def live_account(self, origin: str) -> str | None:
        """The clearing account of an active partner, by its origin."""
        if any(name == origin for name, _vkey in self.live.values()):
            return self.clearing[origin]
        return None

    def end(self, partner: str) -> None:
        """Take an active partner off."""
        del self.live[partner]

    def _propose(self, leaf: Leaf, facts: Facts, say: Say) -> None:
        try:
            vkey = Vkey.parse(text_of(facts, "vkey"))
        except NoteRejected as error:
            raise Underived(f"vkey: {error}") from error
        self._proposed[text_of(facts, "partner")] = _Proposed(text_of(facts, "by"), vkey)

    def _approve(self, leaf: Leaf, facts: Facts, say: Say, account: str = "") -> None:
        by, partner = text_of(facts, "by"), text_of(facts, "partner")
        known = self._proposed.pop(partner, None)
        if known is None:
            say(leaf.index, "partner_unknown", "nobody proposed it")
            return
        if by == known.by:
            say(leaf.index, "four_eyes", "whoever proposed the partner approved it")
        origin = known.vkey.name
        if bool(account) == (origin in self.clearing):
            said = "the book has another clearing account" if account else "it has no account"
            say(leaf.index, "partner_unknown", said)
        self.clearing.setdefault(origin, account)
        for name in [name for name, one in self.live.items() if one[0] == origin]:
            del self.live[name]
        self.live[partner] = (origin, known.vkey)

    def _carry(self, leaf: Leaf, facts: Facts, say: Say) -> None:
        """A partner of the book before this one, whose accounts were carried over."""
        account, partner = text_of(facts, "account"), text_of(facts, "partner")
        settled = text_of(facts, "settled") if "settled" in facts else None
        if not {account, settled or account} <= self.carried:
            say(leaf.index, "partner_unknown", "no such clearing account was carried over")
            return
        self._propose(leaf, facts, say)
        vkey = self._proposed.pop(partner).vkey
        self.carried -= {account, settled}
        self.clearing[vkey.name] = account
        if settled is not None:
            self.settled[vkey.name] = settled
        self.live[partner] = (vkey.name, vkey)


def hold_against(
    policies: PolicyDays, leaf: Leaf, entry: Entry, derived: tuple[Movement, ...], say: Say
) -> None:
    """Hold an entry against the movements that follow, on the day and under the policy of its
    recording.
    """
    found = tuple(Movement(*one) for one in entry.movements)
    if found != derived:
        say(leaf.index, "postings_differ", f"derived {told(derived)}; it has {told(found)}")
    if entry.effective_on != policies.today.isoformat():
        say(leaf.index, "postings_differ", "counts from another day than its approval")
    profile = policies.procedure
    if entry.policy != profile.version:
        say(leaf.index, "policy_not_in_force", f"{profile.version} was in force on that day")
