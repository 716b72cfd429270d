"""Long answers: begun before the status goes out, sent in large pieces, flat in memory."""

from collections.abc import Iterable, Iterator

PIECE_BYTES = 64 * 2**10


def begun(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """``pieces`` in portions of about :data:`PIECE_BYTES`, the first of them made already.

    So what refuses before the first line is still a problem document, not half a file.
    """
    portions = _portions(pieces)
    first = next(portions, b"")
    return _again(first, portions)


def _again(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _portions(pieces: Iterable[bytes]) -> Iterator[bytes]:
    held: list[bytes] = []
    size = 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size >= PIECE_BYTES:
            yield b"".join(held)
            held, size = [], 0
    if held:
        yield b"".join(held)
