"""Signing keys: submissions in the leaves form each key's chain, which its row continues.

``seq`` and ``prev`` are followed as the log has them; the signatures themselves are verified by
``timebank verify``, which takes longer.
"""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import orjson

from ledger.submission import FIRST_PREV
from timebank.reconciliation.model import Check, Difference, Fact, Need, Severity
from timebank.reconciliation.view import View

WORDS = {
    "submission_unreadable": ("叶子里的提交无法读取。", "The leaf's submission cannot be read."),
    "sequence_broken": (
        "密钥 {key} 的提交序号应为 {expected}，实际为 {seq}。",
        "The submission of {key} has the number {seq} instead of {expected}.",
    ),
    "chain_broken": (
        "密钥 {key} 的第 {seq} 次提交没有接上前一次提交。",
        "Submission {seq} of {key} does not follow the one before it.",
    ),
    "key_unknown": ("签名的密钥 {key} 没有登记。", "The key {key} that signed is not enrolled."),
    "key_differs": (
        "密钥的下一序号存为 {stored}，日志里已用到 {used}；下一次提交会断链。",
        "The key's next number is stored as {stored}; the log has used {used}.",
    ),
}


_ELSEWHERE = "SELECT name FROM signing_key WHERE book_id = :book AND role IN ('device', 'staff')"
"""Keys that are not held here: each of their submissions was signed before it was judged."""


def check(view: View) -> Iterator[Difference]:
    """Follow every key through the leaves, then compare where it stands with its row."""
    elsewhere = {row[0] for row in view.rows(_ELSEWHERE)}
    chains: dict[str, tuple[int, str]] = {}
    for index, body in view.leaves():
        if b'"sub":' not in body and b'"kind":"refused"' not in body:
            continue
        try:
            leaf = orjson.loads(body)
            if "sub" not in leaf:
                _refused(leaf, elsewhere, chains)
                continue
            key, seq, prev, text_hash = _submission(leaf["sub"])
        except (ValueError, KeyError, TypeError, IndexError, AttributeError):
            yield Difference(f"leaf {index}", "submission_unreadable")
            continue
        expected, expected_prev = chains.get(key, (0, FIRST_PREV))
        if seq != expected:
            facts: dict[str, Fact] = {"key": key, "seq": seq, "expected": expected}
            yield Difference(f"leaf {index}", "sequence_broken", facts)
        elif prev != expected_prev:
            yield Difference(f"leaf {index}", "chain_broken", {"key": key, "seq": seq})
        chains[key] = seq + 1, text_hash
    keys = view.rows(
        "SELECT name, next_seq, previous_hash FROM signing_key WHERE book_id = :book ORDER BY name"
    )
    for name, next_seq, previous in keys:
        used, text_hash = chains.pop(name, (0, FIRST_PREV))
        if (next_seq, previous) != (used, text_hash):
            facts = {"stored": next_seq, "used": used}
            yield Difference(f"key {name}", "key_differs", facts)
    for name in chains:
        yield Difference(f"key {name}", "key_unknown", {"key": name})


def _refused(leaf: dict[str, Any], elsewhere: set[str], chains: dict[str, tuple[int, str]]) -> None:
    """What was signed elsewhere and refused took a number; what we refused was never signed."""
    key = leaf["by"]
    if key in elsewhere:
        chains[key] = chains.get(key, (0, FIRST_PREV))[0] + 1, str(leaf["hash"])


def _submission(note: Any) -> tuple[str, int, str, str]:
    """Key, number, ``prev`` and own hash of a signed note that our own writer has put together."""
    text, lines = note.split("\n\n", 1)
    text += "\n"
    body = orjson.loads(text.split("\n", 2)[1])
    key = lines.split(" ", 2)[1]
    return key, int(body["seq"]), str(body["prev"]), sha256(text.encode()).hexdigest()


CHECK = Check(
    "sequences",
    "每把密钥的提交序号连续，且与密钥登记一致",
    "Every key's submissions are numbered and chained without gaps",
    frozenset({Need.TABLES, Need.LEAVES}),
    Severity.ALARM,
    check,
    WORDS,
)
