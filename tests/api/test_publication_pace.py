"""A server's public checkpoint is two seconds behind its writer at most, and rests with it.

Measured by the times of files alone: a mark that is touched at each commit, and the checkpoint.
"""

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ledger.book import read_head
from ledger.checkpoint import Checkpoint
from ledger.notes import parse_note
from tests.support.banks import TriedBank, new_bank
from tests.support.server import serving

pytestmark = pytest.mark.slow

MOST_NS = 2_000_000_000
NEW_CHECKPOINTS = 4


class Watched:
    """The versions of a public checkpoint as somebody sees who looks again and again."""

    def __init__(self, tried: TriedBank) -> None:
        self.file = tried.settings.log_folder / "checkpoint"
        self.seen: dict[tuple[int, int], tuple[int, bytes]] = {}
        """When each version got its name, and its bytes, by its file's number and time of writing.

        Not by its time of change: a version that is replaced while it is looked at changes once
        more, when it loses its name.
        """

    def look(self) -> int:
        """Take the version of this moment down; answers how many there were."""
        with open(self.file, "rb") as file:
            status, note = os.fstat(file.fileno()), file.read()
        # Written, then renamed: the later of both is when everybody could read it.
        at = max(status.st_mtime_ns, status.st_ctime_ns)
        self.seen.setdefault((status.st_ino, status.st_mtime_ns), (at, note))
        return len({note for _at, note in self.seen.values()})

    def sizes(self) -> list[tuple[int, int]]:
        """When it stood at how many leaves, in order."""
        return sorted(
            (at, Checkpoint.parse(parse_note(note).text).size) for at, note in self.seen.values()
        )


@pytest.fixture
def tried(tmp_path: Path) -> Iterator[TriedBank]:
    """A bank with a member and a published log."""
    with new_bank(tmp_path / "bank") as opened:
        opened.people("V0001")
        opened.bank.publish()
        yield opened


def under_load(tried: TriedBank, enough: Callable[[], bool]) -> None:
    """Post with four threads until it is enough."""

    def post(thread: int) -> None:
        number = 0
        while not enough():
            tried.issue("V0001", 1, key=f"load-{thread}-{number}")
            number += 1

    threads = [threading.Thread(target=post, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_under_load_the_public_checkpoint_is_two_seconds_behind_at_most(
    tried: TriedBank, tmp_path: Path
) -> None:
    mark, commits = tmp_path / "mark", list[tuple[int, int]]()

    def committed(size: int) -> None:
        mark.write_bytes(b"%d" % size)
        commits.append((mark.stat().st_mtime_ns, size))

    watched = Watched(tried)
    before = watched.look()
    tried.bank.on_commit.append(committed)
    with serving(tried.bank):
        under_load(tried, lambda: watched.look() >= before + NEW_CHECKPOINTS)
    watched.look()

    public = watched.sizes()
    assert public[-1][1] == read_head(tried.bank.database).size == commits[-1][1]
    lags = [min(at for at, until in public if until >= size) - when for when, size in commits]
    print(f"{len(commits)} commits, {len(public)} checkpoints, {max(lags) // 10**6} ms at most")
    assert max(lags) <= MOST_NS
    assert len(public) < len(commits), "there was no load"


def test_an_idle_log_gets_no_new_checkpoint(tried: TriedBank, tmp_path: Path) -> None:
    """Time passes by a busy server beside it, which publishes again and again."""
    idle = Watched(tried)
    idle.look()
    with new_bank(tmp_path / "busy") as busy:
        busy.people("V0001")
        busy.bank.publish()
        watched = Watched(busy)
        before = watched.look()

        def enough() -> bool:
            idle.look()
            return watched.look() >= before + NEW_CHECKPOINTS

        with serving(tried.bank), serving(busy.bank):
            under_load(busy, enough)
            # The start looked once whether there was anything to publish, and nothing after it.
            assert len(idle.seen) <= 2
    idle.look()
    assert len({note for _at, note in idle.seen.values()}) == 1
