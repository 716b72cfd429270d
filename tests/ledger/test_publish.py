"""ledger/publish.py: what is public never changes, and the checkpoint comes last."""

import os

import pytest

from ledger.checkpoint import Checkpoint, sign_checkpoint
from ledger.errors import LogForked, StorageFault
from ledger.publish import Published, publish, publish_vkey
from ledger.tiles import TileFolder, tile_path, tiles_of
from ledger.verify import verify
from tests.support.log_builder import LogBuilder


def log_of(size: int) -> LogBuilder:
    log = LogBuilder()
    while log.size < size:
        log.refuse()
    return log


LOG = log_of(1_100)


def files_in(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize(
    "sizes",
    [[3], [255], [256], [257], [3, 4, 5], [200, 255, 256, 257], [256, 512], [5, 700, 1_100]],
    ids=repr,
)
def test_growing_in_steps_gives_the_tiles_of_the_whole(tmp_path, sizes):
    old = 0
    for size in sizes:
        told = publish(tmp_path, LOG.read, LOG.note(size))
        assert (told.old_size, told.new_size) == (old, size)
        old = size
    published = files_in(tmp_path)
    assert published["checkpoint"].decode() == LOG.note(old)
    assert {tile_path(*tile) for tile in tiles_of(old)} <= set(published)
    publish_vkey(tmp_path, LOG.log_key.vkey)
    assert verify(tmp_path).findings == ()


def test_partial_tiles_stay_until_the_full_one_is_there(tmp_path):
    publish(tmp_path, LOG.read, LOG.note(100))
    publish(tmp_path, LOG.read, LOG.note(200))
    assert {"tile/0/000.p/100", "tile/0/000.p/200"} <= set(files_in(tmp_path))
    publish(tmp_path, LOG.read, LOG.note(256))
    published = files_in(tmp_path)
    assert not [path for path in published if path.startswith("tile/0/000.p")]
    reader = TileFolder(tmp_path)
    assert reader.read(0, 0, 100) == published["tile/0/000"][:3200]
    assert reader.read("entries", 0, 3)


def test_publishing_again_writes_nothing_but_the_checkpoint(tmp_path):
    publish(tmp_path, LOG.read, LOG.note(300))
    before = files_in(tmp_path)
    assert publish(tmp_path, LOG.read, LOG.note(300)) == Published(300, 300, 1)
    assert publish(tmp_path, LOG.read, LOG.note(300), rebuild=True) == Published(300, 300, 1)
    assert files_in(tmp_path) == before


def test_only_the_right_edge_is_read_again(tmp_path):
    asked = []

    def read(start, count):
        asked.append((start, count))
        return LOG.read(start, count)

    publish(tmp_path, read, LOG.note(600))
    asked.clear()
    publish(tmp_path, read, LOG.note(601))
    assert asked == [(512, 89)]


def test_deleted_files_are_made_again(tmp_path):
    publish(tmp_path, LOG.read, LOG.note(600))
    before = files_in(tmp_path)
    tmp_path.joinpath("tile/1/000.p/2").unlink()
    publish(tmp_path, LOG.read, LOG.note(600))
    assert files_in(tmp_path) == before
    tmp_path.joinpath("tile/0/000").unlink()
    publish(tmp_path, LOG.read, LOG.note(600), rebuild=True)
    assert files_in(tmp_path) == before


@pytest.mark.parametrize("path", ["tile/0/000", "tile/entries/000", "tile/1/000.p/2"])
def test_a_file_with_other_bytes_stops_everything(tmp_path, path):
    publish(tmp_path, LOG.read, LOG.note(600))
    tmp_path.joinpath("tile/0/002.p/88").unlink()
    tmp_path.joinpath(path).write_bytes(bytes(64))
    with pytest.raises(LogForked, match="other bytes"):
        publish(tmp_path, LOG.read, LOG.note(700))
    assert files_in(tmp_path)["checkpoint"].decode() == LOG.note(600)


def test_damaged_files_are_made_again_and_kept_beside(tmp_path):
    folder = tmp_path / "log"
    publish(folder, LOG.read, LOG.note(590))
    publish(folder, LOG.read, LOG.note(600))
    before = files_in(folder)
    assert "tile/0/002.p/78" in before
    for path in before.keys() - {"checkpoint"}:
        folder.joinpath(path).write_bytes(b"damaged")
    done = publish(folder, LOG.read, LOG.note(600), rebuild=True)
    assert files_in(folder) == before
    kept = files_in(tmp_path / "log-as-found")
    assert set(kept.values()) == {b"damaged"}
    assert {path.rpartition(".")[0] for path in kept} == before.keys() - {"checkpoint"}
    assert done.files == len(kept) + 1  # The checkpoint is put under its name each time.


def test_nothing_is_made_again_of_another_past(tmp_path):
    folder = tmp_path / "log"
    publish(folder, LOG.read, LOG.note(300))
    folder.joinpath("tile/0/000").write_bytes(b"damaged")
    before = files_in(folder)
    other = log_of(299)
    other.fact()
    while other.size < 700:
        other.refuse()
    with pytest.raises(LogForked, match="not those that were published"):
        publish(folder, other.read, other.note(), rebuild=True)
    with pytest.raises(LogForked, match="not those that were published"):
        publish(folder, lambda start, count: [], LOG.note(700), rebuild=True)
    assert files_in(tmp_path) == {f"log/{path}": data for path, data in before.items()}


def test_another_past_is_a_fork(tmp_path):
    publish(tmp_path, LOG.read, LOG.note(300))
    other = log_of(299)
    other.fact()
    while other.size < 700:
        other.refuse()
    with pytest.raises(LogForked):
        publish(tmp_path, other.read, other.note(700))
    assert files_in(tmp_path)["checkpoint"].decode() == LOG.note(300)


def test_the_public_size_never_falls(tmp_path):
    publish(tmp_path, LOG.read, LOG.note(300))
    with pytest.raises(LogForked, match="does not extend"):
        publish(tmp_path, LOG.read, LOG.note(299))
    other = log_of(299)
    other.fact()
    with pytest.raises(LogForked, match="does not extend"):
        publish(tmp_path, other.read, other.note(300))


def test_a_folder_of_another_log_is_left_alone(tmp_path):
    publish(tmp_path, LOG.read, LOG.note(3))
    head = Checkpoint("other.example", 4, bytes(32))
    with pytest.raises(LogForked, match="belongs to"):
        publish(tmp_path, LOG.read, sign_checkpoint(head, LOG.log_key))
    tmp_path.joinpath("checkpoint").write_bytes(b"half a")
    with pytest.raises(LogForked, match="cannot be read"):
        publish(tmp_path, LOG.read, LOG.note(4))


def test_the_key_of_a_log_never_changes(tmp_path):
    publish_vkey(tmp_path, LOG.log_key.vkey)
    publish_vkey(tmp_path, LOG.log_key.vkey)
    with pytest.raises(LogForked, match="other bytes"):
        publish_vkey(tmp_path, LOG.station.vkey)
    with pytest.raises(StorageFault):
        publish_vkey(tmp_path.joinpath("vkey"), LOG.log_key.vkey)


def test_leaves_that_do_not_give_the_signed_root_are_not_published(tmp_path):
    head = Checkpoint(LOG.log_key.name, 5, bytes(32))
    with pytest.raises(LogForked, match="root"):
        publish(tmp_path, LOG.read, sign_checkpoint(head, LOG.log_key))
    assert not tmp_path.joinpath("checkpoint").exists()


def test_missing_leaves_are_not_published(tmp_path):
    with pytest.raises(LogForked, match="missing"):
        publish(tmp_path, lambda start, count: LOG.read(start, count)[:-1], LOG.note(300))
    assert not tmp_path.joinpath("checkpoint").exists()


def test_what_a_run_that_died_left_is_removed(tmp_path):
    publish(tmp_path, LOG.read, LOG.note(250))
    for path in (".checkpoint.1-ab.tmp", "tile/0/.000.1-ab.tmp", "tile/0/000.p/.252.1-ab.tmp"):
        tmp_path.joinpath(path).write_bytes(b"half a")
    publish(tmp_path, LOG.read, LOG.note(255))
    assert not [path for path in files_in(tmp_path) if path.endswith(".tmp")]


def test_an_export_may_leave_the_disk_its_time(tmp_path, monkeypatch):
    def never(_handle):
        raise AssertionError("no fsync was asked for")

    monkeypatch.setattr(os, "fsync", never)
    publish(tmp_path, LOG.read, LOG.note(300), durable=False)
    assert TileFolder(tmp_path).entry(299, 300) == LOG.leaves[299]
