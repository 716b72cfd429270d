"""timebank/estates/: after a death the account rests, and another person gives away what it has."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from ledger.balances import balance_of
from ledger.errors import FloorExceeded, Refusal
from tests.support.banks import OPERATOR, TriedBank
from tests.support.forging import CLERK, REVIEWER, Opened, bank_with, judged, log
from tests.support.orders import Journey
from tests.support.profiles import HEAD, cap
from timebank.chart import UMBRELLA_ACCOUNT, Kind
from timebank.errors import (
    AccountCapExceeded,
    HoldsOpen,
    InTheFuture,
    MissingField,
    NotPermitted,
    PersonErased,
    UnreadableDate,
)
from timebank.errors.estates import (
    EstateSettled,
    HeirNotKin,
    NothingLeft,
    PersonDeceased,
    ReporterDecides,
    SharesTooLarge,
    UnknownEstate,
)
from timebank.estates.actions import (
    Share,
    report_death,
    reverse_settlement,
    settle_estate,
    withdraw_report,
)
from timebank.estates.explaining import explain_estate
from timebank.estates.model import Left, left_of
from timebank.estates.queries import estates_listed
from timebank.founding import FOUNDER
from timebank.matching.queries import candidates
from timebank.orders.asking import request_order
from timebank.orders.model import Channel, Wish
from timebank.people.actions import issue_card
from timebank.people.exporting import export_for_relative, export_person
from timebank.people.forgetting import forget
from timebank.people.kinship import note_kinship
from timebank.people.model import Relation
from timebank.policy.load import read_profile
from timebank.policy.model import Profile
from timebank.reconciliation.reconcile import reconcile
from timebank.stations.sessions import sign_in_by_card
from timebank.transfers.giving import Giving, give

HALF = '[endings]\ndeath_pool_percent = { value = 50, source = "Genopart" }'
GIFTS = '[transfer]\nrelations = { value = ["relative"], source = "上海" }'
OTHER = replace(OPERATOR, actor_id="staff_other_operator")


def minutes(tried: TriedBank, account: str) -> int:
    with tried.bank.read() as connection:
        found = balance_of(connection, account)
    assert found is not None
    return found.posted


def widow(tried: TriedBank) -> str:
    """V0001 has 90 minutes and dies; V0002 is his wife.  Answers the estate."""
    log(tried)
    note_kinship(tried.bank, OPERATOR, "V0001", "V0002", Relation.SPOUSE, "户口簿")
    return reported(tried)


def reported(tried: TriedBank, number: str = "V0001", key: str = "report-1") -> str:
    answer = report_death(tried.bank, CLERK, number, "2023-04-06", "死亡医学证明", key=key)
    return str(answer.body["estate"])


def settled(tried: TriedBank, estate: str, key: str = "settle-1", **shares: int) -> str:
    heirs = [Share(number, given) for number, given in shares.items()]
    return str(settle_estate(tried.bank, OPERATOR, estate, heirs, key=key).body["entry"])


@pytest.mark.parametrize(
    ("to_heirs", "pooled"), [(44, 47), (45, 46), (46, 45)], ids=["less", "just", "all"]
)
def test_the_pools_half_is_rounded_in_the_relatives_favour(to_heirs: int, pooled: int) -> None:
    profile = profile_of(HALF)
    assert left_of(profile, 91, to_heirs) == Left(pooled, 0)
    with pytest.raises(SharesTooLarge):
        left_of(profile, 91, 47)


@pytest.mark.parametrize(
    ("pool", "umbrella", "posted", "left"),
    [
        (50, 0, 91, Left(91, 0)), (50, 50, 91, Left(46, 45)), (0, 100, 91, Left(0, 91)),
        (0, 50, 91, Left(46, 45)), (50, 50, 1, Left(1, 0)), (50, 50, 2, Left(1, 1)),
        (33, 33, 10, Left(7, 3)), (10, 45, 9, Left(5, 4)), (100, 0, 91, Left(91, 0)),
    ],
)  # fmt: skip
def test_shares_of_pool_and_umbrella_add_up(
    pool: int, umbrella: int, posted: int, left: Left
) -> None:
    profile = profile_of(ending(pool, umbrella))
    assert left_of(profile, posted, 0) == left
    assert left.pool + left.umbrella == posted
    most = posted - posted * (pool + umbrella) // 100
    assert left_of(profile, posted, most).umbrella == left.umbrella
    with pytest.raises(SharesTooLarge):
        left_of(profile, posted, most + 1)


def ending(pool: int, umbrella: int) -> str:
    return (
        f'[endings]\ndeath_pool_percent = {{ value = {pool}, source = "Genopart 池" }}\n'
        f'death_umbrella_percent = {{ value = {umbrella}, source = "Genopart 上级" }}'
    )


def profile_of(part: str) -> Profile:
    return read_profile(HEAD + part)


def test_half_to_the_pool_and_half_to_the_widow(opened: Opened, tmp_path: Path) -> None:
    with opened(HALF) as tried:
        estate = widow(tried)
        with pytest.raises(SharesTooLarge):
            settled(tried, estate, "settle-0", V0002=46)
        settled(tried, estate, V0002=45)
        pool = tried.bank.account_of(Kind.POOL)
        left = [minutes(tried, one) for one in (tried.account("V0001"), pool)]
        assert [*left, minutes(tried, tried.account("V0002"))] == [0, 45, 45]
        # A service that is recorded late is settled once more.
        log(tried, 2, at="14:00")
        settled(tried, estate, "settle-2")
        assert minutes(tried, pool) == 135
        with pytest.raises(NothingLeft):
            settled(tried, estate, "settle-3")
        found = judged(tried, tmp_path)
        assert (found.report.findings, found.derived) == ((), 4)
        checks = reconcile(tried.bank, FOUNDER).checks
        assert {one.name for one in checks if one.differences} <= {"jobs_silent", "published_log"}
        with tried.bank.read() as connection:
            (shown,) = estates_listed(tried.bank, connection, CLERK)
        assert (shown.number, shown.posted_minutes) == ("V0001", 0)
        assert [(one.number, one.relation) for one in shown.relatives] == [("V0002", "spouse")]
        assert sorted((one.minutes, one.relation) for one in shown.shares) == [
            (45, ""), (45, "spouse"), (90, ""),
        ]  # fmt: skip


def test_a_wrong_report_is_taken_back_by_another(opened: Opened, tmp_path: Path) -> None:
    with opened() as tried:
        estate = widow(tried)
        entry = settled(tried, estate, V0002=90)
        with pytest.raises(EstateSettled):
            withdraw_report(tried.bank, REVIEWER, estate, "本人健在", key="withdraw-1")
        with pytest.raises(ReporterDecides):
            reverse_settlement(tried.bank, OPERATOR, entry, "本人健在", key="reverse-1")
        reverse_settlement(tried.bank, OTHER, entry, "本人健在", key="reverse-2")
        assert minutes(tried, tried.account("V0001")) == 90
        with pytest.raises(UnknownEstate):
            reverse_settlement(tried.bank, OTHER, entry, "本人健在", key="reverse-3")
        withdraw_report(tried.bank, REVIEWER, estate, "本人健在", key="withdraw-2")
        with pytest.raises(UnknownEstate):
            settled(tried, estate, "settle-2", V0002=90)
        again = reported(tried, key="report-2")
        assert again != estate
        assert judged(tried, tmp_path).report.findings == ()


def test_what_was_spent_meanwhile_bars_the_reversal(opened: Opened) -> None:
    with opened() as tried:
        entry = settled(tried, widow(tried), V0002=90)
        tried.post(tried.account("V0002"), tried.bank.account_of(Kind.POOL), 1)
        with pytest.raises(FloorExceeded):
            reverse_settlement(tried.bank, OTHER, entry, "本人健在", key="reverse-1")


@pytest.fixture
def tried(tmp_path: Path) -> Iterator[TriedBank]:
    with bank_with(tmp_path, GIFTS) as made:
        yield made


@pytest.mark.parametrize(
    ("died_on", "proof", "refusal"),
    [
        ("昨天", "证明", UnreadableDate),
        ("2023-04-07", "证明", InTheFuture),
        ("2023-04-06", " ", MissingField),
    ],
)
def test_a_report_says_when_and_what_was_shown(
    tried: TriedBank, died_on: str, proof: str, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        report_death(tried.bank, CLERK, "V0001", died_on, proof, key="report-1")


def test_whoever_has_died_asks_gives_and_receives_no_more(tried: TriedBank) -> None:
    issue_card(tried.bank, OPERATOR, "E0001", "274913")
    assert sign_in_by_card(tried.bank, "E0001", "274913")
    reported(tried, "E0001")
    with pytest.raises(PersonDeceased):
        reported(tried, "E0001", "report-2")
    with pytest.raises(Refusal):
        sign_in_by_card(tried.bank, "E0001", "274913")
    today = tried.bank.today().isoformat()
    wish = Wish("E0001", "meals", today, "15:00", 60, Channel.TELEPHONE, assistant="小李")
    with pytest.raises(PersonDeceased):
        request_order(tried.bank, CLERK, "XFL", wish, key="order-001")
    log(tried)
    note_kinship(tried.bank, OPERATOR, "V0001", "E0001", Relation.PARENT, "户口簿")
    with pytest.raises(PersonDeceased):
        give(tried.bank, CLERK, Giving("E0001", 5, "V0001", "小李"), key="give-0001")


def test_an_elder_who_waits_for_a_dead_volunteer_is_found(opened: Opened) -> None:
    with opened(people=()) as tried:
        journey = Journey(tried).to("accepted")
        reported(tried)
        assert open_orders(tried) == (1, 1)
        journey.step("decline", reason="志愿者去世")
        assert open_orders(tried) == (0, 0)


def open_orders(tried: TriedBank) -> tuple[int, int]:
    """As the page counts them and as the check finds them."""
    with tried.bank.read() as connection:
        (shown,) = estates_listed(tried.bank, connection, CLERK)
    checks = {one.name: one.differences for one in reconcile(tried.bank, FOUNDER).checks}
    return shown.open_orders, checks["estates"]


def test_whoever_asked_to_be_forgotten_inherits_nothing(tried: TriedBank) -> None:
    estate = widow(tried)
    forget(tried.bank, OPERATOR, "V0002", key="forget-1")
    with pytest.raises(HeirNotKin):
        settled(tried, estate, V0002=90)
    with tried.bank.read() as connection:
        (shown,) = estates_listed(tried.bank, connection, CLERK)
    assert shown.relatives == ()


def test_nobody_is_left_to_report(tried: TriedBank) -> None:
    tried.clock.move(timedelta(days=4000))
    assert forget(tried.bank, OPERATOR, "E0001", key="forget-1").outcome == "forgotten"
    with pytest.raises(PersonErased):
        reported(tried, "E0001")


def test_nobody_who_has_died_is_sent(tmp_path: Path) -> None:
    with bank_with(tmp_path, people=()) as tried:
        journey = Journey(tried).to("published")
        ranked = ranked_numbers(tried, journey.order_id)
        assert "V0001" in ranked
        reported(tried)
        assert ranked_numbers(tried, journey.order_id) == [one for one in ranked if one != "V0001"]
        with pytest.raises(PersonDeceased):
            journey.step("match", volunteer="V0001")


def ranked_numbers(tried: TriedBank, order_id: str) -> list[str]:
    return [one.number for one in candidates(tried.bank, CLERK, order_id).ranked]


def test_settling_is_another_persons_and_in_its_order(tried: TriedBank) -> None:
    estate = widow(tried)
    with pytest.raises(NotPermitted):
        settle_estate(tried.bank, CLERK, estate, [], key="settle-01")
    with pytest.raises(UnknownEstate):
        settled(tried, "est_0", "settle-02")
    with pytest.raises(HeirNotKin):
        settled(tried, estate, "settle-03", E0001=10)
    reported(tried, "V0002", "report-2")
    with pytest.raises(PersonDeceased):
        settled(tried, estate, "settle-04", V0002=10)
    tried.hold(
        tried.account("V0001"), tried.account("E0001"), 10,
        expires_ms=tried.bank.now_ms() + 10**7,
    )  # fmt: skip
    with pytest.raises(HoldsOpen):
        settled(tried, estate, "settle-05")
    own = report_death(tried.bank, OPERATOR, "E0001", "2023-04-06", "证明", key="report-3")
    with pytest.raises(ReporterDecides):
        settled(tried, str(own.body["estate"]), "settle-06")


def test_half_to_the_pool_and_half_to_the_umbrella_body(opened: Opened, tmp_path: Path) -> None:
    with opened(ending(50, 50)) as tried:
        estate = widow(tried)
        with pytest.raises(SharesTooLarge):
            settled(tried, estate, "settle-0", V0002=1)
        assert not has_umbrella(tried)
        entry = settled(tried, estate)
        pool = tried.bank.account_of(Kind.POOL)
        assert (minutes(tried, pool), minutes(tried, UMBRELLA_ACCOUNT)) == (45, 45)
        log(tried, 2, at="14:00", minutes=91)
        settled(tried, estate, "settle-2")  # The account is there already.
        assert (minutes(tried, pool), minutes(tried, UMBRELLA_ACCOUNT)) == (91, 90)
        reverse_settlement(tried.bank, OTHER, entry, "有误", key="reverse-1")
        assert (minutes(tried, pool), minutes(tried, UMBRELLA_ACCOUNT)) == (46, 45)
        found = judged(tried, tmp_path)
        assert found.report.findings == ()
        checks = reconcile(tried.bank, FOUNDER).checks
        assert {one.name for one in checks if one.differences} <= {"jobs_silent", "published_log"}
        with tried.bank.read() as connection:
            (shown,) = estates_listed(tried.bank, connection, CLERK)
            told = explain_estate(tried.bank, connection, CLERK, estate)
            with pytest.raises(UnknownEstate):
                explain_estate(tried.bank, connection, CLERK, "est_0")
        assert {one.relation for one in shown.shares} == {"", "umbrella"}
        assert "账户 90 分钟：亲属 0，公共时间池 45，上级机构 45（已更正）" in told.zh
        assert (
            "身故后归上级组织（%）（endings.death_umbrella_percent）：50（依据：Genopart 上级）"
            in told.zh
        )
        assert "endings.death_pool_percent: 50 (Genopart 池)" in told.en
        assert told.en.count("shared anew: equal to the entry") == 2


def has_umbrella(tried: TriedBank) -> bool:
    with tried.bank.read() as connection:
        return balance_of(connection, UMBRELLA_ACCOUNT) is not None


@pytest.mark.parametrize("umbrella", [0, 50, 100])
def test_the_umbrella_bodys_percentage_decides(tmp_path: Path, umbrella: int) -> None:
    with bank_with(tmp_path, ending(0, umbrella)) as tried:
        estate = widow(tried)
        rest = 90 - 90 * umbrella // 100
        settled(tried, estate, **({"V0002": rest} if rest else {}))
        assert has_umbrella(tried) == (umbrella > 0)
        assert minutes(tried, tried.account("V0002")) == rest
        if umbrella:
            assert minutes(tried, UMBRELLA_ACCOUNT) == 90 - rest


@pytest.mark.parametrize(("before", "fits"), [(9, True), (10, True), (11, False)])
def test_no_account_is_lifted_over_its_cap(tmp_path: Path, before: int, fits: bool) -> None:
    with bank_with(tmp_path, cap("account", 100, "refuse")) as tried:
        estate = widow(tried)
        tried.issue("V0002", before)
        if fits:
            settled(tried, estate, V0002=90)
        else:
            with pytest.raises(AccountCapExceeded):
                settled(tried, estate, V0002=90)


def test_after_three_months_somebody_is_asked(tried: TriedBank) -> None:
    widow(tried)
    for days, found in ((90, 0), (1, 1)):
        tried.clock.move(timedelta(days=days))
        checks = {one.name: one.differences for one in reconcile(tried.bank, FOUNDER).checks}
        assert checks["estates"] == found


def test_a_near_relative_reads_what_was_reported(tried: TriedBank) -> None:
    estate = widow(tried)
    found = export_for_relative(tried.bank, OPERATOR, "V0001", Relation.SPOUSE, "结婚证")
    assert found["death"] == {
        "estate": estate, "died_on": "2023-04-06", "proof": "死亡医学证明",
    }  # fmt: skip
    withdraw_report(tried.bank, REVIEWER, estate, "本人健在", key="withdraw-1")
    assert export_person(tried.bank, OPERATOR, "V0001")["death"] == {}


def test_the_day_and_the_proof_are_sealed(tried: TriedBank) -> None:
    reported(tried)
    with tried.bank.read() as connection:
        kept = bytes(connection.execute(text("SELECT opening FROM estate")).scalar_one())
        bodies = b"".join(
            bytes(row.body) for row in connection.execute(text("SELECT body FROM leaf"))
        )
    for word in ("死亡", "2023-04-06"):
        assert word.encode() not in kept
    assert "死亡".encode() not in bodies
