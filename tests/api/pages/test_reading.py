"""api/pages/reading.py: days, times and people as clerks type them, and every fault at once."""

from datetime import date

import pytest

from api.pages.reading import MOST_HEADS, day_in, faults_in, stated_in
from timebank.errors import MissingField, UnreadableDate, UnreadableHeadCount, UnreadableTime

TODAY = date(2023, 4, 6)
TYPED = {
    "volunteer": "V0001、李四",
    "recipient": "E0001",
    "date": "2023-04-05",
    "start": "8:30",
    "end": "上午10点",
    "content": "陪伴聊天",
}


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2023-04-05", date(2023, 4, 5)),
        ("2022年12月30日", date(2022, 12, 30)),
        ("4月5日", date(2023, 4, 5)),
        ("4.7", date(2023, 4, 7)),  # to come: refused as such by the time bank
        ("12月30日", date(2022, 12, 30)),
        ("5日", date(2023, 4, 5)),
        ("30日", date(2023, 3, 30)),
    ],
)
def test_a_short_day_is_the_nearest_one(text, day):
    assert day_in(text, "date", TODAY) == day


@pytest.mark.parametrize("text", ["明天", "2023-02-29", "13月1日", "2月30日"])
def test_what_is_no_day_is_refused_beside_its_field(text):
    with pytest.raises(UnreadableDate) as refused:
        day_in(text, "date", TODAY)
    assert refused.value.facts["field"] == "date"


def test_an_empty_day_is_missing():
    with pytest.raises(MissingField):
        day_in("", "date", TODAY)


def test_a_whole_form_is_read():
    stated = stated_in(TYPED | {"note": "带了水果", "reason": "补"}, TODAY)
    times = [moment.isoformat() for moment in (stated.starts_at, stated.ends_at)]
    assert times == ["2023-04-05T08:30:00", "2023-04-05T10:00:00"]
    assert stated.volunteers == ("V0001、李四",)
    assert stated.recipients == ("E0001",)
    assert (stated.public, stated.head_count) == (None, 0)
    assert (stated.note, stated.reason) == ("带了水果", "补")


@pytest.mark.parametrize(
    ("recipient", "heads", "public", "count"),
    [("公众", "35", "公众", 35), ("公众", "", "公众", 0), ("社区居民30人", "", "社区居民30人", 30)],
)
def test_the_public_is_nobody_in_particular(recipient, heads, public, count):
    stated = stated_in(TYPED | {"recipient": recipient, "head_count": heads}, TODAY)
    assert (stated.recipients, stated.public, stated.head_count) == ((), public, count)


@pytest.mark.parametrize("heads", [str(MOST_HEADS - 1), str(MOST_HEADS)])
def test_a_head_count_is_a_whole_number(heads):
    assert stated_in(TYPED | {"head_count": heads}, TODAY).head_count == int(heads)


@pytest.mark.parametrize("heads", [str(MOST_HEADS + 1), "-1", "1.5", "三", "９"])
def test_a_head_count_that_is_none_is_refused(heads):
    with pytest.raises(UnreadableHeadCount):
        stated_in(TYPED | {"head_count": heads}, TODAY)


def test_the_next_day_is_said():
    stated = stated_in(TYPED | {"start": "23:00", "end": "次日0:30"}, TODAY)
    assert stated.ends_at.isoformat() == "2023-04-06T00:30:00"


@pytest.mark.parametrize("field", ["start", "end"])
def test_a_time_that_is_none_is_refused_beside_its_field(field):
    with pytest.raises(UnreadableTime) as refused:
        stated_in(TYPED | {field: "下午"}, TODAY)
    assert refused.value.facts["field"] == field


def test_a_complete_form_has_no_fault():
    assert faults_in(TYPED, TODAY) == {}


def test_every_fault_is_told_at_once_in_the_order_of_the_form():
    found = faults_in({"recipient": "E0001", "date": "明天", "start": "9", "end": "10:00"}, TODAY)
    assert {field: refusal.code for field, refusal in found.items()} == {
        "volunteer": "missing_field",
        "date": "unreadable_date",
        "start": "unreadable_time",
        "content": "missing_field",
    }
    assert list(found) == ["volunteer", "date", "start", "content"]
