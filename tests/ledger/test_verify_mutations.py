"""ledger/verify.py: a bundle with one change at random, by whoever has the file or the log's key.

Some changes of an operator leave a bundle that agrees with itself, and only what somebody outside
kept can show them: an older checkpoint, a size, a witness.  Those are tried with all three.
"""

import json
import random
import shutil
from base64 import urlsafe_b64encode
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from pathlib import Path

import pytest

from ledger.bundle import files_of, seal
from ledger.encoding import encode_trusted
from ledger.findings import Report
from ledger.signatures import COSIGNATURE
from ledger.verify import verify
from ledger.witness_state import Outcome, Witness
from tests.support.counts import count
from tests.support.log_builder import LogBuilder, cosigner_of, little_log
from tests.support.true_leaves import one_byte_changed, true_leaf
from tests.support.witnesses import request_of

LITTLE = little_log()
VKEY = str(LITTLE.log_key.vkey)
TABLES = ("accounts.csv", "journal.csv")
FOUNDED = 4
"""Leaves that every tried beginning of the log has: genesis, a key, a policy, an account."""

FULL_COUNT, SCALED_COUNT = 125, 4
"""Changes of each of the eight families: a thousand in full."""


@dataclass
class Changing:
    """A bundle that is about to be changed, and what was kept of it elsewhere."""

    place: Path
    bundle: Path
    dice: random.Random

    def table(self) -> tuple[str, list[str]]:
        """One of the tables and its lines, the names of its columns first."""
        path = self.dice.choice(TABLES)
        return path, self.bundle.joinpath(path).read_text("utf-8").splitlines(keepends=True)

    def write(self, path: str, text: str) -> int | None:
        """Change a file; answers the leaf that shows what should stand there."""
        file = self.bundle / path
        data = file.read_bytes()
        file.write_bytes(text.encode())
        return true_leaf(LITTLE, path, data, text.encode())

    def seal(self) -> None:
        """Make the manifest anew, as whoever has the log's key can."""
        seal(self.bundle, LITTLE.checkpoint(), LITTLE.log_key)

    def kept(self, size: int) -> Path:
        """The checkpoint that an auditor kept when the log had that many leaves."""
        file = self.place / f"checkpoint-{size}"
        file.write_text(LITTLE.note(size), "utf-8", newline="\n")
        return file


def named(report: Report) -> set[tuple[str, int | None, str]]:
    return {(one.file, one.leaf, one.rule) for one in report.findings}


def assert_kept_by(
    changing: Changing, folder: Path, forged: LogBuilder, since: int, leaf: int, size: int
) -> None:
    """A checkpoint of ``since`` leaves, the size and a witness each show what the folder hides."""
    alone = verify(folder, vkey=VKEY)
    assert not alone.freshness
    assert "freshness not shown" in alone.claim
    kept = changing.kept(since)
    assert (str(kept), leaf, "since") in named(verify(folder, vkey=VKEY, since=kept))
    assert (alone.size < LITTLE.size) == (size < LITTLE.size)

    key = cosigner_of("witness.example/w1", COSIGNATURE)
    state = changing.place / "witness"
    state.mkdir()
    witness = Witness(state, key, [LITTLE.log_key.vkey])
    first = witness.add_checkpoint(request_of(LITTLE, 0, LITTLE.size))
    assert first.outcome is Outcome.COSIGNED
    asked = witness.add_checkpoint(request_of(forged, size, size))
    assert (asked.outcome, asked.text) == (Outcome.CONFLICT, f"{LITTLE.size}\n")


# Whoever has the files --------------------------------------------------------------------------


def changed_byte(changing: Changing) -> None:
    path = changing.dice.choice(sorted(files_of(changing.bundle)))
    file = changing.bundle / path
    data = file.read_bytes()
    changed = one_byte_changed(data, changing.dice)
    file.write_bytes(changed)
    findings = verify(changing.bundle, vkey=VKEY).findings
    assert {one.file for one in findings} == {path}
    truth = true_leaf(LITTLE, path, data, changed)
    assert truth is None or truth in {one.leaf for one in findings}


def swapped_rows(changing: Changing) -> None:
    path, lines = changing.table()
    one, other = changing.dice.sample(range(1, len(lines)), 2)
    lines[one], lines[other] = lines[other], lines[one]
    truth = changing.write(path, "".join(lines))
    told = named(verify(changing.bundle, vkey=VKEY))
    assert told == {(path, truth, "export_differs"), (path, truth, "manifest_hash")}


