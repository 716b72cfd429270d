"""timebank/audit/policy_replay.py: what is credited follows from what was signed, or is found.

Every fault is planted by somebody who holds the book's keys: signed, balanced, in the tree.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ledger.draft import Draft
from ledger.leaf import KeyAdded, Leaf, Statement
from ledger.submission import FIRST_PREV, sign_submission
from tests.support.banks import OPERATOR, TriedBank, new_bank
from tests.support.forging import REVIEWER, bank_with, facts, forge, honest_move, judged, log, rules
from tests.support.log_builder import key_of
from tests.support.profiles import HEAD, SHORT_IS_AN_HOUR, cap
from tests.support.services import DAY
from timebank.audit.submitters import Submitters
from timebank.chart import Kind
from timebank.records.actions import reverse_record

NO_NURSING = '[services]\nexcluded_classes = { value = ["nursing"], source = "St. Gallen" }'
BY_HOUR = """
[[coefficients]]
factor = "8/7"
from_time = "17:00"
to_time = "09:00"
source = "Setagaya 1995"
"""
OF_CLASS = '[[coefficients]]\nfactor = "3/2"\nservice_class = "meals"\nsource = "table"\n'


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[TriedBank]:
    with bank_with(tmp_path) as made:
        yield made


def test_what_the_bank_posts_follows_from_what_it_signs(plain: TriedBank, tmp_path: Path) -> None:
    log(plain, 1, volunteers="V0001、V0002")
    record = log(plain, 2, at="12:00")
    reverse_record(plain.bank, REVIEWER, record, "记错了", key="reverse-1")
    forge(plain, facts(plain), honest_move(plain))
    found = judged(plain, tmp_path)
    assert (found.ok, found.derived, found.attested) == (True, 5, 0)
    assert found.lines()[0].startswith("5 entries derived again")
    assert found.as_json()["policy"] == {"derived": 5, "attested": 0}


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"given": 59}, "postings_differ"),
        ({"given": 61}, "postings_differ"),
        ({"credited": 60}, None),
        ({"credited": 59}, "facts_differ"),
        ({"credited": 61}, "facts_differ"),
        ({"charged": 1}, "facts_differ"),
        ({"given": 0}, "facts_form"),
        ({"given": 1441}, "facts_form"),
        ({"given": "60"}, "facts_form"),
        ({"given": None}, "facts_form"),
        ({"volunteer": None}, "facts_form"),
        ({"by": None}, "facts_form"),
        ({"do": None}, "facts_form"),
        ({"do": "post"}, "review_unknown"),
        ({"payer": "the mayor"}, "facts_form"),
        ({"payer": "elder"}, "facts_form"),
        ({"payer": "pool"}, "postings_differ"),
        ({"on": "2023-04-31"}, "facts_form"),
        ({"on": "2019-12-31"}, "policy_not_in_force"),
        ({"on": "2023-04-07"}, "policy_refuses"),
        ({"on": "2023-04-04"}, "postings_differ"),
        ({"marks": []}, None),
        ({"marks": ["back_dated"]}, "facts_differ"),
    ],
    ids=str,
)
def test_an_entry_that_does_not_follow_is_found(
    plain: TriedBank, tmp_path: Path, changed: dict[str, Any], rule: str | None
) -> None:
    forge(plain, facts(plain, **changed), honest_move(plain))
    found = judged(plain, tmp_path).report
    expected = [] if rule is None else [rule]
    assert [one.rule for one in found.findings][:1] == expected
    assert all(one.leaf == found.size - 1 for one in found.findings)


@pytest.mark.parametrize("days", [13, 14, 15])
def test_what_is_late_must_be_marked(tmp_path: Path, days: int) -> None:
    """14 calendar days back are 10 working days with two of Qingming 2023 between them or less."""
    late = '[recording]\nbackdating_max_working_days = { value = 10, source = "令第67号第十一条" }'
    with bank_with(tmp_path, late) as tried:
        on = f"2023-03-{37 - days:02}"
        record = log(tried, on=on, reason="补录")
        with tried.bank.read() as connection:
            marks = connection.exec_driver_sql(
                f"SELECT marks FROM service_record WHERE record_id = '{record}'"
            ).scalar_one()
        is_late = "back_dated" in marks
        assert rules(tried, tmp_path) == []
        forge(tried, facts(tried, on=on, marks=[]), honest_move(tried), on=on)
        assert rules(tried, tmp_path / "again") == (["facts_differ"] if is_late else [])


def test_credit_of_an_invented_kind_is_found(plain: TriedBank, tmp_path: Path) -> None:
    forge(plain, facts(plain), honest_move(plain), kind="bonus")
    assert rules(plain, tmp_path) == ["entry_kind"]


def test_minutes_go_to_whom_they_were_signed_for(plain: TriedBank, tmp_path: Path) -> None:
    other = (plain.bank.account_of(Kind.ISSUANCE), plain.account("V0002"), 60)
    forge(plain, facts(plain), other)
    assert rules(plain, tmp_path) == ["postings_differ"]


def test_minutes_come_from_whom_was_signed_to_pay(plain: TriedBank, tmp_path: Path) -> None:
    log(plain)
    taken = (plain.account("V0001"), plain.account("V0002"), 60)
    forge(plain, facts(plain, volunteer=plain.account("V0002")), taken)
    assert rules(plain, tmp_path) == ["postings_differ"]


def test_an_elder_pays_from_the_account_that_was_signed(plain: TriedBank, tmp_path: Path) -> None:
    plain.people("V0009")
    log(plain, 1, volunteers="V0009")
    elder, volunteer = plain.account("V0009"), plain.account("V0001")
    signed = facts(plain, payer="elder", payer_account=elder)
    forge(plain, signed, (elder, volunteer, 60))
    assert rules(plain, tmp_path) == []
    signed |= {"record": "record_" + "2" * 32, "given": 30}
    forge(plain, signed, honest_move(plain, 30), key=2)
    assert rules(plain, tmp_path / "again") == ["postings_differ"]


def test_a_part_is_credited_once(plain: TriedBank, tmp_path: Path) -> None:
    forge(plain, facts(plain), honest_move(plain), key=1)
    forge(plain, facts(plain, volunteer=plain.account("V0002")), (
        plain.bank.account_of(Kind.ISSUANCE), plain.account("V0002"), 60), key=2)  # fmt: skip
    assert rules(plain, tmp_path) == []
    forge(plain, facts(plain), honest_move(plain), key=3)
    assert rules(plain, tmp_path / "again") == ["part_repeated"]


@pytest.mark.parametrize("on", ["2023-04-03", "2023-04-04", DAY])
def test_the_policy_of_the_day_prices(tmp_path: Path, on: str) -> None:
    """The old profile's last day is 3 April."""
    policies = tmp_path / "policies"
    policies.mkdir()
    old = HEAD.replace("rules = 1", "in_force_until = 2023-04-03\nrules = 1")
    new = HEAD.replace("2020-01-01", "2023-04-04").replace("test-1", "test-2")
    policies.joinpath("test-1.toml").write_text(old, encoding="utf-8")
    policies.joinpath("test-2.toml").write_text(new + cap("order", 30, "trim"), encoding="utf-8")
    with new_bank(tmp_path, policies=["test-1", "test-2"], policy_folder=policies) as tried:
        tried.people("V0001", "E0001")
        log(tried, on=on, minutes=60)
        assert rules(tried, tmp_path) == []
        right = tried.bank.profile_on(date.fromisoformat(on)).version
        (wrong,) = {one.version for one in tried.bank.profiles} - {right}
        minutes = 60 if on == "2023-04-03" else 30
        forge(tried, facts(tried, on=on), honest_move(tried, minutes), policy=wrong, on=on)
        assert rules(tried, tmp_path / "again") == ["policy_not_in_force"]


