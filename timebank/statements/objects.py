"""A statement as one JSON object, streaming."""

from collections.abc import Iterator
from typing import Any

import orjson

from timebank.expiry.model import Coming
from timebank.statements.model import Statement, StatementLine


def as_json(statement: Statement) -> Iterator[bytes]:
    """One JSON object with ``opening``, ``lines`` and ``closing``, written as it is read.

    ``late_minutes`` at its end is the sum of the lines' own; ``expiring`` is a member only where
    something was announced to expire.
    """
    coming = [coming_as_json(one) for one in statement.expiring]
    head = orjson.dumps(
        {
            "account": statement.account_id,
            "account_kind": statement.account_kind,
            "number": statement.number,
            "holder": statement.holder,
            "from": statement.from_on,
            "to": statement.to_on,
            "opening": statement.opening,
            "closing": statement.closing,
            "held": statement.held,
            **({"expiring": coming} if coming else {}),
        }
    )
    yield head[:-1] + b',"lines":['
    separator, late = b"", 0
    for line in statement.lines:
        late += line.late_minutes
        yield separator + orjson.dumps(line_as_json(line))
        separator = b","
    yield b'],"late_minutes":%d}\n' % late


def coming_as_json(one: Coming) -> dict[str, Any]:
    """What will expire, as programs read it."""
    return {"due_on": one.due_on.isoformat(), "minutes": one.minutes}


def line_as_json(line: StatementLine) -> dict[str, Any]:
    """A line as programs read it; minutes are signed."""
    return {
        "number": line.number,
        "place": line.place,
        "leaf_index": line.leaf_index,
        "entry": line.entry_id,
        "kind": line.kind,
        "effective_on": line.effective_on,
        "recorded_at": line.recorded_at,
        "other": line.other_kind,
        "minutes": line.minutes,
        "balance": line.balance,
        "page": line.page,
        "given_minutes": line.given_minutes,
        "policy": line.policy,
        "late_minutes": line.late_minutes,
    }
