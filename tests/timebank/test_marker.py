"""timebank/marker.py: only what init made is a data folder."""

from pathlib import Path

import pytest

from ledger.errors import BookNotFound
from timebank.marker import Marker, read_marker, write_marker

MADE = Marker("book_1", "timebank.example/test")


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write_marker(tmp_path, MADE)
    assert read_marker(tmp_path) == MADE
    assert (tmp_path / "book.json").read_bytes().endswith(b"}\n")


def test_a_marked_folder_is_never_marked_again(tmp_path: Path) -> None:
    write_marker(tmp_path, MADE)
    with pytest.raises(FileExistsError):
        write_marker(tmp_path, Marker("book_2", "timebank.example/other"))
    assert read_marker(tmp_path) == MADE


@pytest.mark.parametrize(
    "content",
    [None, b"", b"{", b"[]", b"null", b'"text"', b'{"book":"book_1"}', b'{"origin":"x"}', b"\xff"],
    ids=repr,
)
def test_any_other_folder_is_refused_with_the_command_that_makes_one(
    tmp_path: Path, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / "book.json").write_bytes(content)
    with pytest.raises(BookNotFound, match="timebank init"):
        read_marker(tmp_path)


def test_no_folder_at_all(tmp_path: Path) -> None:
    with pytest.raises(BookNotFound):
        read_marker(tmp_path / "none")
    (tmp_path / "file").write_text("")
    with pytest.raises(BookNotFound):
        read_marker(tmp_path / "file")
