"""``book.json``: the file that makes a folder the data folder of one book.

Every command but ``init`` looks for it first, so that a mistyped path makes no second, empty book.
"""

from dataclasses import dataclass
from pathlib import Path

import orjson

from ledger.errors import BookNotFound

_NAME = "book.json"


@dataclass(frozen=True, slots=True)
class Marker:
    """Which book the folder belongs to, and the origin of its log."""

    book: str
    origin: str


def read_marker(data: Path) -> Marker:
    """The marker of a data folder.

    Raises:
        BookNotFound: no such folder, no such file, or not one of ours.
    """
    try:
        found = orjson.loads((data / _NAME).read_bytes())
        return Marker(str(found["book"]), str(found["origin"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BookNotFound(f"{data} was not made by: timebank init --data {data}") from error


def write_marker(data: Path, marker: Marker) -> None:
    """Mark a new data folder; the last step of founding a book.

    Raises:
        FileExistsError: the folder is marked already.
    """
    content = orjson.dumps({"book": marker.book, "origin": marker.origin, "v": 1})
    with open(data / _NAME, "xb") as file:
        file.write(content + b"\n")
