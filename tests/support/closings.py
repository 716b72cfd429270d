"""Closings spelled out by hand from the bytes of leaves, after the log format's page alone."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone

from ledger.encoding import Json

ZONE = timezone(timedelta(hours=8))


def month(name: str) -> tuple[int, int]:
    """When a month begins and ends at UTC+8, in UTC milliseconds."""
    year, number = map(int, name.split("-"))
    begins = datetime(year, number, 1, tzinfo=ZONE)
    ends = datetime(year + number // 12, number % 12 + 1, 1, tzinfo=ZONE)
    return int(begins.timestamp()) * 1_000, int(ends.timestamp()) * 1_000


def closing(leaves: Sequence[bytes], name: str) -> dict[str, Json]:
    """What the closing of a month must state behind these leaves."""
    from_ms, until_ms = month(name)
    known = [leaf for leaf in map(json.loads, leaves) if leaf["t"] < until_ms]
    moves = [
        (leaf, giver[0], receiver[0], receiver[1])
        for leaf in known
        if "post" in leaf
        for giver, receiver in zip(leaf["post"][::2], leaf["post"][1::2], strict=True)
    ]
    inside = [move for move in moves if move[0]["t"] >= from_ms]
    numbers = sorted({move[0]["no"] for move in inside})
    late = {move[0]["no"] for move in inside if move[0]["on"] < f"{name}-01"}
    kinds = {leaf["id"]: leaf["account"]["kind"] for leaf in known if leaf["kind"] == "account"}
    posted, held = defaultdict[str, int](int), defaultdict[str, int](int)
    table: dict[str, dict[str, int]] = {}
    for kind in sorted(kinds.values()):
        table[kind] = {"opening": 0, "in": 0, "out": 0, "closing": 0}
    for leaf, giver, receiver, minutes in moves:
        posted[giver] -= minutes
        posted[receiver] += minutes
        for account, sign, side in ((giver, -1, "out"), (receiver, 1, "in")):
            row = table[kinds[account]]
            row["closing"] += sign * minutes
            if leaf["t"] >= from_ms:
                row[side] += minutes
            else:
                row["opening"] += sign * minutes
    ends = ("release", "expiry", "settlement")
    ended = {leaf["of"] for leaf in known if leaf["kind"] in ends}
    for leaf in known:
        if leaf["kind"] == "hold" and leaf["id"] not in ended:
            held[leaf["hold"]["from"]] += leaf["hold"]["minutes"]
    rows: list[Json] = [{"kind": kind, **sums} for kind, sums in table.items()]
    return {
        "period": name,
        "from": from_ms,
        "until": until_ms,
        "first": numbers[0] if numbers else None,
        "last": numbers[-1] if numbers else None,
        "entries": len(numbers),
        "late": len(late),
        "minutes": sum(move[3] for move in inside),
        "accounts": len(kinds),
        "balances": _root(
            [f'{{"account":"{name}","held":{held[name]},"posted":{posted[name]}}}'
             for name in sorted(kinds)]
        ),
        "kinds": rows,
    }  # fmt: skip


def _root(texts: list[str]) -> str:
    def over(part: list[bytes]) -> bytes:
        if len(part) == 1:
            return part[0]
        at = 1 << (len(part) - 1).bit_length() - 1
        return hashlib.sha256(b"\1" + over(part[:at]) + over(part[at:])).digest()

    hashes = [hashlib.sha256(b"\0" + text.encode()).digest() for text in texts]
    return (over(hashes) if hashes else hashlib.sha256(b"").digest()).hex()
