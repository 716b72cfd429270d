"""timebank/outbox: what concerns people goes out in order, at least once, over a real socket."""

import hmac
from collections.abc import Iterator
from contextlib import contextmanager
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
from tests.support.orders import CLERK, OTHER_CLERK, Journey
from tests.support.witnesses import Told, answer, made_up_witness
from timebank.bank import Bank
from timebank.jobs.model import Ended
from timebank.jobs.runner import run_now
from timebank.outbox.model import RETRY_MINUTES
from timebank.outbox.sending import has_work, send_messages
from timebank.people.actions import register
from timebank.people.forgetting import forget
from timebank.people.model import Newcomer

SECRET = "a secret of the gateway"
TAKEN = answer(200, b"{}")


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
        query = text("SELECT event, state, attempts, error FROM outbox_message ORDER BY number")
        with self.tried.bank.read() as connection:
            return [tuple(row) for row in connection.execute(query)]


@contextmanager
def outgoing_from(folder: Path) -> Iterator[Outgoing]:
    """V0001 and E0001 have telephones; the gateways take what they are handed."""
    with (
        made_up_witness(lambda _body: TAKEN) as (sms_site, sms),
        made_up_witness(lambda _body: answer(200, b'{"errcode":0}')) as (group_site, group),
        new_bank(folder) as tried,
    ):
        tried.bank.close()
        tried.settings = tried.settings.model_copy(
            update={
                "sms_webhook": f"{sms_site.address}/sms",
                "sms_secret": SecretStr(SECRET),
                "wecom_webhook": SecretStr(f"{group_site.address}/send?key=k-1"),
            }
        )
        with Bank.open(tried.settings, tried.clock) as bank:
            tried.bank = bank
            yield Outgoing(tried, sms, group)


@pytest.fixture
def outgoing(tmp_path: Path) -> Iterator[Outgoing]:
    with outgoing_from(tmp_path) as made:
        yield made


class Reachable(Journey):
    """A journey whose elder and volunteer have telephones."""

    def __post_init__(self) -> None:
        people = [
            Newcomer("王秀兰", (("E0001", "elder"),), telephone="13800000001"),
            Newcomer("张三", (("V0001", "volunteer"),), telephone="13800000002"),
        ]
        ids = register(self.tried.bank, OPERATOR, people, key="reachable-1")
        self.people = dict(zip(("E0001", "V0001"), ids, strict=True))
        self.payer = "nobody"  # type: ignore[assignment]


def journey_of(outgoing: Outgoing) -> Journey:
    from timebank.records.model import Payer

    made = Reachable(outgoing.tried)
    made.payer = Payer.NOBODY
    return made


def test_a_visit_is_told_to_both_in_order_and_the_code_to_the_elder_alone(
    outgoing: Outgoing,
) -> None:
    journey = journey_of(outgoing).to("awaiting_confirmation")
    code = journey.order().door_code
    journey.step("confirm", OTHER_CLERK)
    assert outgoing.send() == {"failed": 0, "sent": 5, "unsendable": 0}
    elder, volunteer = "13800000001", "13800000002"
    assert [to for to, _text in outgoing.texts] == [volunteer, elder, elder, volunteer]
    offered, agreed, over, confirmed = (text for _to, text in outgoing.texts)
    assert offered.startswith("【时间银行】")
    assert "王秀兰（E0001）" in offered
    assert "张三（V0001）" in agreed
    assert f"上门码{code}" in agreed
    assert "请您到" in over
    assert "确认时长" in over
    assert "已由对方确认" in confirmed
    assert code not in offered + over + confirmed
    (told,) = (orjson.loads(body)["text"]["content"] for body in outgoing.group.requests)
    assert "第1号" in told
    assert "王" not in told
    assert outgoing.send() == {"failed": 0, "sent": 0, "unsendable": 0}
    assert not has_work(outgoing.tried.bank, 0)


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
    journey = journey_of(outgoing)
    outgoing.sms.say = lambda body: answer(503) if b"13800000002" in body else TAKEN
    journey.to("accepted")
    assert outgoing.send() == {"failed": 1, "sent": 2, "unsendable": 0}
    journey.step("cancel", reason="家里有人")
    assert outgoing.send() == {"failed": 0, "sent": 1, "unsendable": 0}  # The elder's.
    for place, minutes in enumerate(RETRY_MINUTES, start=1):
        assert outgoing.stored()[1] == ("visit_offered", "waiting", place, "status_503")
        outgoing.tried.clock.move(timedelta(minutes=minutes, seconds=-1))
        assert outgoing.send()["failed"] == 0
        outgoing.tried.clock.move(timedelta(seconds=1))
        failed = outgoing.send()["failed"]
        assert failed == (2 if place == len(RETRY_MINUTES) else 1)
    assert outgoing.stored()[1] == ("visit_offered", "given_up", 8, "status_503")
    assert outgoing.stored()[4][:3] == ("order_cancelled", "waiting", 1)  # Now it is its turn.
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
    assert outgoing.send() == {"failed": 1, "sent": 0, "unsendable": 0}
    assert outgoing.stored()[0][3] == "not_accepted"


def test_one_that_was_sent_before_a_crash_goes_out_again_under_its_number(
    outgoing: Outgoing,
) -> None:
    journey_of(outgoing).to("matched")
    outgoing.send()
    outgoing.tried.behind("UPDATE outbox_message SET state = 'waiting' WHERE way = 'sms'")
    outgoing.send()
    assert len({headers["idempotency-key"] for headers in outgoing.sms.headers}) == 1
    assert len(outgoing.sms.requests) == 2


def test_nobody_is_told_who_has_no_telephone_or_is_gone(outgoing: Outgoing) -> None:
    outgoing.tried.people("V0002")
    journey = journey_of(outgoing)
    journey.ask()
    journey.step("reject", reason="没有人手")
    forget(outgoing.tried.bank, OPERATOR, "E0001", key="forget-0001")
    assert outgoing.send() == {"failed": 0, "sent": 1, "unsendable": 1}
    assert outgoing.stored()[1][1:] == ("unsendable", 1, "nobody_to_tell")


def test_without_a_gateway_the_job_sends_nothing_and_loses_nothing(tmp_path: Path) -> None:
    with new_bank(tmp_path) as tried:
        journey = Journey(tried).to("matched")
        run = run_now(tried.bank, OPERATOR, "send_messages")
        assert (run.outcome, "sent" in run.detail) == (Ended.DONE, True)
        assert journey.order().state.value == "matched"
        assert CLERK.station_code == "XFL"
        assert not has_work(tried.bank, 0)
