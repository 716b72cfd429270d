"""A ZIP that is sent while it is written, so that no more than one of its files is in memory."""

from collections.abc import Iterable, Iterator
from io import RawIOBase
from zipfile import ZIP_STORED, ZipFile, ZipInfo

_WHEN = (1980, 1, 1, 0, 0, 0)
"""The format's first day: what is inside has dates of its own."""


class _Pipe(RawIOBase):
    """Takes what is written and gives it on; it cannot be sought in."""

    def __init__(self) -> None:
        super().__init__()
        self._held: list[bytes] = []

    def writable(self) -> bool:
        """Always."""
        return True

    def write(self, data: object) -> int:
        """Hold the bytes until they are taken."""
        piece = bytes(data)  # type: ignore[call-overload]
        self._held.append(piece)
        return len(piece)

    def taken(self) -> bytes:
        """What was written since it was last asked."""
        held, self._held = b"".join(self._held), []
        return held


def zipped(files: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    """The bytes of a ZIP of ``files`` (name and content), stored and not packed: PDFs are."""
    pipe = _Pipe()
    with ZipFile(pipe, "w", ZIP_STORED) as made:
        for name, content in files:
            made.writestr(ZipInfo(name, _WHEN), content)
            yield pipe.taken()
    yield pipe.taken()
