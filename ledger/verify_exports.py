"""Verification of a bundle's readable files: write each again from the leaves and compare."""

from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from ledger.exports import EXPORTS, Export, Totals
from ledger.findings import Findings
from ledger.leaf import Leaf
from ledger.verify_leaves import first_difference

_SHOWN = 120
_PIECES_AT_ONCE = 1_000


class ExportCheck:
    """Compares one file with what the leaves say, as they go by; names its first difference."""

    def __init__(self, export: Export, path: Path, origin: str, found: Findings) -> None:
        self._export = export
        self._found = found
        self._file = open(path, "rb")  # noqa: SIM115  closed by close(), after the last leaf
        self._at = 0
        self._differs = False
        self._last_leaf: int | None = None
        self._head = [export.head(origin)]
        self._lines = export.lines

    def compare(self, leaves: Sequence[Leaf], totals: Totals) -> None:
        """Hold the lines of some leaves against the file, in one read.

        ``totals`` has taken in all of them already; how an account is named does not change.
        """
        shown_by: list[int | None] = [leaf.index for leaf in leaves]
        self._last_leaf = shown_by[-1] if shown_by else self._last_leaf
        self._hold(shown_by, [self._lines(leaf, totals) for leaf in leaves])

    def finish(self, totals: Totals) -> None:
        """The end of the file: nothing may be missing and nothing may follow."""
        tail = self._export.tail(totals)
        while pieces := list(islice(tail, _PIECES_AT_ONCE)):
            self._hold([leaf for leaf, _ in pieces], [text for _, text in pieces])
        self._hold([], [])
        if not self._differs and self._file.read(1):
            # The last leaf is what shows that the log has no more to say.
            self._add(self._last_leaf, f"goes on after byte {self._at}")

    def close(self) -> None:
        """Close the file, whether or not it was compared to its end."""
        self._file.close()

    def _hold(self, shown_by: list[int | None], texts: list[str]) -> None:
        """Hold texts against what follows in the file; each was shown by a leaf or by none."""
        if self._head:
            shown_by, texts = [None, *shown_by], self._head + texts
            self._head = []
        if self._differs:
            return
        expected = "".join(texts).encode("utf-8")
        actual = self._file.read(len(expected))
        if actual != expected:
            self._name_difference(shown_by, texts, actual)
        self._at += len(expected)

    def _name_difference(self, shown_by: list[int | None], texts: list[str], actual: bytes) -> None:
        at = 0
        for leaf, text in zip(shown_by, texts, strict=True):
            expected = text.encode("utf-8")
            found = actual[at : at + len(expected)]
            if found != expected:
                off = first_difference(expected, found)
                start = max(0, off - _SHOWN // 2)
                evidence = (
                    f"at byte {self._at + at + off} the leaves give {_shown(expected, start)}, "
                    f"the file has {_shown(found, start)}"
                )
                self._add(leaf, evidence)
                return
            at += len(expected)

    def _add(self, leaf: int | None, evidence: str) -> None:
        self._differs = True
        self._found.add(self._export.name, leaf, "export_differs", evidence)


def open_checks(folder: Path, origin: str, found: Findings) -> list[ExportCheck]:
    """A check for each format that is there; a missing file is the manifest's business."""
    checks = []
    for kind in EXPORTS:
        path = folder.joinpath(kind.name)
        if path.is_file():
            try:
                checks.append(ExportCheck(kind(), path, origin, found))
            except OSError as error:
                found.add(kind.name, None, "file_kind", error.strerror or "cannot be read")
    return checks


def _shown(data: bytes, start: int) -> str:
    return repr(data[start : start + _SHOWN].decode("utf-8", "backslashreplace"))
