"""Sending what waits in the outbox: in order, at least once, over plain HTTP.

A gateway is told each message's own id as ``Idempotency-Key``, so that one that is sent again after
a crash may be recognised.  A person's messages never overtake each other; another person's wait for
nobody.  What a clerk has told already does not go out, nor what is too old to be news.
"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from http.client import HTTPException
from typing import Any

import orjson
from sqlalchemy import text, update

from ledger.draft import Draft
from ledger.encoding import Json
from ledger.outgoing import Address
from timebank.bank import Bank
from timebank.outbox.model import RETRY_MINUTES, SENT_WITHIN_MS, Message, State, Way
from timebank.outbox.queries import COLUMNS, message_of
from timebank.outbox.tables import OUTBOX_MESSAGE
from timebank.outbox.wording import Worded, worded

AT_ONCE = 200
"""Messages of one run; what is left goes out with the next."""

UNREACHABLE = "unreachable"
"""Nobody answered; then the rest of the run leaves that gateway alone, so that no wait adds up."""

_SECONDS = 10
_MINUTE_MS = 60_000
_MOST_ANSWER = 4_096

_DUE = (
    f"SELECT {COLUMNS} FROM message m WHERE m.book_id = 1 AND m.state = 'waiting' "
    "AND m.told_ms IS NULL AND m.next_ms <= :now AND m.made_ms >= :fresh AND m.way IN ({ways}) "
    "AND NOT EXISTS (SELECT 1 FROM message e WHERE e.book_id = m.book_id "
    "AND e.person_id = m.person_id AND (m.person_id <> '' OR e.station_code = m.station_code) "
    "AND e.state = 'waiting' AND e.told_ms IS NULL AND e.number < m.number "
    "AND e.made_ms >= :fresh) ORDER BY m.number LIMIT 1"
)
_OLD = text(
    "SELECT count(*) FROM message WHERE book_id = 1 AND state = 'waiting' AND made_ms < :fresh"
)
_CLOSE_OLD = (
    "UPDATE message SET ended_ms = ?, error = 'too_late', "
    "state = CASE way WHEN 'sms' THEN 'given_up' ELSE 'outdated' END "
    "WHERE book_id = 1 AND state = 'waiting' AND made_ms < ?"
)


class NotTaken(Exception):
    """A gateway did not take a message; ``code`` says why, without what was sent."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Gateway:
    """Where messages of one way go, and how they are put for it."""

    address: Address = field(repr=False)  # A robot's has its secret in the query.
    body: Callable[[str, Worded], dict[str, Json]]
    accepts: Callable[[bytes], bool]
    secret: bytes = field(default=b"", repr=False)

    def send(self, key: str, message: Worded) -> None:
        """Hand a message over.

        Raises:
            NotTaken: nobody answered, or not as somebody does who took it.
        """
        body = orjson.dumps(self.body(key, message))
        headers = {"Content-Type": "application/json; charset=utf-8", "Idempotency-Key": key}
        if self.secret:
            told = hmac.new(self.secret, body, sha256).hexdigest()
            headers["X-Timebank-Signature"] = f"sha256={told}"
        connection = self.address.connect(_SECONDS)
        try:
            connection.request("POST", self.address.path or "/", body, headers)
            response = connection.getresponse()
            answer = response.read(_MOST_ANSWER)
        except (OSError, HTTPException) as error:
            raise NotTaken(UNREACHABLE) from error
        finally:
            connection.close()
        if not 200 <= response.status < 300:
            raise NotTaken(f"status_{response.status}")
        if not self.accepts(answer):
            raise NotTaken("not_accepted")


def gateways_of(bank: Bank) -> dict[Way, Gateway]:
    """The gateways that the settings name; a way without one goes out on paper alone."""
    settings, found = bank.settings, {}
    if settings.sms_webhook is not None and settings.sms_secret is not None:
        secret = settings.sms_secret.get_secret_value().encode()
        address = Address.parse(settings.sms_webhook)
        found[Way.SMS] = Gateway(address, _as_sms, lambda _answer: True, secret)
    if settings.wecom_webhook is not None:
        address = Address.parse(settings.wecom_webhook.get_secret_value(), with_query=True)
        found[Way.GROUP] = Gateway(address, _as_group, _is_ok)
    return found


