"""Stand-alone verification of a published log or of a bundle, for somebody who trusts nobody.

Needs the folder, the standard library, orjson and cryptography; no database and no setting.
Everything is recomputed from the leaves; nothing stops at the first fault unless that is asked for.
What a clean report is worth is said by :attr:`ledger.findings.Report.claim`.

The books are replayed in order, which one process does.  What can be said of leaves without those
before them, above all whether their signatures hold, other processes say where there are cores.
"""

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from ledger.bundle import files_of
from ledger.checkpoint import Checkpoint
from ledger.findings import Claims, Findings, Report
from ledger.notes import Vkey
from ledger.tiles import WIDTH
from ledger.trust_policy import TrustPolicy
from ledger.verify_files import (
    Layout,
    check_hashes,
    check_manifest,
    check_other_files,
    read_checkpoint,
    root_text,
    unsigned_checkpoint,
)
from ledger.verify_further import Further, check_named, read_further_keys
from ledger.verify_keys import check_lines, check_older, keys_at, trusted_key, unsigned_note
from ledger.verify_leaves import leaves_held
from ledger.verify_log import LogPass, Rules
from ledger.verify_policy import check_policy

Progress = Callable[[int, int], None]
"""``progress(leaves done, leaves in all)``, called once for every 256 leaves."""


def verify(
    folder: Path,
    *,
    vkey: str | None = None,
    since: Path | None = None,
    least_size: int | None = None,
    policy: TrustPolicy | None = None,
    progress: Progress | None = None,
    cores: int = 1,
    first: bool = False,
    rules: Rules | None = None,
) -> Report:
    """Verify every byte of a published log (``checkpoint``, ``tile/``) or of a bundle.

    ``vkey`` is the log's verifier key from elsewhere; without it the folder's own is taken and the
    report claims no identity.  ``since`` is a file with an older checkpoint of the same log, which
    this one must extend; ``least_size`` is how many leaves it must have.  ``policy`` names the
    witnesses of which a quorum must have cosigned, and the logs of which this must be one, if any.
    Memory grows with the accounts, not with the leaves.

    With ``cores`` above 1 that many processes read the leaves.  ``first`` stops at a fault and
    spells it out; others that were met before the stop are only counted.  ``rules`` judge what the
    entries mean, which the ledger does not know.

    Raises:
        NoteRejected: ``vkey`` is no verifier key.
    """
    found = Findings(most=1) if first else Findings()
    layout = Layout.of(folder)
    given = None if vkey is None else Vkey.parse(vkey.strip())
    key = trusted_key(layout, given, since, found)
    files = _check_files(layout, key, found)
    target = files.target
    if target is None:
        found.name_leaves(lambda path: layout.leaf_of(path, files.size))
        return _no_report(found)
    older = _older(since, target, found)
    if least_size is not None and target.size < least_size:
        evidence = f"has {target.size} leaves, not the {least_size} that were asked for"
        found.add(f"{layout.prefix}checkpoint", None, "size", evidence)
        least_size = None
    held = policy if files.believed else None
    known, witnesses = check_policy(layout, target, held, found)
    run = LogPass(layout, target, None if key is None else str(key), found, older, cores, rules)
    _go_through(run, found, target.size, progress, first=first)
    if first and found.items:
        older, least_size, witnesses = None, None, ()
    if run.sound and key is not None:
        check_lines(layout, key, run.chains.registry, found)
        check_named(layout, files.further, run.chains.registry, found)
    extends = older is not None and since is not None
    if older is not None and since is not None:
        extends = _extends(older, since, run, None if run.sound else key, given, found)
    found.name_leaves(lambda path: layout.leaf_of(path, files.size))
    claims = Claims(given is not None or known, extends, least_size, witnesses)
    return _report(found, target, run, files, claims)


def _older(since: Path | None, target: Checkpoint, found: Findings) -> Checkpoint | None:
    """The older checkpoint, whoever signed it; ``None`` where there is none that could be older."""
    if since is None:
        return None
    older = unsigned_note(since)
    if older is None:
        rule = "checkpoint" if since.is_file() else "file_missing"
        found.add(str(since), None, rule, "no checkpoint can be read there")
    elif older.size > target.size:
        found.add(str(since), None, "since", f"has {older.size} leaves, this log {target.size}")
        return None
    return older


def _extends(
    older: Checkpoint,
    since: Path,
    run: LogPass,
    besides: Vkey | None,
    given: Vkey | None,
    found: Findings,
) -> bool:
    """Whether the log's keys of that time signed the older checkpoint, which its leaves give.

    Behind a damaged leaf nobody knows which keys came and went: ``besides`` is one that may be.
    """
    registry = run.chains.registry
    signed = check_older(since, keys_at(older.size, registry, besides), registry, given, found)
    if signed and run.older_root != older.root:
        evidence = "this log does not extend that checkpoint"
        found.add(str(since), older.size - 1 if older.size else None, "since", evidence)
    return signed


def _go_through(
    run: LogPass, found: Findings, size: int, progress: Progress | None, *, first: bool
) -> None:
    """Judge every leaf, then what only the end shows; with ``first`` no further than a fault."""
    try:
        if first and found.items:
            return
        with closing(run.bundles()) as bundles:
            for done in bundles:
                if progress is not None:
                    progress(done, size)
                if first and found.items:
                    return
        run.finish()
    finally:
        run.close()


class _Files(NamedTuple):
    """What checkpoint, manifest and the set of files gave.

    ``target`` is the tree to look for, ``believed`` whether its checkpoint is the log's, ``size``
    how many leaves there are to name, also where there is no tree to look for.  ``further`` are the
    log's keys of other kinds.
    """

    target: Checkpoint | None
    size: int
    believed: bool = False
    hash_only: tuple[str, ...] = ()
    further: Further = Further()


def _check_files(layout: Layout, key: Vkey | None, found: Findings) -> _Files:
    """Judge checkpoint, manifest and the set of files.

    Where the checkpoint cannot be believed, the manifest names the tree, or failing that the
    checkpoint's unsigned text, so that the other files are still looked at.
    """
    believed, manifest, further = None, None, Further()
    if key is None:
        evidence = "no key can be read that its signature could be held against"
        found.add(f"{layout.prefix}checkpoint", None, "checkpoint", evidence)
    else:
        path = layout.log.joinpath("checkpoint")
        further = read_further_keys(layout, key.name, found)
        believed = read_checkpoint(path, f"{layout.prefix}checkpoint", key, found, further.vkeys)
        if layout.is_bundle:
            manifest = check_manifest(layout, key, found)
    target = believed
    if target is None:
        target = _unsigned_tree(layout) if manifest is None else manifest.checkpoint
    if target is None or not _can_be_whole(layout, target, found):
        return _Files(None, leaves_held(layout.log))
    hash_only: tuple[str, ...] = ()
    if layout.is_bundle:
        hash_only = check_hashes(layout, manifest, target, found)
    else:
        check_other_files(layout, target.size, found)
    return _Files(target, target.size, believed is not None, hash_only, further)


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


def _no_report(found: Findings) -> Report:
    """What is told where no tree can be looked for; then there is a fault, if not a named one."""
    if not found.items:
        found.add(".", None, "no_log", "no checkpoint of a log can be read here")
    return Report("", 0, "", tuple(found.items), found.left_out, 0, 0, 0, 0, Claims())


def _report(
    found: Findings, target: Checkpoint, run: LogPass, files: _Files, claims: Claims
) -> Report:
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
        claims=claims,
        hash_only=files.hash_only,
        not_checked=files.further.not_checked,
    )
