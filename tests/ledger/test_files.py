"""ledger/files.py: nobody sees half a file, and what must not change does not."""

import os

import pytest

from ledger.errors import LogForked
from ledger.files import DurableFiles


def test_a_file_is_replaced_whole_and_leaves_nothing_beside_it(tmp_path):
    files = DurableFiles(tmp_path / "new" / "folder")
    files.replace("a", b"1")
    files.replace("a", b"2")
    files.flush_folders()
    assert [path.name for path in (tmp_path / "new" / "folder").iterdir()] == ["a"]
    assert (tmp_path / "new" / "folder" / "a").read_bytes() == b"2"
    assert files.written == 2


def test_a_file_that_must_not_change_is_written_once(tmp_path):
    files = DurableFiles(tmp_path)
    files.write("a", b"1")
    files.write("a", b"1")
    with pytest.raises(LogForked, match="a was published with other bytes"):
        files.write("a", b"2")
    assert ((tmp_path / "a").read_bytes(), files.written) == (b"1", 1)


def test_what_fails_on_the_way_leaves_the_old_file(tmp_path, monkeypatch):
    files = DurableFiles(tmp_path)
    files.replace("a", b"1")

    def full(*_given: object) -> None:
        raise OSError("no space left on device")

    for step in ("fsync", "replace"):
        with monkeypatch.context() as disk:
            disk.setattr(os, step, full)
            with pytest.raises(OSError, match="no space"):
                files.replace("a", b"2")
        assert [path.name for path in tmp_path.iterdir()] == ["a"]
        assert (tmp_path / "a").read_bytes() == b"1"
