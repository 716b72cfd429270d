"""timebank/records/actions.py: what is logged once is credited once, and each refusal says why."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ledger.balances import balance_of
from ledger.book import read_head
from ledger.errors import FloorExceeded, KeyReused
from tests.support.banks import TriedBank, new_bank
from tests.support.profiles import HEAD, cap, steps
from tests.support.services import service
from timebank.chart import Kind
from timebank.errors import (
    AmbiguousMember,
    DailyCapExceeded,
    Duplicate,
    DurationMismatch,
    DurationOutOfRange,
    EndBeforeStart,
    GroupTooLarge,
    InTheFuture,
    MissingField,
    NotARecipient,
    NotAVolunteer,
    NotAwaitingReview,
    NotPermitted,
    NotVolunteerActivity,
    OverlappingService,
    OwnSpouse,
    PayerNotAllowed,
    SelfService,
    TooLateWithoutReason,
    UnknownMember,
    UnknownRecord,
    UnknownStation,
)
from timebank.people.actions import register
from timebank.people.kinship import note_kinship
from timebank.people.model import Newcomer, Relation
from timebank.records.actions import log_service, reverse_record
from timebank.records.model import Payer, StatedService
from timebank.records.queries import record_of
from timebank.stations.model import Actor, Role

wall = datetime.fromisoformat
CLERK = Actor("staff_clerk", Role.CLERK, "XFL")


@pytest.fixture
def staffed(bank: TriedBank) -> TriedBank:
    """Three volunteers and three elders on either database."""
    bank.people("V0001", "V0002", "V0003", "E0001", "E0002", "E0003")
    return bank


def log(bank: TriedBank, stated: StatedService, key: str = "log-00001", **rest: object):
    actor = rest.get("actor", CLERK)
    return log_service(bank.bank, actor, str(rest.get("station", "XFL")), stated, key=key)


def minutes_of(bank: TriedBank, number: str) -> int:
    with bank.bank.read() as connection:
        found = balance_of(connection, bank.account(number))
        assert found is not None
        return found.posted


def test_a_service_is_credited_from_issuance_and_touches_no_elder(staffed: TriedBank) -> None:
    body = log(staffed, service(minutes=90)).body

    assert (body["minutes"], body["number"], body["state"]) == (90, 1, "posted")
    assert body["marks"] == ["unreviewed"]
    assert (minutes_of(staffed, "V0001"), minutes_of(staffed, "E0001")) == (90, 0)
    with staffed.bank.read() as connection:
        issued = balance_of(connection, staffed.bank.account_of(Kind.ISSUANCE))
    assert issued is not None
    assert issued.posted == -90


def test_one_volunteer_with_several_elders_is_credited_once(staffed: TriedBank) -> None:
    log(staffed, service("V0001", "E0001、E0002、E0003", minutes=60))

    assert minutes_of(staffed, "V0001") == 60


def test_each_of_several_volunteers_is_credited_by_an_entry_of_their_own(
    staffed: TriedBank,
) -> None:
    body = log(staffed, service("V0001、V0002", "E0001", minutes=60)).body

    assert len({credit["entry"] for credit in body["credits"]}) == 2
    assert (minutes_of(staffed, "V0001"), minutes_of(staffed, "V0002")) == (60, 60)


def test_a_service_to_nobody_in_particular_needs_no_recipient(staffed: TriedBank) -> None:
    stated = replace(service(content="垃圾分类"), recipients=(), public="社区居民", head_count=30)
    body = log(staffed, stated).body

    with staffed.bank.read() as connection:
        record = record_of(staffed.bank, connection, CLERK, body["record"])
    assert (record.public, record.head_count) == ("社区居民", 30)


def test_the_same_key_repeats_the_answer_and_posts_once(staffed: TriedBank) -> None:
    first = log(staffed, service(), key="same-key")
    again = log(staffed, service(), key="same-key")

    assert (again.raw, again.replayed) == (first.raw, True)
    assert minutes_of(staffed, "V0001") == 90
    with pytest.raises(KeyReused):
        log(staffed, service(minutes=60), key="same-key")


def test_the_same_service_under_another_key_is_a_duplicate(staffed: TriedBank) -> None:
    log(staffed, service(), key="first-key")
    with pytest.raises(Duplicate):
        log(staffed, service(), key="second-key")
    assert minutes_of(staffed, "V0001") == 90


@pytest.mark.parametrize(
    ("at", "minutes", "is_refused"),
    [
        ("08:00", 60, False),
        ("08:00", 61, True),
        ("10:29", 10, True),
        ("10:30", 10, False),
        ("09:10", 10, True),
    ],
)
@pytest.mark.parametrize(("volunteer", "elder"), [("V0001", "E0002"), ("V0002", "E0001")])
def test_nobody_is_in_two_services_at_once(
    sqlite_bank: TriedBank, volunteer: str, elder: str, at: str, minutes: int, is_refused: bool
) -> None:
    sqlite_bank.people("V0001", "V0002", "E0001", "E0002")
    log(sqlite_bank, service("V0001", "E0001", "09:00", 90), key="first-key")
    other = service(volunteer, elder, at, minutes, "理发")
    if is_refused:
        with pytest.raises(OverlappingService):
            log(sqlite_bank, other, key="second-key")
    else:
        log(sqlite_bank, other, key="second-key")


def test_two_services_of_one_group_see_each_other(staffed: TriedBank) -> None:
    from timebank.records.actions import prepare_log

    bank = staffed.bank
    actions = [
        prepare_log(bank, CLERK, "XFL", service("V0001", elder), key=f"together-{elder}")
        for elder in ("E0001", "E0002")
    ]
    outcomes = [future.exception() for future in [bank.submit(action) for action in actions]]

    assert [type(outcome) for outcome in outcomes] == [type(None), OverlappingService]
    assert minutes_of(staffed, "V0001") == 90


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        # Each row mends the fault that the row above was refused for, and keeps the rest.
        ({"volunteers": (" ",), "content": " ", "recipients": ()}, MissingField),
        ({"content": " ", "recipients": ()}, MissingField),
        ({"recipients": ("",), "volunteers": ("V0001",) * 201}, MissingField),
        ({"volunteers": ("V0001",) * 201, "ends_at": wall("2023-04-05T09:00")}, GroupTooLarge),
        ({"ends_at": wall("2023-04-05T09:00"), "stated_minutes": 1}, EndBeforeStart),
        ({"ends_at": wall("2023-04-06T09:01"), "stated_minutes": 1}, DurationOutOfRange),
        ({"stated_minutes": 89, "content": "商业推销"}, DurationMismatch),
        ({"content": "商业推销", "volunteers": ("V9999",)}, NotVolunteerActivity),
        ({"volunteers": ("V9999",), "recipients": ("E9999",)}, UnknownMember),
    ],
)
def test_the_first_fault_in_the_documented_order_is_the_one_that_is_told(
    sqlite_bank: TriedBank, change: dict[str, object], refusal: type[Exception]
) -> None:
    sqlite_bank.people("V0001", "E0001")
    size = read_head(sqlite_bank.bank.database).size
    with pytest.raises(refusal):
        log(sqlite_bank, replace(service(), **change))
    assert read_head(sqlite_bank.bank.database).size == size


def test_an_elder_who_is_no_volunteer_earns_nothing(sqlite_bank: TriedBank) -> None:
    sqlite_bank.people("V0001", "E0001", "E0002")
    for given in ("E0002", "成员E0002(E0002)"):
        with pytest.raises(NotAVolunteer):
            log(sqlite_bank, service(given, "E0001"))


def test_a_volunteer_who_is_no_elder_receives_nothing(sqlite_bank: TriedBank) -> None:
    sqlite_bank.people("V0001", "V0002")
    for given in ("V0002", "成员V0002(V0002)"):
        with pytest.raises(NotARecipient):
            log(sqlite_bank, service("V0001", given))


def test_two_people_of_one_name_are_never_guessed(sqlite_bank: TriedBank) -> None:
    same = [Newcomer("王德", ((number, "volunteer"),)) for number in ("V0001", "V0002")]
    register(sqlite_bank.bank, CLERK, same, key="two-of-one-name")
    sqlite_bank.people("E0001")
    with pytest.raises(AmbiguousMember) as refused:
        log(sqlite_bank, service("王德"))
    assert "V0001" in str(refused.value.facts["candidates"])
    assert "王德" not in str(refused.value)


def test_only_the_station_itself_and_the_district_may_log(sqlite_bank: TriedBank) -> None:
    for actor in (Actor("x", Role.AUDITOR), Actor("x", Role.CLERK, "OTHER")):
        with pytest.raises(NotPermitted):
            log(sqlite_bank, service(), actor=actor)


def test_a_station_must_exist(sqlite_bank: TriedBank) -> None:
    sqlite_bank.people("V0001", "E0001")
    with pytest.raises(UnknownStation):
        log(sqlite_bank, service(), actor=Actor("x", Role.OPERATOR), station="NONE")


@pytest.mark.parametrize(
    ("at", "is_refused"), [("07:29", False), ("07:30", False), ("07:31", True)]
)
def test_only_what_is_over_can_be_recorded(
    sqlite_bank: TriedBank, at: str, is_refused: bool
) -> None:
    """The frozen clock shows 09:00 at the station."""
    sqlite_bank.people("V0001", "E0001")
    stated = service(at=at, minutes=90, on="2023-04-06")
    if is_refused:
        with pytest.raises(InTheFuture):
            log(sqlite_bank, stated)
    else:
        log(sqlite_bank, stated)


@pytest.mark.parametrize(
    ("on", "is_late"),
    # Ten working days before 6 April 2023, with 5 April a holiday: 22 March.
    [("2023-03-23", False), ("2023-03-22", False), ("2023-03-21", True)],
)
def test_after_ten_working_days_a_reason_is_needed_and_the_record_is_marked(
    sqlite_bank: TriedBank, on: str, is_late: bool
) -> None:
    sqlite_bank.people("V0001", "E0001")
    if is_late:
        with pytest.raises(TooLateWithoutReason):
            log(sqlite_bank, service(on=on), key="no-reason")
    body = log(sqlite_bank, service(on=on, reason="登记员生病"), key="with-reason").body
    assert ("back_dated" in body["marks"]) is is_late


@pytest.mark.parametrize("named", [("V0001", "E0001"), ("E0001", "V0001")])
def test_care_for_oneself_or_ones_spouse_earns_nothing(
    sqlite_bank: TriedBank, named: tuple[str, str]
) -> None:
    both = Newcomer("李四", (("V0009", "volunteer"), ("E0009", "elder")))
    register(sqlite_bank.bank, CLERK, [both], key="one-person")
    sqlite_bank.people("V0001", "E0001")
    note_kinship(sqlite_bank.bank, CLERK, *named, Relation.SPOUSE, "户口簿")

    with pytest.raises(SelfService):
        log(sqlite_bank, service("V0009", "E0009"), key="oneself-1")
    with pytest.raises(OwnSpouse):
        log(sqlite_bank, service("V0001", "E0001"), key="spouse-01")


def test_an_elder_may_pay_from_what_they_have_and_no_more(sqlite_bank: TriedBank) -> None:
    sqlite_bank.people("V0001", "E0001", "E0002")
    sqlite_bank.issue("E0001", 100)
    paid = replace(service(minutes=90), payer=Payer.ELDER)
    log(sqlite_bank, paid, key="first-pay")

    assert (minutes_of(sqlite_bank, "V0001"), minutes_of(sqlite_bank, "E0001")) == (90, 10)
    more = replace(service(at="14:00", minutes=11), payer=Payer.ELDER)
    with pytest.raises(FloorExceeded):
        log(sqlite_bank, more, key="second-pay")
    two = replace(service("V0001", "E0001、E0002", "16:00", 5), payer=Payer.ELDER)
    with pytest.raises(PayerNotAllowed):
        log(sqlite_bank, two, key="third-pay")


def own_policy(tmp_path: Path, *parts: str) -> dict[str, object]:
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "test-1.toml").write_text(HEAD + "\n".join(parts), encoding="utf-8")
    return {"policies": ["test-1"], "policy_folder": folder}


def test_minutes_given_are_kept_and_minutes_credited_follow_the_policy(tmp_path: Path) -> None:
    with new_bank(tmp_path, **own_policy(tmp_path, steps(60, "up"))) as bank:
        bank.people("V0001", "E0001")
        body = log(bank, service(minutes=45)).body
        assert (body["minutes"], body["credits"][0]["minutes"]) == (45, 60)
        assert minutes_of(bank, "V0001") == 60


def test_a_daily_cap_counts_what_was_credited_before(tmp_path: Path) -> None:
    with new_bank(tmp_path, **own_policy(tmp_path, cap("day", 120, "refuse"))) as bank:
        bank.people("V0001", "E0001")
        log(bank, service(at="08:00", minutes=90), key="morning-1")
        with pytest.raises(DailyCapExceeded):
            log(bank, service(at="14:00", minutes=31), key="afternoon-1")
        log(bank, service(at="14:00", minutes=30), key="afternoon-2")
        assert minutes_of(bank, "V0001") == 120


def test_a_reversal_takes_the_credit_back_once_and_frees_the_hours(staffed: TriedBank) -> None:
    operator = Actor("staff_operator", Role.OPERATOR)
    record = log(staffed, service(), key="log-first").body["record"]
    with pytest.raises(MissingField):
        reverse_record(staffed.bank, operator, record, " ", key="reverse-0")
    reverse_record(staffed.bank, operator, record, "记错了人", key="reverse-1")

    assert minutes_of(staffed, "V0001") == 0
    with pytest.raises(NotAwaitingReview):
        reverse_record(staffed.bank, operator, record, "再一次", key="reverse-2")
    with pytest.raises(UnknownRecord):
        reverse_record(staffed.bank, operator, "record_none", "没有", key="reverse-3")
    log(staffed, service(), key="log-again")
    assert minutes_of(staffed, "V0001") == 90


def test_records_of_a_station_are_numbered_without_gaps(staffed: TriedBank) -> None:
    numbers = []
    for hour in range(8, 12):
        stated = service(at=f"{hour:02}:00", minutes=60)
        numbers.append(log(staffed, stated, key=f"hour-{hour:04}").body["number"])
        with pytest.raises(Duplicate):
            log(staffed, stated, key=f"double-{hour:04}")
    assert numbers == [1, 2, 3, 4]


def test_nothing_personal_reaches_the_log(sqlite_bank: TriedBank) -> None:
    sqlite_bank.people("V0001", "E0001")
    log(sqlite_bank, service(note="老人高兴", place="三号楼二单元"))
    with sqlite_bank.bank.read() as connection:
        leaves = b"".join(
            bytes(row[0]) for row in connection.exec_driver_sql("SELECT body FROM leaf")
        )
    for secret in ("老人高兴", "三号楼二单元", "成员V0001", "V0001", "E0001", "09:00", "助餐"):
        assert secret.encode() not in leaves, secret


def test_a_day_is_the_longest_service(sqlite_bank: TriedBank) -> None:
    sqlite_bank.people("V0001", "E0001")
    whole_day = service(at="08:00", minutes=24 * 60, on="2023-04-05")
    assert log(sqlite_bank, whole_day).body["minutes"] == 1_440
    longer = replace(whole_day, ends_at=whole_day.ends_at + timedelta(minutes=1))
    with pytest.raises(DurationOutOfRange):
        log(sqlite_bank, longer, key="one-minute-more")
