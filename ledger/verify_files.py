"""Verification of files: the manifest over a bundle, and the tiles under a checkpoint.

Every function reports into :class:`~ledger.findings.Findings` and goes on; paths in findings are
relative to the folder that the caller named.
"""

import base64
from dataclasses import dataclass
from pathlib import Path

from orjson import loads

from ledger.bundle import (
    LOG,
    MANIFEST,
    MANIFEST_NOTE,
    SEALING,
    VKEY,
    files_of,
    hash_file,
)
from ledger.checkpoint import Checkpoint
from ledger.encoding import OutOfProfile, encode_trusted
from ledger.exports import EXPORTS
from ledger.findings import Findings
from ledger.further_keys import FURTHER_KEYS
from ledger.merkle import HASH_BYTES
from ledger.notes import ExtraNeeded, NoteRejected, Vkey, open_note, parse_note
from ledger.signatures import ED25519
from ledger.tiles import (
    ENTRIES,
    WIDTH,
    TileFolder,
    TileRejected,
    parse_tile_path,
    split_bundle,
    tile_path,
    tiles_of,
)
from ledger.verify_leaves import first_difference, first_leaf, leaf_of, place_in_tile

OPTIONAL_KEYS = frozenset(f"{LOG}/{name}" for name in FURTHER_KEYS.values())
"""In bundles of a log that has further keys; read with the checkpoint."""

OPTIONAL_EXPORTS = frozenset({"journal.beancount"})
"""Regenerated where a bundle has them; the other formats must be there."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things stand in the folder; ``prefix`` leads from it to the log's files."""

    folder: Path
    log: Path
    prefix: str
    is_bundle: bool

    @classmethod
    def of(cls, folder: Path) -> "Layout":
        """A folder with ``log/`` or a manifest is a bundle, any other a published log."""
        if folder.joinpath(LOG).is_dir() or folder.joinpath(MANIFEST).exists():
            return cls(folder, folder.joinpath(LOG), f"{LOG}/", True)
        return cls(folder, folder, "", False)

    def leaf_of(self, path: str, size: int) -> int | None:
        """The leaf from which a whole file follows, see :func:`ledger.verify_leaves.leaf_of`."""
        return leaf_of(path, self.prefix, size)


# The manifest ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Manifest:
    """What ``manifest.json`` says, once its note has been verified."""

    checkpoint: Checkpoint
    hashes: dict[str, str]

    def path_at(self, at: int) -> str:
        """The file in whose entry byte ``at`` of the text stands; beyond them, the manifest.

        The comma or brace behind an entry is part of it.
        """
        end = len('{"files":{')
        for path, digest in self.hashes.items():
            end += len(encode_trusted({path: digest})) - len("{")
            if at < end:
                return path
        return MANIFEST


def check_manifest(layout: Layout, vkey: Vkey, found: Findings) -> Manifest | None:
    """Verify the manifest's note and spelling; ``None`` where it says nothing that counts.

    Where note and file differ, the note is believed if its signature holds.
    """
    data = _read(layout.folder.joinpath(MANIFEST), MANIFEST, found)
    note = _read(layout.folder.joinpath(MANIFEST_NOTE), MANIFEST_NOTE, found)
    signed = rejected = manifest = None
    if note is not None:
        try:
            signed = open_note(note, [vkey])[0].encode("utf-8")
        except NoteRejected as error:
            rejected = str(error)
    text = data if signed is None else signed
    if text is not None:
        try:
            manifest = _parse_manifest(text)
        except ValueError as error:
            found.add(MANIFEST, None, "manifest_form", str(error)[:200])
    if note is not None and rejected is not None:
        leaf = _leaf_where(layout, manifest, text, note)
        found.add(MANIFEST_NOTE, leaf, "note", rejected)
    elif signed is not None and data is not None and data != signed:
        evidence = f"from its note, at byte {first_difference(signed, data)}"
        leaf = _leaf_where(layout, manifest, signed, data)
        found.add(MANIFEST, leaf, "manifest_differs", evidence)
    return manifest


