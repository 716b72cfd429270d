"""Results of imports, kept in memory for a while: what a page shows after the upload.

The book keeps an import's figures and refusal codes; the clerk's sentences, and everything of a
rehearsal, are here alone.  What is not on the shelf any more (time, a restart, another process) is
had again by uploading the same register, which posts nothing twice.
"""

from dataclasses import dataclass
from threading import Lock
from typing import Generic, Protocol, TypeVar

from timebank.people.roster import RosterResult
from timebank.records.importing import ImportResult

MOST_KEPT = 50
MOST_BYTES = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Kept:
    """One import: who may see it, what became of it, when it was put here; a rehearsal's sheet.

    ``roster`` is what became of the list of members that came along, if one did.
    """

    actor_id: str
    file_name: str
    result: ImportResult
    sheet: bytes
    kept_ms: int
    roster: RosterResult | None = None

    @property
    def weight(self) -> int:
        """Bytes that count against the shelf's bound."""
        return len(self.sheet)


class Shelved(Protocol):
    """What a shelf asks of a thing: whose it is, since when it lies there, and how heavy it is."""

    @property
    def actor_id(self) -> str:
        """Who may see it."""
        ...

    @property
    def kept_ms(self) -> int:
        """When it was put here, in UTC milliseconds."""
        ...

    @property
    def weight(self) -> int:
        """Bytes that count against the shelf's bound."""
        ...


Thing = TypeVar("Thing", bound=Shelved)


class Shelf(Generic[Thing]):
    """At most :data:`MOST_KEPT` things and :data:`MOST_BYTES` of them, each ``lasting_ms``."""

    def __init__(self, lasting_ms: int) -> None:
        self._lasting_ms = lasting_ms
        self._kept: dict[str, Thing] = {}
        self._lock = Lock()

    def put(self, name: str, kept: Thing) -> None:
        """Keep a result under ``name``; the oldest ones make room."""
        with self._lock:
            self._kept.pop(name, None)
            self._kept[name] = kept
            self._drop_old(kept.kept_ms)
            while len(self._kept) > 1 and self._is_full():
                del self._kept[next(iter(self._kept))]

    def get(self, name: str, actor_id: str, now_ms: int) -> Thing | None:
        """What was kept under ``name`` for that person, while it lasts."""
        with self._lock:
            self._drop_old(now_ms)
            found = self._kept.get(name)
        return found if found is not None and found.actor_id == actor_id else None

    def _is_full(self) -> bool:
        weight = sum(kept.weight for kept in self._kept.values())
        return len(self._kept) > MOST_KEPT or weight > MOST_BYTES

    def _drop_old(self, now_ms: int) -> None:
        gone = [
            name for name, kept in self._kept.items() if now_ms - kept.kept_ms >= self._lasting_ms
        ]
        for name in gone:
            del self._kept[name]
