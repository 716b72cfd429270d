"""Looking single leaves up in the stored log: by index, by moment, and what was submitted there."""

from sqlalchemy import Connection, text

from ledger.leaf import Leaf
from ledger.leaf_parser import LeafRejected, parse
from ledger.notes import NoteRejected
from ledger.submission import Body, parse_submission

_BODY = text("SELECT body FROM leaf WHERE book_id = :book AND leaf_index = :index")


class LogLookup:
    """Leaves of one reading connection; each is read and parsed once."""

    def __init__(self, connection: Connection, book_id: int = 1) -> None:
        self._connection = connection
        self._book = book_id
        self._leaves: dict[int, Leaf] = {}
        self._bodies: dict[int, Body] = {}
        self._moments: dict[int, list[Leaf]] = {}

    def leaf(self, index: int) -> Leaf:
        """The leaf of that index.

        Raises:
            LeafRejected: the log has none, or its bytes are no leaf.
        """
        if index not in self._leaves:
            found = self._connection.execute(_BODY, {"book": self._book, "index": index}).scalar()
            if found is None:
                raise LeafRejected(f"there is no leaf {index}")
            self._leaves[index] = parse(bytes(found))
        return self._leaves[index]

    def facts(self, leaf: Leaf) -> Body:
        """What was signed about a leaf: its own submission's body, or its row of the batch.

        Raises:
            LeafRejected: nobody submitted it, or the submission has no such row.
        """
        if leaf.ref is None:
            return self._body(leaf)
        rows, place = self._body(self.leaf(leaf.ref[0])).get("rows"), leaf.ref[1]
        if not isinstance(rows, list) or place >= len(rows):
            raise LeafRejected(f"leaf {leaf.index} names a row that is not there")
        row = rows[place]
        if not isinstance(row, dict):
            raise LeafRejected(f"the row of leaf {leaf.index} is not an object")
        return row

    def submission(self, leaf: Leaf) -> str:
        """The id that all leaves of one batch share; of any other leaf its own.

        Raises:
            LeafRejected: the batch that it names cannot be read.
        """
        return leaf.identifier if leaf.ref is None else self.leaf(leaf.ref[0]).identifier

    def of_moment(self, recorded_ms: int) -> list[Leaf]:
        """Every leaf that was recorded in that millisecond, in order.

        Moments never go back along the log, so the first of them is found by halving.

        Raises:
            LeafRejected: a leaf on the way cannot be read.
        """
        if recorded_ms not in self._moments:
            size = self._connection.execute(
                text("SELECT size FROM head WHERE book_id = :book"), {"book": self._book}
            ).scalar_one()
            low, high = 0, size
            while low < high:
                middle = (low + high) // 2
                if self.leaf(middle).recorded_ms < recorded_ms:
                    low = middle + 1
                else:
                    high = middle
            found = []
            while low < size and self.leaf(low).recorded_ms == recorded_ms:
                found.append(self.leaf(low))
                low += 1
            self._moments[recorded_ms] = found
        return self._moments[recorded_ms]

    def _body(self, leaf: Leaf) -> Body:
        if leaf.index not in self._bodies:
            try:
                self._bodies[leaf.index] = parse_submission(leaf.sub or "").body
            except NoteRejected as error:
                raise LeafRejected(f"the submission of leaf {leaf.index}: {error}") from error
        return self._bodies[leaf.index]