def _leaf_where(
    layout: Layout, manifest: Manifest | None, text: bytes | None, other: bytes
) -> int | None:
    """The leaf of the first entry of ``manifest``, written as ``text``, that ``other`` lacks."""
    if manifest is None or text is None:
        return None
    path = manifest.path_at(first_difference(text, other))
    return layout.leaf_of(path, manifest.checkpoint.size)


def _parse_manifest(data: bytes) -> Manifest:
    value = loads(data)
    if encode_trusted(value) + b"\n" != data:
        raise OutOfProfile("not the canonical spelling")
    if not isinstance(value, dict) or value.keys() != {"v", "origin", "size", "root", "files"}:
        raise ValueError("not v origin size root files")
    files = value["files"]
    if type(value["v"]) is not int or value["v"] != 1 or not isinstance(files, dict):
        raise ValueError("unknown version")
    if [type(value[name]) for name in ("origin", "size", "root")] != [str, int, str]:
        raise ValueError("origin, size and root are text, a number and text")
    if not all(isinstance(item, str) for item in files.values()):
        raise ValueError("a hash is not text")
    text = f"{value['origin']}\n{value['size']}\n{value['root']}\n"
    return Manifest(Checkpoint.parse(text), files)


def check_hashes(
    layout: Layout, manifest: Manifest | None, checkpoint: Checkpoint, found: Findings
) -> tuple[str, ...]:
    """Compare every file with the manifest; answers those that no other rule reads.

    Reports missing, additional and differing files, and a manifest of another tree.
    """
    size = checkpoint.size
    present = set(files_of(layout.folder)) - SEALING
    required = {f"{LOG}/checkpoint", f"{LOG}/{VKEY}"}
    required |= {f"{LOG}/{tile_path(*tile)}" for tile in tiles_of(size)}
    regenerated = {kind.name for kind in EXPORTS}
    required |= regenerated - OPTIONAL_EXPORTS
    listed = required if manifest is None else set(manifest.hashes)
    for path in sorted((required | listed) - present):
        found.add(path, None, "file_missing", "is not in the folder")
    if manifest is None:
        for path in sorted(present - (required | regenerated | OPTIONAL_KEYS)):
            found.add(path, None, "file_extra", "no manifest names it")
        return ()
    _name_extra_files(layout, manifest, sorted(present - listed), size, found)
    for path in sorted(required - listed):
        leaf = layout.leaf_of(path, size)
        found.add(MANIFEST, leaf, "manifest_form", f"does not name {path}")
    for path in sorted(listed & present):
        digest = _hash_of(layout, path, found)
        if digest is not None and digest != manifest.hashes[path]:
            found.add(path, None, "manifest_hash", "differs from the hash in the manifest")
    named = manifest.checkpoint
    if (named.origin, named.size, named.root) != (checkpoint.origin, size, checkpoint.root):
        leaf = min(named.size, size - 1) if size else None
        found.add(MANIFEST, leaf, "manifest_tree", "names another tree than the checkpoint")
    return tuple(sorted(listed & present - required - regenerated - OPTIONAL_KEYS))


def _name_extra_files(
    layout: Layout, manifest: Manifest, paths: list[str], size: int, found: Findings
) -> None:
    """Report files that the manifest does not name; one with the bytes of another, at its leaf."""
    names = {digest: path for path, digest in manifest.hashes.items()} if paths else {}
    for path in paths:
        evidence, leaf = "the manifest does not name it", None
        digest = _hash_of(layout, path, Findings())  # One too many, whatever its kind is.
        if digest is not None and digest in names:
            evidence += f"; it has the bytes of {names[digest]}"
            leaf = layout.leaf_of(names[digest], size)
        found.add(path, leaf, "file_extra", evidence)


def _hash_of(layout: Layout, path: str, found: Findings) -> str | None:
    """The hash of a plain file; ``None``, and a finding, where it is none."""
    file = layout.folder.joinpath(path)
    if file.is_symlink() or not file.is_file():
        found.add(path, None, "file_kind", "is not a plain file")
        return None
    try:
        return hash_file(file)
    except OSError as error:
        found.add(path, None, "file_kind", error.strerror or "cannot be read")
        return None


# The published log -------------------------------------------------------------------------


