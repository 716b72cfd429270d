"""Whether a stored book is whole: every row against its leaf, the leaves against the tree.

This is a judge for tests and shares no code with the writer: it parses leaves with the strict
reader and replays the tables from them.  ``faults_of`` names what it finds, so that tests with
planted faults can show that it would.
"""

import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from ledger.balances import recompute
from ledger.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from ledger.database import Database
from ledger.keys import SigningKey
from ledger.leaf import (
    AccountOpened,
    Entry,
    Genesis,
    HoldEnded,
    HoldPlaced,
    KeyAdded,
    Leaf,
    PolicyAdded,
)
from ledger.leaf_parser import LeafRejected, parse
from ledger.merkle import Frontier, leaf_hashes, root_of
from ledger.periods import Closing
from ledger.publish import publish
from ledger.tables import LEDGER_TABLES
from ledger.verify import verify

Rows = set[tuple[Any, ...]]

_CHECKED = {
    "entry": "entry_id, number, leaf_index",
    "movement": "leaf_index, place, number, from_no, to_no, minutes, kind, effective_on, "
    "recorded_ms",
    "account": "account_no, account_id, kind, floor, ceiling, leaf_index",
    "hold_placed": "hold_id, payer_no, payee_no, minutes, expires_ms, leaf_index",
    "hold_ended": "hold_id, state, settled_minutes, leaf_index",
    "reversal": "reversed_id, reversing_id, leaf_index",
    "policy": "version, leaf_index",
    "period_closing": "period, from_ms, until_ms, leaf_index",
}


