"""The published log: checkpoint, hash tiles and entry bundles against the book's own leaves.

The folder is what witnesses and auditors have seen.  A database that has less than the folder, or
something else, was restored from an old copy or rewritten.
"""

from collections.abc import Iterator
from pathlib import Path

import orjson

from ledger.checkpoint import Checkpoint, open_checkpoint
from ledger.merkle import leaf_hashes
from ledger.notes import NoteRejected
from ledger.tiles import (
    ENTRIES,
    WIDTH,
    Level,
    TileBuilder,
    TileFolder,
    TileRejected,
    encode_bundle,
    tile_path,
)
from timebank.reconciliation.model import Check, Difference, Fact, Need, NotCheckable, Severity
from timebank.reconciliation.view import View, wall_time

LATE_MS = 900_000
"""A leaf that is not public a quarter of an hour after it was recorded is late."""

WORDS = {
    "checkpoint_rejected": (
        "公开的检查点无法用日志公钥验证（{why}）。",
        "The public checkpoint does not verify with the log's key ({why}).",
    ),
    "book_behind": (
        "已公开 {published} 个叶子，账本只有 {size} 个：数据库可能是用旧备份恢复的。",
        "{published} leaves are public, the book has {size}: an old copy may have been restored.",
    ),
    "root_differs": (
        "公开检查点（{published} 个叶子）的根与账本的叶子不符。",
        "The root of the public checkpoint over {published} leaves is not that of the book's.",
    ),
    "file_differs": (
        "公开文件与账本的叶子不符。",
        "The published file differs from the book's leaves.",
    ),
    "file_missing": ("公开文件缺失。", "The published file is missing."),
    "late": (
        "第 {leaf} 号叶子在 {since} 记账，至今没有公开。",
        "Leaf {leaf} was recorded at {since} and is not public yet.",
    ),
}


def check(view: View) -> Iterator[Difference]:
    """Verify the checkpoint, then every file that it stands on, then how far it is behind.

    Raises:
        NotCheckable: nothing was ever published, or there is no folder to look at.
    """
    if view.log_folder is None:
        raise NotCheckable("no_folder")
    if view.published is None:
        raise NotCheckable("never_published")
    try:
        public = open_checkpoint(view.published, view.log_keys)
    except NoteRejected as error:
        yield Difference("file checkpoint", "checkpoint_rejected", {"why": str(error)})
        return
    size = view.head().size
    if public.size > size:
        facts = {"published": public.size, "size": size}
        yield Difference("file checkpoint", "book_behind", facts)
        return
    yield from _files(view, view.log_folder, public)
    yield from _late(view, public.size, size)


def _files(view: View, folder: Path, public: Checkpoint) -> Iterator[Difference]:
    """Walk the leaves once and compare every bundle and tile below the checkpoint."""
    published, builder = TileFolder(folder), TileBuilder()
    leaves = view.rows(
        "SELECT body FROM leaf WHERE book_id = :book AND leaf_index < :size ORDER BY leaf_index",
        size=public.size,
    )
    for number in range(-(-public.size // WIDTH)):
        width = min(WIDTH, public.size - number * WIDTH)
        bundle = [bytes(row[0]) for _place, row in zip(range(width), leaves, strict=False)]
        yield from _compare(published, ENTRIES, number, width, encode_bundle(bundle))
        for level, at, tile in builder.push(b"".join(leaf_hashes(bundle))):
            yield from _compare(published, level, at, WIDTH, tile)
    assert next(leaves, None) is None, "as many leaves as the checkpoint has"
    for level, at, tile in builder.partial_tiles():
        yield from _compare(published, level, at, len(tile) // 32, tile)
    if builder.root() != public.root:
        yield Difference("file checkpoint", "root_differs", {"published": public.size})


def _compare(
    published: TileFolder, level: Level, number: int, width: int, data: bytes
) -> Iterator[Difference]:
    path = tile_path(level, number, width)
    try:
        if published.read(level, number, width) != data:
            yield Difference(f"file {path}", "file_differs")
    except TileRejected:
        missing = not (published.folder / path).exists()
        yield Difference(f"file {path}", "file_missing" if missing else "file_differs")


def _late(view: View, published: int, size: int) -> Iterator[Difference]:
    waiting = "SELECT body FROM leaf WHERE book_id = :book AND leaf_index = :leaf"
    bodies = list(view.rows(waiting, leaf=published)) if published < size else []
    if not bodies:  # All is public, or the leaf is missing and `numbering` says so.
        return
    since = int(orjson.loads(bytes(bodies[0][0]))["t"])
    if view.now_ms - since > LATE_MS:
        facts: dict[str, Fact] = {"leaf": published, "since": wall_time(since)}
        yield Difference("file checkpoint", "late", facts, Severity.WARNING)


CHECK = Check(
    "published_log",
    "公开的检查点和文件与账本的叶子一致",
    "The published checkpoint and files agree with the book's leaves",
    frozenset({Need.TABLES, Need.LEAVES, Need.FOLDER}),
    Severity.ALARM,
    check,
    WORDS,
)
