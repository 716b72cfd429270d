"""The client side of a witness: asking it to cosign a checkpoint.

    old <size of the checkpoint that it cosigned last>
    <base64 of a hash of the consistency proof>      up to 63 lines
    <empty line>
    <checkpoint note>

A witness is somebody else's machine: whatever it answers, or does not, becomes a word in an
:class:`Answer` and never an exception, because neither posting nor publication may hang on it.

Source: https://c2sp.org/tlog-witness
"""

import base64
import re
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from socket import SHUT_RDWR

from ledger.checkpoint import Checkpoint
from ledger.notes import Note, NoteRejected, SignatureLine, Vkey, parse_note
from ledger.outgoing import Address
from ledger.tiles import TileRejected
from ledger.units import MOST_INTEGER

MOST_PROOF_LINES = 63
MOST_ANSWER_BYTES = 2**16
SIZE_TYPE = "text/x.tlog.size"
"""Media type of a 409's body, which is the size that the witness cosigned last."""

Prove = Callable[[int, int], Sequence[bytes]]
"""``prove(old, new)``: the consistency proof between two sizes of the published tree."""

_SIZE = re.compile("(0|[1-9][0-9]{0,15})\n", re.ASCII)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of asking: the witness's true ``line``, or in ``why`` the word for what failed.

    ``disagrees``: it holds another history of this log.  ``ahead``: it cosigned ``size`` leaves,
    more than it was asked to.  ``unreachable``, ``slow``, ``unknown_log``, ``unknown_key``,
    ``malformed``, ``wrong_signature``, ``no_signature``, ``no_proof``, ``conflict`` (twice),
    ``refused``: not witnessed.
    """

    line: SignatureLine | None = None
    why: str = ""
    size: int | None = None


def add_checkpoint_body(old_size: int, proof: Sequence[bytes], note: str) -> bytes:
    """The body of an ``add-checkpoint`` request."""
    hashes = [base64.b64encode(one).decode("ascii") for one in proof]
    return "\n".join((f"old {old_size}", *hashes, "", note)).encode("utf-8")


class WitnessClient:
    """Asks one witness; remembers how far it has cosigned.  One thread at a time may ask.

    ``url`` is the witness's submission prefix, ``seconds`` bound each wait on its socket.
    """

    def __init__(self, vkey: Vkey, url: str, seconds: int) -> None:
        """Take up an address.

        Raises:
            ValueError: no plain http or https address.
        """
        address = Address.parse(url)
        self._vkey = vkey
        self._address = address
        self._path = address.path.rstrip("/") + "/add-checkpoint"
        self._seconds = seconds
        self._size = 0
        self._connection: HTTPConnection | None = None

    def ask(self, note: str, prove: Prove) -> Answer:
        """Have the checkpoint in ``note`` cosigned; asks once more where the size was another."""
        parsed = parse_note(note)
        head = Checkpoint.parse(parsed.text)
        old = self._size if self._size <= head.size else 0
        connection = self._connection = self._address.connect(self._seconds)
        try:
            answer = self._ask(connection, parsed, head, old, prove)
            if answer.why == "conflict" and answer.size is not None:
                self._size = answer.size
                if answer.size > head.size:
                    return Answer(why="ahead", size=answer.size)
                if answer.size == old:  # Of one size, so the roots differ.
                    return Answer(why="disagrees", size=old)
                answer = self._ask(connection, parsed, head, answer.size, prove)
        except TileRejected:
            return Answer(why="no_proof")
        except TimeoutError:
            return Answer(why="slow")
        except (OSError, HTTPException, ValueError):
            return Answer(why="unreachable")
        finally:
            self._connection = None
            connection.close()
        if answer.line is not None:
            self._size = head.size
        return answer

    def abort(self) -> None:
        """End a question that takes too long; whoever waits for it is answered at once."""
        connection = self._connection
        socket = None if connection is None else connection.sock
        if socket is not None:
            try:
                socket.shutdown(SHUT_RDWR)
            except OSError:
                return  # It ended by itself.

    def _ask(
        self, connection: HTTPConnection, note: Note, head: Checkpoint, old: int, prove: Prove
    ) -> Answer:
        body = add_checkpoint_body(old, prove(old, head.size), str(note))
        headers = {"Content-Type": "text/plain; charset=utf-8"}
        connection.request("POST", self._path, body, headers)
        with closing(connection.getresponse()) as response:
            said = response.read(MOST_ANSWER_BYTES + 1)
        if len(said) > MOST_ANSWER_BYTES:
            return Answer(why="malformed")
        if response.status == 200:
            return self._line_in(said, note)
        if response.status == 409:
            kind = response.getheader("Content-Type", "").partition(";")[0].strip()
            size = _size_in(said) if kind == SIZE_TYPE else None
            return Answer(why="malformed" if size is None else "conflict", size=size)
        words = {403: "unknown_key", 404: "unknown_log", 422: "disagrees"}
        return Answer(why=words.get(response.status, "refused"))

    def _line_in(self, said: bytes, note: Note) -> Answer:
        """This witness's line over ``note``; lines of keys that are not its own are ignored."""
        try:
            told = parse_note(f"{note.text}\n{said.decode('utf-8')}")
        except (NoteRejected, UnicodeDecodeError):
            return Answer(why="malformed")
        if told.text != note.text:  # The answer brought an empty line of its own.
            return Answer(why="malformed")
        lines = told.lines_of(self._vkey)
        if not lines:
            return Answer(why="no_signature")
        text = note.text.encode("utf-8")
        if len(lines) > 1 or not self._vkey.verifies(text, lines[0].signature):
            return Answer(why="wrong_signature")
        return Answer(line=lines[0])


def _size_in(said: bytes) -> int | None:
    """The size in a 409's body, ``None`` where it is no such line."""
    shape = _SIZE.fullmatch(said.decode("ascii", "replace"))
    if shape is None or int(shape[1]) > MOST_INTEGER:
        return None
    return int(shape[1])
