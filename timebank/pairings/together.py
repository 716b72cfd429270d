"""Helpers of one pairing who come to their elder together (多助一)."""

from collections.abc import Callable, Collection, Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import Executable, Text, bindparam, text

TOGETHER = timedelta(minutes=10)
"""Helpers of a pairing whose visits begin so close to each other, inside, came together."""

Query = Callable[[Executable, dict[str, Any]], Iterable[Any]]
"""Reads, as :meth:`ledger.draft.Draft.query` or a connection's ``execute``."""

_BOUND = text("""
SELECT b.pairing_id, b.person_id FROM pairing p JOIN pairing_member b
    ON b.book_id = p.book_id AND b.pairing_id = p.pairing_id
 WHERE p.book_id = 1 AND p.elder_id = :elder AND p.from_on <= :day AND b.from_on <= :day
   AND (p.until_on = '' OR p.until_on >= :day) AND (p.ended_on = '' OR p.ended_on >= :day)
   AND (b.until_on = '' OR b.until_on >= :day) AND b.person_id IN :helpers
""").bindparams(bindparam("helpers", expanding=True, type_=Text))


def are_bound(query: Query, elder_id: str, day: str, helpers: Collection[str]) -> bool:
    """Whether one pairing with the elder binds all ``helpers`` (ids) on that local day."""
    bound: dict[str, set[str]] = {}
    for pairing, helper in query(_BOUND, {"day": day, "elder": elder_id, "helpers": list(helpers)}):
        bound.setdefault(pairing, set()).add(helper)
    return any(found >= set(helpers) for found in bound.values())
