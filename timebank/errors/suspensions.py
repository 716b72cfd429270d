"""Refusals around 暂停参与."""

from timebank.errors.base import BankRefusal


class PersonSuspended(BankRefusal):
    """The person takes no part at present.  Facts: ``field``."""

    code = "person_suspended"
    message_zh = "此人目前暂停参与；本人如有异议，可向站点提出申诉。"
    message_en = "This person is suspended at present; they may appeal at the station."


class AlreadySuspended(BankRefusal):
    """A suspension of the same person still runs.  Facts: ``suspension``."""

    code = "already_suspended"
    message_zh = "此人已有一项暂停（{suspension}）尚未结束。"
    message_en = "A suspension of this person, {suspension}, has not ended."


class UnknownSuspension(BankRefusal):
    """No suspension of that id, or another member's.  Facts: ``suspension``."""

    code = "unknown_suspension"
    message_zh = "没有这项暂停（{suspension}）。"
    message_en = "There is no suspension {suspension}."


class SuspensionNotOpen(BankRefusal):
    """The step does not fit where it stands.  Facts: ``suspension``, ``state``."""

    code = "suspension_not_open"
    message_zh = "这项暂停（{suspension}）现在不能这样办理：已决定、已结束或已失效。"
    message_en = "The suspension {suspension} is {state}, decided, over or lapsed."


class AppealOpen(BankRefusal):
    """An appeal waits for its answer already.  Facts: ``suspension``."""

    code = "appeal_open"
    message_zh = "这项暂停（{suspension}）的申诉正在办理。"
    message_en = "An appeal against {suspension} is waiting for its answer."


class NoAppeal(BankRefusal):
    """There is no appeal to answer.  Facts: ``suspension``."""

    code = "no_appeal"
    message_zh = "这项暂停（{suspension}）没有待答复的申诉。"
    message_en = "No appeal against {suspension} waits for an answer."


class SuspenderDecides(BankRefusal):
    """Whoever had a hand in it would decide.  Facts: ``suspension``."""

    code = "suspender_decides"
    message_zh = "提出、决定或代写申诉的人不能再办理这一步，请由另一人办理（{suspension}）。"
    message_en = "Whoever proposed, decided or wrote down an appeal in {suspension} may not."


REFUSALS: tuple[type[BankRefusal], ...] = (
    PersonSuspended,
    AlreadySuspended,
    UnknownSuspension,
    SuspensionNotOpen,
    AppealOpen,
    NoAppeal,
    SuspenderDecides,
)
