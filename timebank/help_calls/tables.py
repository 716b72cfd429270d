"""Calls for help, one row each, in the order in which they came."""

from sqlalchemy import Index
from sqlmodel import SQLModel

from ledger.tables import CLUSTERED, TEXT, column, core, key


class HelpCall(SQLModel, table=True):
    """Who called from which station's kiosk, until somebody came.

    ``person_id`` is empty where nobody had signed in, and emptied when the call is answered: who
    needed help is then nobody's business any more.
    """

    __tablename__ = "help_call"
    __table_args__ = (Index("help_call_open", "book_id", "station_code", "answered_ms"), CLUSTERED)

    book_id: int = key()
    number: int = key()
    station_code: str = column(TEXT)
    person_id: str = column(TEXT)
    called_ms: int = column()
    answered_by: str = column(TEXT)
    answered_ms: int | None = column(nullable=True)


HELP_CALL = core(HelpCall)