def test_a_class_that_is_excluded_earns_nothing(tmp_path: Path) -> None:
    with bank_with(tmp_path, NO_NURSING) as tried:
        forge(tried, facts(tried, **{"class": "nursing"}), honest_move(tried))
        assert rules(tried, tmp_path) == ["policy_refuses"]


def test_short_services_and_classes_are_weighed_as_the_policy_says(tmp_path: Path) -> None:
    with bank_with(tmp_path, SHORT_IS_AN_HOUR, OF_CLASS) as tried:
        log(tried, minutes=45)
        found = judged(tried, tmp_path)
        assert (found.ok, found.derived) == (True, 1)
        forge(tried, facts(tried), honest_move(tried, 60))
        assert rules(tried, tmp_path / "again") == ["postings_differ"]


def test_a_daily_cap_counts_what_stands_that_day(tmp_path: Path) -> None:
    """60 of 100 stand, 40 more fit; what is reversed gives its room back."""
    with bank_with(tmp_path, cap("day", 100, "trim")) as tried:
        first = log(tried, 1, at="08:00", minutes=60)
        log(tried, 2, at="10:00", minutes=60)
        log(tried, 3, at="12:00", minutes=60)  # Nothing is left, so nothing moves.
        reverse_record(tried.bank, REVIEWER, first, "记错了", key="reverse-1")
        log(tried, 4, at="14:00", minutes=90)
        log(tried, 5, at="08:00", minutes=90, on="2023-04-04")
        found = judged(tried, tmp_path)
        assert (found.ok, found.derived) == (True, 5)
        forge(tried, facts(tried), honest_move(tried))
        assert rules(tried, tmp_path / "again") == ["postings_differ"]


