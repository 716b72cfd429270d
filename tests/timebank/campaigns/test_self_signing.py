"""timebank/campaigns/self_signing.py: codes that change, one's own line, once."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from tests.support.banks import OPERATOR
from tests.support.campaigns import CLERK, RIVER, STATED, Month
from timebank.campaigns.actions import open_campaign
from timebank.campaigns.model import Line, Signing
from timebank.campaigns.rosters import keep_roster
from timebank.campaigns.self_signing import (
    SLOT_MINUTES,
    code_at,
    code_now,
    make_codes,
    own_activities,
    scanned_text,
    sign_self,
)
from timebank.campaigns.signings import signings_of
from timebank.clock import local_datetime
from timebank.errors import InTheFuture, NotPermitted
from timebank.errors.campaigns import (
    RosterCodeWrong,
    RosterLineHandedIn,
    RosterTimesUnfit,
    UnknownActivity,
)
from timebank.stations.model import Actor, Role

SECRET = bytes(range(16))
SLOT = timedelta(minutes=SLOT_MINUTES)
NINE = datetime.fromisoformat("2023-03-05T09:00")


def test_a_code_lasts_for_its_slot_and_no_longer() -> None:
    last = NINE + SLOT - timedelta(minutes=1)
    assert code_at(SECRET, NINE) == code_at(SECRET, last) != code_at(SECRET, NINE + SLOT)
    assert code_at(SECRET, NINE - timedelta(minutes=1)) != code_at(SECRET, NINE)
    assert len(code_at(SECRET, NINE)) == 6
    assert code_at(bytes(16), NINE) != code_at(SECRET, NINE)


class Today:
    """An activity of today on whose roster V0001 stands."""

    def __init__(self, month: Month) -> None:
        self.month, self.bank = month, month.tried.bank
        day = self.bank.today()
        later = replace(STATED, ends_on=day)
        month.campaign_id = str(
            open_campaign(self.bank, OPERATOR, later, key="opens-today").body["campaign"]
        )
        month.report([(*RIVER[:4], day.isoformat(), *RIVER[5:])])
        self.activity = month.activity(1)
        keep_roster(self.bank, CLERK, self.activity, [Line("V0001")], key=month.key())
        make_codes(self.bank, CLERK, self.activity)

    def member(self, number: str = "V0001") -> Actor:
        asked = text("SELECT person_id FROM person_number WHERE number = :number")
        with self.bank.read() as connection:
            person = str(connection.execute(asked, {"number": number}).scalar_one())
        return Actor(person, Role.MEMBER, person_id=person)

    def code(self) -> str:
        with self.bank.read() as connection:
            return code_now(self.bank, connection, CLERK, self.activity)

    def now(self) -> str:
        return local_datetime(self.bank.clock.now()).strftime("%Y-%m-%dT%H:%M")

    def sign(self, step: Signing, number: str = "V0001", **rest: Any) -> dict[str, Any]:
        key = rest.pop("key", "") or self.month.key()
        return sign_self(self.bank, self.member(number), self.activity, step, key=key, **rest).body

    def line(self) -> tuple[str, str]:
        asked = text("SELECT signed_in_at, signed_out_at FROM campaign_roster")
        with self.bank.read() as connection:
            row = connection.execute(asked).one()
        return row.signed_in_at, row.signed_out_at


@pytest.fixture
def today(month: Month) -> Today:
    return Today(month)


@pytest.fixture
def sqlite_today(sqlite_month: Month) -> Today:
    return Today(sqlite_month)


def test_a_volunteer_signs_in_and_out_once(today: Today) -> None:
    started = today.now()
    key = today.month.key()
    first = today.sign(Signing.IN, code=today.code(), key=key)
    today.month.tried.clock.move(timedelta(minutes=30))
    ended = today.now()
    assert today.sign(Signing.IN, code=today.code()) == first
    assert first["signed_in_at"] == started
    out = scanned_text(today.activity, today.code())
    assert today.sign(Signing.OUT, code=out)["signed_out_at"] == ended
    today.month.tried.clock.move(timedelta(minutes=30))
    assert today.sign(Signing.OUT)["signed_out_at"] == ended
    assert today.line() == (started, ended)
    with today.bank.read() as connection:
        (done,) = signings_of(connection.execute, today.activity).values()
    assert [(one.step, one.means) for one in done] == [
        ("put", "staff"), ("in", "code"), ("out", "qr"),
    ]  # fmt: skip


def test_a_code_that_is_over_or_anothers_is_none(sqlite_today: Today) -> None:
    today = sqlite_today
    code = today.code()
    for wrong in ("", "000000x", scanned_text("actv_other", code)):
        with pytest.raises(RosterCodeWrong):
            today.sign(Signing.IN, code=wrong)
    today.month.tried.clock.move(2 * SLOT)
    with pytest.raises(RosterCodeWrong):
        today.sign(Signing.IN, code=code)
    fresh = today.code()
    make_codes(today.bank, CLERK, today.activity)
    with pytest.raises(RosterCodeWrong):
        today.sign(Signing.IN, code=fresh)
    assert today.line() == ("", "")


def test_a_time_without_network_is_handed_in_later_with_the_code_of_then(
    sqlite_today: Today,
) -> None:
    today = sqlite_today
    then, code = today.now(), today.code()
    today.month.tried.clock.move(timedelta(hours=3))
    with pytest.raises(RosterCodeWrong):
        today.sign(Signing.IN, code=code, at=today.now())
    assert today.sign(Signing.IN, code=code, at=then)["signed_in_at"] == then
    with pytest.raises(InTheFuture):
        today.sign(Signing.OUT, at="2999-01-01T00:00")
    with pytest.raises(RosterTimesUnfit):
        today.sign(Signing.OUT, at=then)
    with pytest.raises(RosterTimesUnfit):
        today.sign(Signing.OUT, at="soon")
    later = (datetime.fromisoformat(then) + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M")
    assert today.sign(Signing.OUT, at=later)["signed_out_at"] == later


def test_only_who_is_on_the_roster_signs_and_only_themselves(sqlite_today: Today) -> None:
    today = sqlite_today
    with pytest.raises(UnknownActivity):
        today.sign(Signing.IN, "V0002", code=today.code())
    with pytest.raises(NotPermitted):
        sign_self(today.bank, CLERK, today.activity, Signing.IN, code="1", key=today.month.key())
    with pytest.raises(RosterTimesUnfit):
        today.sign(Signing.OUT, code=today.code())
    with today.bank.read() as connection:
        assert own_activities(today.bank, connection, today.member("V0002")) == []
        (mine,) = own_activities(today.bank, connection, today.member())
    assert (mine.name, mine.steps) == ("保护母亲河清洁", (Signing.IN,))


def test_staff_mend_a_time_and_it_is_seen_who_did(sqlite_today: Today) -> None:
    today = sqlite_today
    start = datetime.fromisoformat(today.now())
    today.sign(Signing.IN, code=today.code())
    today.month.tried.clock.move(timedelta(minutes=60))
    today.sign(Signing.OUT)
    mended = start + timedelta(minutes=45)
    line = Line("V0001", None, mended)
    keep_roster(today.bank, CLERK, today.activity, [line], key=today.month.key())
    with today.bank.read() as connection:
        (done,) = signings_of(connection.execute, today.activity).values()
        (mine,) = own_activities(today.bank, connection, today.member())
    assert [(one.step, one.means, one.by_id == CLERK.actor_id) for one in done] == [
        ("put", "staff", True), ("in", "code", False), ("out", "word", False),
        ("out", "staff", True),
    ]  # fmt: skip
    assert mine.signed_out_at == mended.strftime("%Y-%m-%dT%H:%M")
    today.month.hand_in(1)
    with pytest.raises(RosterLineHandedIn):
        keep_roster(today.bank, CLERK, today.activity, [line], key=today.month.key())
