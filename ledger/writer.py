"""The one writer of a book in this process: callers queue, groups form by themselves.

While one group commits, the next gathers; there is no timer.  Whoever finds nobody writing and
nobody waiting writes at once, without a change of threads.  An item is acknowledged after its
group's commit returned and the checkpoint over it was signed.  Several processes may each run a
writer on one database: the head row's lock puts their groups one after another.
"""

import queue
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, InvalidStateError
from enum import Enum
from typing import Any, NamedTuple

from sqlalchemy.exc import SQLAlchemyError

from ledger.checkpoint import Checkpoint, sign_checkpoint
from ledger.database import Database
from ledger.draft import Action
from ledger.errors import (
    BookNotFound,
    LedgerFault,
    LogForked,
    LogKeyMissing,
    Refusal,
    StorageFault,
    refusal_of,
)
from ledger.group import Group, Outcome
from ledger.lines import QUIET_TAIL_LEAVES, TAIL_LEAVES, derive_lines
from ledger.merkle import Frontier
from ledger.notes import Signer
from ledger.picture import Picture
from ledger.store import HeadRow, Store
from ledger.turns import MaySubmit, anybody_may

MOST_IN_GROUP = 1_000


class Decided(NamedTuple):
    """An acknowledged item.  ``checkpoint`` is the log's signed note over the group it was in.

    For a replayed answer the checkpoint is a later one than the first time's.
    """

    answer: bytes
    leaf_index: int
    checkpoint: str
    replayed: bool


class _Item(NamedTuple):
    action: Action
    future: "Future[Decided]"


class _Mark(Enum):
    """What stands in the queue between items: look at the tail, derive lines, nothing follows."""

    LOOK = "look"
    LINES = "lines"
    END = "end"


