"""Refusals around pairings."""

from timebank.errors.base import BankRefusal


class AlreadyPaired(BankRefusal):
    """A pairing of that elder runs.  Facts: ``pairing``."""

    code = "already_paired"
    message_zh = "这位老人已有结对（{pairing}），请在其中增加或更换志愿者。"
    message_en = "The elder has a pairing ({pairing}); add or change its volunteers."


class UnknownPairing(BankRefusal):
    """No pairing of that id that the actor may see.  Facts: ``pairing``."""

    code = "unknown_pairing"
    message_zh = "没有这项结对（{pairing}）。"
    message_en = "There is no pairing {pairing}."


class PairingEnded(BankRefusal):
    """It has ended.  Facts: ``pairing``."""

    code = "pairing_ended"
    message_zh = "这项结对（{pairing}）已经结束。"
    message_en = "The pairing {pairing} has ended."


class LeadNeeded(BankRefusal):
    """A pairing has exactly one lead.  Facts: ``field``."""

    code = "lead_needed"
    message_zh = "每项结对须有一位、也只能有一位牵头志愿者。"
    message_en = "A pairing has exactly one lead."


class InThePairing(BankRefusal):
    """The volunteer belongs to it already, or is named twice.  Facts: ``field``."""

    code = "in_the_pairing"
    message_zh = "这位志愿者已经在这项结对里。"
    message_en = "The volunteer belongs to the pairing already."


class NotInThePairing(BankRefusal):
    """The volunteer does not belong to it.  Facts: ``field``."""

    code = "not_in_the_pairing"
    message_zh = "这位志愿者不在这项结对里。"
    message_en = "The volunteer does not belong to the pairing."


class PairingFull(BankRefusal):
    """Too many volunteers.  Facts: ``most``."""

    code = "pairing_full"
    message_zh = "一项结对最多 {most} 位志愿者。"
    message_en = "A pairing has at most {most} volunteers."


class KeptApart(BankRefusal):
    """The elder and the volunteer are not to be brought together.  Facts: ``field``."""

    code = "kept_apart"
    message_zh = "已登记为不与这位老人安排在一起，请另选志愿者。"
    message_en = "The elder and this volunteer are kept apart; choose another."


REFUSALS: tuple[type[BankRefusal], ...] = (
    AlreadyPaired,
    UnknownPairing,
    PairingEnded,
    LeadNeeded,
    InThePairing,
    NotInThePairing,
    PairingFull,
    KeptApart,
)
