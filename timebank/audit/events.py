"""Which records of the log are events of many, for which somebody must have seen a signed roster.

A batch shows its rows before what becomes of them, so how many a record credits is known in time.
Rows of a register that were put together say so by a mark; so do records that a rule of the
service made wait under a profile which does not name a number.
"""

from ledger.encoding import Json
from ledger.leaf import Leaf
from timebank.audit.facts import Facts, Underived
from timebank.audit.policy_days import PolicyDays
from timebank.errors import NoProfileInForce
from timebank.policy.eligibility import BULK_VOLUNTEERS, needs_second_person
from timebank.policy.model import Profile
from timebank.records.model import EVENT, ROSTER
from timebank.records.signed_facts import RECORD, VOLUNTEER


class Events:
    """Counts the volunteers of each record of the batch that is read; keeps that batch alone."""

    def __init__(self, policies: PolicyDays) -> None:
        self._policies = policies
        self._batch = ""
        self._volunteers: dict[str, set[str]] = {}

    def batch(self, leaf: Leaf, facts: Facts) -> None:
        """Look ahead at the rows of a batch leaf; a long batch has several."""
        if leaf.identifier != self._batch:
            self._batch = leaf.identifier
            self._volunteers.clear()
        rows = facts.get("rows")
        for row in rows if isinstance(rows, list) else ():
            if isinstance(row, dict) and row.get("do") == RECORD and VOLUNTEER in row:
                people = self._volunteers.setdefault(str(row.get("record")), set())
                people.add(str(row[VOLUNTEER]))

    def is_event(self, facts: Facts) -> bool:
        """Whether the record needs a roster on paper: it says so, or its log's profile does.

        Raises:
            Underived: no profile covers the day of recording.
        """
        stated = self._procedure.review.bulk_volunteers
        if _has(facts, ROSTER):
            return False
        return _has(facts, EVENT) or (stated is not None and self._count(facts) >= stated.value)

    def may_wait(self, facts: Facts) -> bool:
        """Whether a record may wait for its size alone, though nothing in the log demands it."""
        return self._count(facts) >= BULK_VOLUNTEERS

    def asks_review(self, facts: Facts) -> bool:
        """Whether another person approves it: by the policy, as of a roster, or as an event.

        Raises:
            Underived: no profile covers the day of recording.
        """
        on_roster = _has(facts, ROSTER)
        return on_roster or self.is_event(facts) or needs_second_person(self._procedure)

    @property
    def _procedure(self) -> Profile:
        try:
            return self._policies.procedure
        except NoProfileInForce as error:
            raise Underived(str(error)) from error

    def _count(self, facts: Facts) -> int:
        return len(self._volunteers.get(str(facts.get("record")), ()))


def _has(facts: Facts, mark: str) -> bool:
    marks: Json = facts.get("marks")
    return isinstance(marks, list) and mark in marks
