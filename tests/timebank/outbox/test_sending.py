"""timebank/outbox: what concerns people goes out in order, at least once, over a real socket."""

import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import pytest
from pydantic import SecretStr
from sqlalchemy import text

from tests.support.banks import OPERATOR, TriedBank, new_bank
from tests.support.orders import CLERK, OTHER_CLERK, STRAIGHT, Journey
from tests.support.witnesses import Told, answer, made_up_witness
from timebank.bank import Bank
from timebank.jobs.model import Ended
from timebank.jobs.runner import run_now
from timebank.outbox.actions import note_told
from timebank.outbox.model import RETRY_MINUTES
from timebank.outbox.queries import messages_listed
from timebank.outbox.sending import has_work, send_messages
from timebank.people.actions import register
from timebank.people.forgetting import forget
from timebank.people.model import Newcomer
from timebank.records.model import Payer

SECRET = "a secret of the gateway"
TAKEN = answer(200, b"{}")
ELDER, VOLUNTEER = "13800000001", "13800000002"


@dataclass
class Outgoing:
    """A bank with both gateways, and what they were handed."""

    tried: TriedBank
    sms: Told
    group: Told

    @property
    def texts(self) -> list[tuple[str, str]]:
        """Telephone and text of each message that was handed over."""
        sent = [orjson.loads(body) for body in self.sms.requests]
        return [(one["to"], one["text"]) for one in sent]

    def send(self) -> dict[str, Any]:
        """Run the job as planned for now."""
        return dict(send_messages(self.tried.bank, self.tried.bank.now_ms()))

    def stored(self) -> list[tuple[Any, ...]]:
        """Event, state, attempts and error of each message, by number."""
        query = text("SELECT event, state, attempts, error FROM message ORDER BY number")
        with self.tried.bank.read() as connection:
            return [tuple(row) for row in connection.execute(query)]


@pytest.fixture
def outgoing(bank: TriedBank) -> Iterator[Outgoing]:
    """On both databases; the gateways take what they are handed."""
    with (
        made_up_witness(lambda _body: TAKEN) as (sms_site, sms),
        made_up_witness(lambda _body: answer(200, b'{"errcode":0}')) as (group_site, group),
    ):
        bank.bank.close()
        bank.settings = bank.settings.model_copy(
            update={
                "sms_webhook": f"{sms_site.address}/sms",
                "sms_secret": SecretStr(SECRET),
                "wecom_webhook": SecretStr(f"{group_site.address}/send?key=k-1"),
            }
        )
        with Bank.open(bank.settings, bank.clock) as opened:
            bank.bank = opened
            yield Outgoing(bank, sms, group)


class Reachable(Journey):
    """A journey that nobody pays, whose elder and volunteer have telephones."""

    def __post_init__(self) -> None:
        people = [
            Newcomer("王秀兰", (("E0001", "elder"),), telephone=ELDER),
            Newcomer("张三", (("V0001", "volunteer"),), telephone=VOLUNTEER),
        ]
        ids = register(self.tried.bank, OPERATOR, people, key="reachable-1")
        self.people = dict(zip(("E0001", "V0001"), ids, strict=True))


def journey_of(outgoing: Outgoing) -> Journey:
    return Reachable(outgoing.tried, payer=Payer.NOBODY)


def counted(**some: int) -> dict[str, int]:
    """What the job answers, none where it is not said."""
    return {"failed": 0, "sent": 0, "unsendable": 0, "too_late": 0} | some


def test_a_visit_is_told_to_both_in_order_and_the_code_to_the_elder_alone(
    outgoing: Outgoing,
) -> None:
    journey = journey_of(outgoing)
    journey.ask()
    outgoing.send()
    codes = []
    for name, stated in STRAIGHT:
        journey.step(name, OTHER_CLERK if name == "confirm" else CLERK, **stated)
        codes.append(journey.order().door_code)
        outgoing.send()
    code = codes[-1]
    assert [to for to, _text in outgoing.texts] == [VOLUNTEER, ELDER, ELDER, VOLUNTEER]
    offered, agreed, over, confirmed = (text for _to, text in outgoing.texts)
    assert offered.startswith("【时间银行】")
    assert "王秀兰（E0001）" in offered
    assert "张三（V0001）" in agreed
    assert f"上门码{code}" in agreed
    assert "确认时长" in over
    assert "已由对方确认" in confirmed
    assert code not in offered + over + confirmed
    (told,) = (orjson.loads(body)["text"]["content"] for body in outgoing.group.requests)
    assert "第1号" in told
    assert "王" not in told
    assert outgoing.send() == counted()
    assert not has_work(outgoing.tried.bank, 0)


def test_what_a_later_step_made_moot_is_told_to_nobody(outgoing: Outgoing) -> None:
    journey = journey_of(outgoing).to("accepted")
    journey.step("decline", reason="临时有事")
    assert [row[:2] for row in outgoing.stored()] == [
        ("order_requested", "outdated"),
        ("visit_offered", "outdated"),
        ("visit_agreed", "outdated"),
        ("volunteer_left", "waiting"),
    ]
    assert outgoing.send() == counted(sent=1)
    assert "上门码" not in "".join(text for _to, text in outgoing.texts)
    with outgoing.tried.bank.read() as connection:
        assert messages_listed(outgoing.tried.bank, connection, CLERK, "XFL") == []


def test_what_a_clerk_told_does_not_go_out_and_holds_up_nothing(outgoing: Outgoing) -> None:
    journey = journey_of(outgoing)
    journey.ask()
    journey.step("reject", reason="没有人手")
    note_told(outgoing.tried.bank, CLERK, 2)
    journey.to("accepted")
    assert outgoing.send() == counted(sent=1)
    assert ["上门码" in text for _to, text in outgoing.texts] == [True]


