"""What gifts, donations, grants and the grant fund's funding must move, from what was signed.

A gift is a hold first; whether it may be is judged by the profile of the day on which it was
placed, and the settlement must be what the hold said, ten minutes later.  Grants and funding are
proposed by one and approved by another.  Ages and kinship lie in the vault: the relation and the
eligibility code are attested by the key that signed them, that the policy allows them is derived.
"""

from collections.abc import Callable
from dataclasses import dataclass

from ledger.errors import Refusal
from ledger.leaf import AccountOpened, Entry, HoldEnded, HoldPlaced, Leaf
from ledger.replay import Say
from timebank.audit.facts import Facts, Underived, day_of, text_of, whole_of
from timebank.audit.organisations import Organisations
from timebank.audit.policy_days import PolicyDays
from timebank.audit.repeats import Repeats
from timebank.chart import Kind as AccountKind
from timebank.errors import TransferNotAllowed
from timebank.errors.transfers import NothingToGrant
from timebank.policy.eligibility import check_donation
from timebank.policy.model import Profile
from timebank.transfers.model import (
    HELD_FIRST,
    POOL,
    UNDO_MS,
    Kind,
    check_room,
    code_name,
    conditions_of,
)

CARRIED = "carry_hold"
"""What a hold's facts do that came over from a former book, where its gift was judged."""

GIVEN = frozenset(kind.value for kind in HELD_FIRST)
"""What the facts of a settlement do that pays a gift or donation."""

PROPOSED = {f"propose_{kind.value}": kind for kind in (Kind.GRANT, Kind.GRANT_FUNDING)}


@dataclass(frozen=True, slots=True)
class _Gift:
    """A hold that is to become a gift, or anything if it came over; ``placed_ms`` UTC."""

    facts: Facts | None
    hold: HoldPlaced
    placed_ms: int
    policy: str


