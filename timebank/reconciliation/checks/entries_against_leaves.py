"""Every row of the ledger against the bytes of its leaf, and every leaf against its rows.

One pass over the leaves with the tables beside it, each in the order of leaf indices: a row that
was put in behind the ledger's back has no leaf, a row that was changed differs from it, and a row
that was taken out is missing.
"""

from collections.abc import Iterator
from typing import Any

import orjson

from ledger.approvals import LOG, OPERATOR, key_identifier
from ledger.notes import Vkey
from timebank.reconciliation.model import Check, Difference, Fact, Need, Severity
from timebank.reconciliation.view import View

COLUMNS: dict[str, tuple[str, ...]] = {
    "entry": ("entry_id", "number"),
    "movement": (
        "place", "number", "from_account", "to_account", "minutes", "kind", "effective_on",
        "recorded_ms",
    ),
    "account": ("account_id", "kind", "floor", "ceiling"),
    "hold_placed": ("hold_id", "payer", "payee", "minutes", "expires_ms"),
    "hold_ended": ("hold_id", "state", "settled_minutes"),
    "reversal": ("reversed_id", "reversing_id"),
    "policy": ("version",),
    "signing_key": ("name", "vkey", "role"),
    "key_ended": ("name",),
    "log_end": (),
    "period_closing": ("period", "from_ms", "until_ms"),
}  # fmt: skip
"""What a leaf says of each table's row, in the order of the queries below."""

_SIDES = (
    "LEFT JOIN account g ON g.book_id = x.book_id AND g.account_no = x.{giver} "
    "LEFT JOIN account r ON r.book_id = x.book_id AND r.account_no = x.{receiver} "
)
_QUERIES: dict[str, str] = {
    "entry": "SELECT leaf_index, entry_id, number FROM entry x ",
    "movement": (
        "SELECT x.leaf_index, x.place, x.number, g.account_id, r.account_id, x.minutes, x.kind, "
        "x.effective_on, x.recorded_ms FROM movement x "
        + _SIDES.format(giver="from_no", receiver="to_no")
    ),
    "account": "SELECT leaf_index, account_id, kind, floor, ceiling FROM account x ",
    "hold_placed": (
        "SELECT x.leaf_index, x.hold_id, g.account_id, r.account_id, x.minutes, x.expires_ms "
        "FROM hold_placed x " + _SIDES.format(giver="payer_no", receiver="payee_no")
    ),
    "hold_ended": "SELECT leaf_index, hold_id, state, settled_minutes FROM hold_ended x ",
    "reversal": "SELECT leaf_index, reversed_id, reversing_id FROM reversal x ",
    "policy": "SELECT leaf_index, version FROM policy x ",
    "signing_key": "SELECT leaf_index, name, vkey, role FROM signing_key x ",
    "key_ended": "SELECT leaf_index, name FROM key_ended x ",
    "log_end": "SELECT leaf_index FROM log_end x ",
    "period_closing": "SELECT leaf_index, period, from_ms, until_ms FROM period_closing x ",
}

WORDS = {
    "leaf_unreadable": ("叶子的内容无法读取。", "The leaf cannot be read."),
    "leaf_misplaced": (
        "叶子自称第 {says} 号，却存为第 {leaf} 号。",
        "The leaf says that it is number {says} and is stored as {leaf}.",
    ),
    "time_backwards": (
        "叶子的记账时间早于前一个叶子。",
        "The leaf was recorded before the leaf before it.",
    ),
    "row_missing": (
        "叶子（{id}）在表 {table} 中没有对应的行。",
        "The leaf ({id}) has no row in {table}.",
    ),
    "row_extra": (
        "表 {table} 中多出一行（{id}），叶子里没有。",
        "Table {table} has a row ({id}) that the leaf does not state.",
    ),
    "row_differs": (
        "表 {table} 的 {column} 存为 {stored}，叶子（{id}）写的是 {leaf}。",
        "{table}.{column} is stored as {stored}; the leaf ({id}) says {leaf}.",
    ),
    "leaf_missing": (
        "表 {table} 中的一行（{id}）指向不存在的叶子。",
        "A row of {table} ({id}) names a leaf that does not exist.",
    ),
}

_Row = tuple[Any, ...]


class _Rows:
    """A table's rows in the order of leaf indices; ``at`` is the next row's leaf."""

    __slots__ = ("_rows", "_waiting", "at", "table")

    def __init__(self, view: View, table: str) -> None:
        place = _WITHIN_A_LEAF.get(table, "")
        query = f"{_QUERIES[table]} WHERE x.book_id = :book ORDER BY x.leaf_index{place}"
        self.table = table
        self._rows = view.rows(query)
        self._waiting: Any = next(self._rows, _END)
        self.at: int = self._waiting[0]

    def take(self, index: int) -> list[_Row]:
        """The rows that name leaf ``index``, which must not be behind :attr:`at`."""
        taken: list[_Row] = []
        waiting = self._waiting
        while waiting[0] == index:
            taken.append(waiting[1:])
            waiting = next(self._rows, _END)
        self._waiting = waiting
        self.at = waiting[0]
        return taken


_WITHIN_A_LEAF = {"movement": ", x.place", "signing_key": ", x.role"}
"""What orders the rows of tables that have several for one leaf."""

_AFTER_ALL = 1 << 62
_END = (_AFTER_ALL,)
"""Stands behind the last row of every table."""


