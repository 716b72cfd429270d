"""The verifier's second opinion on credit: every entry derived again from what was signed.

The leaves tell who gave how many minutes of what, under which policy; the policy's whole text is a
leaf too.  So the movements of each entry follow, and nothing but the log is needed: no database,
no name, no vault.  A kind of entry for which no derivation is known is a finding, because an
operator could otherwise write credit of a kind of their own.

The hours of a service are a salted commitment.  Where a policy weighs the hour of the day, what an
entry credits is *attested* by the key that signed it, and only its shape is derived.
"""

from collections.abc import Callable
from datetime import date

from ledger.encoding import Json
from ledger.errors import Refusal
from ledger.journal import REVERSAL, SETTLEMENT, Movement
from ledger.leaf import AccountOpened, Entry, Leaf, PolicyAdded
from ledger.replay import Say
from ledger.succession import CARRIED_OVER
from timebank.audit.accounts import kind_of
from timebank.audit.carried import carried_movements, told
from timebank.audit.day_credits import DayCredits
from timebank.audit.estates import EstateReplay
from timebank.audit.events import Events
from timebank.audit.expiry import ExpiryReplay
from timebank.audit.facts import Facts, Underived, day_of, payer_of, spent_of, text_of, whole_of
from timebank.audit.moves import MoveReplay
from timebank.audit.openings import OpeningReplay
from timebank.audit.organisations import Organisations
from timebank.audit.parts import Part, shape_of
from timebank.audit.policy_days import PolicyDays, weighs_hours
from timebank.audit.repeats import Repeats
from timebank.audit.reviews import APPROVE, DECISIONS, OF_ROSTERS, ReviewReplay
from timebank.audit.shortfalls import ShortfallReplay
from timebank.audit.transfers import GIVEN, TransferReplay
from timebank.chart import Kind
from timebank.clearing.model import NETTED
from timebank.errors import NoProfileInForce
from timebank.estates.model import SETTLEMENT as ESTATE_SETTLEMENT
from timebank.expiry.model import EXPIRED
from timebank.moves.model import MOVED_AWAY, MOVED_IN
from timebank.notices.model import POST, notice_days
from timebank.openings.model import OPENING_BALANCE
from timebank.policy.eligibility import check_class
from timebank.policy.load import read_profile
from timebank.policy.model import Profile
from timebank.policy.pricing import Priced, ServiceFacts, price
from timebank.records.classes import is_professional
from timebank.records.model import BACK_DATED, MERGED, Payer
from timebank.records.movements import movements_of, payer_account
from timebank.records.signed_facts import PAYER_ACCOUNT, RECORD, SERVICE, VOLUNTEER
from timebank.shortfalls.model import COVERED, RECOVERED
from timebank.transfers.model import Kind as Granted


