"""The log's further keys: each adds a line of another kind beneath the Ed25519 line of checkpoints.

The genesis leaf may name them, so that the log itself says which they are; a key that was made
later stands in its file alone, and whoever relies on it compares it with a copy from elsewhere.
"""

from collections.abc import Iterable

from ledger.bundle import VKEY_ML_DSA, VKEY_SM2
from ledger.notes import NoteRejected, Vkey
from ledger.signatures import ML_DSA_44, OTHER

FURTHER_KEYS = {ML_DSA_44: VKEY_ML_DSA, OTHER: VKEY_SM2}
"""Where the key of each kind lies beside the checkpoint, by its type byte; one key a kind."""


def named_of_kind(texts: Iterable[str], kind: int) -> list[Vkey]:
    """Those of the genesis leaf's ``cosigners`` that are sound keys of ``kind``."""
    found = []
    for text in texts:
        try:
            found.append(Vkey.parse(text, (kind,)))
        except NoteRejected:
            continue  # Of another kind; whether it is sound is judged with its leaf.
    return found