def every_row(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables of the ledger: equal before and after what must change nothing."""
    with database.read() as connection:
        return {
            table: sorted(
                tuple(bytes(v) if isinstance(v, memoryview) else v for v in row)
                for row in connection.execute(text(f"SELECT * FROM {table}"))
            )
            for table in LEDGER_TABLES
        }


def leaves_of(connection: Connection, start: int = 0, count: int = 2**31) -> list[bytes]:
    """The stored bytes of leaves in order."""
    rows = connection.execute(
        text(
            "SELECT body FROM leaf WHERE leaf_index >= :a AND leaf_index < :b ORDER BY leaf_index"
        ),
        {"a": start, "b": start + count},
    )
    return [bytes(body) for (body,) in rows]


def faults_of(database: Database) -> list[str]:
    """Everything that is not as the leaves say, in words; empty for a sound book."""
    with database.read() as connection:
        return list(_faults(connection))


def _faults(connection: Connection) -> Iterator[str]:
    size, root, frontier, entries, accounts = connection.execute(
        text("SELECT size, root, frontier, entries, accounts FROM head")
    ).one()
    indexes = [i for (i,) in connection.execute(text("SELECT leaf_index FROM leaf ORDER BY 1"))]
    if indexes != list(range(size)):
        yield f"leaves are not 0 to {size - 1}"
    hashes = leaf_hashes(leaves_of(connection))
    if root_of(hashes) != bytes(root):
        yield "the head's root is not that of the leaves"
    if Frontier().append(hashes).to_bytes() != bytes(frontier):
        yield "the head's frontier is not that of the leaves"
    leaves = []
    for index, body in zip(indexes, leaves_of(connection), strict=True):
        try:
            leaves.append(parse(body))
        except LeafRejected as error:
            yield f"leaf {index}: {error}"
            return
        if leaves[-1].index != index:
            yield f"leaf {index} says that it is {leaves[-1].index}"
    numbers = [leaf.body.number for leaf in leaves if isinstance(leaf.body, Entry)]
    if numbers != list(range(1, entries + 1)):
        yield f"entries are not numbered 1 to {entries}"
    expected = _expected_rows(leaves)
    if len(expected["account"]) != accounts:
        yield f"{len(expected['account'])} accounts have leaves, the head counts {accounts}"
    for table, columns in _CHECKED.items():
        found = {tuple(row) for row in connection.execute(text(f"SELECT {columns} FROM {table}"))}
        for row in sorted(expected[table] - found, key=repr):
            yield f"{table} lacks {row}"
        for row in sorted(found - expected[table], key=repr):
            yield f"{table} has {row} without its leaf"
    yield from _unkept(connection, leaves)


def _expected_rows(leaves: Iterable[Leaf]) -> dict[str, Rows]:
    """The rows that the leaves account for."""
    rows: dict[str, Rows] = defaultdict(set)
    serials: dict[str, int] = {}
    for leaf in leaves:
        body, index, name = leaf.body, leaf.index, leaf.identifier
        if isinstance(body, AccountOpened):
            serials[name] = len(serials) + 1
            opened = (serials[name], name, body.kind, body.floor, body.ceiling, index)
            rows["account"].add(opened)
        elif isinstance(body, Entry):
            rows["entry"].add((name, body.number, index))
            for place, (giver, receiver, minutes) in enumerate(body.movements):
                sides = (serials.get(giver, giver), serials.get(receiver, receiver))
                rows["movement"].add(
                    (index, place, body.number, *sides, minutes, leaf.kind, body.effective_on,
                     leaf.recorded_ms)
                )  # fmt: skip
            if leaf.kind == "reversal":
                rows["reversal"].add((body.of, name, index))
            elif leaf.kind == "settlement":
                paid = sum(minutes for _, _, minutes in body.movements)
                rows["hold_ended"].add((body.of, "settled", paid, index))
        elif isinstance(body, HoldPlaced):
            sides = (serials.get(body.payer, body.payer), serials.get(body.payee, body.payee))
            rows["hold_placed"].add((name, *sides, body.minutes, body.expires_ms, index))
        elif isinstance(body, HoldEnded):
            state = "released" if leaf.kind == "release" else "expired"
            rows["hold_ended"].add((body.of, state, 0, index))
        elif isinstance(body, PolicyAdded):
            rows["policy"].add((body.policy, index))
        elif isinstance(body, Closing):
            period = body.period
            rows["period_closing"].add((period.name, period.from_ms, period.until_ms, index))
    return rows


def _unkept(connection: Connection, leaves: list[Leaf]) -> Iterator[str]:
    """Faults of what follows the journal: balances, keys and remembered answers."""
    for line in recompute(connection):
        if (line.posted, line.held) != (line.journal_posted, line.journal_held):
            yield f"balance of {line.account_id}: {line}"
    alone = connection.execute(
        text(
            "SELECT account_id FROM account "
            "WHERE account_no NOT IN (SELECT account_no FROM balance)"
        )
    )
    yield from (f"{account_id} has no balance" for (account_id,) in alone)
    apart = connection.execute(
        text(
            "SELECT count(*) FROM account a JOIN balance b ON a.account_no = b.account_no "
            "WHERE coalesce(a.floor, 1) <> coalesce(b.floor, 1) "
            "OR coalesce(a.ceiling, -1) <> coalesce(b.ceiling, -1)"
        )
    ).scalar_one()
    if apart:
        yield f"{apart} balances have other limits than their account"
    genesis = leaves[0].body
    vkeys = {genesis.operator, genesis.vkey} if isinstance(genesis, Genesis) else set()
    vkeys |= {leaf.body.vkey for leaf in leaves if isinstance(leaf.body, KeyAdded)}
    for name, vkey in connection.execute(text("SELECT name, vkey FROM signing_key")):
        if vkey not in vkeys:
            yield f"signing key {name} without its leaf"
    beyond = connection.execute(
        text("SELECT count(*) FROM idempotency_key WHERE leaf_index >= :size"),
        {"size": len(leaves)},
    ).scalar_one()
    if beyond:
        yield f"{beyond} remembered answers point beyond the log"


def assert_sound(database: Database, log_key: SigningKey, *checkpoints: str) -> None:
    """Fail unless the book is whole, its published log verifies and extends ``checkpoints``."""
    assert faults_of(database) == []
    with database.read() as connection:
        origin, size, root = connection.execute(text("SELECT origin, size, root FROM head")).one()
        leaves = leaves_of(connection)
    note = sign_checkpoint(Checkpoint(origin, size, bytes(root)), log_key)
    for older in checkpoints:
        earlier = open_checkpoint(older, [log_key.vkey])
        assert earlier.size <= size
        assert root_of(leaf_hashes(leaves[: earlier.size])) == earlier.root
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        publish(folder, lambda at, count: leaves[at : at + count], note, durable=False)
        folder.joinpath("vkey").write_text(f"{log_key.vkey}\n", encoding="utf-8")
        report = verify(folder, vkey=str(log_key.vkey))
    assert [str(finding) for finding in report.findings] == []
    assert report.size == report.judged_leaves == size
