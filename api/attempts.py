"""The last attempts of requests whose answers the book does not remember, in this process's memory.

What moves credit is remembered for ever, in the transaction that moved it.  Comments, runs of
checks and the sentences of an import are not; so that a repeated request does no second harm, its
answer is kept here for :data:`KEPT_MS`, and a second one under the same key waits for the first.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from threading import Lock
from typing import TypeVar, cast

from pydantic import BaseModel

from ledger.errors import KeyReused
from timebank.bank import Bank
from timebank.stations.model import Actor

Shape = TypeVar("Shape", bound=BaseModel)

KEPT_MS = 60 * 60 * 1_000
MOST_KEPT = 2_000


@dataclass(slots=True)
class Attempt:
    """One key of one person; ``answer`` is ``None`` until the attempt succeeded."""

    content_hash: bytes
    began_ms: int
    answer: BaseModel | None = None
    lock: Lock = field(default_factory=Lock, repr=False)


class Attempts:
    """What was answered lately, by route, person and key."""

    def __init__(self, bank: Bank) -> None:
        self._bank = bank
        self._kept: dict[tuple[str, str, str], Attempt] = {}
        self._lock = Lock()

    def answer(
        self, route: str, actor: Actor, key: str, content: bytes, make: Callable[[], Shape]
    ) -> Shape:
        """What ``make`` answers, or answered to the same key before.

        Blocks while another request of the same key runs, so call it from a thread.

        Raises, the first that applies:
            KeyReused: the key was used on this route for other content.
            Refusal, LedgerFault: what ``make`` raises; then the same key may be tried again.
        """
        with self._once(route, actor, key, content) as attempt:
            if attempt.answer is None:
                attempt.answer = make()
            return cast("Shape", attempt.answer)

    @contextmanager
    def _once(self, route: str, actor: Actor, key: str, content: bytes) -> Iterator[Attempt]:
        digest = sha256(content).digest()
        with self._lock:
            now_ms = self._bank.now_ms()
            self._drop(now_ms)
            attempt = self._kept.get((route, actor.actor_id, key))
            if attempt is None:
                attempt = self._kept[route, actor.actor_id, key] = Attempt(digest, now_ms)
        if attempt.content_hash != digest:
            raise KeyReused(key=key)
        with attempt.lock:
            try:
                yield attempt
            finally:
                if attempt.answer is None:  # Refused or broken: the same key may be tried again.
                    with self._lock:
                        self._kept.pop((route, actor.actor_id, key), None)

    def _drop(self, now_ms: int) -> None:
        while self._kept:
            oldest = next(iter(self._kept))
            if len(self._kept) < MOST_KEPT and now_ms - self._kept[oldest].began_ms < KEPT_MS:
                return
            del self._kept[oldest]
