"""What a message says: short sentences for a small screen and for a clerk on the telephone.

The two people of a visit see each other's full names; nobody is told more than their part.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, text

from timebank.bank import Bank
from timebank.clock import LOCAL_ZONE, from_milliseconds
from timebank.errors import UnknownOrder
from timebank.orders.store import order_in
from timebank.outbox.model import Event, Message, Way
from timebank.people.directory import members
from timebank.people.model import Member
from timebank.policy.vocabulary import Vocabulary, vocabulary
from timebank.records.classes import name_of
from timebank.words import minutes_zh

_TEXTS: dict[Event, str] = {
    Event.ORDER_REQUESTED: (
        "{station}有一条新的服务请求（第{number}号，{day}{time}），请到工作台查看。"
    ),
    Event.ORDER_REJECTED: "您{day}的{what}请求这次没有安排，原因请询问{station}的工作人员。",
    Event.VISIT_OFFERED: (
        "{station}请您{day}{time}为{elder}服务：{what}，约{minutes}。请答复站点能否前往。"
    ),
    Event.VISIT_AGREED: (
        "志愿者{volunteer}将于{day}{time}上门：{what}，约{minutes}。"
        "上门码{code}，请先看清来访单再开门，不要付钱。"
    ),
    Event.VOLUNTEER_LEFT: "原定{day}{time}的志愿者不能来了，{station}正在另找人，请您等候通知。",
    Event.ORDER_CANCELLED: "{day}{time}的{what}已取消，请不必等候。如有疑问请联系{station}。",
    Event.VISIT_MISSED: (
        "{day}{time}的{what}没有进行，预留的时间已经放回。请联系{station}重新安排。"
    ),
    Event.VISIT_OVER: "{day}的{what}已结束，请您到{station}或服务机上确认时长。",
    Event.VISIT_CONFIRMED: "您{day}的{what}已由对方确认，谢谢您。",
    Event.VISIT_DISPUTED: "{day}的{what}（第{number}号）有人提出疑问，{station}会另请人核对。",
    Event.DISPUTE_ENDED: "{day}的{what}的疑问已有处理结果，请询问{station}的工作人员。",
    Event.GIFT_RECEIVED: "{other}转赠给您{minutes}，已经到账。到服务机上可以查看。",
    Event.GRANT_RECEIVED: "本月发给您的{minutes}已经到账，可以用来请人上门服务。",
}
_TRANSFER = text(
    "SELECT t.minutes, p.person_id FROM transfer t LEFT JOIN person p ON p.book_id = t.book_id "
    "AND p.account_id = t.from_account WHERE t.book_id = 1 AND t.transfer_id = :subject"
)
_STATION = text("SELECT name FROM station WHERE book_id = 1 AND code = :code")


@dataclass(frozen=True, slots=True)
class Worded:
    """A message with whom it is for; ``member`` is ``None`` for the station's own group."""

    text: str
    member: Member | None


class NobodyToTell(Exception):
    """The person, or what the message speaks of, is no longer there."""


def worded(bank: Bank, connection: Connection, message: Message) -> Worded:
    """Put a message into words, from what the books say now.

    Raises:
        NobodyToTell: the person asked to be forgotten, or what it speaks of is gone.
    """
    station = connection.execute(_STATION, {"code": message.station_code}).scalar() or "站点"
    facts: dict[str, str] = {"station": str(station)}
    if message.subject.startswith("ordr_"):
        facts |= _of_order(bank, connection, message)
    else:
        facts |= _of_transfer(bank, connection, message)
    member = None
    if message.way is Way.SMS:
        member = members(bank, connection, [message.person_id]).get(message.person_id)
        if member is None:
            raise NobodyToTell
    day = from_milliseconds(message.made_ms).astimezone(LOCAL_ZONE).date()
    signed = f"【{_words(bank, day).platform}】{_TEXTS[message.event].format_map(facts)}"
    return Worded(signed, member)


def _of_order(bank: Bank, connection: Connection, message: Message) -> dict[str, str]:
    try:
        order = order_in(connection, message.subject)
    except UnknownOrder as error:
        raise NobodyToTell from error
    people = {}
    if message.way is Way.SMS:
        people = members(bank, connection, [order.elder_id, order.volunteer_id])
    _year, month, day = order.wanted_on.split("-")
    return {
        "code": order.door_code,
        "day": f"{int(month)}月{int(day)}日",
        "elder": _named(people.get(order.elder_id)),
        "minutes": minutes_zh(order.wanted_minutes),
        "number": str(order.number),
        "time": order.wanted_at,
        "volunteer": _named(people.get(order.volunteer_id)),
        "what": name_of(order.class_code),
    }


def _of_transfer(bank: Bank, connection: Connection, message: Message) -> dict[str, str]:
    row = connection.execute(_TRANSFER, {"subject": message.subject}).first()
    if row is None:
        raise NobodyToTell
    giver = members(bank, connection, [row.person_id]) if row.person_id else {}
    return {"minutes": minutes_zh(row.minutes), "other": _named(giver.get(row.person_id))}


def _named(member: Member | None) -> str:
    """Name and number; somebody who is no longer there is only somebody."""
    return "对方" if member is None else f"{member.name}（{member.numbers[0]}）"


def _words(bank: Bank, on: date) -> Vocabulary:
    return vocabulary(bank.profile_on(on))
