"""What a message says: short sentences for a small screen and for a clerk on the telephone.

The two people of a visit see each other's full names; nobody is told more than their part.
However many messages there are, they are put into words by a handful of statements.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, Text, bindparam, text

from timebank.bank import Bank
from timebank.clock import from_milliseconds, local_date
from timebank.expiry.model import terms_of
from timebank.orders.model import Order
from timebank.orders.store import orders_in
from timebank.outbox.model import Event, Message, Way
from timebank.people.directory import members
from timebank.people.model import Member
from timebank.policy.vocabulary import vocabulary_on
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
    Event.TIME_RESTS: (
        "您有{minutes}还没有用。可以打电话给{station}请人帮忙，也可以送给家人或捐给公共池。{lives}"
    ),
    Event.CREDIT_EXPIRES: (
        "您的时间里有{minutes}将于{day}到期，到期时还没有用的归公共时间池。到期前可以打电话给"
        "{station}请人帮忙，也可以送给家人或捐给公共池；先得的先用。"
    ),
    Event.CORRECTION_ANSWERED: "您的更正申请已有答复，到服务机上或{station}可以查看。",
    Event.SUSPENSION_CHANGED: (
        "您参与服务的情况有变化，请到服务机上查看或联系{station}；如不同意，可以申诉。"
    ),
    Event.GRANT_RECEIVED: "本月发给您的{minutes}已经到账，可以用来请人上门服务。",
}
_GIVEN = text(
    "SELECT t.transfer_id, t.minutes, coalesce(p.person_id, '') AS giver_id FROM transfer t "
    "LEFT JOIN person p ON p.book_id = t.book_id AND p.account_id = t.from_account "
    "WHERE t.book_id = 1 AND t.transfer_id IN :subjects"
).bindparams(bindparam("subjects", expanding=True, type_=Text))
_RESTS = text(
    "SELECT r.reminder_id, b.posted - b.held AS minutes FROM reminder r "
    "JOIN person p ON p.book_id = r.book_id AND p.person_id = r.person_id "
    "JOIN account a ON a.book_id = p.book_id AND a.account_id = p.account_id "
    "JOIN balance b ON b.book_id = a.book_id AND b.account_no = a.account_no "
    "WHERE r.book_id = 1 AND r.reminder_id IN :subjects"
).bindparams(bindparam("subjects", expanding=True, type_=Text))
_EXPIRES = text(
    "SELECT announcement_id, minutes, due_on FROM expiry_announcement "
    "WHERE book_id = 1 AND announcement_id IN :subjects"
).bindparams(bindparam("subjects", expanding=True, type_=Text))
_ABOUT_ONESELF = (Event.CORRECTION_ANSWERED, Event.SUSPENSION_CHANGED)
"""Events that say no more than where to look."""
_STATIONS = text("SELECT code, name FROM station WHERE book_id = 1 AND code IN :codes").bindparams(
    bindparam("codes", expanding=True, type_=Text)
)


@dataclass(frozen=True, slots=True)
class Worded:
    """A message with whom it is for; ``member`` is ``None`` for the station's own group."""

    text: str
    member: Member | None


@dataclass(frozen=True, slots=True)
class _Given:
    """What a transfer moved, and from whom; ``giver_id`` is empty for the grant fund."""

    minutes: int
    giver_id: str


def worded(bank: Bank, connection: Connection, messages: Sequence[Message]) -> dict[int, Worded]:
    """Put messages into words, by number, from what the books say now.

    Left out is one whose person asked to be forgotten, or that speaks of what is gone.  Pass a few
    hundred at a time.
    """
    subjects = [one.subject for one in messages]
    orders = orders_in(connection, subjects)
    given = {
        row.transfer_id: _Given(row.minutes, row.giver_id)
        for row in connection.execute(_GIVEN, {"subjects": subjects})
    }
    rests = {
        row.reminder_id: int(row.minutes)
        for row in connection.execute(_RESTS, {"subjects": subjects})
    }
    expires = {
        row.announcement_id: {"minutes": minutes_zh(row.minutes), "day": _day(row.due_on)}
        for row in connection.execute(_EXPIRES, {"subjects": subjects})
    }
    asked = {"codes": list({one.station_code for one in messages})}
    stations = {row.code: row.name for row in connection.execute(_STATIONS, asked)}
    ids = {one.person_id for one in messages}
    ids |= {one for order in orders.values() for one in (order.elder_id, order.volunteer_id)}
    ids |= {one.giver_id for one in given.values()}
    people = members(bank, connection, ids - {""})
    found = {}
    for message in messages:
        facts = {"station": str(stations.get(message.station_code, message.station_code))}
        if message.subject in orders:
            facts |= _of_order(orders[message.subject], people)
        elif message.subject in given:
            facts |= _of_transfer(given[message.subject], people)
        elif message.subject in rests:
            facts |= {"minutes": minutes_zh(rests[message.subject]), "lives": _lives(bank, message)}
        elif message.subject in expires:
            facts |= expires[message.subject]
        elif message.event not in _ABOUT_ONESELF:
            continue
        member = people.get(message.person_id)
        if member is not None or message.way is Way.GROUP:
            found[message.number] = Worded(_signed(bank, message, facts), member)
    return found


def _lives(bank: Bank, message: Message) -> str:
    """What a reminder says of the end of credit: only where the policy of its day has none."""
    profile = bank.profile_on(_made_on(message))
    return "不用也不会减少。" if terms_of(profile) is None else "将要到期时会另行通知您。"


def _made_on(message: Message) -> date:
    return local_date(from_milliseconds(message.made_ms))


def _day(day: str) -> str:
    year, month, of_month = day.split("-")
    return f"{year}年{int(month)}月{int(of_month)}日"


def _of_order(order: Order, people: dict[str, Member]) -> dict[str, str]:
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


def _of_transfer(given: _Given, people: dict[str, Member]) -> dict[str, str]:
    return {"minutes": minutes_zh(given.minutes), "other": _named(people.get(given.giver_id))}


def _signed(bank: Bank, message: Message, facts: dict[str, str]) -> str:
    platform = vocabulary_on(bank.profile_on, _made_on(message)).platform
    return f"【{platform}】{_TEXTS[message.event].format_map(facts)}"


def _named(member: Member | None) -> str:
    """Name and number; somebody who is no longer there is only somebody."""
    return "对方" if member is None else f"{member.name}（{member.numbers[0]}）"
