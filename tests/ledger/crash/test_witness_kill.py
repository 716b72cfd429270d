"""kill -9 of ``timebank witness serve`` in the middle: it never signs two roots for one size."""

import random
import socket
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest

from ledger.checkpoint import Checkpoint, sign_checkpoint
from ledger.merkle import root_of
from ledger.notes import Vkey, parse_note
from ledger.proofs import consistency_proof, nodes_over
from ledger.signatures import COSIGNATURE
from ledger.witness import add_checkpoint_body
from tests.support.counts import count
from tests.support.log_builder import key_of

pytestmark = [pytest.mark.crash, pytest.mark.slow]

LOG_KEY = key_of("timebank.example/forking")
ROOT = Path(__file__).parents[3]


@contextmanager
def serving(state: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """The command as a partner's office runs it, once it accepts connections; killed at the end."""
    process = subprocess.Popen(
        [
            sys.executable, "-c", "from timebank.cli import main; main()",
            "witness", "serve", "--state", str(state), "--port", str(port),
            "--log", str(LOG_KEY.vkey),
        ],
        stdout=subprocess.DEVNULL,
        cwd=ROOT,
    )  # fmt: skip
    try:
        while True:
            assert process.poll() is None, "the witness ended by itself"
            try:
                socket.create_connection(("127.0.0.1", port), timeout=5).close()
                break
            except OSError:
                threading.Event().wait(0.05)
        yield process
    finally:
        process.kill()
        process.wait()


class Attacker:
    """A log that would fork if it could: each size is offered with two roots at once."""

    def __init__(self, port: int, vkey: Vkey) -> None:
        self.port, self.vkey = port, vkey
        self.leaves: list[bytes] = []
        self.signed: dict[int, set[bytes]] = defaultdict(set)
        self.answers = 0

    def candidate(self, mark: bytes) -> list[bytes]:
        return [*self.leaves, b"%b %d" % (mark, len(self.leaves))]

    def offer(self, old: int, leaves: list[bytes]) -> tuple[int, bytes] | None:
        """Ask for a cosignature; status and body, or ``None`` where the witness died meanwhile."""
        nodes = nodes_over(leaves)
        root = root_of([nodes(0, at) for at in range(len(leaves))])
        head = Checkpoint(LOG_KEY.name, len(leaves), root)
        proof = consistency_proof(old, len(leaves), nodes)
        body = add_checkpoint_body(old, proof, sign_checkpoint(head, LOG_KEY))
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("POST", "/add-checkpoint", body)
            response = connection.getresponse()
            said = response.read()
        except (OSError, HTTPException):
            return None
        finally:
            connection.close()
        if response.status == 200:
            (line,) = parse_note(f"{head.text()}\n{said.decode()}").lines
            assert self.vkey.verifies(head.text().encode(), line.signature)
            self.signed[head.size].add(root)
        return response.status, said

    def grow(self, pool: ThreadPoolExecutor) -> bool:
        """Offer two next trees at once; whether the witness lived to answer one of them."""
        old = len(self.leaves)
        trees = [self.candidate(mark) for mark in (b"a", b"b")]
        told = list(pool.map(lambda tree: self.offer(old, tree), trees))
        won = [tree for tree, one in zip(trees, told, strict=True) if one and one[0] == 200]
        assert len(won) <= 1
        if won:
            self.leaves = won[0]
            self.answers += 1
        return bool(won)

    def find_out(self) -> None:
        """After a restart: which of the two trees did the dead witness put down, if any?"""
        old = len(self.leaves)
        for tree in [self.candidate(mark) for mark in (b"a", b"b")]:
            told = self.offer(old + 1, tree)
            assert told is not None
            status, said = told
            assert status in (200, 409)
            if status == 200:
                assert len(self.leaves) == old, "both roots were signed"
                self.leaves = tree
            else:
                # It may be behind what we know by nothing, and ahead by the one tree at most.
                assert int(said) in (old, old + 1)


def test_a_witness_that_is_killed_never_forks(tmp_path: Path) -> None:
    state = tmp_path / "witness"
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    made = subprocess.run(
        [
            sys.executable, "-c", "from timebank.cli import main; main()",
            "witness", "vkey", "--state", str(state), "--name", "witness.example/killed",
        ],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    attacker = Attacker(port, Vkey.parse(made.stdout.strip(), kinds=(COSIGNATURE,)))
    kills = count(30, 4)
    with ThreadPoolExecutor(2) as pool:
        for _kill in range(kills):
            with serving(state, port) as process:
                attacker.find_out()
                for _growth in range(random.randint(1, 12)):
                    assert attacker.grow(pool)
                timer = threading.Timer(random.random() / 50, process.kill)
                timer.start()
                while attacker.grow(pool):
                    pass
                timer.join()
    with serving(state, port):
        attacker.find_out()
    assert attacker.answers >= kills
    assert {size for size, roots in attacker.signed.items() if len(roots) > 1} == set()
    print(f"{kills} kills, {attacker.answers} cosignatures, no fork")
