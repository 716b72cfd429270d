"""From being stated to being credited: who agreed to a record, and what the public could object.

The state of a record follows from its leaves alone: stated, approved by another person, on notice
for so many working days, objected to, sent back or credited.
"""

from collections.abc import Iterator

from ledger.replay import Say
from timebank.audit.facts import Facts, text_of
from timebank.audit.parts import Part, Waiting
from timebank.audit.policy_days import PolicyDays
from timebank.campaigns.model import HAND_IN_HOURS, KEEP_ROSTER
from timebank.notices.model import DISMISS, OBJECT, POST, UPHOLD, is_over
from timebank.records.rosters import SIGNATURES
from timebank.records.signed_facts import VOLUNTEER

APPROVE, REJECT = "approve", "reject"
OF_ROSTERS = frozenset({KEEP_ROSTER, HAND_IN_HOURS})
"""What facts do from which it is seen who kept the roster of a record."""

DECISIONS = frozenset({APPROVE, REJECT, POST, OBJECT, DISMISS, UPHOLD})
"""What facts do that speak of a record which waits."""


class ReviewReplay:
    """The records that wait; grows with them alone."""

    def __init__(self, policies: PolicyDays) -> None:
        self._policies = policies
        self._waiting: dict[str, Waiting] = {}
        self._keepers: dict[str, set[str]] = {}
        self._rosters: dict[str, str] = {}

    def kept(self, do: object, facts: Facts) -> None:
        """Somebody kept an activity's roster, or a record became a part of one.

        Raises:
            Underived: facts that are not of their form.
        """
        if do == KEEP_ROSTER:
            keepers = self._keepers.setdefault(text_of(facts, "activity"), set())
            keepers.add(text_of(facts, "by"))
        elif do == HAND_IN_HOURS and "record" in facts and self.waits(text_of(facts, "record")):
            self._rosters[text_of(facts, "record")] = text_of(facts, "activity")

    def wait(
        self,
        record: str,
        volunteer: str,
        part: Part,
        *,
        needs_review: bool,
        needs_roster: bool,
        notice_days: int,
    ) -> None:
        """A part was stated and not credited; the rules are those of the day of its recording."""
        waiting = self._waiting.get(record)
        if waiting is None:
            opened_on = None if needs_review else self._policies.today
            waiting = Waiting(needs_review, notice_days, opened_on)
            self._waiting[record] = waiting
        waiting.parts[volunteer] = part
        waiting.needs_roster = waiting.needs_roster or needs_roster
        waiting.volunteers += 1

    def waits(self, record: str) -> bool:
        """Whether a part of the record was stated and not credited or sent back."""
        return record in self._waiting

    def credited(self, index: int, facts: Facts, say: Say) -> Part | None:
        """The part that an entry credits after a review or a notice; ``None``: none waits.

        Raises:
            Underived: facts that are not of their form.
        """
        record, volunteer = text_of(facts, "record"), text_of(facts, VOLUNTEER)
        waiting = self._waiting.get(record)
        part = None if waiting is None else waiting.parts.pop(volunteer, None)
        if waiting is None or part is None:
            say(index, "review_unknown", f"no part of {record} awaits review for {volunteer}")
            return None
        if waiting.due_at is None:
            _check_roster(index, waiting, facts, say)
        self._judge(index, waiting, part, facts, say)
        waiting.due_at = index
        if not waiting.parts:
            del self._waiting[record]
        return part

    def decided(self, index: int, facts: Facts, say: Say) -> Iterator[tuple[str, Part]]:
        """Something was said of a record that moves nothing; the parts that are off, if any.

        Raises:
            Underived: facts that are not of their form.
        """
        record, do = text_of(facts, "record"), text_of(facts, "do")
        waiting = self._waiting.get(record)
        if waiting is None:
            return  # It was posted at once and reviewed afterwards.
        _check_roster(index, waiting, facts, say)
        if do in (OBJECT, DISMISS, UPHOLD):
            self._objection(index, waiting, do, facts, say)
        elif do == POST or (do == APPROVE and not waiting.notice_days):
            for part in waiting.parts.values():
                self._judge(index, waiting, part, facts, say)
            waiting.due_at = index
        else:
            for part in waiting.parts.values():
                self._second_person(index, part, facts, say)
            waiting.approved = waiting.approved or do == APPROVE
            waiting.opened_on = waiting.opened_on or self._policies.today
        if do in (REJECT, UPHOLD):
            yield from self._waiting.pop(record).parts.items()

    def finish(self, say: Say) -> None:
        """Find what was left out where the rest of a record was credited."""
        for record, waiting in self._waiting.items():
            if waiting.due_at is None:
                continue
            for volunteer, part in waiting.parts.items():
                if part.movements:
                    say(waiting.due_at, "part_left_out", f"{record} of {volunteer}")

    # Rules ---------------------------------------------------------------------------------

    def _judge(self, index: int, waiting: Waiting, part: Part, facts: Facts, say: Say) -> None:
        if text_of(facts, "do") == APPROVE:
            self._second_person(index, part, facts, say)
        elif waiting.needs_review and not waiting.approved:
            say(index, "four_eyes", "posted before a second person saw it")
        if waiting.notice_days and not self._is_over(waiting):
            evidence = f"credited before {waiting.notice_days} working days of public notice"
            say(index, "notice_open", evidence)
        if waiting.objected_by:
            say(index, "notice_objected", "credited while an objection was open")

    def _is_over(self, waiting: Waiting) -> bool:
        if waiting.opened_on is None:
            return False
        return is_over(waiting.opened_on, waiting.notice_days, self._policies.today)

    def _objection(self, index: int, waiting: Waiting, do: str, facts: Facts, say: Say) -> None:
        by = text_of(facts, "by")
        if do == OBJECT:
            waiting.objected_by = by
            return
        recorders = {part.facts["by"] for part in waiting.parts.values()}
        if by == waiting.objected_by or by in recorders:
            say(index, "four_eyes", "an objection was decided by one of its parties")
        waiting.objected_by = ""

    def _second_person(self, index: int, part: Part, facts: Facts, say: Say) -> None:
        by = text_of(facts, "by")
        if by == part.facts["by"]:
            say(index, "four_eyes", "whoever recorded it reviewed it too")
        activity = self._rosters.get(text_of(facts, "record"), "")
        if text_of(facts, "do") == APPROVE and by in self._keepers.get(activity, ()):
            say(index, "four_eyes", "whoever kept the roster approved it too")


def _check_roster(index: int, waiting: Waiting, facts: Facts, say: Say) -> None:
    """Who approves an event saw a sheet with as many signatures as it has volunteers."""
    if not waiting.needs_roster or facts.get("do") != APPROVE:
        return
    roster = facts.get("roster")
    seen = roster if isinstance(roster, dict) and isinstance(roster.get("sheet"), str) else {}
    signatures = seen.get(SIGNATURES)
    if type(signatures) is not int:
        say(index, "roster_missing", f"approved for {waiting.volunteers} without a signed roster")
    elif signatures < waiting.volunteers:
        say(index, "roster_short", f"{signatures} signed for {waiting.volunteers} volunteers")
