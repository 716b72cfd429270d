"""Leaves spelled out by hand, after the log format's page rather than by the ledger's own writer.

Golden logs and planted faults are built from these, so that a change of what the ledger writes
shows against bytes that do not change with it.
"""

from collections.abc import Iterable

from ledger.encoding import MOST_BYTES, Json, encode_trusted
from ledger.errors import SubmissionTooLarge

Facts = dict[str, Json]


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
    """The bytes of a leaf; ``facts`` comes from ``*_facts``.

    Raises:
        SubmissionTooLarge: more than 60 KiB.
    """
    record: dict[str, object] = {
        "v": 1,
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


def genesis_facts(
    origin: str, vkey: str, operator: str, policy: str, needed: int, roots: Iterable[str]
) -> Facts:
    """Members of ``genesis``: origin, verifier keys of log, operator and roots, first policy."""
    return {
        "origin": origin,
        "vkey": vkey,
        "operator": operator,
        "pol": policy,
        "roots": {"needed": needed, "vkeys": list(roots)},
    }


def key_facts(vkey: str, role: str, of: str | None = None) -> Facts:
    """Members of ``key``; ``of`` is the key that it replaces."""
    return {"vkey": vkey, "role": role} | ({} if of is None else {"of": of})


def revocation_facts(of: str, reason: str) -> Facts:
    """Members of ``revocation``."""
    return {"of": of, "reason": reason}


def freeze_facts(successor: str) -> Facts:
    """Members of ``freeze``."""
    return {"successor": successor}


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
