"""Verification of the log itself: every leaf against the tree, then against all before it.

The tiles of level 0 say which leaf is damaged: where they give the signed root, a leaf that hashes
otherwise is at fault; where they do not but the leaves do, the tile is.
"""

from collections.abc import Generator
from contextlib import closing
from typing import Protocol

from ledger.chains import Chains
from ledger.checkpoint import Checkpoint
from ledger.encoding import Json
from ledger.findings import Findings
from ledger.leaf import Entry, Genesis, HoldPlaced, Leaf
from ledger.merkle import HASH_BYTES
from ledger.replay import Books, Say
from ledger.tiles import ENTRIES, WIDTH, TileFolder, TileRejected, tile_path
from ledger.verify_exports import ExportCheck, open_checks
from ledger.verify_files import Layout, root_text
from ledger.verify_leaves import first_leaf, place_in_tile
from ledger.verify_periods import Periods
from ledger.verify_reading import BundleReader, Carried, Reading, first_look, leaves_of
from ledger.verify_tree import GrowingTree, TilesGive, cut_hashes, tree_in_tiles
from ledger.workers import readings


class Rules(Protocol):
    """Somebody's rules about what the entries mean; they see every leaf once, in order."""

    def leaf(self, leaf: Leaf, signed: Json, say: Say) -> None:
        """Judge a leaf and what was signed of it, see :meth:`ledger.chains.Chains.check`."""

    def finish(self, say: Say) -> None:
        """Judge what only the end shows; not called behind a damaged leaf."""


