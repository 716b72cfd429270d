"""The log's further keys in a folder: read, held against the leaves, or passed over with a word.

A key that cannot be read for want of something to be installed is no fault of the log.
"""

from typing import NamedTuple

from ledger.findings import Findings
from ledger.further_keys import FURTHER_KEYS, kind_in
from ledger.notes import ExtraNeeded, Vkey
from ledger.registry import Registry
from ledger.verify_files import Layout, read_key_file

_NONE = "is a key that no leaf names"


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
    """Let every further key, be it one that can be read here or not, be one that a leaf names."""
    texts = [str(vkey) for vkey in further.vkeys]
    for path, _why in further.not_checked:
        texts.append(layout.folder.joinpath(path).read_text("utf-8").removesuffix("\n"))
    for text in texts:
        if text not in registry.cosigners:
            kind = kind_in(text)
            path = f"{layout.prefix}{FURTHER_KEYS[kind]}"
            named = [at for one, at in registry.cosigners.items() if kind_in(one) == kind]
            evidence = f"is not the key of its kind that leaf {named[0]} names" if named else _NONE
            found.add(path, named[0] if named else None, "vkey", evidence)
