"""What somebody says: words that are there and fit, and a last day that is still to come."""

from datetime import date

from timebank.databases import check_text
from timebank.errors import MissingField, OrderValueInvalid, UnreadableDate


def said(field: str, given: str, most: int) -> str:
    """The words without blanks around them, 1 to ``most`` characters.

    Raises, the first that applies:
        MissingField: there are none.
        OrderValueInvalid: there are more.
        ContentOutOfProfile: no database can hold them.
    """
    words = given.strip()
    if not words:
        raise MissingField(field=field)
    if len(words) > most:
        raise OrderValueInvalid(field=field, given=str(len(words)))
    check_text(words)
    return words


def check_last_day(field: str, given: str, today: date) -> None:
    """Let a last day (``YYYY-MM-DD``) pass, or none where there is no end.

    Raises, the first that applies:
        UnreadableDate: it is no day.
        OrderValueInvalid: it is over.
    """
    if not given:
        return
    try:
        end = date.fromisoformat(given)
    except ValueError:
        raise UnreadableDate(field=field, given=given[:40]) from None
    if end < today:
        raise OrderValueInvalid(field=field, given=given)
