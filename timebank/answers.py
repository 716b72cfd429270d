"""What goes in with a key and what comes back: the bytes a request is bound to, and its answer."""

from typing import Any, NamedTuple

import orjson

from ledger.encoding import OutOfProfile, encode_trusted
from ledger.errors import ContentOutOfProfile
from ledger.writer import Decided


class Answer(NamedTuple):
    """What an action answered.  ``raw`` are the bytes that every repetition gets again."""

    body: dict[str, Any]
    raw: bytes
    leaf_index: int
    checkpoint: str
    replayed: bool


def answer_of(decided: Decided) -> Answer:
    """A decided action with its answer read."""
    return Answer(
        orjson.loads(decided.answer),
        decided.answer,
        decided.leaf_index,
        decided.checkpoint,
        decided.replayed,
    )


def bound_bytes(content: dict[str, Any]) -> bytes:
    """The bytes that a key is bound to; they are hashed, never stored, so any length will do."""
    try:
        bound = encode_trusted(content)
    except OutOfProfile as error:
        raise ContentOutOfProfile(why="text") from error
    if b"\\u0000" in bound and _has_nul(content):
        raise ContentOutOfProfile(why="text")
    return bound


def _has_nul(value: object) -> bool:
    """Looks closely: a backslash before ``u0000`` may stand in the text itself."""
    if isinstance(value, dict):
        return any(_has_nul(part) for part in value.values())
    if isinstance(value, list):
        return any(_has_nul(part) for part in value)
    return isinstance(value, str) and "\0" in value
