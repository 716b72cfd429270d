"""Bundles: a folder an auditor takes home, sealed by a manifest that the log's key signed.

``manifest.json`` names the SHA-256 of every other file; ``manifest.note`` is a signed note whose
text is that file.  So every byte of every file is covered by one signature.
"""

import base64
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from ledger.checkpoint import Checkpoint
from ledger.encoding import encode_trusted
from ledger.notes import Signer, sign_note

MANIFEST = "manifest.json"
MANIFEST_NOTE = "manifest.note"
LOG = "log"
"""The subfolder with the published log."""
VKEY = "vkey"
"""Where the log's verifier key lies beside the checkpoint."""
VKEY_ML_DSA = "vkey-mldsa"
"""Where the log's second key lies, whose line holds against a quantum computer."""
VKEY_SM2 = "vkey-sm2"
"""Where the log's SM2 key lies, for readers who must not rely on foreign curves alone."""

SEALING = frozenset({MANIFEST, MANIFEST_NOTE})


def seal(folder: Path, checkpoint: Checkpoint, *signers: Signer) -> None:
    """Write the manifest over everything in ``folder``, and its note, as the last files.

    ``signers`` are the log's keys of this size.  Nothing may be changed or added afterwards.
    """
    hashes = {path: hash_file(folder / path) for path in files_of(folder) if path not in SEALING}
    data = manifest_bytes(checkpoint, hashes)
    note = sign_note(data.decode("utf-8"), *signers)
    folder.joinpath(MANIFEST).write_bytes(data)
    folder.joinpath(MANIFEST_NOTE).write_bytes(note.encode("utf-8"))


def manifest_bytes(checkpoint: Checkpoint, hashes: dict[str, str]) -> bytes:
    """The manifest of these files at this checkpoint: canonical JSON and a newline."""
    manifest = {
        "v": 1,
        "origin": checkpoint.origin,
        "size": checkpoint.size,
        "root": base64.b64encode(checkpoint.root).decode("ascii"),
        "files": hashes,
    }
    return encode_trusted(manifest) + b"\n"


def files_of(folder: Path) -> Iterator[str]:
    """Relative paths, with ``/`` between, of everything under ``folder`` that is no folder.

    A link is listed whatever it leads to, and not followed.
    """
    for parent, folders, names in os.walk(folder):
        folders.sort()
        above = Path(parent).relative_to(folder).as_posix()
        links = [name for name in folders if Path(parent, name).is_symlink()]
        for name in sorted(names + links):
            yield name if above == "." else f"{above}/{name}"


def hash_file(path: Path) -> str:
    """Lower-case hex SHA-256 of a file, read in pieces."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