@pytest.mark.parametrize("excess", ["pool", "honour"])
def test_an_account_cap_sends_the_rest_where_the_policy_says(tmp_path: Path, excess: str) -> None:
    with bank_with(tmp_path, cap("account", 100, excess)) as tried:
        log(tried, 1, at="08:00", minutes=60)
        log(tried, 2, at="10:00", minutes=60)
        log(tried, 3, at="12:00", minutes=60)
        assert rules(tried, tmp_path) == []
        forge(tried, facts(tried), honest_move(tried))
        assert rules(tried, tmp_path / "again") == ["postings_differ"]


def test_a_cap_that_refuses_leaves_no_entry_to_follow(tmp_path: Path) -> None:
    with bank_with(tmp_path, cap("order", 50, "refuse")) as tried:
        forge(tried, facts(tried), honest_move(tried))
        assert rules(tried, tmp_path) == ["policy_refuses"]


def test_what_should_have_moved_and_did_not_is_found(plain: TriedBank, tmp_path: Path) -> None:
    forge(plain, facts(plain))
    assert rules(plain, tmp_path) == ["postings_differ"]


@pytest.mark.parametrize(
    ("kind", "ceiling", "rule"),
    [("member", None, []), ("member", 1000, ["account_limits"]), ("slush", None, ["account_kind"])],
)
def test_an_account_has_the_limits_of_its_kind(
    plain: TriedBank, tmp_path: Path, kind: str, ceiling: int | None, rule: list[str]
) -> None:
    def decide(draft: Draft) -> dict[str, Any]:
        signed = {"do": "open_account", "kind": kind}
        draft.open_account("acct_new", kind, floor=0, ceiling=ceiling, facts=signed)
        return {}

    plain.bank.act(plain.bank.action(OPERATOR, "account", decide, key="open-0001", content={}))
    assert rules(plain, tmp_path) == rule


@pytest.mark.parametrize("text", ["", "nonsense", HEAD, None], ids=["empty", "no", "twice", "none"])
def test_a_policy_without_its_text_is_found(
    plain: TriedBank, tmp_path: Path, text: str | None
) -> None:
    def decide(draft: Draft) -> dict[str, Any]:
        signed = {"do": "adopt_policy"} | ({} if text is None else {"text": text})
        draft.adopt_policy("test-2@000000000000", signed)
        return {}

    plain.bank.act(plain.bank.action(OPERATOR, "policy", decide, key="adopt-001", content={}))
    assert rules(plain, tmp_path) == ["policy_text"]


def test_where_the_hour_decides_the_signature_attests_and_the_shape_is_derived(
    tmp_path: Path,
) -> None:
    with bank_with(tmp_path, BY_HOUR) as tried:
        log(tried, at="17:00", minutes=70)
        found = judged(tried, tmp_path)
        assert (found.ok, found.derived, found.attested) == (True, 0, 1)
        assert any("attested by the key" in line for line in found.lines())
        other = (tried.bank.account_of(Kind.ISSUANCE), tried.account("V0002"), 80)
        forge(tried, facts(tried), other)
        assert rules(tried, tmp_path / "again") == ["postings_differ"]


def test_a_key_submits_only_what_its_role_may(plain: TriedBank, tmp_path: Path) -> None:
    """The book's own writer refuses it; here it is made as if that had been left out."""
    say: list[tuple[int, str, str]] = []
    judge = Submitters()
    for index, (kind, role) in enumerate((("record", "device"), ("review", "device"))):
        key = key_of(f"{plain.bank.origin}/dev/{index}")
        added = Leaf(2 * index, 0, "key", key.name, KeyAdded(str(key.vkey), role, None), None, None)
        note, _hash = sign_submission(
            plain.bank.origin, kind, {"do": kind}, key, seq=0, prev=FIRST_PREV
        )
        fact = Leaf(2 * index + 1, 0, "fact", "fact_1", Statement(), note, None)
        for leaf in (added, fact):
            judge.leaf(leaf, None, lambda *told: say.append(told))
    assert [(index, rule) for index, rule, _evidence in say] == [(3, "submission_role")]
