"""Verification of the log itself: every leaf against the tree, then against all before it.

The tiles of level 0 say which leaf is damaged: where they give the signed root, a leaf that hashes
otherwise is at fault; where they do not but the leaves do, the tile is.
"""

from collections.abc import Iterator
from typing import Protocol

from ledger.chains import Chains
from ledger.checkpoint import Checkpoint
from ledger.encoding import Json
from ledger.findings import Findings
from ledger.forks import FORKED, evidence_of
from ledger.leaf import Entry, Genesis, HoldPlaced, KeyRevoked, Leaf
from ledger.leaf_parser import LeafRejected, parse
from ledger.merkle import HASH_BYTES, leaf_hashes
from ledger.notes import NoteRejected
from ledger.replay import Books, Say
from ledger.submission import Submission, parse_submission
from ledger.tiles import (
    ENTRIES,
    WIDTH,
    TileBuilder,
    TileFolder,
    TileRejected,
    split_bundle,
    tile_path,
)
from ledger.verify_exports import ExportCheck, open_checks
from ledger.verify_files import Layout, RootAt, root_text, roots_in_tiles
from ledger.verify_leaves import first_leaf, place_in_tile
from ledger.workers import SignatureWorkers


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
    ``older_root`` is the root that the log had at the size of the ``older`` checkpoint.  ``pool``
    verifies signatures; ``rules`` judge besides what the books mean.
    """

    def __init__(
        self,
        layout: Layout,
        target: Checkpoint,
        log_key: str | None,
        found: Findings,
        older: Checkpoint | None,
        pool: SignatureWorkers | None = None,
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
        roots = roots_in_tiles(layout, target.size, older_size)
        self._tiles_hold = roots is not None and roots[0] == target.root
        self.older_root = roots[1] if roots is not None else b""
        self._roots = RootAt(older_size)
        self._builder = TileBuilder()
        self._complete = self._sound = True
        self._suspects: list[tuple[int, str]] = []
        named, forked = first_look(self._reader, target.size)
        self.books = Books(self._say, named)
        self.chains = Chains(self._say, target.origin, pool, forked)
        self._exports: list[ExportCheck] = []
        if layout.is_bundle:
            self._exports = open_checks(layout.folder, target.origin, found)

    def bundles(self) -> Iterator[int]:
        """Judge a bundle of 256 leaves after the other; yields the leaves done."""
        for number in range(-(-self._target.size // WIDTH)):
            width = min(WIDTH, self._target.size - number * WIDTH)
            self._bundle(number, width)
            self.chains.verify_signatures()
            for export in self._exports if self._sound else ():
                export.compare()
            yield number * WIDTH + width

    @property
    def sound(self) -> bool:
        """Whether no leaf so far is damaged, so that the books and keys are known."""
        return self._sound

    def finish(self) -> None:
        """Judge what only the end shows: the root, open batches, repeated ids, the exports."""
        self.chains.finish_signatures()
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

    def _bundle(self, number: int, width: int) -> None:
        """One bundle against its tile of leaf hashes; then its leaves against the books."""
        path = self._path(tile_path(ENTRIES, number, width))
        expected = self._expected(number, width)
        try:
            entries, rest = split_bundle(self._reader.read(ENTRIES, number, width), width)
        except TileRejected as error:
            self._found.add(path, number * WIDTH, "bundle", str(error))
            entries, rest = [], 0
            self._sound = False
        hashes = leaf_hashes(entries)
        framed = len(entries) == width and not rest
        damaged = self._compare(number, path, hashes, expected, framed=framed)
        if not framed and self._sound:
            place = min(damaged, default=min(len(entries), width - 1))
            evidence = f"{len(entries)} of {width} leaves can be cut, {rest} bytes are left over"
            self._found.add(path, number * WIDTH + place, "bundle_form", evidence)
            damaged.add(place)
        self._grow(expected if self._tiles_hold else hashes, width)
        for place, data in enumerate(entries):
            if place in damaged:
                self._sound = False
            else:
                self._leaf(path, number * WIDTH + place, data)
        self._sound = self._sound and framed

    def _expected(self, number: int, width: int) -> list[bytes]:
        """The leaf hashes of a tile; none where it cannot be read, which :meth:`_grow` reports."""
        try:
            tile = self._reader.read(0, number, width)
        except TileRejected:
            return []
        return [tile[at : at + HASH_BYTES] for at in range(0, len(tile), HASH_BYTES)]

    def _compare(
        self, number: int, path: str, hashes: list[bytes], expected: list[bytes], *, framed: bool
    ) -> set[int]:
        """Places whose leaf is damaged for certain; what is undecided becomes a suspect."""
        if hashes == expected:
            return set()
        differ = [
            place
            for place, (found, tree) in enumerate(zip(hashes, expected, strict=False))
            if found != tree
        ]
        if not self._tiles_hold:
            self._suspects += [(number * WIDTH + place, path) for place in differ]
            return set()
        # A damaged length shifts all that follows: name the leaf where it begins.
        for place in differ if framed else differ[:1]:
            evidence = f"hashes to {hashes[place].hex()}, the tree has {expected[place].hex()}"
            self._found.add(path, number * WIDTH + place, "leaf_hash", evidence)
        return set(differ)

    def _leaf(self, path: str, index: int, data: bytes) -> None:
        try:
            leaf = parse(data)
        except LeafRejected as error:
            self._found.add(path, index, "leaf_form", str(error))
            return
        if leaf.index != index:
            self._found.add(path, index, "leaf_index", f"says that it is leaf {leaf.index}")
        if not self._sound:
            return
        if isinstance(leaf.body, Genesis) and leaf.body.origin != self._target.origin:
            self._found.add(path, index, "genesis", f"names the origin {leaf.body.origin}")
        self.judged_leaves = index + 1
        self.books.check(leaf)
        signed = self.chains.check(leaf)
        if self._rules is not None:
            self._rules.leaf(leaf, signed, self._say)
        for export in self._exports:
            export.leaf(leaf, self.books.totals)

    # Tree ----------------------------------------------------------------------------------

    def _grow(self, hashes: list[bytes], width: int) -> None:
        """Add leaf hashes to the tree and compare the tiles that fill up."""
        self._complete = self._complete and len(hashes) == width
        if not self._complete:
            return
        if not self._tiles_hold:
            self._roots.append(hashes)
        for level, number, tile in self._builder.push(b"".join(hashes)):
            self._check_tile(level, number, tile)

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
            for level, number, tile in self._builder.partial_tiles():
                self._check_tile(level, number, tile)
        if self._tiles_hold:
            return
        self.older_root = self._roots.older_root
        root = self._roots.frontier.root()
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
        lacking = [] if self._complete else [self._roots.frontier.size]
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
        for leaf in leaves_of(self._reader, self._target.size, b"") if hashes else ():
            is_named_once = isinstance(leaf.body, Entry | HoldPlaced)
            if not is_named_once or hash(leaf.identifier) not in hashes:
                continue
            if leaf.identifier in seen:
                self._say(leaf.index, "id_repeated", leaf.identifier)
            seen.add(leaf.identifier)


def first_look(reader: TileFolder, size: int) -> tuple[set[str], frozenset[str]]:
    """What later leaves say of earlier ones: entries that some reversal names, and the hashes of
    texts that are shown as second ones of a fork."""
    named, forked = set[str](), set[str]()
    for leaf in leaves_of(reader, size, b'"kind":"rev'):
        body = leaf.body
        if isinstance(body, Entry) and body.of is not None:
            named.add(body.of)
        elif isinstance(body, KeyRevoked) and body.reason == FORKED:
            second = _evidence_in(leaf)
            if second is not None:
                forked.add(second.text_hash)
    return named, frozenset(forked)


def _evidence_in(leaf: Leaf) -> Submission | None:
    try:
        return evidence_of(parse_submission(leaf.sub or "").body)
    except NoteRejected:
        return None


def leaves_of(reader: TileFolder, size: int, containing: bytes) -> Iterator[Leaf]:
    """Every readable leaf that contains these bytes; bundles without them are not even cut."""
    for number in range(-(-size // WIDTH)):
        width = min(WIDTH, size - number * WIDTH)
        try:
            data = reader.read(ENTRIES, number, width)
        except TileRejected:
            continue
        if containing not in data:
            continue
        for entry in split_bundle(data, width)[0]:
            if containing in entry:
                try:
                    yield parse(entry)
                except LeafRejected:
                    continue
