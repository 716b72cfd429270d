"""timebank/registers/grouping.py: one service, its repetition, or two at once."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timebank.registers.grouping import (
    Judge,
    Outcome,
    ResolvedRow,
    StoredService,
    judge_all,
)

NEW, JOINED, DUPLICATE = Outcome.NEW, Outcome.JOINED, Outcome.DUPLICATE
OVERLAPPING, STORED = Outcome.OVERLAPPING, Outcome.ALREADY_STORED
EXTENDS = Outcome.EXTENDS_STORED
DAY = date(2023, 3, 5)


def at(clock: str, day: date = DAY) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock))


def row(key, volunteers, elders, start="08:30", end="09:30", content="助餐", public=None, day=DAY):
    return ResolvedRow(
        key,
        at(start, day),
        at(end, day),
        content,
        frozenset(volunteers.split()),
        frozenset(elders.split()),
        public,
    )


def outcomes(*rows, stored=None):
    return [verdict.outcome for _, verdict in judge_all(rows, stored)]


@dataclass
class Books:
    services: list[StoredService]

    def overlapping(self, people, starts_at, ends_at):
        return [
            one
            for one in self.services
            if people & (one.volunteers | one.recipients)
            and one.starts_at < ends_at
            and starts_at < one.ends_at
        ]


def stored(service_id, volunteers, elders, start="08:30", end="09:30", content="助餐", publics=()):
    people = frozenset(volunteers.split()), frozenset(elders.split())
    return StoredService(service_id, at(start), at(end), content, *people, frozenset(publics))


@pytest.mark.parametrize(
    ("second", "outcome"),
    [
        (row(2, "v1", "e1"), DUPLICATE),
        (row(2, "v1", "e2"), JOINED),
        (row(2, "v2", "e1"), JOINED),
        (row(2, "v1 v2", "e1"), JOINED),
        (row(2, "v1", "e1 e2"), JOINED),
        (row(2, "v2", "e2"), NEW),
        (row(2, "v1", "e1", content="助浴"), OVERLAPPING),
        (row(2, "v1", "e2", content="助浴"), OVERLAPPING),
        (row(2, "v2", "e1", content="助浴"), OVERLAPPING),
        (row(2, "v1", "e2", end="09:31"), OVERLAPPING),
        (row(2, "v2", "e1", start="08:29"), OVERLAPPING),
        # back to back: one minute earlier overlaps, at the instant and after it do not
        (row(2, "v1", "e2", "09:29", "10:00"), OVERLAPPING),
        (row(2, "v1", "e2", "09:30", "10:00"), NEW),
        (row(2, "v1", "e2", "09:31", "10:00"), NEW),
        (row(2, "v1", "e2", "07:30", "08:31"), OVERLAPPING),
        (row(2, "v1", "e2", "07:30", "08:30"), NEW),
        (row(2, "v1", "e2", "08:00", "10:00"), OVERLAPPING),
        (row(2, "v1", "e2", "08:45", "09:00"), OVERLAPPING),
        (row(2, "v1", "e1", day=date(2023, 3, 6)), NEW),
        # nobody helps and is helped at one time
        (row(2, "e1", "v1"), OVERLAPPING),
        (row(2, "v2", "v1"), OVERLAPPING),
    ],
)
def test_the_second_row_beside_the_first(second, outcome):
    (_, first), (_, verdict) = judge_all([row(1, "v1", "e1"), second])
    assert first.outcome is NEW
    assert verdict.outcome is outcome
    assert verdict.other == (None if outcome is NEW else 1)


def test_twelve_meals_in_one_hour_are_one_service_credited_once():
    rows = [row(n, "v1", f"e{n}") for n in range(12)]
    verdicts = [verdict for _, verdict in judge_all(rows)]
    assert {verdict.service for verdict in verdicts} == {0}
    credited = [person for verdict in verdicts for person in verdict.adds_volunteers]
    helped = {person for verdict in verdicts for person in verdict.adds_recipients}
    assert credited == ["v1"]
    assert len(helped) == 12


def test_several_helpers_of_one_elder_are_each_credited():
    rows = [row(n, f"v{n}", "e1") for n in (1, 2, 3)]
    verdicts = [verdict for _, verdict in judge_all(rows)]
    assert [verdict.service for verdict in verdicts] == [0, 0, 0]
    assert [set(verdict.adds_volunteers) for verdict in verdicts] == [{"v1"}, {"v2"}, {"v3"}]
    assert not verdicts[1].adds_recipients


def test_a_row_that_says_part_of_an_earlier_one_is_a_duplicate():
    assert outcomes(row(1, "v1 v2", "e1 e2"), row(2, "v1", "e2"), row(3, "v1 v2", "e1 e2")) == [
        NEW, DUPLICATE, DUPLICATE,
    ]  # fmt: skip


def test_one_row_does_not_join_two_services():
    rows = [row(1, "v1", "e1"), row(2, "v2", "e2"), row(3, "v1", "e2")]
    assert outcomes(*rows) == [NEW, NEW, OVERLAPPING]


def test_the_earlier_row_wins_and_a_refused_one_occupies_nobody():
    rows = [
        row(1, "v1", "e1", "08:00", "09:00"),
        row(2, "v1", "e2", "08:30", "10:00"),
        row(3, "v2", "e2", "09:00", "10:00"),
    ]
    assert outcomes(*rows) == [NEW, OVERLAPPING, NEW]


def test_nobody_in_particular_overlaps_with_nobody():
    rows = [
        row(1, "v1", "", public="社区居民"),
        row(2, "v2", "", public="社区居民"),
        row(3, "v1", "", public="社区居民"),
        row(4, "v1", "", public="路段"),
        row(5, "v1", "", public="路段"),
        row(6, "v1", "e1"),
    ]
    assert outcomes(*rows) == [NEW, NEW, DUPLICATE, JOINED, DUPLICATE, JOINED]


def test_what_the_books_hold_is_judged_by_the_same_rule():
    books = Books([stored("s1", "v1", "e1 e2"), stored("s2", "v5", "e5", "10:00", "11:00")])
    rows = [
        row(1, "v1", "e1"),
        row(2, "v1", "e1"),
        row(3, "v1", "e2"),
        row(4, "v1", "e3"),
        row(5, "v1", "e3"),
        row(6, "v1", "e9", content="助浴"),
        row(7, "v5", "e9", "10:59", "12:00"),
        row(8, "v5", "e9", "11:00", "12:00"),
        row(9, "v9", "e5", "09:00", "10:01"),
        row(10, "v2", "e1"),
    ]
    found = judge_all(rows, books)
    assert [v.outcome for _, v in found] == [
        STORED, DUPLICATE, STORED, EXTENDS, DUPLICATE, OVERLAPPING, OVERLAPPING, NEW, OVERLAPPING,
        EXTENDS,
    ]  # fmt: skip
    assert [v.stored_id for _, v in found if v.outcome in (STORED, EXTENDS)] == ["s1"] * 4
    assert found[3][1].adds_recipients == {"e3"}
    assert found[3][1].adds_volunteers == frozenset()
    assert found[9][1].adds_volunteers == {"v2"}


def test_importing_the_same_rows_again_posts_nothing():
    first = [row(1, "v1", "e1"), row(2, "v1", "e2"), row(3, "v2", "e9"), row(4, "v1", "e1")]
    assert outcomes(*first) == [NEW, JOINED, NEW, DUPLICATE]
    books = Books([stored("s1", "v1", "e1 e2"), stored("s2", "v2", "e9")])
    assert outcomes(*first, stored=books) == [STORED, STORED, STORED, DUPLICATE]


def test_who_joins_must_be_free_in_the_books_too():
    books = Books([stored("s1", "v9", "e2", "09:00", "10:00")])
    assert outcomes(row(1, "v1", "e1"), row(2, "v1", "e2"), stored=books) == [NEW, OVERLAPPING]


def crossed(one, service):
    return one.volunteers & service["e"] or one.recipients & service["v"]


def naive(rows):
    """The rule again, by comparing each row with every service: slow and plain."""
    services, found = [], []
    for one in rows:
        people = one.volunteers | one.recipients
        busy = [
            s for s in services
            if people & (s["v"] | s["e"]) and s["from"] < one.ends_at and one.starts_at < s["to"]
        ]  # fmt: skip
        same = [
            s for s in busy
            if (s["from"], s["to"], s["what"]) == (one.starts_at, one.ends_at, one.content)
        ]  # fmt: skip
        if not busy:
            services.append(
                {"v": set(one.volunteers), "e": set(one.recipients), "from": one.starts_at,
                 "to": one.ends_at, "what": one.content}
            )  # fmt: skip
            found.append(NEW)
        elif len(busy) > 1 or not same or crossed(one, same[0]):
            found.append(OVERLAPPING)
        elif one.volunteers <= same[0]["v"] and one.recipients <= same[0]["e"]:
            found.append(DUPLICATE)
        else:
            same[0]["v"] |= one.volunteers
            same[0]["e"] |= one.recipients
            found.append(JOINED)
    return found


people = st.frozensets(st.sampled_from(["v1", "v2", "v3"]), min_size=1, max_size=2)
elders = st.frozensets(st.sampled_from(["e1", "e2", "e3"]), max_size=2)
keys = count()


@st.composite
def claims(draw):
    start = draw(st.integers(0, 6)) * 10
    end = start + draw(st.integers(1, 3)) * 10
    midnight = datetime.combine(DAY, time.min)
    return ResolvedRow(
        next(keys),
        midnight + timedelta(minutes=start),
        midnight + timedelta(minutes=end),
        draw(st.sampled_from(["助餐", "助浴"])),
        draw(people),
        draw(elders),
    )


@given(st.lists(claims(), max_size=25))
def test_the_judge_agrees_with_comparing_everything(rows):
    assert outcomes(*rows) == naive(rows)


@given(st.lists(claims(), max_size=25))
def test_nobody_is_in_two_services_at_once_and_credit_is_given_once(rows):
    judge = Judge()
    services: dict[int, tuple[datetime, datetime, set[str]]] = {}
    credited: set[tuple[int, str]] = set()
    for one in rows:
        verdict = judge.judge(one)
        if not verdict.accepted:
            continue
        _, _, members = services.setdefault(verdict.service, (one.starts_at, one.ends_at, set()))
        members |= verdict.adds_volunteers | verdict.adds_recipients
        for person in verdict.adds_volunteers:
            assert (verdict.service, person) not in credited
            credited.add((verdict.service, person))
    every = list(services.values())
    for index, (start, end, members) in enumerate(every):
        for other_start, other_end, others in every[index + 1 :]:
            if start < other_end and other_start < end:
                assert not members & others
