"""Who signed a note and when, as it is told to readers: only of lines that verified.

Needs neither the log nor its tables, so receipts and the stand-alone verifier share it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from ledger.encoding import Json
from ledger.notes import Note, Vkey
from ledger.signatures import COSIGNATURE, ML_DSA_44, unstamped

COSIGNERS = (COSIGNATURE, ML_DSA_44)
"""Kinds of key that may stand beside the log's own, and that state a time."""


@dataclass(frozen=True, slots=True)
class Signed:
    """Whose line verified; ``at`` is when a cosigner says that it signed (UTC)."""

    vkey: Vkey
    at: datetime | None

    @classmethod
    def of(cls, note: Note, vkey: Vkey) -> "Signed":
        """The line of a key that signed ``note``; whether it verifies was asked before."""
        return cls(vkey, _time_of(note, vkey))

    def as_json(self) -> dict[str, Json]:
        """The key and, of a cosigner, the moment in ISO 8601."""
        return {"vkey": str(self.vkey), "at": self.at.isoformat() if self.at else None}

    def __str__(self) -> str:
        at = "" if self.at is None else f" at {self.at:%Y-%m-%dT%H:%M:%SZ}"
        return f"{self.vkey.name}{at}"


def _time_of(note: Note, key: Vkey) -> datetime | None:
    """When a cosigner signed; a time that no calendar has is told as none."""
    if key.kind not in COSIGNERS:
        return None
    try:
        return datetime.fromtimestamp(unstamped(note.lines_of(key)[0].signature)[0], UTC)
    except (ValueError, OverflowError, OSError):
        return None
