"""Each member's papers in a kit: the statement as JSON, in large type, and the signed closing."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, text

from ledger.bundle import hash_file
from ledger.checkpoint import Checkpoint
from ledger.notes import Note, Signer
from ledger.receipt import Receipt
from timebank.bank import Bank
from timebank.kit.model import SUFFIX, ClosingStatement, write_closing
from timebank.statements.large_pdf import as_large_pdf
from timebank.statements.model import Statement, StatementLine
from timebank.statements.objects import as_json
from timebank.statements.origins import origins_of_account
from timebank.statements.statement import statement

LINES_A_PDF = 2_000
"""Lines in one PDF; whoever has more gets several, each with what stood before and after it."""

_AT_ONCE = 500

_OWNERS = text(
    "SELECT p.account_id, min(n.number) AS number FROM person p "
    "JOIN person_number n ON n.book_id = p.book_id AND n.person_id = p.person_id "
    "WHERE p.book_id = 1 AND p.state = 'active' "
    "GROUP BY p.account_id HAVING min(n.number) > :after ORDER BY 2 LIMIT :most"
)


class Owner(NamedTuple):
    """An account that belongs to somebody who is not forgotten, under their first number."""

    account_id: str
    number: str


class End(NamedTuple):
    """Where the log ends: its signed checkpoint, and who signs."""

    checkpoint: Checkpoint
    note: Note
    signers: Sequence[Signer]


def owners(bank: Bank) -> Iterator[Owner]:
    """Everybody who gets papers, by number; forgotten people are left out."""
    after = ""
    while True:
        with bank.read() as connection:
            found = connection.execute(_OWNERS, {"after": after, "most": _AT_ONCE}).all()
        for row in found:
            yield Owner(row.account_id, row.number)
        if len(found) < _AT_ONCE:
            return
        after = found[-1].number


def how_many_owners(bank: Bank) -> int:
    """How many people get papers, about: the length of a progress bar."""
    counted = text("SELECT count(*) FROM person WHERE book_id = 1 AND state = 'active'")
    with bank.read() as connection:
        return int(connection.execute(counted).scalar_one())


def write_papers(bank: Bank, owner: Owner, end: End, folder: Path) -> None:
    """One member's files in ``folder``; the layout happens in no transaction."""
    with bank.read() as connection:
        pages = origins_of_account(bank, connection, owner.account_id)
        found = statement(connection, owner.account_id, from_on=None, to_on=None, pages=pages)
        lines = list(found.lines)
        receipt = _receipt(bank, connection, lines, end)
    name = f"{owner.number}.statement"
    with open(folder / f"{name}.json", "xb") as file:
        for piece in as_json(replace(found, lines=iter(lines))):
            file.write(piece)
    made = [f"{name}.json"]
    for place, part in enumerate(parts_of(found, lines)):
        made.append(f"{name}.pdf" if place == 0 else f"{name}-{place + 1}.pdf")
        (folder / made[-1]).write_bytes(b"".join(as_large_pdf(part)))
    said = ClosingStatement(
        owner.account_id,
        owner.number,
        found.closing,
        found.held,
        len(lines),
        end.checkpoint.size,
        end.checkpoint.root.hex(),
        receipt,
        {one: hash_file(folder / one) for one in made},
    )
    signed = write_closing(said, end.checkpoint.origin, end.signers)
    (folder / f"{owner.number}{SUFFIX}").write_bytes(signed.encode())


def parts_of(found: Statement, lines: Sequence[StatementLine]) -> Iterator[Statement]:
    """A statement in portions that are laid out one by one; one without lines is one portion."""
    opening = found.opening
    for at in range(0, max(len(lines), 1), LINES_A_PDF):
        part = lines[at : at + LINES_A_PDF]
        closing = part[-1].balance if part else found.closing
        yield replace(found, opening=opening, closing=closing, lines=iter(part))
        opening = closing


def _receipt(bank: Bank, connection: Connection, lines: Sequence[StatementLine], end: End) -> str:
    """The receipt of the newest line, or nothing where nothing ever moved."""
    if not lines:
        return ""
    index = lines[-1].leaf_index
    leaf, proof = bank.tree.prove(connection, index, end.checkpoint)
    return str(Receipt(index, proof, end.note, leaf))
