"""What may leave the account of somebody who has died, from what was signed.

That somebody died is attested by whoever reported it; who is related is in the vault.  Derived is
that another person settled, that all of it went, no less to the pool and as much to the umbrella
body as the policy says, the rest to members, and nothing over a cap.
"""

from collections.abc import Callable

from ledger.errors import Refusal
from ledger.journal import Movement
from ledger.leaf import AccountOpened, Entry, Leaf
from ledger.replay import Say
from timebank.audit.carried import told
from timebank.audit.facts import Facts, Underived, text_of
from timebank.audit.policy_days import PolicyDays
from timebank.chart import UMBRELLA_ACCOUNT, Kind
from timebank.estates.model import REPORT, REVERSE, SETTLE, WITHDRAW, left_of, movements_of
from timebank.transfers.model import check_room


class EstateReplay:
    """Judges leaves in order; grows with reports and the accounts of members."""

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
        self._open: dict[str, tuple[str, str]] = {}
        self._settled: dict[str, tuple[str, str]] = {}

    def leaf(self, leaf: Leaf, facts: Facts, say: Say) -> None:
        """Take in accounts, reports and their withdrawal."""
        if isinstance(leaf.body, AccountOpened):
            if leaf.body.kind == Kind.MEMBER:
                self._members.add(leaf.identifier)
            if (leaf.body.kind == Kind.UMBRELLA) != (leaf.identifier == UMBRELLA_ACCOUNT):
                say(leaf.index, "account_kind", f"the umbrella body has {UMBRELLA_ACCOUNT} alone")
        elif leaf.kind == "fact" and facts.get("do") in (REPORT, WITHDRAW):
            try:
                self._reported(leaf, facts, say)
            except Underived as error:
                say(leaf.index, "facts_form", str(error))

    def _reported(self, leaf: Leaf, facts: Facts, say: Say) -> None:
        by, estate = text_of(facts, "by"), text_of(facts, "estate")
        if facts["do"] == REPORT:
            self._open[estate] = (by, text_of(facts, "account"))
            return
        reporter, _account = self._open.pop(estate, ("", ""))
        if not reporter:
            say(leaf.index, "estate_unknown", "no such report is open")
        if by == reporter:
            say(leaf.index, "four_eyes", "whoever reported it withdrew it")
        if estate in {one for one, _by in self._settled.values()}:
            say(leaf.index, "estate_unknown", "time was given away under this report")

    def settled(self, leaf: Leaf, entry: Entry, facts: Facts, say: Say) -> None:
        """Empty the account: to pool and umbrella body what the policy says, the rest to members.

        Raises:
            Underived: the facts are not those of a settlement.
        """
        if text_of(facts, "do") != SETTLE:
            raise Underived("do: an entry of this kind settles an estate")
        by, estate = text_of(facts, "by"), text_of(facts, "estate")
        reporter, account = self._open.get(estate, ("", ""))
        if not account:
            say(leaf.index, "estate_unknown", "no such report is open")
            return
        if by == reporter:
            say(leaf.index, "four_eyes", "whoever reported the death settled it too")
        found = tuple(Movement(*one) for one in entry.movements)
        pool, profile = self._account_of(Kind.POOL), self._policies.procedure
        heirs = [
            (one.to_account, one.minutes)
            for one in found
            if one.to_account not in (pool, UMBRELLA_ACCOUNT)
        ]
        posted = self._posted.get(account, 0)
        try:
            left = left_of(profile, posted, sum(minutes for _to, minutes in heirs))
            for to, minutes in heirs:
                check_room(profile, self._posted.get(to, 0), 0, minutes)
        except Refusal as refusal:
            say(leaf.index, "policy_refuses", refusal.code)
            return
        derived = movements_of(account, pool, left, heirs)
        if found != derived:
            say(leaf.index, "postings_differ", f"derived {told(derived)}; it has {told(found)}")
        if any(to not in self._members or to == account for to, _minutes in heirs):
            say(
                leaf.index, "estate_parties", "what is left goes to other members, pool or umbrella"
            )
        today = self._policies.today.isoformat()
        if entry.effective_on != today:
            say(leaf.index, "postings_differ", "counts from another day than its settlement")
        if entry.policy != profile.version:
            say(leaf.index, "policy_not_in_force", f"{profile.version} was in force on that day")
        self._settled[leaf.identifier] = (estate, by)

    def reversed(self, leaf: Leaf, entry: Entry, facts: Facts, say: Say) -> bool:
        """Take a settlement back; ``False``: the reversal is of something else.

        Raises:
            Underived: the facts are not those of a settlement's reversal.
        """
        estate, by = self._settled.get(entry.of or "", ("", ""))
        if facts.get("do") != REVERSE:
            if estate:
                raise Underived("do: what reverses a settlement says so")
            return False
        if not estate or text_of(facts, "estate") != estate:
            say(leaf.index, "estate_unknown", "the entry settles no such estate")
            return True
        if text_of(facts, "by") == by:
            say(leaf.index, "four_eyes", "whoever settled it reversed it")
        del self._settled[entry.of or ""]
        return True
