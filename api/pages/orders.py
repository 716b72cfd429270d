"""What the pages of orders share: their words, their history as sentences, plain refusals."""

from collections.abc import Iterable, Iterator

from starlette.requests import Request

import timebank.bank
from api.pages.catalogue import Words, entries
from api.pages.render import Speech, speech_for, words_for
from ledger.errors import Refusal
from timebank.orders.attention import Alarm, is_late
from timebank.orders.history import TakenStep
from timebank.orders.model import STAFF, Who
from timebank.orders.presence import Fence, Means
from timebank.orders.queries import OrderFile, ShownOrder, order_file
from timebank.records.classes import offered_classes
from timebank.stations.model import Actor

Choices = list[tuple[str, str]]
"""Codes with their words, as a select or a row of buttons offers them."""


def history_told(found: OrderFile, words: Words, say: Speech) -> list[str]:
    """Every step of an order as a sentence, the oldest first."""
    return [step_told(step, found.shown, words, say) for step in found.steps]


def step_told(step: TakenStep, shown: ShownOrder, words: Words, say: Speech) -> str:
    """One step as a sentence: when, who in which capacity, what, and why where that was said."""
    key = f"told.{step.step}"
    if step.who and Who(step.who) in STAFF and f"{key}_for" in entries():
        key = f"{key}_for"
    minutes = "" if step.minutes is None else say.minutes(step.minutes)
    what = words(key, minutes=minutes) if minutes else words(key)
    notes = words.of_pair("，", ", ").join(_notes(step, shown, words, say))
    if notes:
        what = words("history.noted", what=what, notes=notes)
    facts = {"when": say.near_moment(step.taken_ms), "what": what}
    why = step.reason.rstrip("。.")
    if not step.who:
        if why:
            return words("history.line_alone_why", why=why, **facts)
        return words("history.line_alone", **facts)
    facts["who"] = words.or_code("who", step.who)
    if why:
        return words("history.line_why", why=why, **facts)
    return words("history.line", **facts)


def _notes(step: TakenStep, shown: ShownOrder, words: Words, say: Speech) -> Iterator[str]:
    """What is told of a step in brackets: how it came, and what is unusual about it."""
    detail = step.detail
    if step.step == "request":
        yield words.or_code("channel", shown.order.channel)
        if shown.assistant:
            yield words("history.assistant", name=shown.assistant)
    if detail.means == Means.CARD and step.who in STAFF:
        yield words("history.card_read")
    elif detail.means:
        yield words.or_code("means", detail.means)
    if is_late(detail.stated_at, step.taken_ms):
        day, clock = detail.stated_at.split("T")
        told = "history.told_time" if detail.means == Means.CLERK else "history.device_time"
        yield words(told, at=f"{say.near(day)} {clock}")
    if detail.fence is Fence.OUTSIDE:
        facts = {"metres": detail.distance_metres, "limit": detail.limit_metres}
        yield words("history.outside", **facts)
    if detail.fence is Fence.UNKNOWN:
        yield words("history.unknown_place")
    if detail.word:
        yield words.or_code("word", detail.word)


def alarms_told(alarms: Iterable[Alarm], words: Words) -> str:
    """Alarms in one line, empty where there are none."""
    told = [words.or_code("alarm", one.value) for one in alarms]
    return words.of_pair("；", "; ").join(told)


def class_choices(words: Words) -> Choices:
    """The classes that somebody may ask for."""
    return coded(words, "service_class", (one.code for one in offered_classes()))


def coded(words: Words, section: str, codes: Iterable[str]) -> Choices:
    """Codes with what ``section`` calls them."""
    return [(code, words.or_code(section, code)) for code in codes]


def plainly(request: Request, bank: timebank.bank.Bank, actor: Actor, refused: Refusal) -> str:
    """The refusal with an order's number in place of its id, which says nobody much."""
    say = speech_for(request)
    order_id = refused.facts.get("order")
    if not isinstance(order_id, str):
        return say.refusal(refused)
    try:
        with bank.read() as connection:
            number = str(order_file(bank, connection, actor, order_id).shown.order.number)
    except Refusal:
        number = words_for(request, bank)("order.elsewhere")
    return say.refusal(type(refused)(**refused.facts | {"order": number}))


def page_of(found: list[ShownOrder], most: int) -> tuple[list[ShownOrder], str]:
    """The orders of one page of at most ``most``, and the cursor of the next, empty at the end."""
    shown = found[:most]
    return shown, shown[-1].order.order_id if len(found) > most else ""
