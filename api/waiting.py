"""Waiting for the writer on the event loop, woken once a group instead of once an item.

The writer answers a thousand futures in a row from its own thread.  A wake-up of the loop for each
would cost more than the answers; so they are laid on a table, and the loop is called only where it
has not been called yet.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future

from ledger.action import Action
from ledger.errors import LedgerFault, Refusal
from ledger.writer import Decided
from timebank.bank import Bank

Observer = Callable[[float], None]
"""Hears how many seconds an action waited for its answer."""


class Desk:
    """Hands actions to one bank's writer, and their answers back to the loop that asked."""

    def __init__(self, bank: Bank, observe: Observer = lambda seconds: None) -> None:
        self._bank = bank
        self._observe = observe
        self._tables: dict[asyncio.AbstractEventLoop, _Table] = {}
        self.waiting = 0

    async def submit(self, action: Action) -> Decided:
        """Queue an action and wait for its group's commit.

        Raises, the first that applies:
            Refusal: what the action or the book's limits refused, now or the first time.
            LedgerFault: it was not decided; the same key may be tried again.
        """
        loop = asyncio.get_running_loop()
        table = self._tables.get(loop)
        if table is None:
            table = self._tables[loop] = _Table(loop)
        waiter: asyncio.Future[Decided] = loop.create_future()
        asked = loop.time()
        decided = self._bank.submit(action)
        self.waiting += 1
        decided.add_done_callback(lambda done: table.lay(waiter, done))
        try:
            return await waiter
        finally:
            self.waiting -= 1
            self._observe(loop.time() - asked)

    async def submit_all(self, actions: Sequence[Action]) -> list[Decided | Refusal | LedgerFault]:
        """Queue actions at once, so that they share a group, and wait for every answer.

        A refusal or a fault stands in the place of its action's answer.
        """
        waiting = [asyncio.ensure_future(self.submit(action)) for action in actions]
        answers = await asyncio.gather(*waiting, return_exceptions=True)
        for answer in answers:
            if not isinstance(answer, Decided | Refusal | LedgerFault):
                raise answer
        return answers  # type: ignore[return-value]


class _Table:
    """Answers on their way from the writer's thread to one loop."""

    __slots__ = ("_answers", "_called", "_loop")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._answers: deque[tuple[asyncio.Future[Decided], Future[Decided]]] = deque()
        self._called = False

    def lay(self, waiter: "asyncio.Future[Decided]", done: "Future[Decided]") -> None:
        """Put an answer down; runs on whatever thread finished it."""
        # First the answer, then the look at the mark: the loop takes the mark away before it takes
        # the answers, so an answer is never left lying.
        self._answers.append((waiter, done))
        if not self._called:
            self._called = True
            try:
                self._loop.call_soon_threadsafe(self._hand_out)
            except RuntimeError:  # The loop was closed; what was stored stays stored.
                self._answers.clear()

    def _hand_out(self) -> None:
        self._called = False
        while self._answers:
            waiter, done = self._answers.popleft()
            if waiter.done():  # Its caller went away.
                continue
            error = done.exception()
            if error is None:
                waiter.set_result(done.result())
            else:
                waiter.set_exception(error)
