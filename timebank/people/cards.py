"""Whose a card is that a scanner typed: the number alone, which opens no session."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Executable, select

from timebank.people.tables import CARD

BOOK = 1

LONGEST_CARD = 40
"""Characters of a card's number, with room to spare."""


def holder_of_card(ask: Callable[[Executable], Any], card_number: str) -> str:
    """The id of the person whose card in use has that number; empty where there is none.

    ``ask`` runs a query, of a connection or of a draft.
    """
    columns = CARD.c
    query = select(columns.person_id).where(
        columns.book_id == BOOK,
        columns.card_number == card_number.strip().upper(),
        columns.state == "active",
    )
    return str(ask(query).scalar() or "")