class PolicyReplay:
    """Judges leaves in order, see :class:`ledger.verify_log.Rules`.

    ``derived`` counts the entries whose movements followed from the log alone, ``attested`` those
    of which the hour of the day decided.  Grows with the accounts, with what awaits review and by
    some twenty bytes an entry; under a daily cap also with the days on which somebody served.
    """

    def __init__(self) -> None:
        self.derived = 0
        self.attested = 0
        self._policies = PolicyDays()
        self._own_accounts: dict[Kind, str] = {}
        self._posted: dict[str, int] = {}
        self._days = DayCredits()
        self._credited_once = Repeats()
        self._reviews = ReviewReplay(self._policies)
        self._events = Events(self._policies)
        self._batches: dict[int, str] = {}
        self._follows_until: date | None = None
        self._pending_of = ""
        self._pending: dict[str, int] = {}
        self._organisations = Organisations()
        self._transfers = TransferReplay(
            self._policies, self._posted, self._account_of, self._organisations
        )
        self._openings = OpeningReplay(self._policies, self._posted, self._account_of)
        self._estates = EstateReplay(self._policies, self._posted, self._account_of)
        self._moving = MoveReplay(self._policies, self._posted, self._account_of)
        self._expiries = ExpiryReplay(self._policies, self._posted, self._account_of)
        self._shortfalls = ShortfallReplay(self._policies, self._available, self._account_of)
        self._says: Say = _mute
        self._at = 0

    def leaf(self, leaf: Leaf, signed: Json, say: Say) -> None:
        """Judge one leaf by what was signed of it."""
        self._says, self._at = say, leaf.index
        self._policies.turn_to(leaf.recorded_ms)
        facts: Facts = signed if isinstance(signed, dict) else {}
        body = leaf.body
        self._organisations.leaf(leaf)
        for part in (self._transfers, self._openings, self._estates, self._moving):
            part.leaf(leaf, facts, say)
        if leaf.kind == "batch":
            self._batches[leaf.index] = leaf.identifier
            self._events.batch(leaf, facts)
        elif isinstance(body, Entry):
            self._entry(leaf, body, facts)
        elif isinstance(body, AccountOpened):
            self._account(leaf, body)
        elif isinstance(body, PolicyAdded):
            self._policy(body, facts)
        elif leaf.kind == "fact":
            self._fact(leaf, facts)
        self._expiries.leaf(leaf, facts, say)  # What came in by this entry is counted by now.
        self._shortfalls.leaf(leaf, facts, say)

    def finish(self, say: Say) -> None:
        """Find what was left out or credited twice."""
        self._reviews.finish(say)
        for index in self._credited_once.repeated():
            say(index, "part_repeated", "this part of the record was credited before")
        self._transfers.finish(say)
        self._shortfalls.finish(self._at, say)

    # Leaves that entries rest on -----------------------------------------------------------

    def _account(self, leaf: Leaf, opened: AccountOpened) -> None:
        kind = kind_of(leaf, opened, self._says)
        if kind is not None:
            self._own_accounts.setdefault(kind, leaf.identifier)

    def _policy(self, added: PolicyAdded, facts: Facts) -> None:
        try:
            profile = read_profile(text_of(facts, "text"))
            self._policies.adopt(added.policy, profile)
        except (Underived, Refusal) as error:
            self._say("policy_text", str(error))
            return
        if profile.version != added.policy:
            self._say("policy_text", f"the text is {profile.version}, the leaf {added.policy}")

    # Entries -------------------------------------------------------------------------------

    def _entry(self, leaf: Leaf, entry: Entry, facts: Facts) -> None:
        derive = DERIVATIONS.get(leaf.kind)
        if derive is None:
            self._say("entry_kind", f"no rule makes an entry of the kind {leaf.kind}")
        else:
            try:
                derive(self, leaf, entry, facts)
            except Underived as error:
                self._say("facts_form", str(error))
        self._moving.note(leaf, entry)
        for giver, receiver, minutes in entry.movements:
            self._posted[giver] = self._posted.get(giver, 0) - minutes
            self._posted[receiver] = self._posted.get(receiver, 0) + minutes

    def _service(self, leaf: Leaf, entry: Entry, facts: Facts) -> None:
        """Credit for a service: posted as it was recorded, or once a second person agreed."""
        if text_of(facts, "do") in (APPROVE, POST):
            part = self._reviews.credited(self._at, facts, self._says)
        else:
            part = self._stated(leaf, facts)
            if self._events.asks_review(facts):
                self._say("four_eyes", "posted before a second person saw it")
            elif self._notice_days():
                self._say("notice_open", "credited at once where a public notice comes first")
        if part is None:
            return
        if entry.effective_on != part.facts["on"]:
            self._say("postings_differ", f"counts from {entry.effective_on}, not from the service")
        if entry.policy != part.policy:
            evidence = f"priced by {entry.policy}; {part.policy} was in force on that day"
            self._say("policy_not_in_force", evidence)
        self._hold_against(entry, part)
        self._credited_once.add((part.facts["record"], part.facts[VOLUNTEER]), leaf.index)

    def _settlement(self, leaf: Leaf, entry: Entry, facts: Facts) -> None:
        """What was held is paid: a service, a gift or a donation."""
        if facts.get("do") not in GIVEN:
            self._service(leaf, entry, facts)
            return
        self.derived += 1
        self._transfers.settlement(leaf, entry, facts, self._says)

    def _hold_against(self, entry: Entry, part: Part) -> None:
        found = tuple(Movement(*one) for one in entry.movements)
        derived = part.movements
        if derived is None:
            self.attested += 1
            derived = shape_of(self._account_of, found, part.facts)
        else:
            self.derived += 1
        self._compare(found, derived)

    def _reversal(self, leaf: Leaf, entry: Entry, facts: Facts) -> None:
        """That it is the exact inverse the ledger knows; here its day or page is free again."""
        self.derived += 1
        for part in (self._openings, self._estates, self._expiries):
            if part.reversed(leaf, entry, facts, self._says):
                return
        if text_of(facts, "do") != "reverse":
            raise Underived("do: a reversal reverses")
        text_of(facts, "record")
        self._shortfalls.reversed(leaf, entry, facts, self._says)
        if entry.of is not None:
            self._days.reverse(entry.of)

    def _carried(self, leaf: Leaf, entry: Entry, facts: Facts) -> None:
        """A balance of the former book; that it is what it was there, ledger.succession judges."""
        found = tuple(Movement(*one) for one in entry.movements)
        derived = carried_movements(facts, self._account_of(Kind.OPENING), found)
        self.derived += 1
        self._follows_until = day_of({"on": entry.effective_on}, "on")
        self._compare(found, derived)

    def _fact(self, leaf: Leaf, facts: Facts) -> None:
        """A record that moves nothing (yet), or what became of one."""
        try:
            do = facts.get("do")
            if do == RECORD and VOLUNTEER in facts:
                self._stated_fact(leaf, facts)
            elif do in OF_ROSTERS:
                self._reviews.kept(do, facts)
            elif do in DECISIONS:
                for volunteer, part in self._reviews.decided(self._at, facts, self._says):
                    if part.priced is not None:
                        on = day_of(part.facts, "on")
                        self._days.take_back(volunteer, on, part.priced.credited)
        except Underived as error:
            self._say("facts_form", str(error))

    def _stated_fact(self, leaf: Leaf, facts: Facts) -> None:
        part = self._stated(leaf, facts)
        if part is None:
            return
        record, volunteer = text_of(facts, "record"), text_of(facts, VOLUNTEER)
        reviewed = self._events.asks_review(facts)
        days = self._notice_days()
        waits = reviewed or days or self._reviews.waits(record) or self._events.may_wait(facts)
        if not waits:
            if part.movements != ():  # A cap took all of it, or it should have been posted.
                self._say("postings_differ", f"derived {told(part.movements)}; nothing moved")
            return
        event = self._events.is_event(facts)
        self._reviews.wait(
            record, volunteer, part, needs_review=reviewed, needs_roster=event, notice_days=days
        )
        if part.priced is not None:
            self._pending[volunteer] = self._pending.get(volunteer, 0) + part.priced.credited

    # What was signed -----------------------------------------------------------------------

    def _stated(self, leaf: Leaf, facts: Facts) -> Part | None:
        """A part as it is stated here, priced by the policy of its day; ``None``: it cannot be."""
        on, class_code = day_of(facts, "on"), text_of(facts, "class")
        volunteer = text_of(facts, VOLUNTEER)
        for name in ("by", "record"):
            text_of(facts, name)
        try:
            profile = self._policies.pricing(on)
            check_class(profile, class_code, professional=is_professional(class_code))
            self._organisations.check_earns(profile, volunteer)
        except NoProfileInForce as error:
            self._say("policy_not_in_force", str(error))
            return None
        except Refusal as refusal:
            self._say("policy_refuses", refusal.code)
            return None
        self._check_lateness(facts, on)
        payer = payer_of(facts)
        given = whole_of(facts, "given")
        self._turn_to(leaf)
        if weighs_hours(profile) or self._is_half_seen(profile, on):
            return Part(facts, profile.version, None, None)
        part = self._priced(profile, facts, given, volunteer, payer)
        if part is not None and part.priced and profile.caps.day_minutes is not None:
            self._days.add(volunteer, on, part.priced.credited, leaf.identifier)
        return part

    def _priced(
        self, profile: Profile, facts: Facts, given: int, volunteer: str, payer: Payer
    ) -> Part | None:
        account = self._posted.get(volunteer, 0) + self._pending.get(volunteer, 0)
        try:
            priced = price(
                profile,
                ServiceFacts(
                    given_minutes=given,
                    service_class=text_of(facts, "class"),
                    professional=is_professional(text_of(facts, "class")),
                    **spent_of(facts),
                    has_payer=payer is not Payer.NOBODY,
                    credited_that_day_minutes=self._days.of(volunteer, day_of(facts, "on")),
                    account_minutes=account,
                ),
            )
        except ValueError as error:
            raise Underived(f"given: {error}") from error
        except Refusal as refusal:
            self._say("policy_refuses", refusal.code)
            return None
        for name, value in (("credited", priced.credited), ("charged", priced.charged)):
            if facts.get(name, value) != value:
                self._say("facts_differ", f"{name} is {facts[name]}, derived {value}")
        return Part(facts, profile.version, priced, self._moves(facts, payer, priced))

    def _moves(self, facts: Facts, payer: Payer, priced: Priced) -> tuple[Movement, ...]:
        elder = text_of(facts, PAYER_ACCOUNT) if payer is Payer.ELDER else ""
        return movements_of(
            self._account_of,
            payer_account(self._account_of, payer, elder),
            text_of(facts, VOLUNTEER),
            credited=priced.credited,
            charged=priced.charged,
            overflow=priced.overflow,
        )

    # Helpers -------------------------------------------------------------------------------

    def _compare(self, found: tuple[Movement, ...], derived: tuple[Movement, ...]) -> None:
        if found != derived:
            self._say("postings_differ", f"derived {told(derived)}; the leaf has {told(found)}")

    def _say(self, rule: str, evidence: str) -> None:
        self._says(self._at, rule, evidence)

    def _turn_to(self, leaf: Leaf) -> None:
        """What waits within one submission counts as credited there, and nowhere else."""
        of = leaf.identifier if leaf.ref is None else self._batches.get(leaf.ref[0], "")
        if of != self._pending_of:
            self._pending_of = of
            self._pending.clear()

    def _available(self, account: str) -> int:
        return self._posted.get(account, 0) - self._expiries.held(account)

    def _account_of(self, kind: Kind) -> str:
        if kind not in self._own_accounts:
            raise Underived(f"the log has no account of the kind {kind.value}")
        return self._own_accounts[kind]

    def _is_half_seen(self, profile: Profile, on: date) -> bool:
        """Whether a former log may have credits that count towards a cap of that day."""
        until = self._follows_until
        return until is not None and on <= until and profile.caps.day_minutes is not None

    def _notice_days(self) -> int:
        """Working days of public notice under the profile of the day of recording."""
        try:
            return notice_days(self._policies.procedure)
        except NoProfileInForce as error:
            raise Underived(str(error)) from error

    def _check_lateness(self, facts: Facts, on: date) -> None:
        """A service is not in the future, and what is back-dated says so."""
        try:
            late = self._policies.is_late(on)
        except Refusal as refusal:
            self._say("policy_refuses", refusal.code)
            return
        marks = facts.get("marks")
        if isinstance(marks, list) and MERGED not in marks and late != (BACK_DATED in marks):
            said = "is not marked as back-dated" if late else "is marked as back-dated and is not"
            self._say("facts_differ", said)


