"""Witnesses on real sockets: one of our own, and one that answers whatever a test tells it to."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from api.witness import create_witness
from ledger.checkpoint import Checkpoint, sign_checkpoint
from ledger.cosigners import Cosigner
from ledger.notes import Vkey, line_of, parse_note
from ledger.proofs import consistency_proof, nodes_over
from ledger.signatures import COSIGNATURE
from ledger.witness import add_checkpoint_body
from ledger.witness_state import Witness
from tests.support.log_builder import LogBuilder, cosigner_of
from tests.support.server import running

NAME = "witness.example/w1"


@dataclass
class Site:
    """A witness that can be asked at ``address``."""

    cosigner: Cosigner
    address: str

    @property
    def vkey(self) -> Vkey:
        """The witness's verifier key."""
        return self.cosigner.vkey

    def line(self, name: str = "w1") -> str:
        """Its line in a trust policy, under ``name``."""
        return f"witness {name} {self.vkey} {self.address}\n"


@contextmanager
def our_witness(folder: Path, *logs: Vkey, name: str = NAME) -> Iterator[Site]:
    """A witness of this package for ``logs``, its state in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    cosigner = cosigner_of(name, COSIGNATURE)
    with running(create_witness(Witness(folder, cosigner, logs)), "auto") as address:
        yield Site(cosigner, address)


@dataclass
class Told:
    """What a made-up witness was asked and how it answers; ``say`` gets each request's body."""

    say: Callable[[bytes], bytes]
    requests: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    release: threading.Event = field(default_factory=threading.Event)


@contextmanager
def made_up_witness(say: Callable[[bytes], bytes], name: str = NAME) -> Iterator[tuple[Site, Told]]:
    """A server whose answers to ``add-checkpoint``, head and all, are made by ``say``.

    Where it makes none the connection stays open, silent, until ``release`` is set.
    """
    told = Told(say)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_accept, args=(listener, told), daemon=True).start()
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        try:
            yield Site(cosigner_of(name, COSIGNATURE), address), told
        finally:
            told.release.set()
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)


def _accept(listener: socket.socket, told: Told) -> None:
    with suppress(OSError):
        while True:
            connection, _address = listener.accept()
            threading.Thread(target=_serve, args=(connection, told), daemon=True).start()


def _serve(connection: socket.socket, told: Told) -> None:
    with connection, connection.makefile("rb") as reader, suppress(OSError, ValueError):
        while first := reader.readline():
            assert first.startswith(b"POST ")
            headers = {}
            while (header := reader.readline().strip()) != b"":
                name, _colon, value = header.decode("latin-1").partition(":")
                headers[name.lower()] = value.strip()
            body = reader.read(int(headers.get("content-length", 0)))
            told.headers.append(headers)
            told.requests.append(body)
            said = told.say(body)
            if not said:
                told.release.wait()
                return
            connection.sendall(said)
            if b"connection: close" in said.lower():
                return


def answer(status: int, body: bytes = b"", *headers: str) -> bytes:
    """An HTTP answer of that status, head and body."""
    lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def note_in(request: bytes) -> str:
    """The checkpoint note in a request's body."""
    return request.partition(b"\n\n")[2].decode("utf-8")


def cosigned(request: bytes, cosigner: Cosigner) -> bytes:
    """The line of ``cosigner`` over the checkpoint in a request, whatever its proof."""
    text = parse_note(note_in(request)).text
    return str(line_of(cosigner, text.encode("utf-8"))).encode("utf-8")


def request_of(log: LogBuilder, old: int, new: int, note: str | None = None) -> bytes:
    """A request to cosign ``log`` at ``new`` leaves, with the true proof where there is one."""
    proof = consistency_proof(old, new, nodes_over(log.leaves[:new])) if old <= new else []
    return add_checkpoint_body(old, proof, log.note(new) if note is None else note)


def forked(log: LogBuilder, size: int) -> str:
    """A note by the log's own key over another root at ``size``."""
    return sign_checkpoint(Checkpoint(log.log_key.name, size, b"\1" * 32), log.log_key)
