"""Lines: the journal in the order of statements, derived right behind the writer.

An index by account would halve the rate of writing, a scan of the journal would make statements
slow.  So a copy clustered by account follows the journal in large steps; whoever reads an account
takes the clustered lines and adds the short tail of the journal that was not copied yet.
"""

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import Connection, Executable, text

TAIL_LEAVES = 30_000
"""Leaves that may wait under load; reading scans at most about that many movements.

A step touches nearly every page of the copy however small it is: steps of 30,000 cost half as much
an entry as steps of 10,000.
"""

QUIET_TAIL_LEAVES = 1_000
"""Leaves that are copied as soon as nobody has written for a second."""

_BOTH_SIDES = """
SELECT book_id, to_no AS account_no, leaf_index, place, number, from_no AS other_no, minutes,
       kind, effective_on, recorded_ms
  FROM movement WHERE book_id = :book AND leaf_index >= :low AND leaf_index < :high {to}
UNION ALL
SELECT book_id, from_no, leaf_index, place, number, to_no, -minutes,
       kind, effective_on, recorded_ms
  FROM movement WHERE book_id = :book AND leaf_index >= :low AND leaf_index < :high {giver}
"""

_DERIVE = text(
    "INSERT INTO line (book_id, account_no, leaf_index, place, number, other_no, minutes, kind, "
    "effective_on, recorded_ms) SELECT * FROM ("
    + _BOTH_SIDES.format(to="", giver="")
    + ") AS sides ORDER BY account_no, leaf_index, place"
)

_COLUMNS = "leaf_index, place, number, other_no, minutes, kind, effective_on, recorded_ms"

# The mark is read in the same statement as both parts, so a step of the writer in between can
# neither hide a line nor show it twice.
_LINES = f"""
WITH mark AS (SELECT leaf_index AS at FROM line_mark WHERE book_id = :book)
SELECT {_COLUMNS} FROM (
  SELECT {_COLUMNS} FROM line, mark
   WHERE book_id = :book AND account_no = :account AND leaf_index < mark.at
  UNION ALL
  SELECT leaf_index, place, number, from_no, minutes, kind, effective_on, recorded_ms
    FROM movement, mark WHERE book_id = :book AND leaf_index >= mark.at AND to_no = :account
  UNION ALL
  SELECT leaf_index, place, number, to_no, -minutes, kind, effective_on, recorded_ms
    FROM movement, mark WHERE book_id = :book AND leaf_index >= mark.at AND from_no = :account
) AS lines
"""


class Line(NamedTuple):
    """One line of an account: signed minutes, positive where the account received.

    ``number`` is the journal entry's number, ``place`` the movement's within it; ``other_no`` the
    serial of the account on the other side.
    """

    leaf_index: int
    place: int
    number: int
    other_no: int
    minutes: int
    kind: str
    effective_on: str
    recorded_ms: int


def derive_lines(connection: Connection, book_id: int = 1) -> int:
    """Copy what the journal has grown since the last step; answers how far the lines now reach.

    Runs in a transaction of its own that holds the head's lock.
    """
    low = connection.execute(
        text("SELECT leaf_index FROM line_mark WHERE book_id = :book"), {"book": book_id}
    ).scalar_one()
    high = connection.execute(
        text("SELECT size FROM head WHERE book_id = :book"), {"book": book_id}
    ).scalar_one()
    for statement in derive_step(low, high, book_id):
        connection.execute(statement)
    return int(high)


def derive_step(low: int, high: int, book_id: int = 1) -> tuple[Executable, ...]:
    """The statements that copy leaves ``low`` up to ``high`` (exclusive) and move the mark there.

    ``low`` must be the mark as the same transaction read it under the head's lock.
    """
    return (
        _DERIVE.bindparams(book=book_id, low=low, high=high),
        text("UPDATE line_mark SET leaf_index = :high WHERE book_id = :book").bindparams(
            book=book_id, high=high
        ),
    )


def lines_of(
    connection: Connection,
    account_no: int,
    *,
    from_ms: int | None = None,
    before_ms: int | None = None,
    after: tuple[int, int] | None = None,
    most: int | None = None,
    newest_first: bool = False,
    book_id: int = 1,
) -> Iterator[Line]:
    """Lines of an account in journal order, streamed.

    ``from_ms`` (inclusive) and ``before_ms`` (exclusive) bound the moment of recording; ``after``
    continues behind a (leaf_index, place); ``most`` limits their count.
    """
    wanted, parameters = ["1 = 1"], {"book": book_id, "account": account_no}
    if from_ms is not None:
        wanted.append("recorded_ms >= :from_ms")
        parameters["from_ms"] = from_ms
    if before_ms is not None:
        wanted.append("recorded_ms < :before_ms")
        parameters["before_ms"] = before_ms
    if after is not None:
        ahead = "<" if newest_first else ">"
        wanted.append(f"(leaf_index, place) {ahead} (:after_leaf, :after_place)")
        parameters["after_leaf"], parameters["after_place"] = after
    way = " DESC" if newest_first else ""
    sql = f"{_LINES} WHERE {' AND '.join(wanted)} ORDER BY leaf_index{way}, place{way}"
    if most is not None:
        sql += " LIMIT :most"
        parameters["most"] = most
    streamed = {"yield_per": 1_000}  # Of this statement alone, not of the connection for good.
    for row in connection.execute(text(sql), parameters, execution_options=streamed):
        yield Line(*row)


def sum_of(
    connection: Connection,
    account_no: int,
    *,
    effective_until: str | None = None,
    known_from_ms: int | None = None,
    known_before_ms: int | None = None,
    up_to: tuple[int, int] | None = None,
    book_id: int = 1,
) -> int:
    """Minutes of an account: effective on or before a day, as known before a moment.

    All bounds may be left out; these two together answer "what did we believe then about then".
    ``known_from_ms`` (inclusive) leaves out what was recorded earlier, ``up_to`` (inclusive) what
    stands behind a (leaf_index, place).
    """
    wanted, parameters = ["1 = 1"], {"book": book_id, "account": account_no}
    if effective_until is not None:
        wanted.append("effective_on <= :until")
        parameters["until"] = effective_until  # type: ignore[assignment]
    if known_from_ms is not None:
        wanted.append("recorded_ms >= :from_ms")
        parameters["from_ms"] = known_from_ms
    if known_before_ms is not None:
        wanted.append("recorded_ms < :before_ms")
        parameters["before_ms"] = known_before_ms
    if up_to is not None:
        wanted.append("(leaf_index, place) <= (:last_leaf, :last_place)")
        parameters["last_leaf"], parameters["last_place"] = up_to
    sql = f"SELECT coalesce(sum(minutes), 0) FROM ({_LINES}) AS one WHERE {' AND '.join(wanted)}"
    return int(connection.execute(text(sql), parameters).scalar_one())
