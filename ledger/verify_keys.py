"""Whose log it is: the keys that signed its checkpoints, before and after one took over.

The leaves say which keys were the log's at which size.  So a checkpoint must bear the line of every
key that counted there, and an older checkpoint that a reader has kept, with the key of that time,
leads to the key of today.
"""

from pathlib import Path

from ledger.approvals import LOG
from ledger.checkpoint import Checkpoint
from ledger.findings import Findings
from ledger.leaf import Genesis
from ledger.leaf_parser import LeafRejected, parse
from ledger.notes import NoteRejected, Vkey, open_note, parse_note
from ledger.registry import KeyRecord, Registry
from ledger.tiles import WIDTH, TileFolder, TileRejected
from ledger.verify_files import Layout, read_checkpoint, read_vkey, unsigned_checkpoint
from ledger.verify_leaves import GENESIS


def trusted_key(
    layout: Layout, given: Vkey | None, since: Path | None, found: Findings
) -> Vkey | None:
    """The key that the checkpoint must bear: the given one, else the folder's, else leaf 0's.

    Where the given key signed the older checkpoint ``since``, the folder's may have taken over
    from it; whether it has is for the leaves to say.  Where nothing is given, the folder's key did
    not sign the checkpoint and the genesis leaf's did, the file with the key is at fault and
    nothing else.
    """
    own = read_vkey(layout, found)
    if given is not None:
        checkpoint = layout.log.joinpath("checkpoint")
        if own is None or own == given or (_signed(checkpoint, own) and _signed(checkpoint, given)):
            return given  # Both sign while one takes over.
        if since is not None and _signed(since, given) and own.name == given.name:
            return own
        found.add(f"{layout.prefix}vkey", None, "vkey", "is not the key that was given")
        return given
    named = _key_of_genesis(layout)
    checkpoint = layout.log.joinpath("checkpoint")
    if own is None or named is None or own == named:
        return own or named
    if _signed(checkpoint, own) or not _signed(checkpoint, named):
        return own
    found.add(f"{layout.prefix}vkey", GENESIS, "vkey", "is not the key that leaf 0 names")
    return named


def unsigned_note(path: Path) -> Checkpoint | None:
    """The checkpoint in a file, whoever signed it; ``None`` where there is none."""
    try:
        return Checkpoint.parse(parse_note(path.read_bytes()).text)
    except (OSError, NoteRejected):
        return None


def check_lines(layout: Layout, trusted: Vkey, registry: Registry, found: Findings) -> None:
    """Let every key that counts now have signed a checkpoint that the ``trusted`` one signed."""
    path = layout.log.joinpath("checkpoint")
    if not _signed(path, trusted):
        return  # Reported already.
    own, known = read_vkey(layout, Findings()), [one.vkey for one in registry.log_keys()]
    if own is not None and known and own not in known:
        found.add(f"{layout.prefix}vkey", GENESIS, "vkey", "is no key of this log")
    for record in registry.log_keys():
        if not _signed(path, record.vkey):
            evidence = f"lacks the line of {record.vkey}, which leaf {record.added_at} brought in"
            found.add(f"{layout.prefix}checkpoint", record.added_at, "log_key", evidence)


def keys_at(size: int, registry: Registry, besides: Vkey | None) -> list[Vkey]:
    """The keys that were the log's at ``size`` leaves, and one ``besides``."""
    counted = [one.vkey for one in registry.keys.values() if _counted(one, size)]
    return counted if besides is None or besides in counted else [*counted, besides]


def check_older(
    path: Path, keys: list[Vkey], registry: Registry, given: Vkey | None, found: Findings
) -> bool:
    """Whether the older checkpoint in a file is signed by one of ``keys``.

    A ``given`` key must be among those that signed it, or be the log's today.
    """
    try:
        _text, signed = open_note(path.read_bytes(), keys)
    except (OSError, NoteRejected) as error:
        found.add(str(path), None, "checkpoint", str(error))
        return False
    today = [one.vkey for one in registry.log_keys()]
    if given is not None and given not in (*signed, *today):
        found.add(str(path), None, "checkpoint", "is not signed by the key that was given")
        return False
    return True


def _counted(record: KeyRecord, size: int) -> bool:
    """Whether a key was the log's in a tree of ``size`` leaves; the first was before any leaf."""
    began = record.added_at < size or record.added_at == GENESIS
    return record.role == LOG and began and (record.ended_at is None or record.ended_at >= size)


def _signed(path: Path, key: Vkey) -> bool:
    return read_checkpoint(path, "", key, Findings()) is not None


def _key_of_genesis(layout: Layout) -> Vkey | None:
    told = unsigned_checkpoint(layout)
    size = told.size if told and told.size else WIDTH  # A forged one may deny that leaf 0 is there.
    try:
        genesis = parse(TileFolder(layout.log).entry(0, size)).body
        return Vkey.parse(genesis.vkey) if isinstance(genesis, Genesis) else None
    except (TileRejected, LeafRejected, NoteRejected):
        return None