Derivation = Callable[[PolicyReplay, Leaf, Entry, Facts], None]


def _judged(by: Callable[[PolicyReplay], Callable[[Leaf, Entry, Facts, Say], None]]) -> Derivation:
    """The derivation that one of the replay's parts makes alone."""

    def derive(replay: PolicyReplay, leaf: Leaf, entry: Entry, facts: Facts) -> None:
        replay.derived += 1
        by(replay)(leaf, entry, facts, replay._says)

    return derive


DERIVATIONS: dict[str, Derivation] = {
    SERVICE: PolicyReplay._service,
    SETTLEMENT: PolicyReplay._settlement,
    Granted.GRANT: _judged(lambda replay: replay._transfers.approved),
    Granted.GRANT_FUNDING: _judged(lambda replay: replay._transfers.approved),
    REVERSAL: PolicyReplay._reversal,
    CARRIED_OVER: PolicyReplay._carried,
    OPENING_BALANCE: _judged(lambda replay: replay._openings.approved),
    ESTATE_SETTLEMENT: _judged(lambda replay: replay._estates.settled),
    MOVED_AWAY: _judged(lambda replay: replay._moving.entry),
    MOVED_IN: _judged(lambda replay: replay._moving.entry),
    NETTED: _judged(lambda replay: replay._moving.entry),
    EXPIRED: _judged(lambda replay: replay._expiries.expired),
    COVERED: _judged(lambda replay: replay._shortfalls.covered),
    RECOVERED: _judged(lambda replay: replay._shortfalls.recovered),
}
"""How the movements of each kind of entry follow from what was signed."""


def _mute(index: int, rule: str, evidence: str) -> None:
    raise AssertionError("nobody listens yet")
