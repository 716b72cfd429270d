"""Refusals about the photographs of people."""

from timebank.errors.base import BankRefusal


class PortraitNotConsented(BankRefusal):
    """A photograph of somebody who did not agree to one, or took that back.  Facts: ``field``."""

    code = "portrait_not_consented"
    message_zh = "本人没有同意拍照（或已收回同意），不能保存“{field}”。"
    message_en = "The person did not agree to a photograph, or took that back; {field} is not kept."


class NoPortrait(BankRefusal):
    """There is no photograph that the asker may see.  Facts: ``field``."""

    code = "no_portrait"
    message_zh = "没有可以看的“{field}”。"
    message_en = "There is no {field} to be seen."


REFUSALS: tuple[type[BankRefusal], ...] = (PortraitNotConsented, NoPortrait)