class TransferReplay:
    """Judges leaves in order; grows with open holds, proposals and accounts of no member.

    ``posted`` are the balances as the caller keeps them, ``account_of`` the book's own accounts.
    """

    def __init__(
        self,
        policies: PolicyDays,
        posted: dict[str, int],
        account_of: Callable[[AccountKind], str],
        organisations: Organisations,
    ) -> None:
        self._organisations = organisations
        self._policies = policies
        self._posted = posted
        self._account_of = account_of
        self._gifts: dict[str, _Gift] = {}
        self._proposals: dict[str, tuple[Kind, Facts]] = {}
        self._members: set[str] = set()
        self._granted = Repeats()

    def leaf(self, leaf: Leaf, facts: Facts, say: Say) -> None:
        """Take in what later entries rest on: accounts, holds and their ends, proposals."""
        body = leaf.body
        if isinstance(body, AccountOpened):
            if body.kind == AccountKind.MEMBER:
                self._members.add(leaf.identifier)
        elif isinstance(body, HoldPlaced):
            self._placed(leaf, body, facts, say)
        elif isinstance(body, HoldEnded):
            self._gifts.pop(body.of, None)
        elif leaf.kind == "fact":
            do = facts.get("do")
            if do in PROPOSED:
                self._proposals[leaf.identifier] = (PROPOSED[do], facts)
            elif do == "reject_transfer":
                self._proposals.pop(str(facts.get("transfer")), None)

    def finish(self, say: Say) -> None:
        """Find grants that somebody got twice in a month."""
        for index in self._granted.repeated():
            say(index, "grant_repeated", "this account had its grant of the month before")

    # Gifts and donations -------------------------------------------------------------------

    def _placed(self, leaf: Leaf, hold: HoldPlaced, facts: Facts, say: Say) -> None:
        do = facts.get("do")
        if do == CARRIED:
            self._gifts[leaf.identifier] = _Gift(None, hold, leaf.recorded_ms, "")
        elif do in GIVEN:
            try:
                profile = self._policies.procedure
                self._judge(leaf, hold, facts, profile, say)
                gift = _Gift(facts, hold, leaf.recorded_ms, profile.version)
                self._gifts[leaf.identifier] = gift
            except Underived as error:
                say(leaf.index, "facts_form", str(error))
            except Refusal as refusal:
                say(leaf.index, "policy_refuses", refusal.code)

    def _judge(
        self, leaf: Leaf, hold: HoldPlaced, facts: Facts, profile: Profile, say: Say
    ) -> None:
        text_of(facts, "by"), text_of(facts, "transfer")
        stated = text_of(facts, "from"), text_of(facts, "to"), whole_of(facts, "minutes")
        if stated != (hold.payer, hold.payee, hold.minutes):
            say(leaf.index, "facts_differ", "the hold has other accounts or minutes than its facts")
        if day_of(facts, "on") != self._policies.today:
            say(leaf.index, "facts_differ", "given on another day than it was recorded")
        if hold.payer not in self._members and hold.payer not in self._organisations:
            say(leaf.index, "transfer_parties", "only a member gives")
        if facts["do"] == Kind.DONATION:
            group = text_of(facts, "group")
            check_donation(profile, group)
            if group != POOL or hold.payee != self._account_of(AccountKind.POOL):
                say(leaf.index, "transfer_parties", "a donation goes to the pool")
            return
        self._organisations.check_gives(hold.payer, hold.payee)
        relation, allowed = text_of(facts, "relation"), profile.transfer.relations
        if allowed is None or relation not in allowed.value:
            raise TransferNotAllowed(relation=relation)
        if hold.payee not in self._members:
            say(leaf.index, "transfer_parties", "only a member is given a gift")
        coming = sum(
            one.hold.minutes
            for one in self._gifts.values()
            if one.facts is not None and one.hold.payee == hold.payee
        )
        check_room(profile, self._posted.get(hold.payee, 0), coming, hold.minutes)

    def settlement(self, leaf: Leaf, entry: Entry, facts: Facts, say: Say) -> None:
        """Pay a gift: what its hold said, no earlier than ten minutes after it was placed.

        Raises:
            Underived: the facts are not those of a gift.
        """
        gift = self._gifts.pop(entry.of or "", None)
        if gift is None:
            say(leaf.index, "transfer_unknown", "the hold was not placed as a gift")
            return
        names = ("do", "from", "minutes", "on", "to", "transfer", code_name(Kind(facts["do"])))
        told = {name: facts.get(name) for name in names}
        stated = text_of(facts, "from"), text_of(facts, "to"), whole_of(facts, "minutes")
        if stated != (gift.hold.payer, gift.hold.payee, gift.hold.minutes):
            say(leaf.index, "facts_differ", "not what was held")
        if gift.facts is not None and told != {name: gift.facts.get(name) for name in names}:
            say(leaf.index, "facts_differ", "not what was given")
        _moves_once(leaf, entry, stated, say)
        if entry.effective_on != day_of(facts, "on").isoformat():
            say(leaf.index, "postings_differ", "counts from another day than the gift's")
        if gift.facts is None:
            return  # The former book's log has the rest.
        if entry.policy != gift.policy:
            say(leaf.index, "policy_not_in_force", f"{gift.policy} was in force on that day")
        if leaf.recorded_ms < gift.placed_ms + UNDO_MS:
            say(leaf.index, "settled_too_early", "less than ten minutes after it was given")

    # Grants --------------------------------------------------------------------------------

    def approved(self, leaf: Leaf, entry: Entry, facts: Facts, say: Say) -> None:
        """Pay a grant, or fund the grant fund, as another person had proposed it.

        Raises, the first that applies:
            Underived: the facts are not those of an approval, or the proposal's are none.
        """
        if text_of(facts, "do") != leaf.kind:
            raise Underived("do: an entry of this kind approves what was proposed as such")
        kind, proposed = self._proposals.pop(text_of(facts, "transfer"), (None, {}))
        if kind is None or kind.value != leaf.kind:
            say(leaf.index, "transfer_unknown", "no such proposal is open")
            return
        if text_of(facts, "by") == text_of(proposed, "by"):
            say(leaf.index, "four_eyes", "whoever proposed it approved it too")
        giver, to = text_of(proposed, "from"), text_of(proposed, "to")
        minutes = whole_of(proposed, "minutes")
        _moves_once(leaf, entry, (giver, to, minutes), say)
        pool = self._account_of(AccountKind.POOL)
        fund = self._account_of(AccountKind.GRANT_FUND)
        if kind is Kind.GRANT_FUNDING:
            right = (giver, to) == (pool, fund)
        else:
            right = giver == fund and to in self._members
        if not right:
            say(leaf.index, "transfer_parties", "funding goes pool → fund, a grant fund → member")
        today = self._policies.today.isoformat()
        if entry.effective_on != today:
            say(leaf.index, "postings_differ", "counts from another day than its approval")
        profile = self._policies.procedure
        if entry.policy != profile.version:
            say(leaf.index, "policy_not_in_force", f"{profile.version} was in force on that day")
        if kind is Kind.GRANT:
            self._grant(leaf, proposed, minutes, profile, say)

    def _grant(self, leaf: Leaf, proposed: Facts, minutes: int, profile: Profile, say: Say) -> None:
        month, to = text_of(proposed, "month"), text_of(proposed, "to")
        monthly = profile.grants.monthly_minutes
        if monthly is None or text_of(proposed, "eligibility") not in conditions_of(profile):
            say(leaf.index, "policy_refuses", NothingToGrant.code)
        elif minutes != monthly.value:
            say(leaf.index, "facts_differ", f"a monthly grant is {monthly.value} minutes")
        if month != self._policies.today.isoformat()[:7]:
            say(leaf.index, "facts_differ", "granted for another month than that of its approval")
        self._granted.add((to, month), leaf.index)
        try:
            check_room(profile, self._posted.get(to, 0), 0, minutes)
        except Refusal as refusal:
            say(leaf.index, "policy_refuses", refusal.code)


def _moves_once(leaf: Leaf, entry: Entry, movement: tuple[str, str, int], say: Say) -> None:
    if tuple(tuple(one) for one in entry.movements) != (movement,):
        giver, to, minutes = movement
        say(leaf.index, "postings_differ", f"derived {giver}→{to} {minutes} and nothing else")
