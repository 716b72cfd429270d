"""timebank/orders/visits.py and attention.py: how a visit is shown, and what a station looks at."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.support.banks import AUDITOR, TriedBank
from tests.support.forging import bank_with, judged
from tests.support.orders import CLERK, OTHER_CLERK, REVIEWER, TODAY, Journey
from timebank.errors import (
    AssistantMissing,
    EndBeforeStart,
    MissingField,
    NotPermitted,
    OrderValueInvalid,
    UnknownOrder,
    WrongDoorCode,
)
from timebank.orders.attention import Alarm, PayerShown, payers_of
from timebank.orders.history import TakenStep, history_of
from timebank.orders.model import Channel, State
from timebank.orders.presence import Detail, Means, scanned_text
from timebank.orders.queries import missed_sign_outs, order_file
from timebank.records.actions import reverse_record
from timebank.records.model import Payer

HERE = "31.230000,121.470000"
NEAR = "31.232698,121.470000"
FAR = "31.232707,121.470000"
FENCE = '[visits]\ngeofence_metres = { value = 300, source = "示例" }'


@pytest.fixture
def journey(sqlite_bank: TriedBank) -> Journey:
    return Journey(sqlite_bank)


def steps(journey: Journey) -> dict[str, TakenStep]:
    with journey.tried.bank.read() as connection:
        return {one.step: one for one in history_of(connection, journey.order_id)}


def alarms(journey: Journey) -> tuple[Alarm, ...]:
    with journey.tried.bank.read() as connection:
        return order_file(journey.tried.bank, connection, CLERK, journey.order_id).shown.alarms


def signed(journey: Journey) -> str:
    """Every leaf of the log as text."""
    with journey.tried.bank.read() as connection:
        rows = connection.execute(text("SELECT body FROM leaf")).scalars()
        return "\n".join(bytes(row).decode() for row in rows).replace("\\", "")


# Means -------------------------------------------------------------------------------------


def test_each_means_is_checked_and_kept(journey: Journey) -> None:
    volunteer, elder = journey.member("V0001"), journey.member("E0001")
    journey.to("accepted")
    code = journey.order().door_code
    wrong = f"{(int(code) + 1) % 10_000:04}"
    for given in (wrong, scanned_text(journey.order_id, wrong), scanned_text("ordr_x", code)):
        with pytest.raises(WrongDoorCode):
            journey.step("sign_in", volunteer, code=given)
    journey.step("sign_in", volunteer, code=scanned_text(journey.order_id, code), at="08:40")
    with pytest.raises(WrongDoorCode):
        journey.step("sign_out", volunteer, code=wrong)
    journey.step("sign_out", elder, at="08:50")
    told = steps(journey)
    assert (told["sign_in"].detail.means, told["sign_out"].detail.means) == ("qr", "card")
    assert '"means":"qr"' in signed(journey)
    assert f":{code}" not in signed(journey)
    assert f'"{code}"' not in signed(journey)


def test_the_elder_signs_in_by_their_own_card(journey: Journey) -> None:
    journey.to("accepted").step("sign_in", journey.member("E0001"), at="08:40")
    assert steps(journey)["sign_in"].detail == Detail("card", f"{TODAY}T08:40")
    assert alarms(journey) == ()


@pytest.mark.parametrize(
    ("code", "means", "expected"),
    [(True, Means.CODE, ()), (False, Means.WORD, (Alarm.OWN_WORD,))],
)
def test_a_volunteer_signs_out_with_the_code_or_on_their_word(
    journey: Journey, code: bool, means: Means, expected: tuple[Alarm, ...]
) -> None:
    journey.to("signed_in")
    given = journey.order().door_code if code else ""
    journey.step("sign_out", journey.member("V0001"), code=given, at="08:50")
    assert steps(journey)["sign_out"].detail.means == means
    assert alarms(journey) == expected


@pytest.mark.parametrize(
    ("channel", "allowed"),
    [(Channel.TELEPHONE, False), (Channel.STAFF, False), (Channel.PAPER, False),
     (Channel.KIOSK, True), (Channel.PAGE, True)],
)  # fmt: skip
def test_whoever_asks_through_others_names_them(
    journey: Journey, channel: Channel, allowed: bool
) -> None:
    for actor in (CLERK, journey.member("E0001")):
        if allowed:
            journey.ask(actor, channel=channel, assistant="")
            assert journey.order().channel == channel
            continue
        with pytest.raises(AssistantMissing):
            journey.ask(actor, channel=channel, assistant="")


# Offline time ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [(29, ()), (30, (Alarm.HANDED_IN_LATE,)), (31, (Alarm.HANDED_IN_LATE,))],
)
def test_the_devices_time_and_its_arrival_are_both_kept(
    journey: Journey, minutes: int, expected: tuple[Alarm, ...]
) -> None:
    journey.to("accepted")
    at = f"08:{60 - minutes:02}"
    arrived_ms = journey.tried.bank.now_ms()
    journey.step("sign_in", journey.member("V0001"), code=journey.order().door_code, at=at)
    told = steps(journey)["sign_in"]
    assert (told.detail.stated_at, told.taken_ms) == (f"{TODAY}T{at}", arrived_ms)
    assert journey.order().signed_in_at == f"{TODAY}T{at}"
    assert alarms(journey) == expected


def test_what_a_device_hands_in_out_of_order_is_refused_and_changes_nothing(
    journey: Journey,
) -> None:
    journey.to("signed_in")
    with pytest.raises(EndBeforeStart):
        journey.step("sign_out", journey.member("V0001"), at="07:30")
    assert journey.order().state is State.SIGNED_IN


# Distance ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("point", "expected", "metres"),
    [
        (HERE, (Alarm.OWN_WORD,), 0),
        (NEAR, (Alarm.OWN_WORD,), 300),
        (FAR, (Alarm.OUTSIDE_FENCE, Alarm.OWN_WORD), 301),
        ("", (Alarm.PLACE_UNKNOWN, Alarm.OWN_WORD), None),
    ],
)
def test_a_sign_out_elsewhere_is_shown_and_not_refused(
    tmp_path: Path, point: str, expected: tuple[Alarm, ...], metres: int | None
) -> None:
    with bank_with(tmp_path, FENCE, people=()) as tried:
        journey = Journey(tried)
        journey.ask(point=HERE)
        for name, stated in (("vet", {}), ("publish", {}), ("match", {"volunteer": "V0001"})):
            journey.step(name, **stated)
        journey.step("accept")
        code = journey.order().door_code
        journey.step("sign_in", journey.member("V0001"), code=code, at="08:40", point=HERE)
        journey.step("sign_out", journey.member("V0001"), point=point)
        assert steps(journey)["sign_out"].detail.distance_metres == metres
        assert alarms(journey) == expected
        journey.step("confirm", OTHER_CLERK)
        log = signed(journey)
        for secret in ("31.23", "121.47", "3号楼", ":301", "小李"):
            assert secret not in log
        assert judged(tried, tmp_path).ok


def test_without_a_limit_or_a_place_nothing_is_measured(tmp_path: Path) -> None:
    with bank_with(tmp_path, FENCE, people=()) as tried:
        journey = Journey(tried).to("accepted")
        code = journey.order().door_code
        journey.step("sign_in", journey.member("V0001"), code=code, at="08:40", point=FAR)
        assert steps(journey)["sign_in"].detail.limit_metres == 0
        assert alarms(journey) == ()


@pytest.mark.parametrize("point", ["91,0", "here", "1"])
def test_what_is_no_position_is_refused_without_being_repeated(
    journey: Journey, point: str
) -> None:
    with pytest.raises(OrderValueInvalid) as refused:
        journey.ask(point=point)
    assert refused.value.facts == {"field": "point", "given": ""}
    with pytest.raises(MissingField):
        journey.ask(point=HERE, place="")
    journey.to("accepted")
    with pytest.raises(OrderValueInvalid):
        journey.step("sign_in", reason="电话", point=point)


# Missed sign-outs --------------------------------------------------------------------------


@pytest.mark.parametrize(("minutes", "missed"), [(119, False), (120, True), (121, True)])
def test_a_missed_sign_out_is_an_alarm_and_never_credit(
    sqlite_bank: TriedBank, minutes: int, missed: bool
) -> None:
    """The visit began at 08:00 for an hour; an hour later the station is told."""
    journey = Journey(sqlite_bank).to("signed_in")
    sqlite_bank.clock.move(timedelta(minutes=minutes - 60))
    assert (Alarm.SIGN_OUT_MISSED in alarms(journey)) is missed
    with sqlite_bank.bank.read() as connection:
        for station, found in (("XFL", missed), ("FAR", False)):
            listed = missed_sign_outs(sqlite_bank.bank, connection, AUDITOR, station)
            assert bool(listed) is found
        with pytest.raises(NotPermitted):
            missed_sign_outs(sqlite_bank.bank, connection, journey.member("V0001"))
    sqlite_bank.clock.move(timedelta(days=200))
    assert (journey.order().state, journey.balance("V0001")) == (State.SIGNED_IN, (0, 0))


def test_the_alarm_ends_when_somebody_says_when_the_visit_ended(journey: Journey) -> None:
    journey.to("signed_in")
    journey.tried.clock.move(timedelta(hours=3))
    assert alarms(journey) == (Alarm.SIGN_OUT_MISSED,)
    journey.step("sign_out", at="09:00")
    assert alarms(journey) == ()


# Who pays ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("saved", "short"), [(59, True), (60, False), (61, False)])
def test_whoever_lacks_hours_may_ask_and_the_station_is_told(
    sqlite_bank: TriedBank, saved: int, short: bool
) -> None:
    journey = Journey(sqlite_bank, saved=saved)
    asked = journey.ask(journey.member("E0001"), payer=Payer.POOL)
    assert asked.body["payer_needed"] is short
    assert journey.order().payer is Payer.ELDER  # Nobody helps themselves to the pool.
    assert alarms(journey) == ((Alarm.PAYER_NEEDED,) if short else ())


def test_the_station_sees_elder_grant_and_pool_with_what_they_have(journey: Journey) -> None:
    journey.ask()
    bank = journey.tried.bank
    with bank.read() as connection:
        assert payers_of(bank, connection, CLERK, journey.order_id) == (
            PayerShown(Payer.ELDER, 300, 60),
            PayerShown(Payer.GRANT, 0, 60),
            PayerShown(Payer.POOL, 0, 60),
            PayerShown(Payer.NOBODY, None, 0),
        )
        for stranger in (journey.member("E0001"), journey.member("V0001"), AUDITOR):
            with pytest.raises(UnknownOrder):
                payers_of(bank, connection, stranger, journey.order_id)


def test_members_are_told_of_no_alarm(sqlite_bank: TriedBank) -> None:
    journey = Journey(sqlite_bank, saved=0)
    journey.ask()
    with sqlite_bank.bank.read() as connection:
        for actor, expected in (
            (journey.member("E0001"), ()),
            (AUDITOR, (Alarm.PAYER_NEEDED,)),
        ):
            found = order_file(sqlite_bank.bank, connection, actor, journey.order_id)
            assert found.shown.alarms == expected


# History -----------------------------------------------------------------------------------


def test_the_history_tells_what_became_of_the_record(journey: Journey) -> None:
    journey.to("posted").step("rate", stars=4)
    reverse_record(journey.tried.bank, REVIEWER, journey.order().record_id, "记错", key="undo-001")
    with journey.tried.bank.read() as connection:
        told = history_of(connection, journey.order_id)
    assert [one.step for one in told][-4:] == ["confirm", "post", "reverse", "rate"]
    assert (told[-3].minutes, told[-2].reason, told[-4].detail.word) == (60, "记错", "station")
