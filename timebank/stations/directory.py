"""Reading which stations there are."""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from timebank.stations.tables import STATION

BOOK = 1


@dataclass(frozen=True, slots=True)
class ShownStation:
    """A station; ``records`` counts the service records it has ever numbered."""

    code: str
    name: str
    account_id: str
    key_name: str
    records: int
    opened_ms: int


def stations_listed(
    connection: Connection, *, after: str = "", most: int = 50
) -> list[ShownStation]:
    """A page of stations by code, behind ``after``."""
    columns = STATION.c
    query = (
        select(
            columns.code, columns.name, columns.account_id, columns.key_name, columns.records,
            columns.opened_ms,
        )
        .where(columns.book_id == BOOK, columns.code > after)
        .order_by(columns.code)
        .limit(most)
    )  # fmt: skip
    return [ShownStation(*row) for row in connection.execute(query)]
