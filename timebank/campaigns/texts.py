"""Texts of campaigns, which end up in spreadsheets and documents."""

import re

from ledger.errors import ContentOutOfProfile

_UNWRITABLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def is_writable(text: str) -> bool:
    """Whether XML 1.0 can hold every character of a text, section 2.2 Char."""
    return _UNWRITABLE.search(text) is None


def check_words(*texts: str) -> None:
    """Let texts pass that a workbook, a Word document and every database can hold.

    Raises:
        ContentOutOfProfile: one has a control sign, half a surrogate pair, or no character at all.
    """
    if not all(map(is_writable, texts)):
        raise ContentOutOfProfile(why="text")
