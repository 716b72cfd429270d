"""Who is signed in, looked up in memory for a moment before the book is asked again.

A request in a series would otherwise cost a query more.  What is ended through this process is
forgotten at once; what another process ended holds for :data:`TRUSTED_MS` more.
"""

from hashlib import sha256
from typing import NamedTuple

from timebank.bank import Bank
from timebank.stations import sessions as stored
from timebank.stations.model import Actor

TRUSTED_MS = 1_000
"""How long an answer of the book is believed, in ms."""

MOST_KEPT = 4_096
"""Sessions kept in memory; beyond it all are looked up anew."""


class _Seen(NamedTuple):
    actor: Actor
    expires_ms: int
    asked_ms: int


class Sessions:
    """The sessions of one bank, as this process knows them; used on the event loop's thread."""

    def __init__(self, bank: Bank) -> None:
        self._bank = bank
        self._seen: dict[bytes, _Seen] = {}

    def actor_of(self, token: str) -> Actor | None:
        """Who holds ``token`` now; ``None`` where it is empty, unknown, ended or old."""
        if not token:
            return None
        now_ms = self._bank.now_ms()
        hashed = sha256(token.encode("utf-8", "replace")).digest()
        seen = self._seen.get(hashed)
        if seen is None or not 0 <= now_ms - seen.asked_ms < TRUSTED_MS:
            with self._bank.read() as connection:
                found = stored.actor_of(connection, token, now_ms)
            if found is None:
                self._seen.pop(hashed, None)
                return None
            stored.prolong(self._bank, token, *found, now_ms)
            seen = _Seen(*found, now_ms)
            if len(self._seen) >= MOST_KEPT:
                self._seen.clear()
            self._seen[hashed] = seen
        return seen.actor if now_ms < seen.expires_ms else None

    def forget(self, token: str) -> None:
        """Ask the book again at the next request of ``token``; call it where a session ends."""
        self._seen.pop(sha256(token.encode("utf-8", "replace")).digest(), None)
