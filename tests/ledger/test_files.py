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


def test_the_left_overs_of_others_go_only_where_somebody_says_so(tmp_path):
    left_over = tmp_path / "deep" / ".a.1-ab.tmp"
    left_over.parent.mkdir()
    left_over.write_bytes(b"half a")
    outside = tmp_path.parent / ".other.1-ab.tmp"
    outside.write_bytes(b"another's")
    files = DurableFiles(tmp_path)
    files.write("deep/a", b"1")
    assert left_over.exists()
    files.remove_left_overs()
    assert not left_over.exists()
    assert outside.exists()


def test_a_folder_is_removed_with_all_that_is_in_it(tmp_path):
    files = DurableFiles(tmp_path)
    files.write("deep/a.p/1", b"1")
    files.remove_folder("deep/a.p")
    files.remove_folder("deep/a.p")
    assert list((tmp_path / "deep").iterdir()) == []


def test_every_folder_above_a_file_is_made_known_to_the_disk(tmp_path, monkeypatch):
    """Also those that were there already: whoever made them may have died before saying so."""
    (tmp_path / "log" / "deep").mkdir(parents=True)
    files = DurableFiles(tmp_path / "log")
    files.write("deep/a", b"1")
    told = set()
    real = os.fsync

    def heard(handle):
        told.add(os.readlink(f"/proc/self/fd/{handle}"))
        real(handle)

    with monkeypatch.context() as disk:
        disk.setattr(os, "fsync", heard)
        files.flush_folders()
    assert told == {str(tmp_path), str(tmp_path / "log"), str(tmp_path / "log" / "deep")}