class LogPass:
    """One pass over the leaves of a log whose size and root are known.

    ``judged_leaves`` counts the leaves that the books have replayed; it stops before the first
    damaged one, because nothing that follows from a damaged leaf can be held against the others.
    With ``cores`` above 1 other processes read the bundles; ``rules`` judge besides what the books
    mean.
    """

    def __init__(
        self,
        layout: Layout,
        target: Checkpoint,
        log_key: str | None,
        found: Findings,
        older: Checkpoint | None,
        cores: int = 1,
        rules: Rules | None = None,
    ) -> None:
        self.judged_leaves = 0
        self._rules = rules
        self._layout = layout
        self._target = target
        self._log_key = log_key
        self._found = found
        self._reader = TileFolder(layout.log)
        older_size = None if older is None else older.size
        given = tree_in_tiles(self._reader, target.size, older_size)
        self._tiles_hold = given is not None and given.tree.root() == target.root
        if given is None or not self._tiles_hold:
            given = TilesGive(GrowingTree(older_size), {})
        self._tree, self._above = given
        self._complete = self._sound = True
        self._suspects: list[tuple[int, str]] = []
        look = first_look(self._reader, target.size)
        self._bundles = BundleReader(self._reader, target.size, look.keys, whole=rules is not None)
        self._cores = cores
        self.books = Books(self._say, look.reversed_ids)
        self._periods = Periods(self._say, look.closed)
        self.chains = Chains(self._say, target.origin)
        self._replayed: list[Leaf] = []
        self._exports: list[ExportCheck] = []
        if layout.is_bundle:
            self._exports = open_checks(layout.folder, target.origin, found)

    def bundles(self) -> Generator[int]:
        """Judge a bundle of 256 leaves after the other; yields the leaves done."""
        with closing(readings(self._bundles, self._cores)) as every:
            for number, reading in enumerate(every):
                width = self._bundles.width(number)
                self._bundle(number, width, reading)
                self.chains.tell_signatures()
                for export in self._exports if self._sound else ():
                    export.compare(self._replayed, self.books.totals)
                self._replayed.clear()
                yield number * WIDTH + width

    @property
    def older_root(self) -> bytes:
        """The root that the log had at the size of the ``older`` checkpoint."""
        return self._tree.older_root

    @property
    def sound(self) -> bool:
        """Whether no leaf so far is damaged, so that the books and keys are known."""
        return self._sound

    def finish(self) -> None:
        """Judge what only the end shows: the root, open batches, repeated ids, the exports."""
        self._finish_tree()
        if self._sound:
            self.chains.finish()
            if self._rules is not None:
                self._rules.finish(self._say)
            self._check_log_key()
            self._find_repeated_ids()
            for export in self._exports:
                export.finish(self.books.totals)

    def close(self) -> None:
        """Close the readable files, wherever the pass ended."""
        for export in self._exports:
            export.close()

    # Leaves --------------------------------------------------------------------------------

    def _bundle(self, number: int, width: int, reading: Reading) -> None:
        """One bundle against its tile of leaf hashes; then its leaves against the books."""
        path, leaves = self._path(tile_path(ENTRIES, number, width)), reading.leaves
        expected = self._expected(number, width)
        if reading.error:
            self._found.add(path, number * WIDTH, "bundle", reading.error)
            self._sound = False
        framed = len(leaves) == width and not reading.rest
        damaged = self._compare(number, path, reading.hashes, expected, framed=framed)
        if not framed and self._sound:
            place = min(damaged, default=min(len(leaves), width - 1))
            evidence = (
                f"{len(leaves)} of {width} leaves can be cut, {reading.rest} bytes are left over"
            )
            self._found.add(path, number * WIDTH + place, "bundle_form", evidence)
            damaged.add(place)
        self._grow(number, reading.hashes, width)
        pairs = zip(leaves, reading.carried, strict=True)
        for index, (leaf, carried) in enumerate(pairs, number * WIDTH):
            if damaged and index - number * WIDTH in damaged:
                self._sound = False
            elif isinstance(leaf, str):
                self._found.add(path, index, "leaf_form", leaf)
            else:
                self._leaf(path, index, leaf, carried)
        self._sound = self._sound and framed

    def _expected(self, number: int, width: int) -> bytes:
        """The leaf hashes of a tile; none where it cannot be read, which :meth:`_grow` reports."""
        try:
            return self._reader.read(0, number, width)
        except TileRejected:
            return b""

    def _compare(
        self, number: int, path: str, hashes: bytes, expected: bytes, *, framed: bool
    ) -> set[int]:
        """Places whose leaf is damaged for certain; what is undecided becomes a suspect."""
        if hashes == expected:
            return set()
        pairs = list(zip(cut_hashes(hashes), cut_hashes(expected), strict=False))
        differ = [place for place, (found, tree) in enumerate(pairs) if found != tree]
        if not self._tiles_hold:
            self._suspects += [(number * WIDTH + place, path) for place in differ]
            return set()
        # A damaged length shifts all that follows: name the leaf where it begins.
        for place in differ if framed else differ[:1]:
            found, tree = pairs[place]
            evidence = f"hashes to {found.hex()}, the tree has {tree.hex()}"
            self._found.add(path, number * WIDTH + place, "leaf_hash", evidence)
        return set(differ)

    def _leaf(self, path: str, index: int, leaf: Leaf, carried: Carried | str | None) -> None:
        if leaf.index != index:
            self._found.add(path, index, "leaf_index", f"says that it is leaf {leaf.index}")
        if not self._sound:
            return
        body = leaf.body
        if isinstance(body, Genesis) and body.origin != self._target.origin:
            self._found.add(path, index, "genesis", f"names the origin {body.origin}")
        self.judged_leaves = index + 1
        self._periods.before(leaf, self.books.totals)
        self.books.check(leaf)
        signed = self.chains.check(leaf, carried)
        self._periods.after(leaf, signed, self.books.totals)
        if self._rules is not None:
            self._rules.leaf(leaf, signed, self._say)
        self._replayed.append(leaf)

    # Tree ----------------------------------------------------------------------------------

    def _grow(self, number: int, hashes: bytes, width: int) -> None:
        """Compare the tiles that fill up with a bundle: of the tree, or of the leaves so far."""
        if self._tiles_hold:
            filled = self._above.pop(number, [])
        else:
            self._complete = self._complete and len(hashes) == width * HASH_BYTES
            filled = self._tree.push(hashes) if self._complete else []
        for tile in filled:
            self._check_tile(*tile)

    def _check_tile(self, level: int, number: int, tile: bytes) -> None:
        width = len(tile) // HASH_BYTES
        name = tile_path(level, number, width)
        path = self._path(name)
        try:
            published = self._reader.read(level, number, width)
        except TileRejected as error:
            leaf = first_leaf(level, number, self._place_of_damage(level, name, tile))
            self._found.add(path, leaf, "tile", str(error))
            return
        if published == tile:
            return
        for place in range(width):
            at = place * HASH_BYTES
            if published[at : at + HASH_BYTES] != tile[at : at + HASH_BYTES]:
                evidence = f"hash {place} is not that of the leaves"
                leaf = first_leaf(level, number, place)
                self._found.add(path, leaf, "tile_hash", evidence)

    def _place_of_damage(self, level: int, name: str, tile: bytes) -> int:
        """Where a tile of another length parts from what it should be; missing, at once."""
        try:
            data = self._layout.log.joinpath(name).read_bytes()
        except OSError:
            return 0
        return place_in_tile(level, tile, data)

    def _finish_tree(self) -> None:
        if self._complete:
            for tile in self._tree.partial_tiles():
                self._check_tile(*tile)
        root = self._tree.root()
        if self._complete and root == self._target.root:
            return
        self._sound = False
        evidence = f"the leaves give {root_text(root)}, not {root_text(self._target.root)}"
        self._found.add(self._path("checkpoint"), self._parting(), "root", evidence)
        for index, path in self._suspects:
            self._found.add(path, index, "leaf_hash", "differs from its tile")

    def _check_log_key(self) -> None:
        """The key that was trusted so far must be one that the leaves make the log's."""
        known = self.chains.registry.log_keys()
        vkeys = {str(one.vkey) for one in known}
        if known and self._log_key is not None and self._log_key not in vkeys:
            self._say(0, "genesis", "names another log key, and no later leaf brings in this one")

    def _parting(self) -> int | None:
        """The first leaf that is lacking, or that is not its tile's; ``None``: none can be told."""
        lacking = [] if self._complete else [self._tree.size]
        return min([*lacking, *(index for index, _path in self._suspects)], default=None)

    # Helpers -------------------------------------------------------------------------------

    def _path(self, path: str) -> str:
        return f"{self._layout.prefix}{path}"

    def _say(self, index: int, rule: str, evidence: str) -> None:
        number = index // WIDTH
        width = min(WIDTH, self._target.size - number * WIDTH)
        self._found.add(self._path(tile_path(ENTRIES, number, width)), index, rule, evidence)

    def _find_repeated_ids(self) -> None:
        """Where ids may repeat, read the log once more and see which do."""
        hashes = self.books.repeated_id_hashes()
        seen: set[str] = set()
        for leaf in leaves_of(self._reader, self._target.size) if hashes else ():
            is_named_once = isinstance(leaf.body, Entry | HoldPlaced)
            if not is_named_once or hash(leaf.identifier) not in hashes:
                continue
            if leaf.identifier in seen:
                self._say(leaf.index, "id_repeated", leaf.identifier)
            seen.add(leaf.identifier)
