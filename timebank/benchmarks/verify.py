"""``timebank bench verify``: verification beside the bare cost of the hashes and signatures in it.

Two bundles of one book each: one where every entry was submitted by itself and has a signature of
its own, one where entries came in batches, so that hashing is all there is to compare with.  Bare
is one SHA-256 over each leaf and one Ed25519 verification a signature, over prepared bytes, by the
same library.  Both run on one core and on two; starting the second process counts for the
verifier, not for the bare run.
"""

import random
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from rich.table import Table

from ledger.verify import verify
from timebank.audit.bundle import export
from timebank.benchmarks.bare_verify import BareVerification, prepared
from timebank.benchmarks.book import MeasuredBook, sqlite_databases

SHAPES = {"alone": 1, "batches": 250}
"""How entries were submitted, and how many at once."""

CORES = (1, 2)
_ACCOUNTS = 1_000
_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Verified:
    """One shape of log on some cores; rates are medians over the rounds, leaves per second.

    ``ratio`` is the median of each round's own ratio, ``speedup`` that over the same on one core.
    """

    shape: str
    cores: int
    leaves: int
    signatures: int
    leaves_per_second: int
    bare_per_second: int
    ratio: float
    speedup: float


@dataclass(frozen=True, slots=True)
class VerifyCard:
    """Every measurement of one run."""

    rounds: int
    measured: tuple[Verified, ...]

    def to_dict(self) -> dict[str, Any]:
        """The card as JSON has it."""
        return asdict(self)

    def table(self) -> Table:
        """The card for a terminal."""
        table = Table(
            title="Leaves verified a second",
            caption=(
                f"median of {self.rounds} interleaved rounds; bare: SHA-256 of the same leaves "
                f"and Ed25519 of the same signatures, nothing else"
            ),
        )
        table.add_column("submitted")
        for heading in ("cores", "leaves", "signatures", "leaves/s", "bare/s", "ratio", "speed-up"):
            table.add_column(heading, justify="right")
        for row in self.measured:
            table.add_row(
                row.shape,
                str(row.cores),
                f"{row.leaves:,}",
                f"{row.signatures:,}",
                f"{row.leaves_per_second:,}",
                f"{row.bare_per_second:,}",
                f"{row.ratio:.2f}",
                f"{row.speedup:.2f}",
            )
        return table


def verification(
    *,
    leaves: int = 40_000,
    rounds: int = 3,
    folder: Path | None = None,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> VerifyCard:
    """Measure bundles of some more than ``leaves`` leaves, made in ``folder`` and deleted again.

    ``progress`` hears (steps done, steps in all).

    Raises:
        RuntimeError: a bundle that was just made does not verify.
    """
    total, done = len(SHAPES) * (1 + rounds * len(CORES)), 0

    def step() -> None:
        nonlocal done
        done += 1
        progress(done, total)

    measured: list[Verified] = []
    with TemporaryDirectory(dir=folder, prefix="timebank-bench-") as name:
        for shape, group in SHAPES.items():
            bundle = Path(name, shape)
            _make(bundle, leaves, group)
            step()
            measured += _measure(shape, bundle, rounds, step)
    return VerifyCard(rounds, tuple(measured))


def _make(bundle: Path, entries: int, group: int) -> None:
    """A book of its own with that many entries, as a bundle."""
    with sqlite_databases(bundle.parent) as (database, _bare):
        book = MeasuredBook(database, min(_ACCOUNTS, entries))
        try:
            for at in range(0, entries, _AT_ONCE):
                count = min(_AT_ONCE, entries - at)
                pairs = [tuple(random.sample(book.members, 2)) for _ in range(count)]
                waiting = [
                    book.writer.submit(action)
                    for action in book.actions([(a, b) for a, b in pairs], group)
                ]
                for one in waiting:
                    one.result()
        finally:
            book.writer.close()
        export(database, lambda vkey: book.log_key, bundle)


def _measure(shape: str, bundle: Path, rounds: int, step: Callable[[], None]) -> Sequence[Verified]:
    seconds: dict[int, list[tuple[float, float]]] = {cores: [] for cores in CORES}
    hashed, signed = prepared(bundle)
    with ExitStack() as stack:
        bare = {cores: stack.enter_context(BareVerification(bundle, cores)) for cores in CORES}
        for _round in range(rounds):
            for cores in CORES:
                seconds[cores].append((_verify(bundle, cores), bare[cores].run()))
                step()
    alone = median(ours for ours, _ in seconds[1])
    return [
        Verified(
            shape=shape,
            cores=cores,
            leaves=len(hashed),
            signatures=len(signed),
            leaves_per_second=round(len(hashed) / median(ours for ours, _ in pairs)),
            bare_per_second=round(len(hashed) / median(theirs for _, theirs in pairs)),
            ratio=round(median(theirs / ours for ours, theirs in pairs), 3),
            speedup=round(alone / median(ours for ours, _ in pairs), 3),
        )
        for cores, pairs in seconds.items()
    ]


def _verify(bundle: Path, cores: int) -> float:
    begin = perf_counter()
    report = verify(bundle, cores=cores)
    took = perf_counter() - begin
    if not report.ok:
        raise RuntimeError(f"the bundle does not verify: {report.findings[0]}")
    return took
