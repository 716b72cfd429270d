"""What a leaf says: the values that :mod:`ledger.leaf_parser` reads out of its bytes.

:mod:`ledger.leaves` writes those bytes.  Every leaf has ``v n t kind id rnd``.  ``sub`` is the
submission that the leaf carries itself, ``ref`` the leaf index of a batch leaf and the place (from
0) of its row there.
"""

from dataclasses import dataclass
from typing import NamedTuple

from ledger.periods import Closing

VERSION = 1


@dataclass(frozen=True, slots=True)
class Genesis:
    """Leaf 0: whose log this is, its key and the operator's, the root keys and the first policy.

    ``predecessor`` is the last checkpoint, a note, of the frozen log that this one follows;
    ``cosigners`` are the log's further keys, see :mod:`ledger.further_keys`.
    """

    origin: str
    vkey: str
    operator: str
    policy: str
    roots: tuple[str, ...]
    roots_needed: int
    predecessor: str | None
    cosigners: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KeyAdded:
    """A signing key that may submit from the next leaf on; ``of`` is the key that it replaces.

    A key of the role ``log`` signs checkpoints instead, from the one over this leaf on.
    """

    vkey: str
    role: str
    of: str | None


@dataclass(frozen=True, slots=True)
class KeyRevoked:
    """A key that counts no more from the next leaf on, and why: a word."""

    of: str
    reason: str


@dataclass(frozen=True, slots=True)
class Frozen:
    """The end of the log; the leaf names the origin that follows it."""

    successor: str


@dataclass(frozen=True, slots=True)
class PolicyAdded:
    """A policy version that entries may name from the next leaf on."""

    policy: str


@dataclass(frozen=True, slots=True)
class AccountOpened:
    """An account with nothing in it; limits in minutes, ``None`` for unbounded."""

    kind: str
    floor: int | None
    ceiling: int | None


class Entry(NamedTuple):
    """A journal entry; each movement is (from account, to account, minutes).

    A tuple like :class:`Leaf`, because a verifier makes a million of them and hands them from one
    process to another.
    """

    number: int
    effective_on: str
    policy: str
    movements: tuple[tuple[str, str, int], ...]
    of: str | None


@dataclass(frozen=True, slots=True)
class HoldPlaced:
    """Minutes of the payer set aside until ``expires_ms`` (UTC)."""

    payer: str
    payee: str
    minutes: int
    expires_ms: int


@dataclass(frozen=True, slots=True)
class HoldEnded:
    """A release or an expiry of the hold ``of``."""

    of: str


@dataclass(frozen=True, slots=True)
class Statement:
    """A batch, whose rows stand in its submission, or a fact that moves nothing."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of each row of the batch leaves ``of``: a leaf's id or a refusal's code."""

    of: tuple[int, ...]
    rows: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """A submission that was refused: its hash, why, and whose it was."""

    content_hash: str
    code: str
    by: str


Body = (
    Genesis
    | KeyAdded
    | KeyRevoked
    | Frozen
    | PolicyAdded
    | AccountOpened
    | Entry
    | HoldPlaced
    | HoldEnded
    | Statement
    | Outcome
    | Refused
    | Closing
)


class Leaf(NamedTuple):
    """One record; ``recorded_ms`` is UTC.  At most one of ``sub`` and ``ref`` is there."""

    index: int  # type: ignore[assignment]  # The word of all who read it; nobody searches a leaf.
    recorded_ms: int
    kind: str
    identifier: str
    body: Body
    sub: str | None
    ref: tuple[int, int] | None
