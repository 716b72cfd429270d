"""The kit's plain README: what lies where, how to verify without us, how to reopen it."""

from importlib.resources import files
from string import Template

from ledger.checkpoint import Checkpoint

_FROZEN_ZH = "日志已冻结，后继为 {successor}。"
_FROZEN_EN = "The log is frozen; {successor} follows."
_OPEN_ZH = "日志尚未冻结：本包可以核对，但要先冻结再做一次，才能恢复成新账本。"
_OPEN_EN = "The log is not frozen: this kit can be verified; freeze it and make another to reopen."


def readme(book: str, checkpoint: Checkpoint, successor: str, vault_key: str, vkey: str) -> str:
    """The text; ``successor`` is empty where the log goes on, ``vault_key`` a file's name."""
    ended_zh, ended_en = (_FROZEN_ZH, _FROZEN_EN) if successor else (_OPEN_ZH, _OPEN_EN)
    text = files("timebank.kit").joinpath("readme.md").read_text(encoding="utf-8")
    return Template(text).substitute(
        book=book,
        origin=checkpoint.origin,
        size=checkpoint.size,
        root=checkpoint.root.hex(),
        ended_zh=ended_zh.format(successor=successor),
        ended_en=ended_en.format(successor=successor),
        vault_key=vault_key,
        vkey=vkey,
    )
