"""timebank/records/rehearsing.py: past services under a draft, recomputed here by other code."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from ledger.book import read_head
from tests.support.banks import AUDITOR, OPERATOR, TriedBank
from tests.support.forging import CLERK, REVIEWER, bank_with, log
from tests.support.profiles import SHORT_IS_AN_HOUR, cap, profile_with
from tests.support.services import DAY, service
from timebank.errors import NotPermitted, UnknownStation
from timebank.founding import FOUNDER
from timebank.people.actions import register
from timebank.people.kinship import note_kinship
from timebank.people.model import Newcomer, Relation
from timebank.policy.model import Profile
from timebank.records.actions import log_service, reverse_record
from timebank.records.model import Payer
from timebank.records.rehearsing import Amounts, Part, Rehearsal, Rehearsed, rehearse
from timebank.stations.actions import open_station

DRAFT = profile_with(
    SHORT_IS_AN_HOUR,
    '[caps]\nday_minutes = { value = 120, source = "d" }\n'
    'day_excess = { value = "trim", source = "d" }\n'
    'account_minutes = { value = 300, source = "a" }\n'
    'account_excess = { value = "pool", source = "a" }\n',
)
DAYS = ("2023-04-03", "2023-04-04", DAY)
PEOPLE = ("V0001", "V0002", "V0003", "E0001", "E0002", "E0003")


@pytest.fixture
def tried(tmp_path: Path) -> Iterator[TriedBank]:
    with bank_with(tmp_path, people=PEOPLE) as made:
        yield made


def rehearsed(tried: TriedBank, profile: Profile, *days: str, station: str = "") -> Rehearsed:
    first, last = days or (DAYS[0], DAY)
    with tried.bank.read() as connection:
        return rehearse(
            tried.bank, connection, OPERATOR, profile, station_code=station,
            first=date.fromisoformat(first), last=date.fromisoformat(last),
        )  # fmt: skip


def of(found: Rehearsed, number: str) -> Amounts:
    return dict(found.members)[number]


def test_another_computation_comes_to_the_same(tried: TriedBank) -> None:
    """Forty services of a seed, at random days, in the order in which they were recorded."""
    chance = random.Random(20230405)
    opening = {"V0001": 150, "V0002": 0, "V0003": 290}
    for number, minutes in opening.items():
        if minutes:
            tried.issue(number, minutes, on="2023-04-02")
    slots = [(day, volunteer, hour) for day in DAYS for volunteer in PEOPLE[:3]
             for hour in range(8, 20, 2)]  # fmt: skip
    chance.shuffle(slots)
    days: dict[tuple[str, str], int] = defaultdict(int)
    account = dict(opening)
    wanted: dict[str, Counter[str]] = defaultdict(Counter)
    for place, (day, volunteer, hour) in enumerate(slots[:40], 1):
        minutes = chance.randrange(5, 115)
        stated = {"volunteers": volunteer, "recipients": volunteer.replace("V", "E")}
        log(tried, place, **stated, at=f"{hour:02}:00", minutes=minutes, on=day)
        worth = 60 if minutes < 60 else minutes
        worth = min(worth, 120 - days[volunteer, day])
        fits = min(worth, 300 - account[volunteer])
        days[volunteer, day] += fits  # What went to the pool was not credited that day.
        account[volunteer] += fits
        wanted[volunteer] += Counter(before=minutes, after=fits, pool=worth - fits)

    found = rehearsed(tried, DRAFT)

    assert {
        number: Counter(before=one.credited_before, after=one.credited_after,
                        pool=one.overflow_after)
        for number, one in found.members
    } == wanted  # fmt: skip
    assert any(one["pool"] for one in wanted.values())
    assert (found.records, found.total.services, found.refused) == (40, 40, ())
    assert found.total.credited_after == sum(one["after"] for one in wanted.values())


def test_under_the_profile_that_priced_them_nothing_changes(tried: TriedBank) -> None:
    tried.issue("E0001", 500, on="2023-04-02")
    log(tried, 1, volunteers="V0001、V0002", minutes=61)
    log(tried, 2, at="12:00", minutes=45)
    found = rehearsed(tried, tried.bank.profiles[0])

    for one in (found.total, *(amounts for _number, amounts in found.members)):
        assert one.credited_before == one.credited_after
        assert one.charged_before == one.charged_after
    assert (found.records, found.total.credited_after) == (2, 61 + 61 + 45)


def test_it_writes_nothing_beside_a_writer_at_work(tried: TriedBank) -> None:
    log(tried, 1)
    before = read_head(tried.bank.database)
    other = tried.again()
    try:
        with other.read() as connection:
            head = read_head(other.database)
            steps: list[tuple[int, int]] = []
            log(tried, 2, at="12:00")
            found = rehearse(
                other, connection, AUDITOR, DRAFT, first=date(2023, 4, 1), last=date(2023, 4, 5),
                progress=lambda done, of: steps.append((done, of)),
            )  # fmt: skip
        assert head == before
        assert read_head(other.database) == read_head(tried.bank.database)
    finally:
        other.close()
    assert found.records in (1, 2)
    assert steps[-1] == (found.records, found.records)


@pytest.mark.parametrize(
    ("first", "last", "records"),
    [(DAY, DAY, 1), ("2023-04-04", DAY, 2), ("2023-04-04", "2023-04-04", 1),
     ("2023-04-01", "2023-04-03", 0), ("2023-04-06", "2023-04-09", 0)],
)  # fmt: skip
def test_both_ends_of_the_span_are_inside(
    tried: TriedBank, first: str, last: str, records: int
) -> None:
    log(tried, 1, on="2023-04-04")
    log(tried, 2)
    assert rehearsed(tried, DRAFT, first, last).records == records


def test_what_was_reversed_counts_nowhere(tried: TriedBank) -> None:
    record = log(tried, 1)
    log(tried, 2, at="12:00", minutes=30)
    reverse_record(tried.bank, REVIEWER, record, "记错了", key="reverse-1")
    found = rehearsed(tried, DRAFT)
    assert (found.records, found.total.credited_before, found.total.credited_after) == (1, 30, 60)


def test_a_stations_figures_keep_the_caps_of_the_whole_day(tried: TriedBank) -> None:
    open_station(tried.bank, FOUNDER, "ABC", "另一站", key="open-ABC")
    log(tried, 1, minutes=90)
    tried.clock.move(timedelta(milliseconds=1))
    log_service(tried.bank, OPERATOR, "ABC", service(at="12:00", minutes=90), key="log-other")
    whole, one = rehearsed(tried, DRAFT), rehearsed(tried, DRAFT, station="ABC")
    assert (whole.total.credited_after, one.total.credited_after, one.records) == (120, 30, 1)
    with pytest.raises(UnknownStation):
        rehearsed(tried, DRAFT, station="NONE")


def test_the_draft_refuses_with_its_codes_and_whole_records(tried: TriedBank) -> None:
    register(
        tried.bank, OPERATOR, [Newcomer("少年", (("V0009", "volunteer"),), date(2006, 4, 5))],
        key="young-001",
    )  # fmt: skip
    log(tried, 1, volunteers="V0009、V0001", on="2023-04-04")  # One day too young.
    log(tried, 2, volunteers="V0009、V0001", on=DAY, at="11:00")
    log(tried, 3, volunteers="V0002", at="14:00", minutes=30)
    log(tried, 4, volunteers="V0003", recipients="E0002", at="14:00", minutes=200)
    note_kinship(tried.bank, OPERATOR, "V0002", "E0001", Relation.SPOUSE, "户口簿")
    draft = profile_with(
        '[earning]\nminimum_age = { value = 17, source = "e" }',
        '[services]\nown_spouse_excluded = { value = true, source = "s" }',
        cap("order", 199, "refuse"),
    )

    found = rehearsed(tried, draft)

    assert dict(found.refused) == {"under_age": 1, "own_spouse": 1, "order_cap_exceeded": 1}
    assert (of(found, "V0001").services, of(found, "V0001").refused) == (2, 1)
    assert (of(found, "V0001").credited_before, of(found, "V0001").credited_after) == (180, 90)
    assert of(found, "V0002").credited_after == 0
    assert found.as_json()["refused_records"] == 3


def test_what_a_payer_would_be_charged(tried: TriedBank) -> None:
    tried.issue("E0001", 500, on="2023-04-02")
    log(tried, 1, minutes=45, payer=Payer.ELDER)
    total = rehearsed(tried, DRAFT).total
    assert (total.charged_before, total.charged_after) == (45, 60)


def test_no_name_is_in_the_answer_and_clerks_may_not_ask(tried: TriedBank) -> None:
    log(tried, 1)
    assert "成员" not in str(rehearsed(tried, DRAFT).as_json())
    with tried.bank.read() as connection, pytest.raises(NotPermitted):
        rehearse(tried.bank, connection, CLERK, DRAFT, first=date.min, last=date.max)


def test_memory_grows_with_people_and_not_with_parts() -> None:
    tried = Rehearsal(profile_with(cap("account", 10**7, "pool")))
    for place in range(5_000):
        who = f"person_{place % 5}"
        tried.service(
            [Part(f"r{place}", "S", "meals", f"{DAY}T09:00", 1, "nobody", who, 1, 0, 0, 0)]
        )
    assert (tried.records, tried.total.credited_after, len(tried.by_person)) == (5_000, 5_000, 5)
    assert len(tried._account) == 5
    assert not tried._days


def test_either_database_answers(bank: TriedBank) -> None:
    """Capped, aged and with kin, so that every query is asked."""
    bank.people("V0001", "E0001")
    bank.issue("V0001", 250, on="2023-04-03")
    log(bank, 1, minutes=90, on="2023-04-04")
    draft = profile_with(
        cap("account", 300, "pool"),
        '[earning]\nminimum_age = { value = 17, source = "e" }',
        '[services]\nown_spouse_excluded = { value = true, source = "s" }',
    )
    total = rehearsed(bank, draft, "2023-04-04", DAY).total
    assert (total.credited_before, total.credited_after, total.overflow_after) == (90, 50, 40)
