"""Making receipts out of the stored tree, for whoever may read what they are of.

A leaf that is public gets the public checkpoint with every line that it has; a younger one gets a
checkpoint that the writer signs over what is committed now.  Nobody waits for publication.
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

import orjson
from sqlalchemy import Connection, select

from ledger.checkpoint import Checkpoint, open_checkpoint
from ledger.errors import EntryNotFound
from ledger.leaf import Entry as EntryBody
from ledger.leaf_parser import parse
from ledger.notes import Note, NoteRejected, parse_note
from ledger.publication import read_leaves
from ledger.receipt import Receipt
from ledger.tables import Entry, Reversal, core
from ledger.tiles import TileFolder
from ledger.writer import Decided
from timebank.bank import Bank
from timebank.databases import storage_told
from timebank.errors import NotPermitted
from timebank.people.reading import STAFF, account_of_reader
from timebank.periods.view import period_closed
from timebank.records.queries import record_of
from timebank.stations.actions import require
from timebank.stations.model import Actor, Role

BOOK = 1
_ENTRY = core(Entry).c
_REVERSAL = core(Reversal).c


class Issued(NamedTuple):
    """A receipt with the entry that it is of."""

    entry_id: str
    receipt: Receipt


def receipt_of_entry(bank: Bank, actor: Actor, entry_id: str) -> Issued:
    """The receipt of an entry, for whoever may read one of its accounts.

    Raises, the first that applies:
        NotPermitted: a member of whom it moves nothing, or no staff; whether it exists is not said.
        EntryNotFound: there is no such entry.
        LedgerFault: the storage is out, or what is stored is not what was signed.
    """
    with storage_told():
        with bank.read() as connection:
            found = _leaf_indexes(connection, [entry_id])
            _check_reader(connection, actor, found.get(entry_id))
        if not found:
            raise EntryNotFound(entry=entry_id[:80])
        return _issue(bank, found)[0]


def receipt_of_closing(bank: Bank, actor: Actor, period: str) -> Issued:
    """The receipt of the leaf that closed a period; its id stands in place of an entry's.

    Raises, the first that applies:
        NotPermitted: neither operator nor auditor.
        PeriodNotClosed: the period has no closing.
        LedgerFault: the storage is out, or what is stored is not what was signed.
    """
    require(actor, "read_receipt", Role.OPERATOR, Role.AUDITOR)
    with storage_told():
        with bank.read() as connection:
            closed = period_closed(connection, period)
        return _issue(bank, {closed.closing_id: closed.leaf_index})[0]


def receipts_of_record(bank: Bank, actor: Actor, record_id: str) -> list[Issued]:
    """The receipts of a record's entries and of what reversed them, in the order of the journal.

    Raises, the first that applies:
        NotPermitted, UnknownRecord: see :func:`timebank.records.queries.record_of`.
        LedgerFault: the storage is out, or what is stored is not what was signed.
    """
    with storage_told():
        with bank.read() as connection:
            record = record_of(bank, connection, actor, record_id)
            entries = [person.entry_id for person in record.people if person.entry_id]
            reversing = select(_REVERSAL.reversing_id).where(
                _REVERSAL.book_id == BOOK, _REVERSAL.reversed_id.in_(entries)
            )
            entries += connection.execute(reversing).scalars()
            found = _leaf_indexes(connection, entries)
        return _issue(bank, found) if found else []


def receipts_of_answer(bank: Bank, decided: Decided) -> list[str]:
    """The receipts that belong to the answer to a logged service, against its own checkpoint.

    One for each entry; for a record that awaits review, that of the leaf that states it.

    Raises:
        LedgerFault: the storage is out, or what is stored is not what was signed.
    """
    credits = orjson.loads(decided.answer)["credits"]
    note = parse_note(decided.checkpoint)
    with storage_told(), bank.read() as connection:
        found = _leaf_indexes(connection, [one["entry"] for one in credits if one["entry"]])
        indexes = sorted(found.values()) or [decided.leaf_index]
        return [str(_prove(bank, connection, index, note)) for index in indexes]


def _check_reader(connection: Connection, actor: Actor, leaf_index: int | None) -> None:
    """Let pass who may read any account of the entry at ``leaf_index``.

    Raises:
        NotPermitted: nobody of those.
    """
    if actor.role is not Role.MEMBER:
        require(actor, "read_receipt", *STAFF)
        return
    for account in _accounts_at(connection, leaf_index):
        with suppress(NotPermitted):
            account_of_reader(connection, actor, account)
            return
    raise NotPermitted(role=actor.role.value, action="read_others")


def _accounts_at(connection: Connection, leaf_index: int | None) -> set[str]:
    """The accounts between which the entry at ``leaf_index`` moves minutes."""
    leaves = () if leaf_index is None else read_leaves(connection, leaf_index, 1)
    bodies = [parse(leaf).body for leaf in leaves]
    return {
        name
        for body in bodies
        if isinstance(body, EntryBody)
        for giver, receiver, _minutes in body.movements
        for name in (giver, receiver)
    }


def _leaf_indexes(connection: Connection, entries: Sequence[str]) -> dict[str, int]:
    """Leaf index by entry id of those that exist, in the order of the journal."""
    query = (
        select(_ENTRY.entry_id, _ENTRY.leaf_index)
        .where(_ENTRY.book_id == BOOK, _ENTRY.entry_id.in_(list(entries)))
        .order_by(_ENTRY.leaf_index)
    )
    return {row.entry_id: row.leaf_index for row in connection.execute(query)}


def _issue(bank: Bank, found: dict[str, int]) -> list[Issued]:
    note = _public_note(bank, max(found.values())) or parse_note(bank.signed_head())
    with bank.read() as connection:
        return [
            Issued(entry_id, _prove(bank, connection, index, note))
            for entry_id, index in found.items()
        ]


def _public_note(bank: Bank, index: int) -> Note | None:
    """The public checkpoint where it covers the leaf at ``index`` and is this log's."""
    note = TileFolder(bank.settings.log_folder).checkpoint_note()
    if note is None:
        return None
    try:
        head = open_checkpoint(note, bank.log_vkeys())
    except NoteRejected:  # The publisher stops at it and says so; the writer's own is as good.
        return None
    return parse_note(note) if head.size > index else None


def _prove(bank: Bank, connection: Connection, index: int, note: Note) -> Receipt:
    leaf, proof = bank.tree.prove(connection, index, Checkpoint.parse(note.text))
    return Receipt(index, proof, note, leaf)
