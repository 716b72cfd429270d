"""The statement that a person takes along: signed by the log that they leave, with its receipt.

    <origin> credit_statement/v1\\n
    <canonical JSON>\\n
    \\n
    — <origin> <signature of the log's key>\\n

The receipt in it has the moving entry's whole leaf, so everything that counts is proven by the log
itself: how much, whose (a commitment), to which book.  The verifier of the receiving book reads the
same receipt again from that book's own log.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ledger.encoding import Json, OutOfProfile, decode, encode
from ledger.leaf import Entry
from ledger.leaf_parser import LeafRejected, parse
from ledger.notes import Note, NoteRejected, Signer, Vkey, open_parsed, parse_note, sign_note
from ledger.receipt import Receipt, ReceiptRejected, verify_receipt
from ledger.submission import parse_submission
from timebank.errors.moves import StatementUnreadable
from timebank.moves.model import APPROVE_DEPARTURE, MOVED_AWAY, SALT_BYTES, holder_commitment

WORD = "credit_statement/v1"
MOST_BYTES = 2**18
"""Bytes of a file that is read at all; a statement has some ten thousand."""

_WHOLE = frozenset({"closing", "minutes", "opening"})
_TEXTS = frozenset({"account", "entry", "from", "holder", "moved_on", "receipt", "salt", "to"})


@dataclass(frozen=True, slots=True)
class Moved:
    """What a log proves of a move: its entry, whole minutes, to which book, whose commitment."""

    entry_id: str
    account: str
    minutes: int
    to: str
    holder: str
    moved_on: str


@dataclass(frozen=True, slots=True)
class CreditStatement:
    """A statement as it was read, proven by nothing yet but its form; see :func:`believed`."""

    note: Note
    origin: str
    body: dict[str, Any]

    def is_of(self, id_number: str) -> bool:
        """Whether it is the statement of whoever has that ID number."""
        salt = bytes.fromhex(self.body["salt"])
        return holder_commitment(salt, id_number) == self.body["holder"]


def write_statement(
    moved: Moved, origin: str, salt: bytes, receipt: Receipt, signers: Sequence[Signer]
) -> str:
    """The signed file; ``signers`` are the keys of the log of ``origin``."""
    body: Json = {
        "account": moved.account,
        "closing": 0,
        "entry": moved.entry_id,
        "from": origin,
        "holder": moved.holder,
        "minutes": moved.minutes,
        "moved_on": moved.moved_on,
        "opening": moved.minutes,
        "receipt": str(receipt),
        "salt": salt.hex(),
        "to": moved.to,
    }
    return sign_note(f"{origin} {WORD}\n{encode(body).decode('utf-8')}\n", *signers)


def read_statement(data: bytes) -> CreditStatement:
    """Read a file strictly.

    Raises:
        StatementUnreadable: ``not_a_statement``.
    """
    try:
        if len(data) > MOST_BYTES:
            raise NoteRejected("too long")
        note = parse_note(data)
        header, line, end = note.text.split("\n")
        origin, _, word = header.partition(" ")
        body = decode(line.encode("utf-8"))
        if end or word != WORD or not isinstance(body, dict) or not _is_formed(body, origin):
            raise NoteRejected("not a statement")
    except (NoteRejected, OutOfProfile, ValueError) as error:
        raise StatementUnreadable(why="not_a_statement") from error
    return CreditStatement(note, origin, body)


def believed(statement: CreditStatement, vkey: Vkey) -> tuple[Moved, Receipt]:
    """What a statement says, once the log's key has signed it and its receipt agrees.

    Raises, the first that applies:
        StatementUnreadable: ``signature``, ``receipt`` or ``differs``.
    """
    try:
        open_parsed(statement.note, [vkey])
    except NoteRejected as error:
        raise StatementUnreadable(why="signature") from error
    try:
        receipt = Receipt.parse(statement.body["receipt"])
        moved = proven(receipt, vkey)
    except ReceiptRejected as error:
        raise StatementUnreadable(why="receipt") from error
    body = statement.body
    said = Moved(
        body["entry"], body["account"], body["minutes"], body["to"], body["holder"],
        body["moved_on"],
    )  # fmt: skip
    if said != moved or body["opening"] - body["minutes"] != body["closing"]:
        raise StatementUnreadable(why="differs")
    return moved, receipt


def proven(receipt: Receipt, vkey: Vkey) -> Moved:
    """The move that a receipt proves under the key of the log that it is of.

    Raises:
        ReceiptRejected: see :func:`ledger.receipt.verify_receipt`; ``leaf``, its leaf moves nothing
            to another book.
    """
    verify_receipt(receipt, receipt.extra, vkey)
    try:
        leaf = parse(receipt.extra)
        facts = parse_submission(leaf.sub or "").body
    except (LeafRejected, NoteRejected) as error:
        raise ReceiptRejected("leaf", str(error)) from error
    body = leaf.body
    to, holder = facts.get("to"), facts.get("holder")
    if (
        not isinstance(body, Entry)
        or (leaf.kind, facts.get("do")) != (MOVED_AWAY, APPROVE_DEPARTURE)
        or not (isinstance(to, str) and isinstance(holder, str))
        or len({giver for giver, _to, _minutes in body.movements}) != 1
    ):
        raise ReceiptRejected("leaf", "it is no entry that moves a balance to another book")
    minutes = sum(one for _giver, _to, one in body.movements)
    return Moved(leaf.identifier, body.movements[0][0], minutes, to, holder, body.effective_on)


def _is_formed(body: dict[str, Json], origin: str) -> bool:
    """Whether it has exactly its members, each of its kind."""
    if body.keys() != _WHOLE | _TEXTS or body["from"] != origin:
        return False
    whole = all(type(body[name]) is int for name in _WHOLE)
    if not whole or not all(isinstance(body[name], str) for name in _TEXTS):
        return False
    salt = str(body["salt"])
    return len(salt) == 2 * SALT_BYTES and bytes.fromhex(salt).hex() == salt
