"""The statement of a move as it is handed out: to the member themself, or at the counter."""

from sqlalchemy import select

from ledger.book import read_head
from ledger.log_keys import signers_at
from timebank.bank import Bank
from timebank.errors.moves import MoveNotOpen, UnknownMove
from timebank.moves.credit_statement import proven, write_statement
from timebank.moves.departing import salt_of
from timebank.moves.model import DepartureState
from timebank.moves.partners import BOOK
from timebank.moves.tables import DEPARTURE
from timebank.receipts.issuing import receipt_of_entry
from timebank.stations.actions import require, require_station
from timebank.stations.model import Actor, Role


def credit_statement(bank: Bank, actor: Actor, move_id: str) -> str:
    """The signed file of a move that was approved; made anew each time, for the same entry.

    Raises, the first that applies:
        NotPermitted: neither staff nor a member.
        UnknownMove: there is no such move, or it is another member's.
        NotPermitted: staff of another station.
        MoveNotOpen: nothing has moved yet.
        PersonErased: the person was forgotten, and the salt with them.
        EntryNotFound: it moved in the book before this one, whose log proves it.
        LedgerFault: the storage is out, or what is stored is not what was signed.
    """
    require(actor, "read_move", Role.CLERK, Role.REVIEWER, Role.OPERATOR, Role.MEMBER)
    columns = DEPARTURE.c
    with bank.read() as connection:
        row = connection.execute(
            select(DEPARTURE).where(columns.book_id == BOOK, columns.departure_id == move_id)
        ).first()
    if row is None or (actor.role is Role.MEMBER and row.person_id != actor.person_id):
        raise UnknownMove(move=move_id[:60])
    if actor.role is not Role.MEMBER:
        require_station(actor, "read_move", row.station_code)
    if row.state not in (DepartureState.MOVED, DepartureState.CAME_BACK):
        raise MoveNotOpen(move=move_id, state=row.state)
    salt = salt_of(bank, row.person_id, move_id)
    receipt = receipt_of_entry(bank, actor, row.entry_id).receipt
    moved = proven(receipt, bank.log_vkeys()[-1])
    size = read_head(bank.database).size
    signers = signers_at(bank.database, size, bank.log_signer_of)
    return write_statement(moved, bank.origin, salt, receipt, signers)
