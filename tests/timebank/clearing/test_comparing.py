"""timebank/clearing/comparing.py: every way in which two sides differ, and when they agree."""

from dataclasses import replace

import pytest

from timebank.clearing.comparing import What, agreement, compare
from timebank.clearing.model import Line, MonthAccount, Way, account_of_month, month_after

NORTH, SOUTH = "timebank.example/north", "timebank.example/south"
SENT = Line("entry_n1", 90, "2023-04-06", "", Way.OUT)
TAKEN = Line("entry_s1", -90, "2023-04-08", "entry_n1", Way.IN)
BACK = Line("entry_s2", 30, "2023-04-20", "", Way.OUT)
HOME = Line("entry_n2", -30, "2023-05-02", "entry_s2", Way.IN)


def theirs(*lines: Line, months: tuple[str, ...] = ("2023-04", "2023-05")) -> list[MonthAccount]:
    return [account_of_month(SOUTH, NORTH, month, lines) for month in months]


def differ(ours: list[Line], *said: Line, until: str = "9999-12") -> list[tuple[str, str]]:
    return [(one.what.value, one.entry) for one in compare(ours, theirs(*said), until)]


def test_two_sides_that_say_the_same_agree() -> None:
    assert compare([SENT, HOME], theirs(TAKEN, BACK)) == []
    assert agreement([SENT, HOME], theirs(TAKEN, BACK), "2023-05") == []
    ours = account_of_month(NORTH, SOUTH, "2023-05", [SENT, HOME])
    assert (ours.opening, ours.closing) == (90, 60)
    assert theirs(TAKEN, BACK)[1].closing == -60


def test_at_the_end_of_a_month_something_is_on_its_way() -> None:
    assert [one.what for one in agreement([SENT, HOME], theirs(TAKEN, BACK), "2023-04")] == [
        What.COMING
    ]


@pytest.mark.parametrize(
    ("ours", "said", "expected"),
    [
        ([SENT], [], [("in_transit", "entry_n1")]),
        ([], [BACK], [("coming", "entry_s2")]),
        ([SENT], [replace(TAKEN, minutes=-89)], [("minutes_differ", "entry_n1")]),
        ([SENT], [replace(TAKEN, minutes=-91)], [("minutes_differ", "entry_n1")]),
        ([HOME], [replace(BACK, minutes=31)], [("minutes_differ", "entry_n2")]),
        ([], [TAKEN], [("unknown_here", "entry_s1")]),
        ([HOME], [], [("unknown_there", "entry_n2")]),
        ([SENT], [TAKEN, replace(TAKEN, entry="entry_s9")], [("duplicate", "entry_s9")]),
        ([HOME], [BACK, BACK], [("duplicate", "entry_s2")]),
        ([replace(SENT, way=Way.CARRIED)], [], [("carried", "entry_n1")]),
        ([], [replace(TAKEN, way=Way.CARRIED)], [("carried", "entry_s1")]),
    ],
)
def test_each_way_to_differ(
    ours: list[Line], said: list[Line], expected: list[tuple[str, str]]
) -> None:
    assert differ(ours, *said) == expected


def test_what_the_partner_has_not_stated_yet_is_no_difference() -> None:
    assert compare([replace(HOME, on="2023-06-01")], theirs()) == []
    assert [one.what for one in compare([replace(HOME, on="2023-05-31")], theirs())] == [
        What.UNKNOWN_THERE
    ]


NETTED = Line("entry_n3", -60, "2023-05-03", "2023-04", Way.NETTED)
MIRROR = Line("entry_s3", 60, "2023-05-09", "2023-04", Way.NETTED)


def test_half_a_netting_is_seen_from_both_sides() -> None:
    assert differ([NETTED], MIRROR) == []
    assert differ([NETTED]) == [("half_netted", "entry_n3")]
    assert differ([], MIRROR) == [("half_netted", "entry_s3")]
    assert differ([NETTED], replace(MIRROR, minutes=59)) == [("minutes_differ", "entry_n3")]
    assert compare([NETTED], theirs(months=("2023-04",))) == []


def test_months_join() -> None:
    april, may = theirs(TAKEN)
    assert [one.what for one in compare([SENT], [april, replace(may, opening=-91)])] == [
        What.CHAIN_BROKEN
    ]
    july = replace(may, month="2023-07")
    assert [(one.what, one.month) for one in compare([SENT], [april, july])] == [
        (What.MONTH_MISSING, "2023-05"),
        (What.MONTH_MISSING, "2023-06"),
    ]
    # Behind a gap nothing can be missed, and a first statement begins with nothing.
    assert compare([SENT, replace(HOME, on="2023-07-01")], [april, july])[-1].what is (
        What.MONTH_MISSING
    )
    assert [one.what for one in compare([], [replace(may, opening=1)])] == [What.CHAIN_BROKEN]


def test_a_month_is_agreed_on_by_its_own_statement() -> None:
    april, may = theirs(TAKEN)
    assert [one.what for one in agreement([SENT], [april], "2023-05")] == [What.MONTH_MISSING]
    assert agreement([SENT], [april], "2023-04") == []
    assert agreement([SENT], [april, may], "2023-05") == []


@pytest.mark.parametrize(
    ("month", "after"), [("2023-01", "2023-02"), ("2023-12", "2024-01"), ("2024-02", "2024-03")]
)
def test_the_month_after(month: str, after: str) -> None:
    assert month_after(month) == after
