"""The log's further keys: each adds a line of another kind beneath the Ed25519 line of checkpoints.

The log itself says which they are: the genesis leaf names those of its first day, and a ``key``
leaf with the role ``cosigner``, which the root keys approved, one that was made later.
"""

import base64
from collections.abc import Iterable

from ledger.bundle import VKEY_ML_DSA, VKEY_SM2
from ledger.notes import NoteRejected, Vkey
from ledger.signatures import ML_DSA_44, OTHER

FURTHER_KEYS = {ML_DSA_44: VKEY_ML_DSA, OTHER: VKEY_SM2}
"""Where the key of each kind lies beside the checkpoint, by its type byte; one key a kind."""


def named_of_kind(texts: Iterable[str], kind: int) -> list[Vkey]:
    """Those of the vkeys ``texts`` that are sound keys of ``kind``."""
    found = []
    for text in texts:
        try:
            found.append(Vkey.parse(text, (kind,)))
        except NoteRejected:
            continue  # Of another kind; whether it is sound is judged with its leaf.
    return found


def key_id_in(text: str) -> str:
    """The key id, in hex, that the text of a vkey states, also of a kind that is not read here."""
    return text.split("+")[1]


def kind_in(text: str) -> int:
    """The type byte in the text of a vkey that is of its form."""
    return base64.b64decode(text.split("+", 2)[2])[0]