def has_work(bank: Bank, _planned_ms: int) -> bool:
    """Whether a message could go out now, or is too old to."""
    return _next(bank, gateways_of(bank)) is not None or _old(bank) > 0


def send_messages(bank: Bank, _planned_ms: int) -> dict[str, Json]:
    """Send what is due; answers how many went out, failed for now, never will, and came too late.

    Without a gateway nothing goes out; what is older than :data:`SENT_WITHIN_MS` is closed all the
    same, so that a gateway that is set up later sends nobody an old door code.
    """
    ways = gateways_of(bank)
    counted = dict.fromkeys(("failed", "sent", "unsendable"), 0)
    for _turn in range(AT_ONCE):
        message = _next(bank, ways)
        if message is None:
            break
        outcome, code = _one(bank, ways[message.way], message)
        counted[outcome] += 1
        if code == UNREACHABLE:
            del ways[message.way]
    return {**counted, "too_late": _close_old(bank)}


def _old(bank: Bank) -> int:
    with bank.read() as connection:
        fresh = bank.now_ms() - SENT_WITHIN_MS
        return int(connection.execute(_OLD, {"fresh": fresh}).scalar_one())


def _close_old(bank: Bank) -> int:
    closed = _old(bank)
    if closed:
        now = bank.now_ms()

        def change(draft: Draft) -> dict[str, Any]:
            draft.change(_CLOSE_OLD, [(now, now - SENT_WITHIN_MS)])
            return {}

        bank.keep_house(change)
    return closed


def _next(bank: Bank, ways: dict[Way, Gateway]) -> Message | None:
    if not ways:
        return None
    query = text(_DUE.format(ways=", ".join(f"'{way.value}'" for way in ways)))
    with bank.read() as connection:
        now = bank.now_ms()
        asked = {"now": now, "fresh": now - SENT_WITHIN_MS}
        row = connection.execute(query, asked).first()
    return None if row is None else message_of(row)


def _one(bank: Bank, gateway: Gateway, message: Message) -> tuple[str, str]:
    """Send one message and write down what became of it, in this order: at least once."""
    with bank.read() as connection:
        said = worded(bank, connection, [message]).get(message.number)
    if said is None or (said.member is not None and not said.member.telephone):
        _ended(bank, message, State.UNSENDABLE, "nobody_to_tell")
        return "unsendable", ""
    try:
        gateway.send(f"{bank.origin}#{message.number}", said)
    except NotTaken as error:
        _again(bank, message, error.code)
        return "failed", error.code
    _ended(bank, message, State.SENT, "")
    return "sent", ""


def _again(bank: Bank, message: Message, code: str) -> None:
    if message.attempts >= len(RETRY_MINUTES):
        _ended(bank, message, State.GIVEN_UP, code)
        return
    next_ms = bank.now_ms() + RETRY_MINUTES[message.attempts] * _MINUTE_MS
    _change(bank, message, attempts=message.attempts + 1, next_ms=next_ms, error=code)


def _ended(bank: Bank, message: Message, state: State, code: str) -> None:
    ended = {"state": state.value, "ended_ms": bank.now_ms(), "error": code}
    _change(bank, message, attempts=message.attempts + 1, **ended)


def _change(bank: Bank, message: Message, **values: Any) -> None:
    mine = OUTBOX_MESSAGE.c
    where = (mine.book_id == 1) & (mine.number == message.number)

    def change(draft: Draft) -> dict[str, Any]:
        draft.add(update(OUTBOX_MESSAGE).where(where).values(**values))
        return {}

    bank.keep_house(change)


def _as_sms(key: str, said: Worded) -> dict[str, Json]:
    assert said.member is not None, "a message to a person has one"
    return {"id": key, "text": said.text, "to": said.member.telephone}


def _as_group(_key: str, said: Worded) -> dict[str, Json]:
    return {"msgtype": "text", "text": {"content": said.text}}


def _is_ok(answer: bytes) -> bool:
    """企业微信 answers 200 to everything; its own code says whether it took the message."""
    try:
        told = orjson.loads(answer)
    except orjson.JSONDecodeError:
        return False
    return isinstance(told, dict) and told.get("errcode") == 0
