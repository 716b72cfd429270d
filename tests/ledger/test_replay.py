"""ledger/replay.py: every rule of the books has a planted fault that it finds, at its leaf."""

import pytest

from ledger.exports import Totals
from ledger.leaf_parser import parse
from ledger.verify import verify
from tests.support import leaf_spelling as spelled
from tests.support.log_builder import DAY, LogBuilder, little_log


class Plant:
    """A log with two members who have 100 minutes each, open to any fault."""

    def __init__(self) -> None:
        self.log = LogBuilder()
        self.issuance = self.log.account("issuance", None)
        self.wang = self.log.account("member")
        self.li = self.log.account("member", ceiling=200)
        self.first = self.log.entry(
            [(self.issuance, self.wang, 100), (self.issuance, self.li, 100)]
        )

    def give(self, minutes=10, **options):
        return self.log.entry([(self.wang, self.li, minutes)], **options)

    def hold(self, minutes=30, **options):
        return self.log.hold(self.wang, self.li, minutes, **options)

    def settle(self, hold_id, minutes=30, *more):
        return self.log.entry([(self.wang, self.li, minutes), *more], "settlement", of=hold_id)


def found(log, tmp_path):
    report = verify(log.write_log(tmp_path / "log"))
    assert report.judged_leaves == report.size == log.size
    return [(finding.leaf, finding.rule) for finding in report.findings]


def back_in_time(p):
    p.log.now_ms -= 5_000
    p.give()


def second_genesis(p):
    p.log.genesis()


def account_again(p):
    p.log.append(
        "account", p.wang, spelled.account_facts("member", 0, None),
        sub=p.log.sign("account", {}, by=p.log.operator),
    )  # fmt: skip


def number_left_out(p):
    p.log.numbers += 1
    p.give()
    p.give()


def number_twice(p):
    p.give(number=1)


def unknown_policy(p):
    p.give(policy="plain-2099")


def unknown_account(p):
    p.log.entry([(p.issuance, "acct_nobody", 5)])


def unknown_payee(p):
    p.log.hold(p.wang, "acct_nobody", 5)


def below_the_floor(p):
    p.give(100)
    p.give(1)


def held_twice(p):
    p.hold(60)
    p.hold(41)


def spent_though_held(p):
    p.hold(60)
    p.give(41)


def above_the_ceiling(p):
    p.log.entry([(p.issuance, p.li, 101)])


def hold_again(p):
    hold_id = p.hold()
    facts = spelled.hold_facts(p.wang, p.li, 1, p.log.now_ms + 1_000)
    p.log.append("hold", hold_id, facts, sub=p.log.sign("hold", {}))


def born_dead(p):
    p.hold(lasts_ms=0)


def settled_too_late(p):
    p.settle(p.hold(lasts_ms=1_000))


def expired_too_early(p):
    p.log.end(p.hold(lasts_ms=1_001), "expiry")


def settled_for_more(p):
    p.settle(p.hold(), 31)


def settled_to_another(p):
    p.log.entry([(p.wang, p.issuance, 5)], "settlement", of=p.hold())


def settled_twice(p):
    hold_id = p.hold()
    p.settle(hold_id, 10)
    p.settle(hold_id, 10)


def released_after_settlement(p):
    hold_id = p.hold()
    p.settle(hold_id, 10)
    p.log.end(hold_id)


def settled_out_of_nothing(p):
    p.settle("hold_1")


def reversed_nothing(p):
    p.log.entry([(p.li, p.wang, 10)], "reversal", of="entry_1")


def reversed_the_future(p):
    p.log.entry([(p.li, p.wang, 10)], "reversal", of="entry_later")
    p.give(entry_id="entry_later")


def reversed_twice(p):
    given = p.give()
    p.log.entry([(p.li, p.wang, 10)], "reversal", of=given)
    p.log.entry([(p.li, p.wang, 10)], "reversal", of=given)


def reversed_a_reversal(p):
    undone = p.log.entry([(p.li, p.wang, 10)], "reversal", of=p.give())
    p.log.entry([(p.wang, p.li, 10)], "reversal", of=undone)


def reversed_in_part(p):
    p.log.entry([(p.li, p.wang, 9)], "reversal", of=p.give())


def reversed_in_another_order(p):
    moves = [(p.wang, p.issuance, 100), (p.li, p.issuance, 100)]
    p.log.entry(moves, "reversal", of=p.first)


