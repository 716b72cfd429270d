"""How much of a person a screen or a list shows (personal information law, art. 51).

A mask keeps enough for somebody who knows the person, and its length tells nothing.
"""

from timebank.people.surnames import split_name

_NAME_STARS = "＊＊"


NOT_SHOWN = {"restricted": "停止使用", "erased": "已注销"}
"""What stands in the place of a name, by the state of whoever asked to be forgotten."""


def mask_name(name: str) -> str:
    """The surname and two stars whatever the length: 张＊＊, 欧阳＊＊; nothing stays nothing."""
    return split_name(name)[0] + _NAME_STARS if name else ""


def mask_id_number(number: str) -> str:
    """First six and last four of eighteen characters; of anything else only stars."""
    return f"{number[:6]}********{number[-4:]}" if len(number) == 18 else "*" * 8


def mask_telephone(number: str) -> str:
    """138****1234: the first three and the last four; of fewer than ten digits only stars."""
    return f"{number[:3]}****{number[-4:]}" if len(number) >= 10 else "*" * 8


def mask_candidate(name: str, number: str) -> str:
    """One of several people of a name, told apart by number: 王＊＊（V0007）."""
    return f"{mask_name(name)}（{number}）"
