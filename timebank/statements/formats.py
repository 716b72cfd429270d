"""Statements as files: each format is a module of its own, and FORMATS lists them all."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from timebank.statements.large_pdf import as_large_pdf
from timebank.statements.model import Statement
from timebank.statements.objects import as_json
from timebank.statements.pdf import as_pdf
from timebank.statements.spreadsheet import as_csv


@dataclass(frozen=True, slots=True)
class Format:
    """A way to write a statement: its name, media type, suffix, and the function that writes it.

    ``is_drawn``: it is laid out whole, so its lines are read before and their number is bounded.
    """

    name: str
    media_type: str
    suffix: str
    write: Callable[[Statement], Iterator[bytes]]
    is_drawn: bool = False


FORMATS: tuple[Format, ...] = (
    Format("csv", "text/csv; charset=utf-8", "csv", as_csv),
    Format("json", "application/json", "json", as_json),
    Format("pdf", "application/pdf", "pdf", as_pdf, is_drawn=True),
    Format("large-pdf", "application/pdf", "pdf", as_large_pdf, is_drawn=True),
)
"""Every format; a new one is one module and one line here."""


def format_named(name: str) -> Format:
    """The format of that name, which must be one of :data:`FORMATS`."""
    return next(one for one in FORMATS if one.name == name)