class Writer:
    """Decides and stores actions of one book, a group at a time.

    ``signers`` holds the software keys of submissions by name, ``log_signer`` the log's own key;
    ``log_signer_of`` finds by its vkey one that takes over from it.  ``now_ms`` tells the time in
    UTC milliseconds, ``refusal_of`` rebuilds a remembered refusal; for ``may_submit`` see Turns.
    """

    def __init__(
        self,
        database: Database,
        *,
        log_signer: Signer,
        signers: Mapping[str, Signer],
        log_signer_of: Callable[[str], Signer | None] = lambda vkey: None,
        now_ms: Callable[[], int],
        refusal_of: Callable[[str, dict[str, Any]], Refusal] = refusal_of,
        may_submit: MaySubmit = anybody_may,
        most_in_group: int = MOST_IN_GROUP,
        on_commit: Callable[[int], None] = lambda size: None,
    ) -> None:
        self._database = database
        self._log_signer = log_signer
        self._log_signer_of = log_signer_of
        self._signers = signers
        self._now_ms = now_ms
        self._refusal_of, self._may_submit = refusal_of, may_submit
        self._most_in_group = most_in_group
        self._on_commit = on_commit
        self._queue: queue.SimpleQueue[_Item | _Mark] = queue.SimpleQueue()
        self._waiting = 0
        self._picture = Picture()
        self._store: Store | None = None
        self._closed = False
        self._halted: LedgerFault | None = None
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        self._signed: tuple[int, bytes, str] = (-1, b"", "")
        self._size = 0
        self._lines_up_to = 0
        driver: Any = database.writing.dialect.loaded_dbapi
        self._database_errors = (SQLAlchemyError, driver.Error)
        self._outages = (driver.OperationalError, driver.InterfaceError, OSError)
        self._thread = threading.Thread(target=self._work, name="ledger-writer", daemon=True)
        self._thread.start()

    def submit(self, action: Action) -> "Future[Decided]":
        """Queue an action; the future ends in its :class:`Decided`, its refusal or a fault.

        Raises:
            StorageFault: the writer was closed.
        """
        future: Future[Decided] = Future()
        with self._lock:  # So that nothing is queued behind the end mark and waits for ever.
            if self._closed:
                raise StorageFault("the writer is closed")
            self._waiting += 1
            self._queue.put(_Item(action, future))
        return future

    def write(self, action: Action) -> Decided:
        """Have an action decided and stored, and wait for it.

        Raises, the first that applies:
            Refusal: what the action or the book's limits refused, now or the first time.
            KeyReused: the key was used for other content.
            LedgerFault: it was not decided; the same key may be tried again.
        """
        if self._turn.acquire(blocking=False):
            try:
                if not self._waiting and not self._closed:
                    return self._write_here(action)
            finally:
                self._turn.release()
        return self.submit(action).result()

    def halt(self, fault: LedgerFault) -> None:
        """Decide nothing any more and answer everybody with ``fault``, until the process ends.

        For faults that are found outside the writer and that every further signature would make
        worse, such as published files that are not ours.
        """
        self._halted = fault

    def close(self) -> None:
        """Finish what is queued, then stop; a second call does nothing."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._queue.put(_Mark.END)
        self._thread.join()

    # The thread ----------------------------------------------------------------------------

    def _work(self) -> None:
        marks: set[_Mark] = set()
        while _Mark.END not in marks:
            first = self._next()
            with self._turn:
                items, marks = self._gather(first)
                if items:
                    self._write_group(items)
                if _Mark.LINES in marks:
                    self._derive_lines()
        with self._turn:
            if self._tail >= QUIET_TAIL_LEAVES:
                self._derive_lines()
            if self._store is not None:
                self._store.connection.close()

    @property
    def _tail(self) -> int:
        return self._size - self._lines_up_to

    def _next(self) -> _Item | _Mark:
        """What comes next; where a tail waits, a second without a commit makes it the lines."""
        while self._tail >= QUIET_TAIL_LEAVES:
            size = self._size
            try:
                return self._queue.get(timeout=1)
            except queue.Empty:
                if self._size == size:
                    return _Mark.LINES
        return self._queue.get()

    def _gather(self, waiting: _Item | _Mark) -> tuple[list[_Item], set[_Mark]]:
        """What waits by now, up to a group's size, and the marks between."""
        items: list[_Item] = []
        marks: set[_Mark] = set()
        taken = 0
        while True:
            if isinstance(waiting, _Mark):
                marks.add(waiting)
            else:
                taken += 1
                if waiting.future.set_running_or_notify_cancel():
                    items.append(waiting)
            if len(items) >= self._most_in_group or _Mark.END in marks:
                break
            try:
                waiting = self._queue.get_nowait()
            except queue.Empty:
                break
        with self._lock:
            self._waiting -= taken
        return items, marks

    def _write_here(self, action: Action) -> Decided:
        """A group of one in the caller's own thread."""
        item = _Item(action, Future())
        try:
            self._write_group([item])
        except BaseException:  # The keyboard's interrupt may come at any point in here.
            self._start_afresh()
            raise
        return item.future.result()

    def _write_group(self, items: list[_Item]) -> bool:
        """Decide and store items together; answers whether the storage seems to be out."""
        try:
            outcomes, checkpoint, size = self._commit(items)
        except LedgerFault as fault:
            self._start_afresh()
            for item in items:
                _answer(item.future, fault)
            return False
        except Exception as error:
            self._start_afresh()
            if len(items) > 1:
                return self._write_each(items)
            _answer(items[0].future, self._fault_of(error))
            return isinstance(getattr(error, "orig", None) or error, self._outages)
        for item, outcome in zip(items, outcomes, strict=True):
            if isinstance(outcome, BaseException):
                _answer(item.future, outcome)
            elif outcome.refusal is not None:
                _answer(item.future, outcome.refusal)
            else:
                decided = Decided(outcome.answer, outcome.leaf_index, checkpoint, outcome.replayed)
                _answer(item.future, decided)
        self._tell(size)
        self._ask_for_lines(size)
        return False

    def _ask_for_lines(self, size: int) -> None:
        """Have the thread copy a long tail; nobody in this group shall wait for it."""
        tail, self._size = self._tail, size
        if self._tail >= TAIL_LEAVES:
            self._lines_up_to = size
            self._queue.put(_Mark.LINES)
        elif tail < QUIET_TAIL_LEAVES <= self._tail:
            self._queue.put(_Mark.LOOK)

    def _write_each(self, items: list[_Item]) -> bool:
        """Find the item that spoils its group and spare the others; give up in an outage.

        One item may look like an outage by its own fault; a second one proves it, and the others
        need not wait for a lock or a connection once more each.
        """
        outages = 0
        for place, item in enumerate(items, start=1):
            outages += self._write_group([item])
            if outages == 2:
                for left in items[place:]:
                    _answer(left.future, StorageFault("the items before it could not be stored"))
                return True
        return False

    def _commit(self, items: list[_Item]) -> tuple[list[Outcome | BaseException], str, int]:
        """One transaction; answers an outcome or an action's own fault for each item."""
        if self._halted is not None:
            raise self._halted
        store = self._opened()
        outcomes: list[Outcome | BaseException] = []
        head = store.begin()
        if head is None:
            raise BookNotFound
        if not self._picture.is_true_for(head):
            self._check_head(head)
            self._picture.renew(store, head)
        now_ms, may_submit = max(self._now_ms(), head.recorded_ms), self._may_submit
        group = Group(
            store, self._picture, head, now_ms, self._signers, self._refusal_of, may_submit
        )
        group.recall([item.action for item in items])
        for item in items:
            try:
                outcomes.append(group.decide(item.action))
            except self._database_errors:
                raise
            except Exception as error:
                outcomes.append(error)
        group.store_rows()
        self._log_signers()  # Nothing is stored that could not be signed.
        with store.one_round_trip():
            group.store_head()
            store.commit()
        store.committed()
        group.committed()
        return outcomes, self._checkpoint(head), head.size

    def _checkpoint(self, head: HeadRow) -> str:
        """The signed note over the committed head, made once however many groups only replay."""
        size, root, note = self._signed
        if (size, root) != (head.size, head.root):
            checkpoint = Checkpoint(head.origin, head.size, head.root)
            note = sign_checkpoint(checkpoint, *self._log_signers())
            self._signed = (head.size, head.root, note)
        return note

    def _log_signers(self) -> list[Signer]:
        """Every key that must sign a checkpoint of this moment, the oldest first.

        Raises:
            LogKeyMissing: one of them is not held here.
        """
        found = []
        for vkey in self._picture.log_keys():
            own = vkey == str(self._log_signer.vkey)
            signer = self._log_signer if own else self._log_signer_of(vkey)
            if signer is None:
                raise LogKeyMissing(vkey)
            found.append(signer)
        return found

    def _check_head(self, head: HeadRow) -> None:
        frontier = Frontier.from_bytes(head.frontier)
        if frontier.size != head.size or frontier.root() != head.root:
            raise LogForked("the head's root does not belong to its frontier")
        size, root, _note = self._signed
        if size > head.size:
            raise LogForked(f"{size} leaves were signed, {head.size} are left")
        if size == head.size and root != head.root:
            raise LogForked(f"another root of {size} leaves was signed")

    def _opened(self) -> Store:
        if self._store is None or self._store.connection.closed:
            self._store = Store(self._database.connect_by_hand())
        return self._store

    def _fault_of(self, error: Exception) -> Exception:
        if not isinstance(error, (*self._database_errors, OSError)):
            return error
        cause = getattr(error, "orig", None) or error
        fault = StorageFault(f"{type(cause).__name__}: {cause}")
        fault.__cause__ = error
        return fault

    def _tell(self, size: int) -> None:
        """Tell whoever wants to know of a commit; their fault is reported and stops nothing."""
        try:
            self._on_commit(size)
        except Exception as error:
            report = (type(error), error, error.__traceback__, threading.current_thread())
            threading.excepthook(threading.ExceptHookArgs(report))

    def _start_afresh(self) -> None:
        """After a failure neither the connection nor the picture can be trusted.

        Closing the connection is what rolls its transaction back.
        """
        self._picture.forget()
        store, self._store = self._store, None
        if store is not None:
            store.connection.invalidate()
            store.connection.close()

    def _derive_lines(self) -> None:
        self._lines_up_to = self._size
        try:
            store = self._opened()
            store.begin()
            derive_lines(store.connection)
            store.commit()
            store.committed()
        except self._database_errors:
            # Nobody waits for the copy: statements read what is missing from the journal itself,
            # and a later group asks again.
            self._start_afresh()


def _answer(future: "Future[Decided]", result: Decided | BaseException) -> None:
    try:
        if isinstance(result, BaseException):
            future.set_exception(result)
        else:
            future.set_result(result)
    except InvalidStateError:
        # The caller went away between the queue and the commit; what was stored stays stored.
        return


__all__ = ["MOST_IN_GROUP", "Decided", "LedgerFault", "Writer"]
