"""What may be netted with another book, and when a partnership may end, from what was signed.

This book's own statement of a month follows from the log to the byte, so the hash that was agreed
on is made again here.  Of the partner's the log has the head, which the partner's key has signed.
That the lines behind both agree one by one is attested by whoever proposed; that the sums do, is
proven.
"""

from collections.abc import Callable
from dataclasses import dataclass

from ledger.journal import Movement
from ledger.leaf import Entry, Leaf
from ledger.notes import NoteRejected, open_parsed, parse_note
from ledger.replay import Say
from timebank.audit.facts import Facts, Underived, text_of, whole_of
from timebank.audit.partners import PartnerReplay, hold_against
from timebank.audit.policy_days import PolicyDays
from timebank.clearing.model import (
    APPROVE_NETTING,
    ASK_END,
    END_PARTNER,
    PROPOSE_NETTING,
    TAKE_STATEMENT,
    WITHDRAW_END,
    WITHDRAW_NETTING,
    Line,
    Way,
    account_of_month,
    way_of,
)
from timebank.clearing.statement import Head, hash_of, head_text, is_month, read_head


@dataclass(frozen=True, slots=True)
class _Netting:
    by: str
    taken_by: str
    origin: str
    month: str
    minutes: int


class ClearingReplay:
    """Judges leaves in order; grows with the lines of clearing accounts and what was taken in.

    ``origin`` is this log's name; ``waits`` tells whether moves with a book await their decision.
    """

    def __init__(
        self,
        policies: PolicyDays,
        posted: dict[str, int],
        partners: PartnerReplay,
        waits: Callable[[str], bool],
    ) -> None:
        self.origin = ""
        self._policies = policies
        self._posted = posted
        self._partners = partners
        self._waits = waits
        self._lines: dict[str, list[Line]] = {}
        self._taken: dict[tuple[str, str], tuple[Head, str]] = {}
        self._nettings: dict[str, _Netting] = {}
        self._months: dict[str, str] = {}
        """The month that was netted last with each book."""
        self._endings: dict[str, tuple[str, str]] = {}
        self._approving = ""
        self.by_do: dict[object, Callable[[Leaf, Facts, Say], None]] = {
            TAKE_STATEMENT: self._take,
            PROPOSE_NETTING: self._propose,
            WITHDRAW_NETTING: self._withdraw,
            ASK_END: self._ask_end,
            END_PARTNER: self._end,
            WITHDRAW_END: self._end,
        }

    def watch(self, account: str) -> None:
        """Keep the lines of a clearing account from its opening on."""
        self._lines.setdefault(account, [])

    def note(self, leaf: Leaf, entry: Entry, other: str) -> None:
        """Keep what an entry does to a clearing account; ``other`` is the partner's entry."""
        for account in {one for move in entry.movements for one in move[:2]} & self._lines.keys():
            minutes = sum(
                one * ((to == account) - (giver == account)) for giver, to, one in entry.movements
            )
            way = way_of(leaf.kind)
            named = self._approving if way is Way.NETTED else other
            line = Line(leaf.identifier, minutes, entry.effective_on, named, way)
            self._lines[account].append(line)

    def opened(self, leaf: Leaf, facts: Facts, say: Say) -> None:
        """The account for what is netted with a book was opened or carried over.

        Raises:
            Underived: neither by the approval of a netting nor by carrying it over.
        """
        if facts.get("do") == "carry_account":
            self._partners.carried.add(leaf.identifier)
            return
        if text_of(facts, "do") != APPROVE_NETTING:
            raise Underived("do: such an account opens when a netting is approved")
        waiting = self._nettings.get(text_of(facts, "netting"))
        if waiting is None or waiting.origin in self._partners.settled:
            say(leaf.index, "netting_unknown", "no netting waits that needs the account")
            return
        self._partners.settled[waiting.origin] = leaf.identifier

    # Statements and nettings ---------------------------------------------------------------

    def _take(self, leaf: Leaf, facts: Facts, say: Say) -> None:
        by, partner = text_of(facts, "by"), text_of(facts, "partner")
        text_of(facts, "statement")
        if partner not in self._partners.live:
            say(leaf.index, "partner_unknown", "the statement is of no approved partner")
            return
        origin, vkey = self._partners.live[partner]
        try:
            note = parse_note(text_of(facts, "note"))
            open_parsed(note, [vkey])
            head = read_head(note)
        except NoteRejected as error:
            say(leaf.index, "clearing_unproven", str(error))
            return
        if (head.origin, head.to) != (origin, self.origin) or head.month >= self._this_month:
            say(leaf.index, "clearing_unproven", "of another book, or of a month that runs")
        if (origin, head.month) in self._taken:
            say(leaf.index, "clearing_repeated", "the statement of that month was here")
        self._taken.setdefault((origin, head.month), (head, by))

    def _propose(self, leaf: Leaf, facts: Facts, say: Say) -> None:
        by, month, netting = (text_of(facts, name) for name in ("by", "month", "netting"))
        partner, minutes = text_of(facts, "partner"), whole_of(facts, "minutes")
        hashes = (text_of(facts, "ours"), text_of(facts, "theirs"))
        if not is_month(month):
            raise Underived("month: no month is signed")
        if partner not in self._partners.live:
            say(leaf.index, "partner_unknown", "the netting is with no approved partner")
            return
        origin, _vkey = self._partners.live[partner]
        lines = self._lines.get(self._partners.clearing[origin], [])
        ours = account_of_month(self.origin, origin, month, lines)
        theirs, taken_by = self._taken.get((origin, month), (None, ""))
        if (
            theirs is None
            or month >= self._this_month
            or hashes != (hash_of(head_text(ours)), theirs.hash)
            or not ours.closing == -theirs.closing == minutes
            or minutes == 0
        ):
            said = f"the month closed with {ours.closing} here"
            say(leaf.index, "netting_differs", f"{said}; both statements do not say so")
        if any(one.origin == origin for one in self._nettings.values()):
            say(leaf.index, "netting_repeated", "another netting with the book waits")
        self._nettings[netting] = _Netting(by, taken_by, origin, month, minutes)

    def _withdraw(self, leaf: Leaf, facts: Facts, say: Say) -> None:
        text_of(facts, "by")
        if self._nettings.pop(text_of(facts, "netting"), None) is None:
            say(leaf.index, "netting_unknown", "no such netting waits")

    def netted(self, leaf: Leaf, entry: Entry, facts: Facts, say: Say) -> None:
        """Take off the clearing account what both books agreed on, once a month.

        Raises:
            Underived: the facts are not those of an approved netting.
        """
        if text_of(facts, "do") != APPROVE_NETTING:
            raise Underived("do: an entry of this kind nets what two statements agree on")
        by, netting = text_of(facts, "by"), self._nettings.pop(text_of(facts, "netting"), None)
        settled = None if netting is None else self._partners.settled.get(netting.origin)
        if netting is None or settled is None:
            say(leaf.index, "netting_unknown", "no such netting waits")
            return
        self._approving = netting.month
        if by in (netting.by, netting.taken_by):
            said = "whoever proposed the netting or took the statement in approved it"
            say(leaf.index, "four_eyes", said)
        clearing = self._partners.live_account(netting.origin)
        if clearing is None:
            say(leaf.index, "partner_unknown", "the book was no partner")
            return
        late = any(
            one.way is Way.NETTED and one.month > netting.month
            for one in self._lines.get(clearing, [])
        )
        if late or netting.month <= self._months.get(netting.origin, ""):
            say(leaf.index, "netting_repeated", "what the month closed with was netted before")
        self._months[netting.origin] = netting.month
        pair = (clearing, settled) if netting.minutes > 0 else (settled, clearing)
        derived = (Movement(*pair, abs(netting.minutes)),)
        hold_against(self._policies, leaf, entry, derived, say)

    # The end of a partnership --------------------------------------------------------------

    def _ask_end(self, leaf: Leaf, facts: Facts, say: Say) -> None:
        by, ending, partner = (text_of(facts, name) for name in ("by", "ending", "partner"))
        if partner not in self._partners.live:
            say(leaf.index, "partner_unknown", "the end is of no approved partner")
        self._endings[ending] = (by, partner)

    def _end(self, leaf: Leaf, facts: Facts, say: Say) -> None:
        """The end was approved or withdrawn."""
        by, asked = text_of(facts, "by"), self._endings.pop(text_of(facts, "ending"), None)
        if asked is None:
            say(leaf.index, "partner_unknown", "nobody asked for that end")
            return
        if facts["do"] == WITHDRAW_END:
            return
        asked_by, partner = asked
        if by == asked_by:
            say(leaf.index, "four_eyes", "whoever asked for the end approved it")
        if partner not in self._partners.live:
            say(leaf.index, "partner_unknown", "the end is of no approved partner")
            return
        origin, _vkey = self._partners.live[partner]
        left = self._posted.get(self._partners.clearing[origin], 0)
        waits = any(one.origin == origin for one in self._nettings.values())
        if left or waits or self._waits(origin):
            say(leaf.index, "partner_unlevel", f"{left} minutes were left, or something waited")
        self._partners.end(partner)

    @property
    def _this_month(self) -> str:
        return self._policies.today.isoformat()[:7]
