"""Actions as they are handed to the writer, and what one of them wants to have stored."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ledger.accounts import AccountState
from ledger.encoding import Json
from ledger.holds import Hold
from ledger.journal import JournalEntry
from ledger.periods import Period
from ledger.spelling import check_id, check_submission_kind
from ledger.store import KeyState
from ledger.submitted import Signed

if TYPE_CHECKING:
    from ledger.draft import Draft

Facts = dict[str, Json]


@dataclass(frozen=True, slots=True)
class Action:
    """What one submitter asks, once.

    ``kind`` is the word in the submission's first line, ``signer`` the name of the software key
    that signs it.  ``key`` is the idempotency key, scoped to ``submitter`` and bound to
    ``content`` (canonical bytes of the request); without a key the action is housekeeping, which
    may store companion rows but no leaf, and is not remembered.  With ``batch`` (an id) every
    fact becomes a row of one batch submission.  ``accounts`` are fetched before ``decide`` runs.
    A ``rehearsal`` decides and stores nothing at all.  ``signed`` is a submission that somebody
    else signed; its key is then ``signer``, and the leaf carries it as it is.
    """

    kind: str
    decide: Callable[["Draft"], dict[str, Any]]
    signer: str = ""
    submitter: str = ""
    key: str | None = None
    content: bytes = b""
    batch: str | None = None
    accounts: tuple[str, ...] = ()
    rehearsal: bool = False
    signed: Signed | None = None

    def __post_init__(self) -> None:
        check_submission_kind(self.kind)
        if self.batch is not None:
            check_id(self.batch)


@dataclass(slots=True)
class Staged:
    """One leaf to be: its kind and id, what stands beside the submission, and the signed facts."""

    kind: str
    identifier: str
    beside: dict[str, Any]
    facts: Facts | None
    entry: JournalEntry | None = None
    account: AccountState | None = None
    hold: Hold | None = None
    settled_minutes: int = 0
    key: KeyState | None = None
    ended_key: str = ""
    refused_code: str = ""
    closes: Period | None = None
