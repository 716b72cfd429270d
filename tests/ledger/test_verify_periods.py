"""ledger/verify_periods.py: every rule of closed periods has a planted fault that it finds."""

import json

import pytest

from ledger.keys import SigningKey
from ledger.leaf_parser import LeafRejected, parse
from ledger.verify import verify
from tests.support.closings import closing, month
from tests.support.log_builder import ORIGIN, LogBuilder, log_of_periods

APRIL_MS, MAY_MS = month("2023-03")[1], month("2023-04")[1]


class Months:
    """A log of March 2023 with two accounts and one entry, open to any fault."""

    def __init__(self) -> None:
        self.log = LogBuilder()
        self.issuance = self.log.account("issuance", None)
        self.wang = self.log.account("member")
        self.give(90)

    def give(self, minutes, **options):
        return self.log.entry([(self.issuance, self.wang, minutes)], "service", **options)


def found(log, tmp_path):
    report = verify(log.write_log(tmp_path / "log"))
    assert report.judged_leaves == report.size == log.size
    return [(finding.leaf, finding.rule) for finding in report.findings]


def test_a_sound_log_of_three_closed_months_passes(tmp_path):
    assert found(log_of_periods(), tmp_path) == []


def test_what_the_closings_state():
    stated = [
        json.loads(leaf)["closing"] for leaf in log_of_periods().leaves if b'"closing":' in leaf
    ]
    march, april, may = stated
    assert (march["first"], march["last"], march["entries"], march["late"]) == (1, 1, 1, 0)
    assert (april["first"], april["last"], april["entries"], april["late"]) == (2, 4, 3, 1)
    assert (may["first"], may["last"], may["entries"], may["minutes"]) == (None, None, 0, 0)
    assert april["kinds"] == [
        {"kind": "issuance", "opening": -150, "in": 0, "out": 45, "closing": -195},
        {"kind": "member", "opening": 150, "in": 80, "out": 35, "closing": 195},
    ]
    assert (march["accounts"], april["accounts"]) == (3, 4)
    assert april["balances"] == may["balances"] != march["balances"]


def closed_again(p):
    p.log.close("2023-03")
    p.log.close("2023-03")


def closed_with_a_gap(p):
    p.log.close("2023-03")
    p.log.close("2023-05")


def closed_before_the_book_began(p):
    p.log.close("2023-02")


def closed_first_after_the_book_began(p):
    p.log.close("2023-04")


def closed_from_another_moment(p):
    p.log.close("2023-03")
    p.log.close("2023-04", **{"from": APRIL_MS + 1})


def closed_too_early(p):
    p.log.now_ms = APRIL_MS - 1
    p.log.append_closing("2023-03")


def recorded_in_a_closed_period(p):
    p.log.close("2023-03")
    p.log.now_ms = APRIL_MS - 1
    p.give(1)


def signed_for_another_sum(p):
    stated = closing(p.log.leaves, "2023-03")
    p.log.close("2023-03", signed=stated | {"minutes": 91})


def closed_by_a_station(p):
    p.log.close("2023-03", by=p.log.station)


def closed_by_nobody(p):
    p.log.close("2023-03", by=SigningKey.generate(f"{ORIGIN}/op/9"))


FALSE = {
    "first": 2,
    "last": 2,
    "entries": 2,
    "late": 1,
    "minutes": 91,
    "accounts": 3,
    "balances": "0" * 64,
    "kinds": [],
}


def false_figure(name):
    def plant(p):
        p.log.close("2023-03", **{name: FALSE[name]})

    plant.__name__ = f"false_{name}"
    return plant


FAULTS = [
    (closed_again, "closing_order", 7),
    (closed_with_a_gap, "closing_order", 7),
    (closed_before_the_book_began, "closing_order", 6),
    (closed_first_after_the_book_began, "closing_order", 6),
    (closed_from_another_moment, "closing_order", 7),
    (closed_too_early, "closing_early", 6),
    (recorded_in_a_closed_period, "period_closed", 7),
    (signed_for_another_sum, "closing_unsigned", 6),
    (closed_by_a_station, "key_role", 6),
    (closed_by_nobody, "key_unknown", 6),
    *((false_figure(name), "closing_differs", 6) for name in FALSE),
]


@pytest.mark.parametrize(
    ("plant", "rule", "leaf"), FAULTS, ids=lambda fault: getattr(fault, "__name__", "")
)
def test_a_planted_fault_is_found_at_its_leaf(tmp_path, plant, rule, leaf):
    planted = Months()
    plant(planted)
    # Whoever sets the clock back breaks the order of moments as well.
    beside = [(leaf, "recorded_order")] if rule == "period_closed" else []
    assert found(planted.log, tmp_path) == [*beside, (leaf, rule)]


def test_a_false_figure_is_named_beside_the_true_one(tmp_path):
    months = Months()
    months.log.close("2023-03", minutes=91)
    report = verify(months.log.write_log(tmp_path / "log"))
    assert [one.evidence for one in report.findings] == ["minutes is 90, not 91"]


def test_each_figure_of_a_kind_is_derived_again(tmp_path):
    for name in ("opening", "in", "out", "closing"):
        months = Months()
        kinds = closing(months.log.leaves, "2023-03")["kinds"]
        kinds[1][name] += 1
        at = months.log.close("2023-03", kinds=kinds)
        assert found(months.log, tmp_path / name) == [(at, "closing_differs")]


def test_members_of_a_closing_that_are_not_of_its_form_are_refused():
    sound = json.loads(next(leaf for leaf in log_of_periods().leaves if b'"closing":' in leaf))
    wrong = [
        ("period", "2023-13"), ("period", "1969-12"), ("period", "2023-3"), ("from", APRIL_MS),
        ("until", APRIL_MS + 3 * 3_600_000 * 8), ("first", -1), ("last", "1"), ("late", None),
        ("minutes", 1.5), ("balances", "00"), ("kinds", {}), ("kinds", [[]]), ("more", 1),
        ("kinds", [{"kind": "X", "opening": 0, "in": 0, "out": 0, "closing": 0}]),
        ("kinds", [{"kind": "x", "opening": 0, "in": -1, "out": 0, "closing": 0}]),
    ]  # fmt: skip
    for name, value in wrong:
        leaf = sound | {"closing": sound["closing"] | {name: value}}
        with pytest.raises(LeafRejected):
            parse(spelled(leaf))
    assert parse(spelled(sound)).body.period.name == "2023-03"


def test_a_closing_is_no_row_of_a_batch():
    leaf = json.loads(next(leaf for leaf in log_of_periods().leaves if b'"closing":' in leaf))
    del leaf["sub"]
    with pytest.raises(LeafRejected, match="sub and ref do not fit"):
        parse(spelled(leaf | {"ref": [1, 0]}))


def spelled(leaf):
    return json.dumps(leaf, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


@pytest.mark.parametrize(("ms", "late"), [(-1, 0), (0, 1), (1, 1)])
def test_a_month_ends_with_its_last_millisecond(tmp_path, ms, late):
    months = Months()
    months.log.now_ms = APRIL_MS + ms
    months.give(7, on="2023-03-31")
    march = months.log.close("2023-03")
    april = months.log.close("2023-04")
    assert found(months.log, tmp_path) == []
    leaves = [json.loads(months.log.leaves[at])["closing"] for at in (march, april)]
    assert [one["entries"] for one in leaves] == [2 - late, late]
    assert leaves[1]["late"] == late
