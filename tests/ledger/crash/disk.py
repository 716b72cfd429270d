"""A disk that forgets whatever was not synced, replayed from the records of ``shim.c``.

What a file had at its last sync is certain.  Of the writes since then a power failure leaves none,
all or any, whole or in sectors; names that were made or removed since the folder's last sync are
there or not.
"""

import random
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

CREATE, WRITE, TRUNCATE, SYNC, UNLINK, RENAME, TOLD = range(1, 8)
_HEAD = struct.Struct("<IIqQ")
SECTOR = 512


@dataclass(frozen=True, slots=True)
class Record:
    """One operation on a file, or with :data:`TOLD` a line that the process told the world."""

    op: int
    path: str
    offset: int
    data: bytes


def read_records(log: Path) -> list[Record]:
    """All whole records of a log; the last one may have been cut off by a kill."""
    data, at, records = log.read_bytes(), 0, []
    while at + _HEAD.size <= len(data):
        op, path_length, offset, length = _HEAD.unpack_from(data, at)
        middle = at + _HEAD.size + path_length
        if middle + length > len(data):
            break
        path = data[at + _HEAD.size : middle].decode()
        records.append(Record(op, path, offset, data[middle : middle + length]))
        at = middle + length
    return records


@dataclass(slots=True)
class _File:
    durable: bytearray = field(default_factory=bytearray)
    pending: list[tuple[int, bytes | None]] = field(default_factory=list)

    def sync(self) -> None:
        for change in self.pending:
            _apply(self.durable, *change)
        self.pending.clear()


def _apply(content: bytearray, offset: int, data: bytes | None) -> None:
    """Write ``data`` at ``offset``, or cut or extend to ``offset`` where there is none."""
    end = offset + len(data or b"")
    if data is None:
        del content[offset:]
    if len(content) < end:
        content.extend(bytes(end - len(content)))
    if data is not None:
        content[offset:end] = data


class Disk:
    """The folder ``start`` as it was, and then as ``records`` made it, one after another."""

    def __init__(self, folder: str, start: Path) -> None:
        self._folder = folder
        self._now = {
            f"{folder}/{path.name}": _File(bytearray(path.read_bytes())) for path in start.iterdir()
        }
        self._names = dict(self._now)
        self._unsure: list[tuple[str, _File | None]] = []

    def play(self, record: Record) -> None:
        """Let one operation happen."""
        path = record.path
        if record.op == CREATE:
            self._now[path] = _File()
            self._unsure.append((path, self._now[path]))
        elif record.op == WRITE and path in self._now:
            self._now[path].pending.append((record.offset, record.data))
        elif record.op == TRUNCATE and path in self._now:
            self._now[path].pending.append((record.offset, None))
        elif record.op == SYNC and path == self._folder:
            for name, file in self._unsure:
                _name(self._names, name, file)
            self._unsure.clear()
        elif record.op == SYNC and path in self._now:
            self._now[path].sync()
        elif record.op == UNLINK and path in self._now:
            del self._now[path]
            self._unsure.append((path, None))
        elif record.op == RENAME:
            target = record.data.decode()
            self._now[target] = self._now.pop(path)
            self._unsure += [(target, self._now[target]), (path, None)]

    def power_off(self, to: Path, dice: random.Random | None) -> None:
        """Write into ``to`` what is left: without ``dice`` only what was synced."""
        names = dict(self._names)
        for name, file in self._unsure:
            if dice is not None and dice.random() < 0.5:
                _name(names, name, file)
        to.mkdir()
        for name, file in names.items():
            content = bytearray(file.durable)
            for change in _survivors(file.pending, dice):
                _apply(content, *change)
            (to / Path(name).name).write_bytes(content)


def _name(names: dict[str, _File], name: str, file: _File | None) -> None:
    if file is None:
        names.pop(name, None)
    else:
        names[name] = file


def _survivors(
    pending: list[tuple[int, bytes | None]], dice: random.Random | None
) -> Iterator[tuple[int, bytes | None]]:
    """Those unsynced changes that happened to reach the disk, torn at sectors."""
    if dice is None:
        return
    chance = dice.choice([0.1, 0.5, 0.9, 1.0])
    for offset, data in pending:
        if data is None:
            if dice.random() < chance:
                yield offset, data
            continue
        at = 0
        while at < len(data):
            end = min(len(data), at + SECTOR - (offset + at) % SECTOR)
            if dice.random() < chance:
                yield offset + at, data[at:end]
            at = end
