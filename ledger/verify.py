"""Stand-alone verification of a published log or of a bundle, for somebody who trusts nobody.

Needs the folder, the standard library, orjson and cryptography; no database and no setting.
Everything is recomputed from the leaves; nothing stops at the first fault unless that is asked for.
What a clean report is worth is said by :attr:`ledger.findings.Report.claim`.

The books are replayed in order, which one process does.  Two thirds of the time are the signatures:
with more than one core they are verified by other processes, a few thousand leaves behind.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from ledger.bundle import files_of
from ledger.checkpoint import Checkpoint
from ledger.findings import Findings, Report
from ledger.notes import Vkey
from ledger.tiles import WIDTH
from ledger.verify_files import (
    Layout,
    check_hashes,
    check_manifest,
    check_other_files,
    read_checkpoint,
    read_second_vkey,
    root_text,
    unsigned_checkpoint,
)
from ledger.verify_keys import check_lines, check_older, keys_at, trusted_key, unsigned_note
from ledger.verify_leaves import leaves_held
from ledger.verify_log import LogPass
from ledger.workers import signature_workers

Progress = Callable[[int, int], None]
"""``progress(leaves done, leaves in all)``, called once for every 256 leaves."""


def verify(
    folder: Path,
    *,
    vkey: str | None = None,
    since: Path | None = None,
    progress: Progress | None = None,
    cores: int = 1,
    first: bool = False,
) -> Report:
    """Verify every byte of a published log (``checkpoint``, ``tile/``) or of a bundle.

    ``vkey`` is the log's verifier key from elsewhere; without it the folder's own is taken and the
    report claims no identity.  ``since`` is a file with an older checkpoint of the same log, which
    this one must extend.  Memory grows with the accounts, not with the leaves.

    With ``cores`` above 1 that many processes verify signatures.  ``first`` stops at a fault and
    spells it out; others that were met before the stop are only counted.

    Raises:
        NoteRejected: ``vkey`` is no verifier key.
    """
    found = Findings(most=1) if first else Findings()
    layout = Layout.of(folder)
    given = None if vkey is None else Vkey.parse(vkey.strip())
    key = trusted_key(layout, given, since, found)
    target, size, hash_only = _check_files(layout, key, found)
    if target is None:
        found.name_leaves(lambda path: layout.leaf_of(path, size))
        return _report(found, None, None, (), identity=False, freshness=False)
    older = None if since is None else unsigned_note(since)
    if since is not None and older is None:
        rule = "checkpoint" if since.is_file() else "file_missing"
        found.add(str(since), None, rule, "no checkpoint can be read there")
    if older is not None and older.size > target.size:
        found.add(str(since), None, "since", f"has {older.size} leaves, this log {target.size}")
        older = None
    with signature_workers(cores) as pool:
        run = LogPass(layout, target, None if key is None else str(key), found, older, pool)
        _go_through(run, found, target.size, progress, first=first)
    if first and found.items:
        older = None
    if run.sound and key is not None:
        check_lines(layout, key, run.chains.registry, found)
    if older is not None and since is not None:
        # Behind a damaged leaf nobody knows which keys came and went.
        keys = keys_at(older.size, run.chains.registry, None if run.sound else key)
        if not check_older(since, keys, run.chains.registry, given, found):
            older = None
    if older is not None and run.older_root != older.root:
        evidence = "this log does not extend that checkpoint"
        found.add(str(since), older.size - 1 if older.size else None, "since", evidence)
    found.name_leaves(lambda path: layout.leaf_of(path, size))
    return _report(
        found, target, run, hash_only, identity=vkey is not None, freshness=older is not None
    )


def _go_through(
    run: LogPass, found: Findings, size: int, progress: Progress | None, *, first: bool
) -> None:
    """Judge every leaf, then what only the end shows; with ``first`` no further than a fault."""
    try:
        if first and found.items:
            return
        for done in run.bundles():
            if progress is not None:
                progress(done, size)
            if first and found.items:
                return
        run.finish()
    finally:
        run.close()


def _check_files(
    layout: Layout, key: Vkey | None, found: Findings
) -> tuple[Checkpoint | None, int, tuple[str, ...]]:
    """Judge checkpoint, manifest and the set of files; answers the tree to look for.

    Where the checkpoint cannot be believed, the manifest names the tree, or failing that the
    checkpoint's unsigned text, so that the other files are still looked at.  The number is how
    many leaves there are to name, also where there is no tree to look for.
    """
    believed = manifest = None
    if key is None:
        evidence = "no key can be read that its signature could be held against"
        found.add(f"{layout.prefix}checkpoint", None, "checkpoint", evidence)
    else:
        path = layout.log.joinpath("checkpoint")
        second = read_second_vkey(layout, key.name, found)
        believed = read_checkpoint(path, f"{layout.prefix}checkpoint", key, found, second)
        if layout.is_bundle:
            manifest = check_manifest(layout, key, found)
    if believed is None and manifest is not None:
        believed = manifest.checkpoint
    target = _unsigned_tree(layout) if believed is None else believed
    if target is None or not _can_be_whole(layout, target, found):
        return None, leaves_held(layout.log), ()
    if layout.is_bundle:
        return target, target.size, check_hashes(layout, manifest, target, found)
    check_other_files(layout, target.size, found)
    return target, target.size, ()


def _unsigned_tree(layout: Layout) -> Checkpoint | None:
    """The tree of which an unbelieved checkpoint speaks, but no more leaves than are there."""
    told = unsigned_checkpoint(layout)
    return None if told is None else replace(told, size=min(told.size, leaves_held(layout.log)))


def _can_be_whole(layout: Layout, target: Checkpoint, found: Findings) -> bool:
    """Whether there are files enough; keeps an absurd size from being searched for a lifetime."""
    bundles, files = -(-target.size // WIDTH), sum(1 for _ in files_of(layout.log))
    if bundles > files:
        evidence = f"{target.size} leaves need {bundles} entry bundles, the log has {files} files"
        found.add(f"{layout.prefix}checkpoint", None, "file_missing", evidence)
    return bundles <= files


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
