"""Which leaf a verifier should name for a changed byte of a bundle.

Worked out from the leaves' JSON and the files' text; shares with the verifier only the paths of
tiles and the cutting of entry bundles.
"""

import json
import random
import re
from functools import cache

from ledger.tiles import parse_tile_path, split_bundle
from tests.support.log_builder import LogBuilder

GENESIS = 0
"""The leaf that names the log's key."""


@cache
def last_leaf_of(log: LogBuilder) -> dict[str, int]:
    """The leaf that last opened each account, posted to it, or changed what it holds."""
    last: dict[str, int] = {}
    payer_of: dict[str, str] = {}
    for index, leaf in enumerate(map(json.loads, log.leaves)):
        touched = [account for account, _minutes in leaf.get("post", [])]
        if leaf["kind"] == "account":
            touched.append(leaf["id"])
        elif leaf["kind"] == "hold":
            payer_of[leaf["id"]] = leaf["hold"]["from"]
            touched.append(leaf["hold"]["from"])
        if leaf["kind"] in {"release", "expiry", "settlement"}:
            touched.append(payer_of[leaf["of"]])
        last.update(dict.fromkeys(touched, index))
    return last


def first_leaf_of(log: LogBuilder, path: str) -> int:
    """The leaf from which a whole file follows."""
    tile = parse_tile_path(path.removeprefix("log/"))
    if tile is not None:
        return tile[1] * 256 * 256 ** (0 if tile[0] == "entries" else int(tile[0]))
    return log.size - 1 if path == "log/checkpoint" else GENESIS


def leaf_in_manifest(log: LogBuilder, data: bytes, at: int) -> int:
    """The leaf of the file in whose entry, what closes it included, byte ``at`` stands."""
    for entry in re.finditer(rb'"([^"]+)":"[0-9a-f]{64}"[,}]', data):
        if at < entry.end():
            return first_leaf_of(log, entry[1].decode())
    return log.size - 1


def leaf_in_bundle(data: bytes, at: int) -> int:
    """The place of the leaf that has byte ``at`` of an entry bundle, its length included."""
    end = 0
    for place, entry in enumerate(split_bundle(data, 256)[0]):
        end += 2 + len(entry)
        if at < end:
            return place
    return place


def leaf_in_lines(log: LogBuilder, path: str, data: bytes, at: int) -> int | None:
    """The leaf of the line that has byte ``at``; ``None`` where the line names none."""
    if at == len(data):
        return log.size - 1
    number = data[:at].count(b"\n")
    line = data.split(b"\n")[number].decode()
    if number == 0:
        return GENESIS
    if path == "journal.csv":
        return int(line.split(",")[2])
    if path == "accounts.csv":
        return last_leaf_of(log)[line.split(",")[0]]
    asserted = re.search(r":(\w+)  0 min = ", line)
    if asserted is not None:
        return last_leaf_of(log)[asserted[1]]
    entry = re.search(r", leaf:(\d+), policy", line)
    return None if entry is None else int(entry[1])


def true_leaf(log: LogBuilder, path: str, data: bytes, changed: bytes) -> int | None:
    """The leaf that shows what the first changed byte should be; ``None``: any leaf will do."""
    pairs = enumerate(zip(data, changed, strict=False))
    at = next((i for i, (a, b) in pairs if a != b), min(len(data), len(changed)))
    tile = parse_tile_path(path.removeprefix("log/"))
    if tile is not None:
        level, number, _width = tile
        if level == "entries":
            return number * 256 + leaf_in_bundle(data, at)
        place = min(at, len(data) - 1) // 32
        return int((number * 256 + place) * 256 ** int(level))
    if path == "manifest.json":
        return leaf_in_manifest(log, data, at)
    if path == "manifest.note":
        return None
    if path in {"log/checkpoint", "log/vkey"}:
        return first_leaf_of(log, path)
    return leaf_in_lines(log, path, data, at)


def one_byte_changed(data: bytes, dice: random.Random) -> bytes:
    """A byte flipped, put in or taken out."""
    way = dice.randrange(3)
    at = dice.randrange(len(data) + (way == 1))
    if way == 0:
        return data[:at] + bytes([data[at] ^ (1 << dice.randrange(8))]) + data[at + 1 :]
    if way == 1:
        return data[:at] + bytes([dice.randrange(256)]) + data[at:]
    return data[:at] + data[at + 1 :]