def replayed_checkpoint(changing: Changing) -> None:
    size = changing.dice.randrange(FOUNDED, LITTLE.size)
    changing.bundle.joinpath("log/checkpoint").write_text(LITTLE.note(size), "utf-8", newline="\n")
    told = {(file, rule) for file, _leaf, rule in named(verify(changing.bundle, vkey=VKEY))}
    assert {("log/checkpoint", "manifest_hash"), ("manifest.json", "manifest_tree")} <= told


# Whoever has the log's key besides --------------------------------------------------------------


def edited_table(changing: Changing) -> None:
    path, lines = changing.table()
    number = changing.dice.randrange(1, len(lines))
    cells = lines[number].rstrip("\n").split(",")
    column = changing.dice.randrange(len(cells))
    cells[column] = str(int(cells[column]) + 1) if cells[column].isdigit() else f"{cells[column]}1"
    lines[number] = ",".join(cells) + "\n"
    truth = changing.write(path, "".join(lines))
    changing.seal()
    assert named(verify(changing.bundle, vkey=VKEY)) == {(path, truth, "export_differs")}


def dropped_rows(changing: Changing) -> None:
    path, lines = changing.table()
    truth = changing.write(path, "".join(lines[: changing.dice.randrange(1, len(lines))]))
    changing.seal()
    assert named(verify(changing.bundle, vkey=VKEY)) == {(path, truth, "export_differs")}


def dropped_leaves(changing: Changing) -> None:
    """The newest leaves are gone from the log and from every export, and all is signed again."""
    size = changing.dice.randrange(FOUNDED, LITTLE.size)
    forged = beginning(size)
    folder = forged.write_bundle(changing.place / "forged")
    # A batch whose outcome was dropped shows; where nothing is left open, nothing does.
    assert {one.file for one in verify(folder, vkey=VKEY).findings} <= {
        f"log/tile/entries/000.p/{size}"
    }
    since = changing.dice.randrange(size + 1, LITTLE.size + 1)
    assert_kept_by(changing, folder, forged, since, size - 1, size)


def rolled_back_log(changing: Changing) -> None:
    """A published log whose old checkpoint is put back; the newer tiles are still there."""
    size = changing.dice.randrange(FOUNDED, LITTLE.size)
    folder = LITTLE.write_log(changing.place / "rolled", size)
    LITTLE.write_log(folder)
    folder.joinpath("checkpoint").write_text(LITTLE.note(size), "utf-8", newline="\n")
    since = changing.dice.randrange(size + 1, LITTLE.size + 1)
    assert_kept_by(changing, folder, beginning(size), since, size - 1, size)


def rewritten_leaf(changing: Changing) -> None:
    """One leaf is another one, and tree, checkpoint, exports and manifest are made from it."""
    index = changing.dice.randrange(LITTLE.size)
    forged = beginning(LITTLE.size)
    leaf = json.loads(forged.leaves[index])
    leaf["rnd"] = urlsafe_b64encode(changing.dice.randbytes(16))[:22].decode()
    forged.leaves[index] = encode_trusted(leaf)
    folder = forged.write_bundle(changing.place / "forged")
    assert verify(folder, vkey=VKEY).ok
    since = changing.dice.randrange(index + 1, LITTLE.size + 1)
    assert_kept_by(changing, folder, forged, since, since - 1, LITTLE.size)


def beginning(size: int) -> LogBuilder:
    """The first leaves of the log, in the hands of whoever has its key."""
    log = copy(LITTLE)
    log.leaves = LITTLE.leaves[:size]
    return log


FAMILIES: tuple[Callable[[Changing], None], ...] = (
    changed_byte,
    swapped_rows,
    replayed_checkpoint,
    edited_table,
    dropped_rows,
    dropped_leaves,
    rolled_back_log,
    rewritten_leaf,
)


@pytest.mark.parametrize("family", FAMILIES, ids=[family.__name__ for family in FAMILIES])
def test_any_single_change_is_found_and_named(
    tmp_path: Path, family: Callable[[Changing], None]
) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    dice = random.Random(seed)
    whole = LITTLE.write_bundle(tmp_path / "whole")
    assert verify(whole, vkey=VKEY).ok
    for turn in range(count(FULL_COUNT, SCALED_COUNT)):
        place = tmp_path / str(turn)
        family(Changing(place, Path(shutil.copytree(whole, place / "bundle")), dice))
        shutil.rmtree(place)
