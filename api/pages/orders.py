"""What the pages of orders share: their words, their history as sentences, plain refusals."""

from collections.abc import Iterable

from starlette.requests import Request

import timebank.bank
from api.pages.catalogue import Words, entries
from api.pages.render import Speech, speech_for, words_for
from ledger.errors import Refusal
from timebank.orders.model import STAFF, Who
from timebank.orders.queries import OrderFile, ShownOrder, TakenStep, order_file
from timebank.records.classes import offered_classes
from timebank.stations.model import Actor

Choices = list[tuple[str, str]]
"""Codes with their words, as a select or a row of buttons offers them."""


def history_told(found: OrderFile, words: Words, say: Speech) -> list[str]:
    """Every step of an order as a sentence, the oldest first."""
    return [step_told(step, found.shown.order.channel, words, say) for step in found.steps]


def step_told(step: TakenStep, channel: str, words: Words, say: Speech) -> str:
    """One step as a sentence: when, who in which capacity, what, and why where that was said."""
    key = f"told.{step.step}"
    if Who(step.who) in STAFF and f"{key}_for" in entries():
        key = f"{key}_for"
    facts = {
        "when": say.near_moment(step.taken_ms),
        "who": words.or_code("who", step.who),
        "what": words(key, channel=words.or_code("channel", channel)),
    }
    if step.reason:
        return words("history.line_why", why=step.reason.rstrip("。."), **facts)
    return words("history.line", **facts)


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
