"""What single lines of a statement were for: the service or the transfer behind an entry."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, text

from ledger.lookup import LogLookup
from timebank.statements.model import StatementLine

_SERVICE = text(
    "SELECT r.class_code FROM record_person p JOIN service_record r ON r.book_id = 1 "
    "AND r.record_id = p.record_id WHERE p.book_id = 1 AND p.entry_id = :entry"
)
_TRANSFER = text("SELECT kind FROM transfer WHERE book_id = 1 AND entry_id = :entry")


@dataclass(frozen=True, slots=True)
class LinePurpose:
    """The class of service or the kind of transfer that an entry posted; one of them is empty."""

    class_code: str = ""
    transfer_kind: str = ""


def purposes_of(connection: Connection, lines: Iterable[StatementLine]) -> dict[int, LinePurpose]:
    """What a few lines were for, by leaf; what is neither service nor transfer is left out.

    Each costs three look-ups by key: ask for a screenful, not for a statement.
    """
    looking = LogLookup(connection)
    found = {}
    for line in lines:
        asked = {"entry": looking.leaf(line.leaf_index).identifier}
        if (code := connection.execute(_SERVICE, asked).scalar()) is not None:
            found[line.leaf_index] = LinePurpose(class_code=str(code))
        elif (kind := connection.execute(_TRANSFER, asked).scalar()) is not None:
            found[line.leaf_index] = LinePurpose(transfer_kind=str(kind))
    return found
