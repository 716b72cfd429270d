"""The log's further keys in a folder: read, held against leaf 0, or passed over with a word.

A key that cannot be read for want of something to be installed is no fault of the log.
"""

from typing import NamedTuple

from ledger.findings import Findings
from ledger.further_keys import FURTHER_KEYS, named_of_kind
from ledger.notes import ExtraNeeded, Vkey
from ledger.registry import Registry
from ledger.verify_files import Layout, read_key_file
from ledger.verify_leaves import GENESIS


class Further(NamedTuple):
    """The further keys whose lines are expected; files that cannot be judged here, and why."""

    vkeys: tuple[Vkey, ...] = ()
    not_checked: tuple[tuple[str, str], ...] = ()


def read_further_keys(layout: Layout, origin: str, found: Findings) -> Further:
    """The keys in ``vkey-mldsa`` and ``vkey-sm2``, one line each, where these files are there."""
    vkeys, not_checked = [], []
    for kind, name in FURTHER_KEYS.items():
        if not layout.log.joinpath(name).exists():
            continue
        try:
            vkey = read_key_file(layout, name, kind, found, origin=origin)
        except ExtraNeeded as error:
            not_checked.append((f"{layout.prefix}{name}", str(error)))
        else:
            vkeys += [] if vkey is None else [vkey]
    return Further(tuple(vkeys), tuple(not_checked))


def check_named(layout: Layout, further: Further, registry: Registry, found: Findings) -> None:
    """Let a further key be the one that the genesis leaf names, where it names one of its kind."""
    for vkey in further.vkeys:
        named = named_of_kind(registry.cosigners, vkey.kind)
        if named and vkey not in named:
            path = f"{layout.prefix}{FURTHER_KEYS[vkey.kind]}"
            found.add(path, GENESIS, "vkey", "is not the key of its kind that leaf 0 names")
