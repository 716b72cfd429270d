"""Forms of orders at the station: which fields a step needs, and what was typed into them."""

from collections.abc import Mapping
from datetime import date

from api.pages.reading import day_in, time_in
from ledger.errors import Refusal
from timebank.errors import MissingField, OrderValueInvalid
from timebank.orders.model import Channel, Stated, Wish
from timebank.orders.presence import Word
from timebank.people.cards import LONGEST_CARD
from timebank.records.model import MOST_MINUTES, Payer

WISH_FIELDS = frozenset(
    ("recipient", "content", "date", "start", "duration", "channel", "assistant", "need", "place",
     "payer", "point")
)  # fmt: skip

STEP_FIELDS: dict[str, tuple[str, ...]] = {
    "vet": ("payer",),
    "reject": ("reason",),
    "match": ("volunteer", "payer"),
    "decline": ("reason",),
    "sign_in": ("code", "date", "start", "reason"),
    "sign_out": ("date", "end"),
    "interrupt": ("date", "end", "reason"),
    "confirm": ("duration", "word"),
    "dispute": ("reason",),
    "uphold": ("reason",),
    "dismiss": ("reason",),
    "cancel": ("reason",),
    "no_show": ("party", "reason"),
    "rate": ("stars",),
}
"""The fields of each step's form, in their order; a step that is not here needs none."""

ASIDE = frozenset(
    ("reject", "decline", "interrupt", "dispute", "uphold", "dismiss", "cancel", "no_show")
)
"""Steps that lead off the straight way; their forms open on request."""

BY_CARD = ("sign_in", "sign_out")
"""Steps that a volunteer's card takes, read by a scanner that types."""

STATION_CHANNELS = (Channel.TELEPHONE, Channel.STAFF, Channel.PAPER)


def wish_in(typed: Mapping[str, str], today: date) -> tuple[Wish, dict[str, Refusal]]:
    """The wish that the form's fields state, and what is empty or unreadable by field."""
    wrong: dict[str, Refusal] = {}
    on = at = ""
    minutes = 0
    if not typed.get("recipient"):
        wrong["recipient"] = MissingField(field="recipient")
    try:
        on = day_in(typed.get("date", ""), "date", today).isoformat()
    except Refusal as refused:
        wrong["date"] = refused
    try:
        at = _clock(time_in(typed.get("start", ""), "start").minute)
    except Refusal as refused:
        wrong["start"] = refused
    try:
        minutes = _minutes_in(typed.get("duration", ""))
    except Refusal as refused:
        wrong["duration"] = refused
    wish = Wish(
        typed.get("recipient", ""),
        typed.get("content", ""),
        on,
        at,
        minutes,
        _channel_in(typed.get("channel", "")),
        payer_in(typed.get("payer", "")) or Payer.ELDER,
        typed.get("assistant", ""),
        typed.get("need", ""),
        typed.get("place", ""),
        typed.get("point", ""),
    )
    return wish, wrong


def stated_in(step: str, typed: Mapping[str, str], today: date) -> Stated:
    """What the fields of a step's form state.

    Raises, the first that applies:
        MissingField: a day other than today without a time.
        UnreadableDate, UnreadableTime: day or time cannot be read.
        OrderValueInvalid: minutes that are no number from 1 to a day.
    """
    fields = STEP_FIELDS.get(step, ())
    given = {name: typed.get(name, "") for name in fields}
    clock = "start" if "start" in fields else "end"
    at = ""
    if "date" in fields:
        on = day_in(given["date"], "date", today) if given["date"] else today
        if given[clock]:
            at = f"{on.isoformat()}T{_clock(time_in(given[clock], clock).minute)}"
        elif on != today:
            raise MissingField(field=clock)
    minutes = given.get("duration", "")
    stars = given.get("stars", "")
    return Stated(
        given.get("reason", ""),
        given.get("volunteer", ""),
        given.get("code", ""),
        at,
        _minutes_in(minutes) if minutes else None,
        given.get("party", ""),
        int(stars) if stars in {"1", "2", "3", "4", "5"} else None,
        payer_in(given.get("payer", "")),
        word=Word(given["word"]) if given.get("word") in set(Word) else None,
        card=typed.get("card", "")[:LONGEST_CARD] if step in BY_CARD else "",
    )


def payer_in(code: str) -> Payer | None:
    """Who pays, by code; ``None`` where nothing or nothing known was chosen."""
    return Payer(code) if code in set(Payer) else None


def _channel_in(code: str) -> Channel:
    return Channel(code) if code in set(STATION_CHANNELS) else Channel.STAFF


def _minutes_in(text: str) -> int:
    if not text:
        raise MissingField(field="duration")
    if not (text.isascii() and text.isdecimal() and len(text) <= 4):
        raise OrderValueInvalid(field="duration", given=text[:20])
    if not 1 <= int(text) <= MOST_MINUTES:
        raise OrderValueInvalid(field="duration", given=text)
    return int(text)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
