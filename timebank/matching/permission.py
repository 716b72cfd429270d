"""The hard rules that are about permission, judged once more when a volunteer is matched."""

from sqlalchemy import insert

from ledger.draft import Draft
from timebank.errors import (
    NoAgreement,
    NotInsured,
    SkillMissing,
    VolunteerExcluded,
    VolunteerPaused,
)
from timebank.matching.model import Standing, rules_of
from timebank.matching.tables import MATCHING_ASKED
from timebank.orders.model import Order
from timebank.policy.model import Profile

BOOK = 1

_EXCLUDED = (
    "SELECT 1 FROM matching_exclusion WHERE book_id = 1 AND elder_id = ? AND volunteer_id = ?"
)
_STANDING = (
    "SELECT insured_until, agreed_until, paused_from, paused_until FROM matching_person "
    "WHERE book_id = 1 AND person_id = ?"
)
_SKILL = "SELECT 1 FROM matching_skill WHERE book_id = 1 AND person_id = ? AND class_code = ?"


def admit(draft: Draft, profile: Profile, order: Order, volunteer_id: str) -> None:
    """Let a volunteer be sent to an order, and note that they were asked.

    What is noted goes with the group's commit; a refused match asks nobody.

    Raises, the first that applies:
        VolunteerExcluded: the two are kept apart.
        VolunteerPaused: on that day.
        NotInsured, NoAgreement, SkillMissing: where the profile of that day demands it.
    """
    on = order.wanted_on
    if draft.rows(_EXCLUDED, order.elder_id, volunteer_id):
        raise VolunteerExcluded(order=order.order_id)
    rows = draft.rows(_STANDING, volunteer_id)
    standing = Standing(*rows[0]) if rows else Standing()
    if standing.is_paused(on):
        raise VolunteerPaused(on=on)
    rules = rules_of(profile)
    if rules.insurance_required and standing.insured_until < on:
        raise NotInsured(on=on)
    if rules.agreement_required and standing.agreed_until < on:
        raise NoAgreement(on=on)
    code = order.class_code
    if code in rules.skilled_classes and not draft.rows(_SKILL, volunteer_id, code):
        raise SkillMissing(service_class=code)
    row = {
        "book_id": BOOK,
        "asked_id": draft.new_id("ask"),
        "person_id": volunteer_id,
        "order_id": order.order_id,
        "asked_ms": draft.recorded_ms,
    }
    draft.add(insert(MATCHING_ASKED), [row])
