"""What may leave an account because it expired, from what was signed.

The log has every receipt of every account, so what is left of the oldest is derived: an entry moves
exactly that, no more than was announced, to the pool, in the month that begins with the announced
day.  That the holder was told, and could use their time meanwhile, is attested by the key that
signed; that the account of somebody who has died rests is derived.
"""

from array import array
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from ledger.journal import SETTLEMENT, Movement
from ledger.leaf import AccountOpened, Entry, HoldEnded, HoldPlaced, Leaf
from ledger.replay import Say
from timebank.audit.carried import told
from timebank.audit.facts import Facts, Underived, day_of, text_of, whole_of
from timebank.audit.policy_days import PolicyDays
from timebank.chart import Kind
from timebank.estates.model import REPORT, WITHDRAW
from timebank.expiry.model import (
    ANNOUNCE,
    EXPIRE,
    GIVE_BACK,
    due_on,
    expiring,
    kept_since,
    month_of,
    notice_is_over,
    older,
    terms_of,
)


@dataclass(frozen=True, slots=True)
class _Announced:
    account: str
    minutes: int
    due: date
    announced: date


class ExpiryReplay:
    """Judges leaves in order; call :meth:`leaf` once the movements of an entry are counted.

    Grows with open holds, open announcements, what expired, and by sixteen bytes for each month of
    an account whose credit is not spent.  ``posted`` are the balances as the caller keeps them.
    """

    def __init__(
        self, policies: PolicyDays, posted: dict[str, int], account_of: Callable[[Kind], str]
    ) -> None:
        self._policies = policies
        self._posted = posted
        self._account_of = account_of
        self._received: dict[str, array[int]] = {}
        self._holds: dict[str, tuple[str, int]] = {}
        self._held: dict[str, int] = {}
        self._open: dict[str, _Announced] = {}
        self._month = date.min
        self._expired: dict[str, str] = {}
        self._dead: dict[str, str] = {}

    def leaf(self, leaf: Leaf, facts: Facts, say: Say) -> None:
        """Take in what came to members, what is held, who died, and what was announced."""
        body = leaf.body
        if isinstance(body, Entry):
            if leaf.kind == SETTLEMENT:
                self._end_hold(body.of or "")
            for _giver, receiver, minutes in body.movements:
                if receiver in self._received:
                    self._take_in(receiver, minutes)
        elif isinstance(body, AccountOpened):
            if body.kind == Kind.MEMBER:
                self._received.setdefault(leaf.identifier, array("q"))
        elif isinstance(body, HoldPlaced):
            if leaf.identifier not in self._holds:
                self._holds[leaf.identifier] = body.payer, body.minutes
                self._held[body.payer] = self._held.get(body.payer, 0) + body.minutes
        elif isinstance(body, HoldEnded):
            self._end_hold(body.of)
        elif leaf.kind == "fact":
            try:
                self._fact(leaf, facts, say)
            except Underived as error:
                say(leaf.index, "facts_form", str(error))

    def expired(self, leaf: Leaf, entry: Entry, facts: Facts, say: Say) -> None:
        """Move what was announced and is left of the oldest credit, on its day, to the pool.

        Raises:
            Underived: the facts are not those of an expiry.
        """
        if text_of(facts, "do") != EXPIRE:
            raise Underived("do: an entry of this kind moves what has expired")
        name, today = text_of(facts, "announcement"), self._policies.today
        told_before = self._open.pop(name, None)
        if told_before is None or told_before.due < month_of(today):
            say(leaf.index, "expiry_unannounced", "no such announcement is open")
            return
        self._expired[leaf.identifier] = name
        profile = self._policies.procedure
        terms = terms_of(profile)
        if terms is None:
            say(leaf.index, "expiry_off", "the policy of that day lets credit live")
            return
        is_over = notice_is_over(told_before.announced, today, terms)
        if today < told_before.due or not is_over:
            say(leaf.index, "expiry_too_early", "before its day, or the notice was not over")
        account = told_before.account
        if account in self._dead.values():
            say(leaf.index, "expiry_rests", "the holder's death was reported")
        old = self._older(account, kept_since(month_of(today), terms))
        minutes = expiring(told_before.minutes, old, self._held.get(account, 0))
        derived = (Movement(account, self._account_of(Kind.POOL), minutes),) if minutes else ()
        found = tuple(Movement(*one) for one in entry.movements)
        if found != derived:
            say(leaf.index, "postings_differ", f"derived {told(derived)}; it has {told(found)}")
        if entry.effective_on != today.isoformat():
            say(leaf.index, "postings_differ", "counts from another day than its recording")
        if entry.policy != profile.version:
            say(leaf.index, "policy_not_in_force", f"{profile.version} was in force on that day")

    def reversed(self, leaf: Leaf, entry: Entry, facts: Facts, say: Say) -> bool:
        """Give back what expired; ``False``: the reversal is of something else.

        Raises:
            Underived: the facts are not those of giving back.
        """
        name = self._expired.get(entry.of or "", "")
        if facts.get("do") != GIVE_BACK:
            if name:
                raise Underived("do: what reverses an expiry says so")
            return False
        text_of(facts, "by")
        if not name or text_of(facts, "announcement") != name:
            say(leaf.index, "expiry_unannounced", "the entry carried out no such announcement")
            return True
        del self._expired[entry.of or ""]
        return True

    def held(self, account: str) -> int:
        """Minutes of the account that open holds keep, as of the leaves so far."""
        return self._held.get(account, 0)

    # Parts ---------------------------------------------------------------------------------

    def _fact(self, leaf: Leaf, facts: Facts, say: Say) -> None:
        do = facts.get("do")
        if do == REPORT:
            self._dead[text_of(facts, "estate")] = text_of(facts, "account")
        elif do == WITHDRAW:
            self._dead.pop(text_of(facts, "estate"), None)
        elif do == ANNOUNCE:
            self._announced(leaf, facts, say)

    def _announced(self, leaf: Leaf, facts: Facts, say: Say) -> None:
        name, account = text_of(facts, "announcement"), text_of(facts, "account")
        minutes, due, today = whole_of(facts, "minutes"), day_of(facts, "on"), self._policies.today
        if account not in self._received:
            say(leaf.index, "facts_differ", "only what a member has expires")
            return
        terms = terms_of(self._policies.procedure)
        if terms is None:
            say(leaf.index, "expiry_off", "the policy of that day lets credit live")
            return
        if due != due_on(today, terms):
            say(leaf.index, "facts_differ", f"announced for {due}, not {due_on(today, terms)}")
            return
        left = self._older(account, kept_since(due, terms))
        if not 0 < minutes <= left:
            say(leaf.index, "facts_differ", f"{minutes} minutes announced of {left}")
        if name in self._open:
            say(leaf.index, "facts_differ", "the announcement has the id of another")
        self._let_past_ones_go(month_of(today))
        self._open[name] = _Announced(account, minutes, due, today)

    def _let_past_ones_go(self, month: date) -> None:
        """Forget announcements whose month is over; once a month, since there may be thousands."""
        if month != self._month:
            self._open = {name: one for name, one in self._open.items() if one.due >= month}
            self._month = month

    def _take_in(self, account: str, minutes: int) -> None:
        """Count a receipt; months whose credit is all spent are forgotten."""
        kept, month = self._received[account], _number(self._policies.today)
        if len(kept) and kept[-2] == month:
            kept[-1] += minutes
            return
        kept.extend((month, minutes))
        newer, spent = sum(kept[1::2]), 0
        while spent < len(kept) and newer - kept[spent + 1] >= self._posted.get(account, 0):
            newer -= kept[spent + 1]
            spent += 2
        del kept[:spent]

    def _older(self, account: str, since: date) -> int:
        kept, first = self._received.get(account, ()), _number(since)
        came = sum(kept[place + 1] for place in range(0, len(kept), 2) if kept[place] >= first)
        return older(self._posted.get(account, 0), came)

    def _end_hold(self, hold_id: str) -> None:
        payer, minutes = self._holds.pop(hold_id, ("", 0))
        if payer:
            self._held[payer] -= minutes


def _number(day: date) -> int:
    """The month as a number; the day of a receipt is its local day of recording."""
    return day.year * 12 + day.month
