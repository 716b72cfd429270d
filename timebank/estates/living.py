"""Whether somebody's death was reported or their time moved away, for all that would use it."""

from ledger.draft import Draft
from timebank.errors.estates import PersonDeceased
from timebank.errors.moves import PersonMoved

IS_DECEASED = "SELECT 1 FROM estate WHERE book_id = 1 AND person_id = ? AND withdrawn_ms IS NULL"

_RESTING = (
    "SELECT 0 FROM estate WHERE book_id = 1 AND person_id = ? AND withdrawn_ms IS NULL "
    "UNION ALL SELECT 1 FROM departure WHERE book_id = 1 AND person_id = ? AND state = 'moved'"
)

RESTING = (
    "SELECT person_id FROM estate WHERE book_id = 1 AND withdrawn_ms IS NULL "
    "UNION SELECT person_id FROM departure WHERE book_id = 1 AND state = 'moved'"
)
"""Everybody whose account rests, as SQL."""


def check_living(draft: Draft, person_id: str, field: str) -> None:
    """Let a person give, receive, ask or be sent; as the group sees it.

    Raises, the first that applies:
        PersonDeceased: their death was reported.
        PersonMoved: their time moved to another book.
    """
    resting = {reason for (reason,) in draft.rows(_RESTING, person_id, person_id)}
    if 0 in resting:
        raise PersonDeceased(field=field)
    if resting:
        raise PersonMoved(field=field)
