"""Stand-alone verification of a published log or of a bundle, for somebody who trusts nobody.

Needs the folder, the standard library, orjson and cryptography; no database and no setting.
Everything is recomputed from the leaves; nothing stops at the first fault.  What a clean report is
worth is said by :attr:`ledger.findings.Report.claim`.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ledger.bundle import files_of
from ledger.checkpoint import Checkpoint
from ledger.findings import Findings, Report
from ledger.leaf import Genesis
from ledger.leaf_parser import LeafRejected, parse
from ledger.notes import NoteRejected, Vkey
from ledger.tiles import WIDTH, TileFolder, TileRejected
from ledger.verify_files import (
    Layout,
    check_hashes,
    check_manifest,
    check_other_files,
    read_checkpoint,
    read_second_vkey,
    read_vkey,
    root_text,
    unsigned_checkpoint,
)
from ledger.verify_log import LogPass

Progress = Callable[[int, int], None]
"""``progress(leaves done, leaves in all)``, called once for every 256 leaves."""


def verify(
    folder: Path,
    *,
    vkey: str | None = None,
    since: Path | None = None,
    progress: Progress | None = None,
) -> Report:
    """Verify every byte of a published log (``checkpoint``, ``tile/``) or of a bundle.

    ``vkey`` is the log's verifier key from elsewhere; without it the folder's own is taken and the
    report claims no identity.  ``since`` is a file with an older checkpoint of the same log, which
    this one must extend.  Memory grows with the accounts, not with the leaves.

    Raises:
        NoteRejected: ``vkey`` is no verifier key.
    """
    found = Findings()
    layout = Layout.of(folder)
    key = _trusted_key(layout, vkey, found)
    target, hash_only = _check_files(layout, key, found)
    if target is None:
        return _report(found, None, None, (), identity=False, freshness=False)
    older = None
    if since is not None and key is not None:
        older = read_checkpoint(since, str(since), key, found)
    if older is not None and older.size > target.size:
        found.add(str(since), None, "since", f"has {older.size} leaves, this log {target.size}")
        older = None
    run = LogPass(layout, target, None if key is None else str(key), found, older)
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for done in run.bundles(pool):
            if progress is not None:
                progress(done, target.size)
    run.finish()
    if older is not None and run.older_root != older.root:
        found.add(str(since), None, "since", "this log does not extend that checkpoint")
    return _report(
        found, target, run, hash_only, identity=vkey is not None, freshness=older is not None
    )


def _check_files(
    layout: Layout, key: Vkey | None, found: Findings
) -> tuple[Checkpoint | None, tuple[str, ...]]:
    """Judge checkpoint, manifest and the set of files; answers the tree to look for.

    Where the checkpoint cannot be believed, the manifest names the tree, or failing that the
    checkpoint's unsigned text, so that the other files are still looked at.
    """
    target = manifest = None
    if key is None:
        evidence = "no key can be read that its signature could be held against"
        found.add(f"{layout.prefix}checkpoint", None, "checkpoint", evidence)
    else:
        path = layout.log.joinpath("checkpoint")
        second = read_second_vkey(layout, key.name, found)
        target = read_checkpoint(path, f"{layout.prefix}checkpoint", key, found, second)
        if layout.is_bundle:
            manifest = check_manifest(layout, key, found)
    if target is None:
        target = manifest.checkpoint if manifest is not None else unsigned_checkpoint(layout)
    if target is None or not _can_be_whole(layout, target, found):
        return None, ()
    if layout.is_bundle:
        return target, check_hashes(layout, manifest, target, found)
    check_other_files(layout, target.size, found)
    return target, ()


def _can_be_whole(layout: Layout, target: Checkpoint, found: Findings) -> bool:
    """Whether there are files enough; keeps an absurd size from being searched for a lifetime."""
    bundles, files = -(-target.size // WIDTH), sum(1 for _ in files_of(layout.log))
    if bundles > files:
        evidence = f"{target.size} leaves need {bundles} entry bundles, the log has {files} files"
        found.add(f"{layout.prefix}checkpoint", None, "file_missing", evidence)
    return bundles <= files


def _trusted_key(layout: Layout, given: str | None, found: Findings) -> Vkey | None:
    """The given key, else the folder's, else the one that the genesis leaf names."""
    own = read_vkey(layout, found)
    if given is not None:
        trusted = Vkey.parse(given.strip())
        if own is not None and own != trusted:
            found.add(f"{layout.prefix}vkey", None, "vkey", "is not the key that was given")
        return trusted
    if own is not None:
        return own
    size = unsigned_checkpoint(layout)
    try:
        genesis = parse(TileFolder(layout.log).entry(0, size.size if size else WIDTH)).body
        return Vkey.parse(genesis.vkey) if isinstance(genesis, Genesis) else None
    except (TileRejected, LeafRejected, NoteRejected):
        return None


def _report(
    found: Findings,
    target: Checkpoint | None,
    run: LogPass | None,
    hash_only: tuple[str, ...],
    *,
    identity: bool,
    freshness: bool,
) -> Report:
    if target is None or run is None:
        if not found.items:
            found.add(".", None, "no_log", "no checkpoint of a log can be read here")
        return Report("", 0, "", tuple(found.items), found.left_out, 0, 0, 0, 0, False, False, ())
    totals = run.books.totals
    return Report(
        origin=target.origin,
        size=target.size,
        root=root_text(target.root),
        findings=tuple(found.items),
        left_out=found.left_out,
        judged_leaves=run.judged_leaves,
        entries=totals.entries,
        accounts=len(totals.accounts),
        signatures=run.chains.signatures,
        identity=identity,
        freshness=freshness,
        hash_only=hash_only,
    )