def entry_id_again(p):
    p.give(entry_id=p.first)


def hold_id_again(p):
    hold_id = p.hold()
    p.log.end(hold_id)
    facts = spelled.hold_facts(p.wang, p.li, 1, p.log.now_ms + 1_000)
    p.log.append("hold", hold_id, facts, sub=p.log.sign("hold", {}))


# The fault, the rule that finds it, and how many leaves before the end it stands.
FAULTS = [
    (back_in_time, "recorded_order", 1),
    (second_genesis, "genesis", 1),
    (account_again, "account_repeated", 1),
    (number_left_out, "number_gap", 2),
    (number_twice, "number_gap", 1),
    (unknown_policy, "policy_unknown", 1),
    (unknown_account, "account_unknown", 1),
    (unknown_payee, "account_unknown", 1),
    (below_the_floor, "floor", 1),
    (held_twice, "floor", 1),
    (spent_though_held, "floor", 1),
    (above_the_ceiling, "ceiling", 1),
    (hold_again, "hold_repeated", 1),
    (born_dead, "hold_deadline", 1),
    (settled_too_late, "hold_deadline", 1),
    (expired_too_early, "hold_deadline", 1),
    (settled_for_more, "hold_exceeded", 1),
    (settled_to_another, "hold_parties", 1),
    (settled_twice, "hold_not_open", 1),
    (released_after_settlement, "hold_not_open", 1),
    (settled_out_of_nothing, "hold_not_open", 1),
    (reversed_nothing, "reversal_unknown", 1),
    (reversed_the_future, "reversal_unknown", 2),
    (reversed_twice, "reversal_repeated", 1),
    (reversed_a_reversal, "reversal_of_reversal", 1),
    (reversed_in_part, "reversal_differs", 1),
    (reversed_in_another_order, "reversal_differs", 1),
    (entry_id_again, "id_repeated", 1),
    (hold_id_again, "id_repeated", 1),
]


@pytest.mark.parametrize(
    ("plant", "rule", "from_end"), FAULTS, ids=lambda x: getattr(x, "__name__", x)
)
def test_a_planted_fault_is_found_at_its_leaf(tmp_path, plant, rule, from_end):
    planted = Plant()
    plant(planted)
    seen = found(planted.log, tmp_path)
    assert (planted.log.size - from_end, rule) in seen
    # What follows from the fault may be named as well, but nothing at a sound leaf before it.
    assert all(at >= planted.log.size - from_end for at, _ in seen)


def test_the_rules_are_the_only_things_that_those_faults_break(tmp_path):
    """Each planted log is sound but for its fault: without it nothing is found."""
    planted = Plant()
    planted.settle(planted.hold(60), 30, (planted.issuance, planted.li, 5))
    planted.log.end(planted.hold(70), "release")
    planted.log.end(planted.hold(5, lasts_ms=1_000), "expiry")
    moves = [(planted.li, planted.issuance, 100), (planted.wang, planted.issuance, 100)]
    planted.log.entry([(planted.issuance, planted.wang, 30)])
    planted.log.entry(moves, "reversal", of=planted.first)
    assert found(planted.log, tmp_path) == []


@pytest.mark.parametrize(
    ("minutes", "ok"), [(99, True), (100, True), (101, False)], ids=["below", "at", "beyond"]
)
def test_floor_and_ceiling_at_their_bounds(tmp_path, minutes, ok):
    planted = Plant()
    planted.log.entry([(planted.wang, planted.issuance, minutes)])
    planted.log.entry([(planted.issuance, planted.li, minutes)])
    rules = {rule for _, rule in found(planted.log, tmp_path)}
    assert rules == (set() if ok else {"floor", "ceiling"})


def test_a_bare_log_without_genesis_is_found(tmp_path):
    log = LogBuilder(bare=True)
    log.refuse()
    assert (0, "genesis") in found(log, tmp_path)


def test_the_little_log_is_sound(tmp_path):
    assert found(little_log(), tmp_path) == []


def test_sums_over_the_little_log_are_those_of_its_story():
    log, totals = little_log(), Totals()
    for data in log.leaves:
        totals.add(parse(data))
    issuance, wang, li = (totals.accounts[key] for key in list(totals.accounts))
    assert (issuance.posted, wang.posted, li.posted) == (-95, 55, 40)
    assert (wang.held, li.held) == (7, 0)
    assert totals.last_on == DAY
