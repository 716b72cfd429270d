"""What a bundle of leaves shows by itself: its hashes, its leaves and whose signatures they carry.

Nothing here depends on what stands before a bundle, so other processes can read some while this one
judges others, see :mod:`ledger.workers`; judging them in their order is :mod:`ledger.verify_log`'s.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import NamedTuple

from ledger.approvals import SUBMITTING_KINDS
from ledger.leaf import Entry, Genesis, KeyAdded, Leaf
from ledger.leaf_parser import LeafRejected, parse
from ledger.merkle import leaf_hashes
from ledger.notes import NoteRejected, Vkey
from ledger.periods import Closing, Period
from ledger.submission import Body, parse_submission
from ledger.tiles import ENTRIES, WIDTH, TileFolder, TileRejected, split_bundle

_JUDGED_BY_BODY = frozenset({"genesis", "key", "revocation", "freeze", "batch", "closing"})
"""Kinds of leaf of which the verifier itself needs what was signed."""

Keys = dict[tuple[str, bytes], Vkey]
"""The keys that any leaf brings in, by name and key id; whether one counts is not said here."""


class Carried(NamedTuple):
    """A well-formed submission that a leaf carries, without its text.

    ``submitter`` and ``key_id`` stand in the first of its ``lines`` signatures, ``verified_by`` is
    the public key of that name and id under which it holds, ``None`` where it holds under none.
    """

    origin: str
    submitter: str
    key_id: bytes
    lines: int
    seq: int
    prev: str
    text_hash: str
    body: Body
    verified_by: bytes | None


class Reading(NamedTuple):
    """One bundle: its leaves, or why one is none, and beside each what it carries, or why not.

    ``hashes`` are the leaf hashes end to end, ``rest`` the bytes behind the last leaf that can be
    cut.  ``error`` says why nothing could be read.
    """

    leaves: list[Leaf | str]
    carried: list[Carried | str | None]
    hashes: bytes = b""
    rest: int = 0
    error: str = ""


@dataclass(frozen=True, slots=True)
class BundleReader:
    """Reads the bundles of a log of ``size`` leaves.

    ``keys`` are those whose signatures can be verified.  ``whole`` is asked for by somebody who
    judges what was signed: every body and every leaf's own ``sub``, which the verifier itself can
    do without.
    """

    tiles: TileFolder
    size: int
    keys: Keys = field(default_factory=dict)
    whole: bool = False

    @property
    def bundles(self) -> int:
        """How many bundles the log has."""
        return -(-self.size // WIDTH)

    def width(self, number: int) -> int:
        """How many leaves a bundle should have."""
        return min(WIDTH, self.size - number * WIDTH)

    def read(self, number: int) -> Reading:
        """Everything that can be said of one bundle without the others."""
        width = self.width(number)
        try:
            entries, rest = split_bundle(self.tiles.read(ENTRIES, number, width), width)
        except TileRejected as error:
            return Reading([], [], error=str(error))
        leaves: list[Leaf | str] = []
        carried: list[Carried | str | None] = []
        for data in entries:
            submission = None
            try:
                leaf = parse(data)
            except LeafRejected as error:
                leaves.append(str(error))
            else:
                if leaf.sub is not None:
                    submission = self._carried(leaf.kind, leaf.sub)
                    leaf = leaf if self.whole else Leaf(*leaf[:5], None, leaf.ref)
                leaves.append(leaf)
            carried.append(submission)
        return Reading(leaves, carried, b"".join(leaf_hashes(entries)), rest)

    def _carried(self, kind: str, sub: str) -> Carried | str:
        try:
            origin, _kind, body, seq, prev, (text, lines) = parse_submission(sub)
        except NoteRejected as error:
            return str(error)
        if not self.whole and kind not in _JUDGED_BY_BODY:
            body = {}
        (name, key_id, signature), data = lines[0], text.encode("utf-8")
        key = self.keys.get((name, key_id))
        public = key.public if key is not None and key.verifies(data, signature) else None
        text_hash = sha256(data).hexdigest()
        return Carried(origin, name, key_id, len(lines), seq, prev, text_hash, body, public)


class FirstLook(NamedTuple):
    """What has to be known of a log before its first leaf is judged."""

    reversed_ids: set[str]
    keys: Keys
    closed: list[Period]


def first_look(tiles: TileFolder, size: int) -> FirstLook:
    """Which entries some reversal names, which keys come in, and which periods some closing has."""
    look = FirstLook(set(), {}, [])
    kinds = (b'"kind":"reversal"', b'"kind":"key"', b'"kind":"genesis"', b'"kind":"closing"')
    for leaf in leaves_of(tiles, size, kinds):
        body = leaf.body
        if isinstance(body, Entry) and body.of is not None:
            look.reversed_ids.add(body.of)
        elif isinstance(body, Closing):
            look.closed.append(body.period)
        elif isinstance(body, Genesis | KeyAdded):
            text = body.operator if isinstance(body, Genesis) else body.vkey
            try:
                key = Vkey.parse(text, SUBMITTING_KINDS)
            except NoteRejected:
                continue  # Judged with its leaf.
            look.keys.setdefault((key.name, key.key_id), key)
    return look


def leaves_of(tiles: TileFolder, size: int, containing: Collection[bytes] = ()) -> Iterator[Leaf]:
    """Every readable leaf that contains any of these; bundles without them are not even cut."""
    for number in range(-(-size // WIDTH)):
        width = min(WIDTH, size - number * WIDTH)
        try:
            data = tiles.read(ENTRIES, number, width)
        except TileRejected:
            continue
        if not _contains(data, containing):
            continue
        for entry in split_bundle(data, width)[0]:
            if _contains(entry, containing):
                try:
                    yield parse(entry)
                except LeafRejected:
                    continue


def _contains(data: bytes, any_of: Collection[bytes]) -> bool:
    return not any_of or any(one in data for one in any_of)
