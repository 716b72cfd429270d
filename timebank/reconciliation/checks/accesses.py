"""Accesses: nobody took a look out of the chain, changed one, or wrote the chain anew.

Each row's hash is computed again from the row and the hash before it, and the chain must pass
through every head that the daily job anchored in the log.
"""

from collections.abc import Iterator
from typing import Any

import orjson

from timebank.people.accesses import START, hash_of
from timebank.reconciliation.model import Check, Difference, Fact, Need, Severity
from timebank.reconciliation.view import View

WORDS = {
    "number_missing": (
        "查看记录应为第 {expected} 号，实为第 {number} 号：有记录被取走。",
        "The access should have the number {expected} and has {number}: some were taken out.",
    ),
    "row_changed": (
        "查看记录的内容与它的哈希不符，被改动过。",
        "The access differs from its own hash: it was changed.",
    ),
    "chain_broken": (
        "查看记录没有接上前一条记录。",
        "The access does not follow the one before it.",
    ),
    "anchor_differs": (
        "日志叶子 {leaf} 所记的哈希与第 {number} 号查看记录不同：整条链被重写。",
        "Leaf {leaf} states another hash for access {number}: the chain was written anew.",
    ),
    "rows_missing": (
        "日志叶子 {leaf} 记有 {anchored} 条查看记录，现有 {rows} 条。",
        "Leaf {leaf} states {anchored} accesses; there are {rows}.",
    ),
}

_ROWS = """
SELECT number, accessed_ms, actor_id, role, person_id, purpose, fields, reason, previous_hash, hash
  FROM access WHERE book_id = :book ORDER BY number
"""
_NAMES = (
    "number", "accessed_ms", "actor_id", "role", "person_id", "purpose", "fields", "reason",
    "previous_hash", "hash",
)  # fmt: skip
_ANCHOR = b"access_anchor"


def check(view: View) -> Iterator[Difference]:
    """Walk the chain from its first row, then compare it with what the log anchored."""
    anchors = sorted(_anchors(view))
    waiting = 0
    number, previous = 0, START
    for values in view.rows(_ROWS):
        row = dict(zip(_NAMES, values, strict=True))
        subject = f"access {row['number']}"
        if row["number"] != number + 1:
            facts: dict[str, Fact] = {"expected": number + 1, "number": row["number"]}
            yield Difference(subject, "number_missing", facts)
        if row["previous_hash"] != previous:
            yield Difference(subject, "chain_broken")
        if hash_of(row) != row["hash"]:
            yield Difference(subject, "row_changed")
        number, previous = row["number"], row["hash"]
        while waiting < len(anchors) and anchors[waiting][0] <= number:
            anchored, leaf, head = anchors[waiting]
            if anchored == number and head != previous:
                facts = {"leaf": leaf, "number": number}
                yield Difference(subject, "anchor_differs", facts)
            waiting += 1
    for anchored, leaf, _head in anchors[waiting:]:
        facts = {"leaf": leaf, "anchored": anchored, "rows": number}
        yield Difference(f"leaf {leaf}", "rows_missing", facts)


def _anchors(view: View) -> Iterator[tuple[int, int, str]]:
    """Number, leaf and hash of every head that was anchored."""
    for index, body in view.leaves():
        if _ANCHOR in body and (facts := _facts(body)) is not None:
            yield facts["accesses"], index, facts["head"]


def _facts(body: bytes) -> dict[str, Any] | None:
    try:
        header, facts = orjson.loads(body)["sub"].split("\n", 2)[:2]
        told: dict[str, Any] = orjson.loads(facts)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None  # `entries_against_leaves` and `sequences` say so.
    return told if header.endswith(f" {_ANCHOR.decode()}/v1") else None


CHECK = Check(
    "accesses",
    "查看个人信息的记录首尾相接，与日志中每日所记的一致",
    "Looks at personal data form one unbroken chain, as the log anchored it day by day",
    frozenset({Need.TABLES, Need.LEAVES}),
    Severity.ALARM,
    check,
    WORDS,
)
