"""``book.json``: the file that makes a folder the data folder of one book.

Every command but ``init`` looks for it first, so that a mistyped path makes no second, empty book.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

import orjson

from ledger.errors import BookExists, BookNotFound
from ledger.files import DurableFiles

_NAME = "book.json"
_BEGUN = "founding.json"


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


def note_begun(data: Path, intent: dict[str, str]) -> bool:
    """Note in a new data folder what is being founded there; answers whether it was noted before.

    ``intent`` tells one founding from another.  Whatever lies in the folder beside the note belongs
    to that founding, and to nobody once it has broken off.

    Raises:
        BookExists: the folder is marked, or another founding broke off there.
    """
    if (data / _NAME).exists():
        raise BookExists(f"{data} has one")
    try:
        noted = orjson.loads((data / _BEGUN).read_bytes())
    except FileNotFoundError:
        files = DurableFiles(data)
        files.replace(_BEGUN, orjson.dumps(intent, option=orjson.OPT_SORT_KEYS) + b"\n")
        files.flush_folders()
        return False
    except ValueError as error:
        raise BookExists(f"{data / _BEGUN} cannot be read") from error
    if noted != intent:
        raise BookExists(f"another founding broke off in {data}")
    return True


def has_begun(data: Path) -> bool:
    """Whether a founding broke off in this folder, which :func:`note_begun` had noted."""
    return (data / _BEGUN).exists()


def clear(folder: Path) -> None:
    """Empty a folder of what a founding left there that broke off; its note stays."""
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.name != _BEGUN:
            path.unlink()


def finish(data: Path, marker: Marker) -> None:
    """Mark a data folder in which a founding was begun.

    Raises:
        FileExistsError: the folder is marked already.
    """
    write_marker(data, marker)
    (data / _BEGUN).unlink()
