"""Leaves: the records of the log, one canonical JSON object each, written once.

:func:`encode_leaf` writes a leaf from parts that the ledger has checked, at the cost of one dict
and one call of orjson; the functions ``*_facts`` give it the members of each kind.
:mod:`ledger.leaf_parser` believes nothing and accepts exactly what they write.

Every leaf has ``v n t kind id rnd``.  ``sub`` is the submission that the leaf carries itself,
``ref`` the leaf index of a batch leaf and the place (from 0) of its row there.
"""

import os
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass

from ledger.encoding import MOST_BYTES, Json, encode_trusted
from ledger.errors import SubmissionTooLarge

VERSION = 1

Facts = dict[str, Json]


@dataclass(frozen=True, slots=True)
class Genesis:
    """Leaf 0: whose log this is, its key and the operator's."""

    origin: str
    vkey: str
    operator: str


@dataclass(frozen=True, slots=True)
class KeyAdded:
    """A signing key that may submit from the next leaf on."""

    vkey: str
    role: str


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


@dataclass(frozen=True, slots=True)
class Entry:
    """A journal entry; each movement is (from account, to account, minutes)."""

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
    | PolicyAdded
    | AccountOpened
    | Entry
    | HoldPlaced
    | HoldEnded
    | Statement
    | Outcome
    | Refused
)


@dataclass(frozen=True, slots=True)
class Leaf:
    """One record; ``recorded_ms`` is UTC.  At most one of ``sub`` and ``ref`` is there."""

    index: int
    recorded_ms: int
    kind: str
    identifier: str
    body: Body
    sub: str | None
    ref: tuple[int, int] | None


def new_rnds(count: int) -> list[str]:
    """``count`` blindings of 128 random bits, as 22 characters each."""
    noise = os.urandom(16 * count)
    return [
        urlsafe_b64encode(noise[at : at + 16])[:22].decode("ascii")
        for at in range(0, 16 * count, 16)
    ]


def encode_leaf(
    index: int,
    recorded_ms: int,
    kind: str,
    identifier: str,
    rnd: str,
    facts: Facts,
    *,
    sub: str | None = None,
    ref: tuple[int, int] | None = None,
) -> bytes:
    """The bytes of a leaf, which are stored and hashed; ``facts`` comes from ``*_facts``.

    Raises:
        SubmissionTooLarge: more than 60 KiB.
    """
    record: dict[str, object] = {
        "v": VERSION,
        "n": index,
        "t": recorded_ms,
        "kind": kind,
        "id": identifier,
        "rnd": rnd,
        **facts,
    }
    if sub is not None:
        record["sub"] = sub
    elif ref is not None:
        record["ref"] = ref
    data = encode_trusted(record)
    if len(data) > MOST_BYTES:
        raise SubmissionTooLarge(size=len(data), most=MOST_BYTES)
    return data


def genesis_facts(origin: str, vkey: str, operator: str) -> Facts:
    """Members of ``genesis``: the log's origin, its verifier key, the operator's verifier key."""
    return {"origin": origin, "vkey": vkey, "operator": operator}


def key_facts(vkey: str, role: str) -> Facts:
    """Members of ``key``; the leaf's id is the key's name."""
    return {"vkey": vkey, "role": role}


def policy_facts(policy: str) -> Facts:
    """Members of ``policy``; the profile's text stands in the submission."""
    return {"pol": policy}


def account_facts(kind: str, floor: int | None, ceiling: int | None) -> Facts:
    """Members of ``account``."""
    return {"account": {"kind": kind, "floor": floor, "ceiling": ceiling}}


def entry_facts(
    number: int,
    effective_on: str,
    policy: str,
    movements: Iterable[tuple[str, str, int]],
    of: str | None = None,
) -> Facts:
    """Members of a journal entry; each movement becomes two postings, the giver's first."""
    post: list[Json] = []
    for giver, receiver, minutes in movements:
        post += ([giver, -minutes], [receiver, minutes])
    facts: Facts = {"no": number, "on": effective_on, "pol": policy, "post": post}
    if of is not None:
        facts["of"] = of
    return facts


def hold_facts(payer: str, payee: str, minutes: int, expires_ms: int) -> Facts:
    """Members of ``hold``."""
    return {"hold": {"from": payer, "to": payee, "minutes": minutes, "expires": expires_ms}}


def end_facts(hold_id: str) -> Facts:
    """Members of ``release`` and ``expiry``."""
    return {"of": hold_id}


def outcome_facts(of: Iterable[int], rows: Iterable[str]) -> Facts:
    """Members of ``outcome``; the leaf's id is the batch's."""
    return {"of": list(of), "rows": list(rows)}


def refused_facts(content_hash: str, code: str, by: str) -> Facts:
    """Members of ``refused``."""
    return {"hash": content_hash, "code": code, "by": by}
