"""Refusals about credit that moves between books."""

from timebank.errors.base import BankRefusal


class PersonMoved(BankRefusal):
    """The balance went to another book, so the account is closed to new use.  Facts: ``field``."""

    code = "person_moved"
    message_zh = "此人的时间已转往其他区，本区账户只供查询。"
    message_en = "This person's time moved to another book; the account here is only read."


class PartnerKeyInvalid(BankRefusal):
    """No verifier key of another book's log.  Facts: ``field``."""

    code = "partner_key_invalid"
    message_zh = "对方账本的验证公钥不正确，请向对方索取完整的一行再粘贴。"
    message_en = "This is no verifier key of another book's log; ask them for the whole line."


class UnknownPartner(BankRefusal):
    """No such book is a partner, or it is not approved.  Facts: ``partner``."""

    code = "unknown_partner"
    message_zh = "“{partner}”不是本区批准的往来账本，请由区级管理员登记、另一人批准。"
    message_en = "{partner} is no approved partner of this book."


class PartnerNotOpen(BankRefusal):
    """The proposal was decided before.  Facts: ``partner``, ``state``."""

    code = "partner_not_open"
    message_zh = "这条往来账本登记（{partner}）现为“{state}”，不能再这样办理。"
    message_en = "The proposal {partner} is {state}; it is not open."


class PartnerKnown(BankRefusal):
    """The book is a partner with that key already.  Facts: ``partner``."""

    code = "partner_known"
    message_zh = "“{partner}”已用这把公钥登记，不必重复。"
    message_en = "{partner} is a partner with that key, or is proposed with it."


class UnknownMove(BankRefusal):
    """There is no such move, or none of whoever asks.  Facts: ``move``."""

    code = "unknown_move"
    message_zh = "没有这条转出或转入登记（{move}）。"
    message_en = "There is no move {move}."


class MoveNotOpen(BankRefusal):
    """The move is in another state than the step needs.  Facts: ``move``, ``state``."""

    code = "move_not_open"
    message_zh = "这条登记（{move}）现为“{state}”，不能再这样办理。"
    message_en = "Move {move} is {state}; this step is not open to it."


class MoveAwaits(BankRefusal):
    """A move of the same person awaits its decision.  Facts: ``move``."""

    code = "move_awaits"
    message_zh = "此人已有一条转出登记待办理（{move}）。"
    message_en = "Move {move} of this person awaits its decision."


class MoverDecides(BankRefusal):
    """Whoever asked, proposed or handed in would decide about it.  Facts: ``move``."""

    code = "mover_decides"
    message_zh = "登记的人不能自己批准，须由另一人办理（{move}）。"
    message_en = "Whoever entered {move} may not approve it; another must."


class NothingToMove(BankRefusal):
    """The account is empty.  Facts: ``move``."""

    code = "nothing_to_move"
    message_zh = "账户里没有可以转出的时间（{move}）。"
    message_en = "The account has nothing to be moved ({move})."


class IdNumberMissing(BankRefusal):
    """Without an ID number nobody elsewhere can recognise the person.  Facts: ``field``."""

    code = "id_number_missing"
    message_zh = "此人没有登记身份证号，另一区无法核对本人；请先补登。"
    message_en = "No ID number is registered, by which the other book would know the person."


class StatementUnreadable(BankRefusal):
    """No statement of a move, or one that proves nothing.  Facts: ``why``."""

    code = "statement_unreadable"
    message_zh = "这份结转单不能采信：{why}。请向转出区重新索取原文件。"
    message_en = "The statement cannot be believed: {why}. Ask the other book for the file again."


class AddressedElsewhere(BankRefusal):
    """The statement is for another book.  Facts: ``partner``."""

    code = "addressed_elsewhere"
    message_zh = "这份结转单是转往“{partner}”的，不能在本区转入。"
    message_en = "The statement is addressed to {partner}, not to this book."


class AlreadyArrived(BankRefusal):
    """The same entry of the other book came in before.  Facts: ``move``."""

    code = "already_arrived"
    message_zh = "这份结转单已经转入过（{move}），不能重复转入。"
    message_en = "This statement came in before as {move}."


class HolderDiffers(BankRefusal):
    """The statement is of somebody else.  Facts: ``field``."""

    code = "holder_differs"
    message_zh = "结转单上的身份证号与此人不符，请核对是否本人。"
    message_en = "The statement is of somebody with another ID number."


REFUSALS: tuple[type[BankRefusal], ...] = (
    PersonMoved,
    PartnerKeyInvalid,
    UnknownPartner,
    PartnerNotOpen,
    PartnerKnown,
    UnknownMove,
    MoveNotOpen,
    MoveAwaits,
    MoverDecides,
    NothingToMove,
    IdNumberMissing,
    StatementUnreadable,
    AddressedElsewhere,
    AlreadyArrived,
    HolderDiffers,
)
"""Every refusal of this page."""