def read_vkey(layout: Layout, found: Findings) -> Vkey | None:
    """The key in ``vkey``, one line; ``None`` where it cannot be read."""
    return read_key_file(layout, VKEY, ED25519, found)


def read_key_file(
    layout: Layout, name: str, kind: int, found: Findings, *, origin: str | None = None
) -> Vkey | None:
    """The one key of ``kind`` in a file beside the checkpoint, under ``origin`` if that is given.

    Raises:
        ExtraNeeded: nothing can be said of such a key until something is installed.
    """
    path = f"{layout.prefix}{name}"
    data = _read(layout.log.joinpath(name), path, found)
    if data is None:
        return None
    try:
        vkey = Vkey.parse(data.decode("utf-8").removesuffix("\n"), kinds=(kind,))
        if f"{vkey}\n".encode() != data:
            raise NoteRejected("more than the one line of the key")
        if vkey.name != (origin or vkey.name):
            raise NoteRejected("is not named by the origin")
    except ExtraNeeded:
        raise
    except (NoteRejected, UnicodeDecodeError) as error:
        found.add(path, None, "vkey", str(error))
        return None
    return vkey


def read_checkpoint(
    path: Path, shown: str, vkey: Vkey, found: Findings, further: tuple[Vkey, ...] = ()
) -> Checkpoint | None:
    """The checkpoint in a file, signed by ``vkey``; ``None`` where it is not.

    The lines of the log's ``further`` keys must be there and true as well.
    """
    data = _read(path, shown, found)
    if data is None:
        return None
    try:
        text, signed = open_note(data, [vkey, *further])
        checkpoint = Checkpoint.parse(text)
        if vkey not in signed:
            raise NoteRejected("the log's key did not sign")
        if checkpoint.origin != vkey.name:
            raise NoteRejected("the origin is not the name of the log's key")
        for key in further:
            if key not in signed:
                name = FURTHER_KEYS[key.kind]
                raise NoteRejected(f"the log's second key, in {name}, did not sign")
    except NoteRejected as error:
        found.add(shown, None, "checkpoint", str(error))
        return None
    return checkpoint


def unsigned_checkpoint(layout: Layout) -> Checkpoint | None:
    """What the checkpoint's text says, whoever signed it: only to find the files to look at."""
    try:
        note = parse_note(layout.log.joinpath("checkpoint").read_bytes())
        return Checkpoint.parse(note.text)
    except (OSError, NoteRejected):
        return None


def check_other_files(layout: Layout, size: int, found: Findings) -> None:
    """Look at the files of a published log that the tree of ``size`` leaves does not need.

    Partial tiles of earlier sizes stay until the full tile is there and must be its beginning;
    tiles beyond the checkpoint are not covered by it yet and are left alone.
    """
    expected = {tile_path(*tile) for tile in tiles_of(size)} | {"checkpoint", VKEY}
    expected |= set(FURTHER_KEYS.values())
    reader = TileFolder(layout.log)
    for path in files_of(layout.log):
        name = path.rpartition("/")[2]
        if path in expected or (name.startswith(".") and name.endswith(".tmp")):
            continue
        tile = parse_tile_path(path)
        if tile is None:
            found.add(path, None, "file_extra", "is no part of a published log")
            continue
        level, number, width = tile
        items = size if isinstance(level, str) else size >> 8 * level
        if number * WIDTH + width > items:
            continue
        try:
            now = reader.read(level, number, min(WIDTH, items - number * WIDTH))
            data = layout.log.joinpath(path).read_bytes()
        except (TileRejected, OSError):
            continue
        whole = len(data) == width * HASH_BYTES
        if level == ENTRIES:
            entries, rest = split_bundle(data, width)
            whole = len(entries) == width and not rest
        if not whole or not now.startswith(data):
            place = min(place_in_tile(level, now, data), width - 1)
            evidence = "is not the beginning of the tile of today"
            leaf = first_leaf(level, number, place)
            found.add(path, leaf, "tile_differs", evidence)


def root_text(root: bytes) -> str:
    """A hash as checkpoints and manifests write it."""
    return base64.b64encode(root).decode("ascii")


def _read(path: Path, shown: str, found: Findings) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError as error:
        found.add(shown, None, "file_missing", error.strerror or "cannot be read")
        return None
