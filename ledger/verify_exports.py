"""Verification of a bundle's readable files: write each again from the leaves and compare."""

from pathlib import Path

from ledger.exports import EXPORTS, Export, Totals
from ledger.findings import Findings
from ledger.leaf import Leaf

_SHOWN = 120


class ExportCheck:
    """Compares one file with what the leaves say, as they go by; names its first difference."""

    def __init__(self, export: Export, path: Path, origin: str, found: Findings) -> None:
        self._export = export
        self._found = found
        self._file = open(path, "rb")  # noqa: SIM115  closed by close(), after the last leaf
        self._at = 0
        self._differs = False
        self._expect(export.head(origin), None)

    def leaf(self, leaf: Leaf, totals: Totals) -> None:
        """The lines of one leaf, which ``totals`` has taken in already."""
        text = self._export.lines(leaf, totals)
        if text:
            self._expect(text, leaf.index)

    def finish(self, totals: Totals) -> None:
        """The end of the file: nothing may be missing and nothing may follow."""
        self._expect(self._export.tail(totals), None)
        if not self._differs and self._file.read(1):
            self._add(None, f"goes on after byte {self._at}")

    def close(self) -> None:
        """Close the file, whether or not it was compared to its end."""
        self._file.close()

    def _expect(self, text: str, leaf: int | None) -> None:
        if self._differs:
            return
        expected = text.encode("utf-8")
        actual = self._file.read(len(expected))
        if actual != expected:
            pairs = enumerate(zip(expected, actual, strict=False))
            at = next((i for i, (a, b) in pairs if a != b), len(actual))
            start = max(0, at - _SHOWN // 2)
            self._add(
                leaf,
                f"at byte {self._at + at} the leaves give {_shown(expected, start)}, "
                f"the file has {_shown(actual, start)}",
            )
        self._at += len(expected)

    def _add(self, leaf: int | None, evidence: str) -> None:
        self._differs = True
        self._found.add(self._export.name, leaf, "export_differs", evidence)


def open_checks(folder: Path, origin: str, found: Findings) -> list[ExportCheck]:
    """A check for each format that is there; a missing file is the manifest's business."""
    return [
        ExportCheck(kind(), folder.joinpath(kind.name), origin, found)
        for kind in EXPORTS
        if folder.joinpath(kind.name).is_file()
    ]


def _shown(data: bytes, start: int) -> str:
    return repr(data[start : start + _SHOWN].decode("utf-8", "backslashreplace"))
