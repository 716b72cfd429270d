"""The bare cost of a verification: each leaf hashed, each signature verified, nothing else.

A module of its own with few imports, because worker processes load it.
"""

from concurrent.futures import ProcessPoolExecutor
from hashlib import sha256
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from pathlib import Path
from time import perf_counter

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ledger.bundle import LOG
from ledger.leaf import Genesis
from ledger.leaf_parser import parse
from ledger.notes import Vkey
from ledger.submission import parse_submission
from ledger.tiles import ENTRIES, WIDTH, TileFolder, decode_bundle

Prepared = tuple[list[bytes], list[tuple[Ed25519PublicKey, bytes, bytes]]]
"""Leaves, and keys with texts and signatures."""


class BareVerification:
    """Processes that hold the prepared bytes, one a core, and do the bare work on their share."""

    def __init__(self, bundle: Path, cores: int) -> None:
        self._cores = cores
        spawn = get_context("spawn")
        self._pool = ProcessPoolExecutor(
            cores,
            mp_context=spawn,
            initializer=_prepare,
            initargs=(bundle, spawn.Barrier(cores)),
        )
        self.run()  # Starts them.

    def __enter__(self) -> "BareVerification":
        return self

    def __exit__(self, *_error: object) -> None:
        self._pool.shutdown()

    def run(self) -> float:
        """Seconds until the last share is done."""
        begin = perf_counter()
        shares = [self._pool.submit(_bare, n, self._cores) for n in range(self._cores)]
        for share in shares:
            share.result()
        return perf_counter() - begin


_held: list[Prepared] = []
"""What a worker process has prepared."""


def _prepare(bundle: Path, all_ready: Barrier) -> None:
    _held[:] = [prepared(bundle)]
    all_ready.wait()  # So that none takes two shares because the other is still preparing.


def _bare(share: int, shares: int) -> None:
    leaves, signed = _held[0]
    for leaf in leaves[share::shares]:
        sha256(b"\0" + leaf).digest()
    for key, text, signature in signed[share::shares]:
        key.verify(signature, text)


def prepared(bundle: Path) -> Prepared:
    """Every leaf of a bundle, and every signature that the operator's software key made."""
    reader = TileFolder(bundle / LOG)
    note = reader.checkpoint_note() or b""
    size = int(note.split(b"\n")[1])
    leaves: list[bytes] = []
    for number in range(-(-size // WIDTH)):
        width = min(WIDTH, size - number * WIDTH)
        leaves += decode_bundle(reader.read(ENTRIES, number, width), width)
    genesis = parse(leaves[0]).body
    if not isinstance(genesis, Genesis):
        raise RuntimeError("leaf 0 is not the genesis leaf")
    key = Ed25519PublicKey.from_public_bytes(Vkey.parse(genesis.operator).public)
    notes = [parse_submission(sub).note for leaf in leaves if (sub := parse(leaf).sub) is not None]
    signed = [(key, note.text.encode(), note.lines[0].signature) for note in notes]
    return leaves, signed