@pytest.mark.parametrize(("seconds", "sent"), [(-1, 1), (0, 1), (1, 0)])
def test_what_is_older_than_two_days_is_no_news(
    outgoing: Outgoing, seconds: int, sent: int
) -> None:
    journey_of(outgoing).to("matched")
    outgoing.tried.clock.move(timedelta(days=2, seconds=seconds))
    assert outgoing.send() == counted(sent=sent, too_late=1 - sent)
    state = "sent" if sent else "given_up"
    assert outgoing.stored()[1][1] == state
    assert not has_work(outgoing.tried.bank, 0)


def test_a_gateway_that_answers_nobody_is_asked_once_a_run(outgoing: Outgoing) -> None:
    outgoing.sms.say = lambda _body: b"no HTTP\r\n\r\n"
    journey = journey_of(outgoing).to("matched")
    journey.ask()
    journey.step("reject", reason="没有人手")
    assert outgoing.send() == counted(failed=1)
    assert len(outgoing.sms.requests) == 1


def test_what_goes_out_is_signed_and_bears_its_number(outgoing: Outgoing) -> None:
    journey_of(outgoing).to("matched")
    outgoing.send()
    (body,), (headers,) = outgoing.sms.requests, outgoing.sms.headers
    expected = hmac.new(SECRET.encode(), body, sha256).hexdigest()
    assert headers["x-timebank-signature"] == f"sha256={expected}"
    assert headers["idempotency-key"] == f"{outgoing.tried.bank.origin}#2"
    assert orjson.loads(body)["id"] == headers["idempotency-key"]


def test_one_that_is_not_taken_is_tried_for_a_day_and_holds_up_only_its_person(
    outgoing: Outgoing,
) -> None:
    outgoing.sms.say = lambda body: answer(503) if VOLUNTEER.encode() in body else TAKEN
    journey = journey_of(outgoing).to("posted")
    other = journey.order_id
    journey.ask(wanted_at="15:00")
    journey.step("reject", reason="没有人手")
    assert outgoing.send() == counted(failed=1, sent=1)  # The elder's goes out.
    journey.order_id = other
    outgoing.tried.behind(
        "INSERT INTO message SELECT book_id, 99, event, way, person_id, station_code, "
        "subject, place, state, 0, made_ms, '', made_ms, NULL, '', NULL FROM message "
        "WHERE event = 'visit_confirmed'"
    )
    confirmed = next(i for i, row in enumerate(outgoing.stored()) if row[0] == "visit_confirmed")
    for place, minutes in enumerate(RETRY_MINUTES, start=1):
        assert outgoing.stored()[confirmed][1:] == ("waiting", place, "status_503")
        outgoing.tried.clock.move(timedelta(minutes=minutes, seconds=-1))
        assert outgoing.send() == counted()
        outgoing.tried.clock.move(timedelta(seconds=1))
        last = place == len(RETRY_MINUTES)  # Then the next one has its turn.
        assert outgoing.send() == counted(failed=2 if last else 1)
    assert outgoing.stored()[confirmed][1:] == ("given_up", 8, "status_503")
    assert outgoing.stored()[-1][1:] == ("waiting", 1, "status_503")
    assert sum(RETRY_MINUTES) == 24 * 60


@pytest.mark.parametrize(
    ("say", "code"),
    [
        (answer(404), "status_404"),
        (answer(302, b"", "Location: http://127.0.0.1/"), "status_302"),
        (b"no HTTP\r\n\r\n", "unreachable"),
    ],
)
def test_what_counts_as_not_taken(outgoing: Outgoing, say: bytes, code: str) -> None:
    outgoing.sms.say = lambda _body: say
    journey_of(outgoing).to("matched")
    outgoing.send()
    assert outgoing.stored()[1][3] == code


@pytest.mark.parametrize("told", [b"", b"[]", b'{"errcode":93000}', b"\xff"])
def test_the_groups_robot_takes_a_message_by_its_own_code(outgoing: Outgoing, told: bytes) -> None:
    outgoing.group.say = lambda _body: answer(200, told)
    journey_of(outgoing).ask()
    assert outgoing.send() == counted(failed=1)
    assert outgoing.stored()[0][3] == "not_accepted"


def test_one_that_was_sent_before_a_crash_goes_out_again_under_its_number(
    outgoing: Outgoing,
) -> None:
    journey_of(outgoing).to("matched")
    outgoing.send()
    outgoing.tried.behind("UPDATE message SET state = 'waiting' WHERE way = 'sms'")
    outgoing.send()
    assert len({headers["idempotency-key"] for headers in outgoing.sms.headers}) == 1
    assert len(outgoing.sms.requests) == 2


def test_nobody_is_told_who_has_no_telephone_or_is_gone(outgoing: Outgoing) -> None:
    journey = journey_of(outgoing)
    journey.ask()
    journey.step("reject", reason="没有人手")
    forget(outgoing.tried.bank, OPERATOR, "E0001", key="forget-0001")
    assert outgoing.send() == counted(unsendable=1)
    assert outgoing.stored()[1][1:] == ("unsendable", 1, "nobody_to_tell")


def test_without_a_gateway_the_job_sends_nothing_and_loses_nothing(tmp_path: Path) -> None:
    with new_bank(tmp_path) as tried:
        journey = Journey(tried).to("matched")
        run = run_now(tried.bank, OPERATOR, "send_messages")
        assert (run.outcome, "sent" in run.detail) == (Ended.DONE, True)
        assert journey.order().state.value == "matched"
        assert not has_work(tried.bank, 0)
