"""Idempotency keys: every submission is remembered, and every answer names what exists.

A key that was forgotten lets the same request post once more; an answer that was changed tells a
station of an entry that does not exist.
"""

import re
from collections.abc import Iterator
from typing import Any

import orjson

from ledger.errors import SequenceForked
from ledger.forks import FORKED
from timebank.reconciliation.model import Check, Difference, Fact, Need, Severity
from timebank.reconciliation.view import View

_IDS = re.compile(rb"\b(?:entry|hold)_[0-9a-f]{32}\b")
_TABLES = {"entry": "entry_id", "hold": "hold_id"}
_IDS_AT_ONCE = 500

WORDS = {
    "forgotten": (
        "叶子 {id} 的请求没有留下幂等键：同一请求重发会再记一次。",
        "No key remembers the request of {id}: sent again, it would be carried out again.",
    ),
    "remembered_twice": (
        "叶子 {id} 被 {keys} 个幂等键引用，应为 1 个。",
        "{keys} keys name the leaf of {id}; there must be one.",
    ),
    "leaf_missing": (
        "{submitter} 的一个幂等键指向不存在或不是请求的叶子。",
        "A key of {submitter} names a leaf that is missing or carries no request.",
    ),
    "refusal_differs": (
        "{submitter} 的幂等键所记的拒绝与叶子不符。",
        "What a key of {submitter} remembers of a refusal differs from the leaf.",
    ),
    "answer_names_nothing": (
        "{submitter} 得到的答复提到 {id}，账本里没有。",
        "The answer given to {submitter} names {id}, which the book does not have.",
    ),
}


def check(view: View) -> Iterator[Difference]:
    """Walk leaves and keys side by side, then look up what the answers name."""
    keys = view.rows(
        "SELECT leaf_index, submitter, content_hash, refused, answer FROM idempotency_key "
        "WHERE book_id = :book ORDER BY leaf_index"
    )
    key = next(keys, None)
    named = _Named(view)
    for index, body in view.leaves():
        mine = []
        while key is not None and key[0] <= index:
            if key[0] == index:
                mine.append(key)
            else:
                yield _missing(key)
            key = next(keys, None)
        leaf = _request(index, body)
        if leaf is None:
            yield from map(_missing, mine)
            continue
        identifier = str(leaf.get("id"))
        if len(mine) != 1:
            facts: dict[str, Fact] = {"id": identifier, "keys": len(mine)}
            yield Difference(f"leaf {index}", "remembered_twice" if mine else "forgotten", facts)
        for row in mine:
            if not _same_refusal(leaf, row):
                facts = {"submitter": row[1]}
                yield Difference(f"leaf {index}", "refusal_differs", facts)
            yield from named.note(index, row[1], identifier.encode(), bytes(row[4]))
    while key is not None:
        yield _missing(key)
        key = next(keys, None)
    yield from named.look_up()


def _missing(key: Any) -> Difference:
    return Difference(f"leaf {key[0]}", "leaf_missing", {"submitter": key[1]})


def _request(index: int, body: bytes) -> dict[str, Any] | None:
    """The leaf where a request begins: a refusal, or a submission that is no later part."""
    if index == 0 or (b'"sub":' not in body and b'"kind":"refused"' not in body):
        return None
    try:
        leaf: dict[str, Any] = orjson.loads(body)
        if leaf["kind"] == "batch":
            return None if orjson.loads(leaf["sub"].split("\n", 2)[1]).get("part") else leaf
        return leaf if "sub" in leaf or leaf["kind"] == "refused" else None
    except (ValueError, KeyError, TypeError, IndexError, AttributeError):
        return None  # `entries_against_leaves` and `sequences` say so.


def _same_refusal(leaf: dict[str, Any], key: Any) -> bool:
    is_fork = leaf["kind"] == "revocation" and leaf.get("reason") == FORKED
    if (leaf["kind"] == "refused" or is_fork) != bool(key[3]):
        return False
    if not key[3]:
        return True
    try:
        code = orjson.loads(bytes(key[4]))["code"]
    except (ValueError, KeyError, TypeError):
        return False
    if is_fork:
        return bool(code == SequenceForked.code)
    # Of what somebody else signed the leaf has the hash of the text; it is scoped to the vkey.
    same = "+" in key[1] or leaf.get("hash") == bytes(key[2]).hex()
    return bool(same and leaf.get("code") == code)


class _Named:
    """Entries and holds that answers name and that are not the leaf's own, looked up in parts."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._waiting: dict[str, tuple[int, str]] = {}

    def note(self, index: int, submitter: str, own: bytes, answer: bytes) -> Iterator[Difference]:
        for found in _IDS.findall(answer):
            if found != own:
                self._waiting[found.decode()] = index, submitter
        if len(self._waiting) >= _IDS_AT_ONCE:
            yield from self.look_up()

    def look_up(self) -> Iterator[Difference]:
        known: set[str] = set()
        for prefix, column in _TABLES.items():
            ids = [name for name in self._waiting if name.startswith(prefix)]
            table = "entry" if prefix == "entry" else "hold_placed"
            for at in range(0, len(ids), _IDS_AT_ONCE):
                part = dict(enumerate(ids[at : at + _IDS_AT_ONCE]))
                slots = ", ".join(f":id{place}" for place in part)
                rows = self._view.rows(
                    f"SELECT {column} FROM {table} WHERE book_id = :book AND {column} IN ({slots})",
                    **{f"id{place}": name for place, name in part.items()},
                )
                known.update(row[0] for row in rows)
        waiting, self._waiting = self._waiting, {}
        for name, (index, submitter) in waiting.items():
            if name not in known:
                facts: dict[str, Fact] = {"id": name, "submitter": submitter}
                yield Difference(f"leaf {index}", "answer_names_nothing", facts)


CHECK = Check(
    "idempotency",
    "每个请求都留有幂等键，所记的答复都指向真实存在的账",
    "Every request is remembered by its key, and every answer names what exists",
    frozenset({Need.TABLES, Need.LEAVES}),
    Severity.ALARM,
    check,
    WORDS,
)
