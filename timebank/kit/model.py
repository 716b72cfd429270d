"""What a kit's folder holds, and the signed statement that each member gets out of it.

    <origin> closing_statement/v1\\n
    <canonical JSON>\\n
    \\n
    — <origin> <signature of the log's key>\\n

The statement names the member's balance at a checkpoint and the hashes of the papers beside it, and
has the receipt of the newest entry that touched the account.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ledger.checkpoint import Checkpoint
from ledger.encoding import Json, OutOfProfile, decode, encode
from ledger.leaf import Entry
from ledger.leaf_parser import LeafRejected, parse
from ledger.notes import NoteRejected, Signer, Vkey, open_note, sign_note
from ledger.receipt import Receipt, ReceiptRejected, verify_receipt

BUNDLE, BOOK, MEMBERS, README = "bundle", "book", "members", "README.md"
SUFFIX = ".closing-statement"
WORD = "closing_statement/v1"
MOST_BYTES = 2**18
"""Bytes of a closing statement that is read at all; one has some ten thousand."""

_TEXTS = frozenset({"account", "number", "receipt", "root"})
_WHOLE = frozenset({"closing", "held", "lines", "size"})


@dataclass(frozen=True, slots=True)
class ClosingStatement:
    """A member's balance at the end: whole minutes, the papers' SHA-256 (hex) by file name."""

    account: str
    number: str
    closing: int
    held: int
    lines: int
    size: int
    root: str
    receipt: str
    papers: dict[str, str]


def write_closing(said: ClosingStatement, origin: str, signers: Sequence[Signer]) -> str:
    """The signed file; ``signers`` are the keys of the log of ``origin``."""
    body: Json = {
        "account": said.account,
        "closing": said.closing,
        "held": said.held,
        "lines": said.lines,
        "number": said.number,
        "papers": dict(said.papers),
        "receipt": said.receipt,
        "root": said.root,
        "size": said.size,
    }
    return sign_note(f"{origin} {WORD}\n{encode(body).decode('utf-8')}\n", *signers)


def read_closing(data: bytes, vkey: Vkey) -> ClosingStatement:
    """Read a file strictly, and hold its receipt against the log's key.

    Raises:
        ValueError: ``not_signed``, ``form`` or ``receipt``: what is wrong with it.
    """
    try:
        if len(data) > MOST_BYTES:
            raise NoteRejected("too long")
        told, _keys = open_note(data, [vkey])
    except NoteRejected as error:
        raise ValueError("not_signed") from error
    try:
        header, line, end = told.split("\n")
        body = decode(line.encode("utf-8"))
    except (OutOfProfile, ValueError) as error:
        raise ValueError("form") from error
    if end or header != f"{vkey.name} {WORD}" or not _is_formed(body):
        raise ValueError("form")
    said = ClosingStatement(**body)  # type: ignore[arg-type]
    if said.receipt and not _is_proven(said, vkey):
        raise ValueError("receipt")
    return said


def _is_formed(body: Json) -> bool:
    if not isinstance(body, dict) or body.keys() != _TEXTS | _WHOLE | {"papers"}:
        return False
    papers = body["papers"]
    return (
        all(isinstance(body[name], str) for name in _TEXTS)
        and all(type(body[name]) is int for name in _WHOLE)
        and isinstance(papers, dict)
        and all(isinstance(one, str) for one in papers.values())
    )


def _is_proven(said: ClosingStatement, vkey: Vkey) -> bool:
    """Whether the receipt's leaf lies in this very tree and moves minutes of the account."""
    try:
        receipt = Receipt.parse(said.receipt)
        verify_receipt(receipt, receipt.extra, vkey)
        body: Any = parse(receipt.extra).body
    except (ReceiptRejected, LeafRejected):
        return False
    stands = Checkpoint(vkey.name, said.size, _root(said.root))
    return (
        isinstance(body, Entry)
        and any(said.account in (giver, taker) for giver, taker, _minutes in body.movements)
        and receipt.checkpoint == stands
    )


def _root(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""
