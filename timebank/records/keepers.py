"""Of which records somebody kept the roster; such a person does not approve them."""

from collections.abc import Collection

from sqlalchemy import Text, bindparam, text

from ledger.draft import Draft

_KEPT = text(
    "SELECT l.record_id FROM campaign_record l JOIN campaign_signing s "
    "ON s.book_id = l.book_id AND s.activity_id = l.activity_id "
    "WHERE l.book_id = 1 AND l.record_id IN :records AND s.by_id = :who "
    "UNION SELECT l.record_id FROM campaign_record l JOIN campaign_roster r "
    "ON r.book_id = l.book_id AND r.activity_id = l.activity_id "
    "WHERE l.book_id = 1 AND l.record_id IN :records AND r.kept_by = :who"
).bindparams(bindparam("records", expanding=True, type_=Text))
# A roster of a day before signings were noted has its keeper in the line alone.


def kept_by(draft: Draft, record_ids: Collection[str], actor_id: str) -> frozenset[str]:
    """The records among those whose roster that person kept, any line of it."""
    if not record_ids:
        return frozenset()
    asked = {"records": list(dict.fromkeys(record_ids)), "who": actor_id}
    return frozenset(row.record_id for row in draft.query(_KEPT, asked))
