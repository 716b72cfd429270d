"""Things that may come once, found in little memory when they came again."""

from array import array
from collections.abc import Hashable

_SHARES = 64


class Repeats:
    """Remembers sixteen bytes of each thing: its hash and the leaf where it stood."""

    def __init__(self) -> None:
        # In shares, so that sorting them never holds more than one share as Python's integers.
        self._hashes = [array("q") for _ in range(_SHARES)]
        self._leaves = [array("q") for _ in range(_SHARES)]

    def add(self, thing: Hashable, leaf: int) -> None:
        """Note that the thing stands in that leaf."""
        value = hash(thing)
        self._hashes[value % _SHARES].append(value)
        self._leaves[value % _SHARES].append(leaf)

    def repeated(self) -> list[int]:
        """The leaves, in order, with a thing that an earlier leaf had.

        By 64 bits of a keyed hash: that one of a million things is taken for another has a chance
        of 1 in 37 million.
        """
        found: list[int] = []
        for hashes, leaves in zip(self._hashes, self._leaves, strict=True):
            seen: set[int] = set()
            for value, leaf in zip(hashes, leaves, strict=True):
                if value in seen:
                    found.append(leaf)
                seen.add(value)
        return sorted(found)
