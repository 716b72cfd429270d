"""What every refusal of the time bank shares: words for the fields that it names."""

from typing import ClassVar

from ledger.errors import Fact, Refusal

FIELDS: dict[str, tuple[str, str]] = {
    "volunteer": ("志愿者", "volunteer"),
    "recipient": ("服务对象", "recipient"),
    "date": ("服务日期", "date"),
    "start": ("开始时间", "start time"),
    "end": ("结束时间", "end time"),
    "duration": ("服务时长", "duration"),
    "content": ("服务内容", "content"),
    "head_count": ("受益人次", "head-count"),
    "reason": ("补录原因", "reason"),
    "name": ("姓名", "name"),
    "number": ("编号", "number"),
    "role": ("身份", "role"),
    "birth_date": ("出生日期", "birth date"),
    "id_number": ("身份证号", "ID number"),
    "telephone": ("联系电话", "telephone"),
    "station": ("站点", "station"),
    "pin": ("密码", "PIN"),
    "password": ("口令", "password"),
}
"""Field codes, as registers and requests use them, and how a clerk and an engineer call them."""


class _Shown(dict[str, Fact]):
    """Facts for a template; what the caller did not know shows as an ellipsis, never as a crash."""

    def __missing__(self, _name: str) -> str:
        return "…"


class BankRefusal(Refusal):
    """Base of every "no" of the time bank.

    The fact ``field`` is one of :data:`FIELDS`; the sentence shows its word, the stored facts keep
    its code.
    """

    code: ClassVar[str] = "bank_refused"

    def __str__(self) -> str:
        return self.message_en.format_map(self._shown(1))

    def in_chinese(self) -> str:
        """The sentence that stands on the clerk's screen and in the error sheet."""
        return self.message_zh.format_map(self._shown(0))

    def _shown(self, language: int) -> _Shown:
        shown = _Shown(self.facts)
        field = self.facts.get("field")
        if isinstance(field, str) and field in FIELDS:
            shown["field"] = FIELDS[field][language]
        return shown
