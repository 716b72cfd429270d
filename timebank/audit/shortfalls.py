"""What may be lent to take a record back, and what comes back of it, from what was signed.

Two operators or reviewers stand behind each loan: one proposed it for a record, another approved.
It is exactly what the account lacks for the reversal of one entry of that record, which follows in
the log at once; what comes back is the policy's part of what services brought since.
"""

from collections.abc import Callable
from dataclasses import dataclass

from ledger.journal import Movement
from ledger.leaf import Entry, Leaf
from ledger.replay import Say
from timebank.audit.facts import Facts, Underived, text_of, whole_of
from timebank.audit.partners import hold_against
from timebank.audit.policy_days import PolicyDays
from timebank.chart import Kind
from timebank.shortfalls.model import (
    CARRY,
    COVER,
    CREDITS,
    PROPOSE,
    RECOVER,
    WITHDRAW,
    missing,
    recover_percent,
    recoverable,
)


@dataclass(slots=True)
class _Open:
    minutes: int
    recovered: int
    since_ms: int
    credited: int = 0


class ShortfallReplay:
    """Judges leaves in order; grows with open proposals, open shortfalls and loans not yet used.

    ``available`` tells what is on an account and not held, as the caller keeps it.
    """

    def __init__(
        self,
        policies: PolicyDays,
        available: Callable[[str], int],
        account_of: Callable[[Kind], str],
    ) -> None:
        self._policies = policies
        self._available = available
        self._account_of = account_of
        self._proposed: dict[str, tuple[str, str]] = {}
        self._lent: dict[str, tuple[str, str, int]] = {}
        self._open: dict[str, _Open] = {}

    def leaf(self, leaf: Leaf, facts: Facts, say: Say) -> None:
        """Take in proposals, what services bring to accounts that are short, what was carried."""
        body = leaf.body
        if isinstance(body, Entry):
            if leaf.kind in CREDITS:
                for _giver, receiver, minutes in body.movements:
                    short = self._open.get(receiver)
                    if short is not None and leaf.recorded_ms > short.since_ms:
                        short.credited += minutes
        elif leaf.kind == "fact":
            try:
                self._fact(leaf, facts)
            except Underived as error:
                say(leaf.index, "facts_form", str(error))

    def covered(self, leaf: Leaf, entry: Entry, facts: Facts, say: Say) -> None:
        """Lend what an account lacks; what it is for is judged where the reversal comes.

        Raises:
            Underived: the facts are not those of a loan.
        """
        if text_of(facts, "do") != COVER:
            raise Underived("do: an entry of this kind covers a shortfall")
        by, account, original = (text_of(facts, name) for name in ("by", "account", "entry"))
        proposer, proposed = self._proposed.get(text_of(facts, "proposal"), ("", ""))
        record = text_of(facts, "record")
        if proposed != record:
            say(leaf.index, "shortfall_unproposed", "nobody proposed to take that record back")
        if proposer == by:
            say(leaf.index, "four_eyes", "whoever proposed it approved it")
        minutes = sum(one[2] for one in entry.movements)
        move = Movement(self._account_of(Kind.SHORTFALL), account, minutes)
        hold_against(self._policies, leaf, entry, (move,), say)
        if original in self._lent:
            say(leaf.index, "shortfall_differs", f"{original} was covered before")
        self._lent[original] = (account, record, minutes)
        short = self._open.get(account)
        if short is None:
            self._open[account] = _Open(minutes, 0, leaf.recorded_ms)
        else:
            short.minutes += minutes

    def reversed(self, leaf: Leaf, entry: Entry, facts: Facts, say: Say) -> None:
        """Hold a loan against the reversal that it was for: it was what the account lacked."""
        account, record, lent = self._lent.pop(entry.of or "", ("", "", 0))
        if not account:
            return
        given = sum(minutes for giver, _to, minutes in entry.movements if giver == account)
        given -= sum(minutes for _giver, to, minutes in entry.movements if to == account)
        lacked = missing(given, self._available(account) - lent)
        if lent != lacked or facts.get("record") != record:
            say(leaf.index, "shortfall_differs", f"{lent} minutes were lent, {lacked} were missing")

    def recovered(self, leaf: Leaf, entry: Entry, facts: Facts, say: Say) -> None:
        """Take back the policy's part, no more than is open and there.

        Raises:
            Underived: the facts are not those of a recovery.
        """
        if text_of(facts, "do") != RECOVER:
            raise Underived("do: an entry of this kind recovers a shortfall")
        account = text_of(facts, "account")
        short = self._open.get(account)
        if short is None:
            say(leaf.index, "shortfall_differs", "nothing is open of that account")
            return
        minutes = recoverable(
            open_minutes=short.minutes,
            credited=short.credited,
            recovered=short.recovered,
            available=self._available(account),
            percent=recover_percent(self._policies.procedure),
        )
        move = Movement(account, self._account_of(Kind.SHORTFALL), minutes)
        hold_against(self._policies, leaf, entry, (move,) if minutes else (), say)
        short.minutes -= minutes
        short.recovered += minutes
        if short.minutes <= 0:
            del self._open[account]

    def finish(self, at: int, say: Say) -> None:
        """Find what was lent and never used to take anything back."""
        for original in self._lent:
            say(at, "shortfall_differs", f"lent for {original}, which was not reversed")

    def _fact(self, leaf: Leaf, facts: Facts) -> None:
        do = facts.get("do")
        if do == PROPOSE:
            by, record = text_of(facts, "by"), text_of(facts, "record")
            self._proposed[text_of(facts, "proposal")] = (by, record)
        elif do == WITHDRAW:
            self._proposed.pop(text_of(facts, "proposal"), None)
        elif do == CARRY:
            account = text_of(facts, "account")
            self._open[account] = _Open(whole_of(facts, "minutes"), 0, leaf.recorded_ms)