def check(view: View) -> Iterator[Difference]:
    """Walk leaves and rows side by side; see the module."""
    tables = [_Rows(view, table) for table in COLUMNS]
    recorded_ms = 0
    for index, body in view.leaves():
        stored: dict[str, list[_Row]] = {}
        for rows in tables:
            while rows.at < index:
                yield from _orphans(rows)
            if rows.at == index:
                stored[rows.table] = rows.take(index)
        try:
            leaf = orjson.loads(body)
            told = rows_of(leaf)
            identifier, says, moment = leaf["id"], leaf["n"], int(leaf["t"])
        except (ValueError, KeyError, TypeError, IndexError):
            yield Difference(f"leaf {index}", "leaf_unreadable")
            continue
        if says != index:
            yield Difference(f"leaf {index}", "leaf_misplaced", {"says": str(says), "leaf": index})
        if moment < recorded_ms:
            yield Difference(f"leaf {index}", "time_backwards")
        else:
            recorded_ms = moment
        if told != stored:
            yield from _compare(index, str(identifier), told, stored)
    for rows in tables:
        while rows.at < _AFTER_ALL:
            yield from _orphans(rows)


def rows_of(leaf: dict[str, Any]) -> dict[str, list[_Row]]:
    """The rows that a leaf must have, by table.

    Raises:
        ValueError, KeyError, TypeError, IndexError: the leaf has no such shape.
    """
    kind, identifier = leaf["kind"], leaf["id"]
    if "post" in leaf:
        return _entry_rows(leaf, kind, identifier)
    match kind:
        case "account":
            limits = leaf["account"]
            opened = (identifier, limits["kind"], limits["floor"], limits["ceiling"])
            return {"account": [opened]}
        case "hold":
            hold = leaf["hold"]
            placed = (identifier, hold["from"], hold["to"], hold["minutes"], hold["expires"])
            return {"hold_placed": [placed]}
        case "release" | "expiry":
            state = "released" if kind == "release" else "expired"
            return {"hold_ended": [(leaf["of"], state, 0)]}
        case "policy":
            return {"policy": [(identifier,)]}
        case "key":
            added: dict[str, list[_Row]] = {
                "signing_key": [(identifier, leaf["vkey"], leaf["role"])]
            }
            return added | ({"key_ended": [(leaf["of"],)]} if "of" in leaf else {})
        case "revocation":
            return {"key_ended": [(leaf["of"],)]}
        case "freeze":
            return {"log_end": [()]}
        case "closing":
            stated = leaf["closing"]
            return {"period_closing": [(stated["period"], stated["from"], stated["until"])]}
        case "genesis":
            log, operator = Vkey.parse(leaf["vkey"]), Vkey.parse(leaf["operator"])
            founding = ((log, LOG), (operator, OPERATOR))
            keys = [(key_identifier(key, role), str(key), role) for key, role in founding]
            return {"signing_key": [tuple(key) for key in keys]}
    return {}


def _entry_rows(leaf: dict[str, Any], kind: str, identifier: str) -> dict[str, list[_Row]]:
    number, on, moment, post = leaf["no"], leaf["on"], leaf["t"], leaf["post"]
    moves = []
    for place in range(len(post) // 2):
        (giver, taken), (receiver, minutes) = post[2 * place : 2 * place + 2]
        if taken != -minutes:
            raise ValueError("a movement takes what it gives")
        moves.append((place, number, giver, receiver, minutes, kind, on, moment))
    rows: dict[str, list[_Row]] = {"entry": [(identifier, number)], "movement": moves}
    if kind == "settlement":
        # Settled is all that the payer, the first giver, gives: what a cap takes from the volunteer
        # is redeemed.  `holds` compares it with what was held.
        settled = sum(move[4] for move in moves if move[2] == moves[0][2])
        rows["hold_ended"] = [(leaf["of"], "settled", settled)]
    elif kind == "reversal":
        rows["reversal"] = [(leaf["of"], identifier)]
    return rows


def _compare(
    index: int, identifier: str, told: dict[str, list[_Row]], stored: dict[str, list[_Row]]
) -> Iterator[Difference]:
    subject = f"leaf {index}"
    for table, columns in COLUMNS.items():
        says, has = told.get(table, []), stored.get(table, [])
        if says == has:
            continue
        missing = [row for row in says if row not in has]
        extra = [row for row in has if row not in says]
        for leaf_row, row in zip(missing, extra, strict=False):
            pairs = zip(columns, row, leaf_row, strict=True)
            column, kept, said = next(pair for pair in pairs if pair[1] != pair[2])
            facts: dict[str, Fact] = {
                "table": table,
                "column": column,
                "stored": _fact(kept),
                "leaf": _fact(said),
                "id": identifier,
            }
            yield Difference(subject, "row_differs", facts)
        for _row in missing[len(extra) :]:
            yield Difference(subject, "row_missing", {"table": table, "id": identifier})
        for row in extra[len(missing) :]:
            named = _fact(row[0]) if row else identifier
            yield Difference(subject, "row_extra", {"table": table, "id": named})


def _orphans(rows: _Rows) -> Iterator[Difference]:
    index = rows.at
    for row in rows.take(index):
        facts: dict[str, Fact] = {"table": rows.table, "id": _fact(row[0]) if row else "-"}
        yield Difference(f"leaf {index}", "leaf_missing", facts)


def _fact(value: object) -> Fact:
    return value if isinstance(value, int) else "-" if value is None else str(value)


CHECK = Check(
    "entries_against_leaves",
    "每一行账都与它的日志叶子逐字一致，每个叶子都有它的账",
    "Every row agrees with its leaf's bytes, and every leaf has its rows",
    frozenset({Need.TABLES, Need.LEAVES}),
    Severity.ALARM,
    check,
    WORDS,
)
