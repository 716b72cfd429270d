"""What a refusal is, and what a fault: the two bases of everything that goes wrong here."""

from typing import ClassVar

Fact = int | str


class _Shown(dict[str, Fact]):
    """Facts for a message template; a fact that the caller did not know shows as an ellipsis."""

    def __missing__(self, _name: str) -> str:
        return "…"


class Refusal(Exception):
    """Base of every "no"; ``facts`` are ids, codes and minutes, never a person's name or number.

    Facts may be stored, logged and replayed, so nothing that identifies a person belongs there.
    """

    code: ClassVar[str] = "refused"
    message_zh: ClassVar[str] = "请求未获接受。"
    message_en: ClassVar[str] = "The request was refused."

    def __init__(self, **facts: Fact) -> None:
        super().__init__()
        self.facts: dict[str, Fact] = facts

    def __str__(self) -> str:
        return self.message_en.format_map(_Shown(self.facts))

    def __reduce__(self) -> tuple[object, ...]:
        return _again, (type(self), self.facts)

    def in_chinese(self) -> str:
        """The same message for a clerk or an elder."""
        return self.message_zh.format_map(_Shown(self.facts))


def _again(kind: type[Refusal], facts: dict[str, Fact]) -> Refusal:
    return kind(**facts)


class LedgerFault(Exception):
    """Base of what breaks: nothing was decided, nothing was remembered, somebody must look."""

    code: ClassVar[str] = "ledger_fault"
    message_zh: ClassVar[str] = "账本发生故障。"
    message_en: ClassVar[str] = "The ledger has a fault."

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail)
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.message_en} {self.detail}".rstrip()

    def in_chinese(self) -> str:
        """The same message for a clerk; the detail stays as it is."""
        return f"{self.message_zh}{self.detail}"
