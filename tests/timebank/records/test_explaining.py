"""timebank/records/explaining.py: every record's minutes are priced anew, or it is said why not."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.banks import AUDITOR, OPERATOR, TriedBank, new_bank
from tests.support.postgres import Database
from tests.support.profiles import FOUR_EYES, HEAD, SHORT_IS_AN_HOUR
from tests.support.services import service
from timebank.errors import NotPermitted, UnknownRecord
from timebank.records.actions import log_service, reverse_record
from timebank.records.explaining import (
    ExplainedRecord,
    Minutes,
    Outcome,
    explain_record,
    explanation_as_json,
)
from timebank.records.importing import import_register
from timebank.records.model import Payer
from timebank.records.queries import records_listed
from timebank.records.review import approve_batch, review_record
from timebank.stations.model import Actor, Role

CLERK = Actor("staff_clerk", Role.CLERK, "XFL")
REVIEWER = Actor("staff_reviewer", Role.REVIEWER, "XFL")
HEADER = "服务日期,开始时间,结束时间,志愿者姓名,服务对象,服务内容,服务时长\n"
CAPS = """[caps]
day_minutes = { value = 120, source = "每天两小时" }
day_excess = { value = "trim", source = "每天两小时" }
account_minutes = { value = 200, source = "上限" }
account_excess = { value = "pool", source = "上限" }
"""


@pytest.fixture
def opened(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[TriedBank]:
    """A bank of the test profile with the parts that the parameter gives, and its people."""
    folder = tmp_path / "policies"
    folder.mkdir()
    parts = "\n".join(request.param)
    (folder / "test-1.toml").write_text(f"{HEAD}\n{parts}\n", encoding="utf-8")
    with new_bank(tmp_path, policies=("test-1",), policy_folder=folder) as bank:
        bank.people("V0001", "V0002", "V0003", "E0001")
        yield bank


plain = pytest.mark.parametrize("opened", [()], indirect=True)
rounded = pytest.mark.parametrize("opened", [(SHORT_IS_AN_HOUR,)], indirect=True)
capped = pytest.mark.parametrize("opened", [(CAPS,)], indirect=True)
careful = pytest.mark.parametrize("opened", [(CAPS, FOUR_EYES)], indirect=True)
either = pytest.mark.parametrize("opened", [(CAPS,), (CAPS, FOUR_EYES)], indirect=True)


def log(bank: TriedBank, key: str = "log-00001", **stated: object) -> str:
    answer = log_service(bank.bank, CLERK, "XFL", service(**stated), key=key)  # type: ignore[arg-type]
    return str(answer.body["record"])


def explained(bank: TriedBank, record: str, actor: Actor = CLERK) -> ExplainedRecord:
    with bank.bank.read() as connection:
        return explain_record(bank.bank, connection, actor, record)


def everything(bank: TriedBank) -> list[ExplainedRecord]:
    """Every record of the book explained, by number."""
    with bank.bank.read() as connection:
        found = records_listed(bank.bank, connection, OPERATOR, most=1_000)
    return [explained(bank, one.record_id) for one in reversed(found)]


def imported(bank: TriedBank, folder: Path, rows: str, key: str = "import-1") -> str:
    file = folder / f"{key}.csv"
    file.write_text(HEADER + rows, encoding="utf-8")
    result = import_register(bank.bank, CLERK, "XFL", file, key=key)
    assert not result.refusals
    return result.batch_id


@rounded
def test_forty_five_minutes_became_an_hour_by_a_clause(opened: TriedBank) -> None:
    told = explained(opened, log(opened, minutes=45))

    (part,) = told.parts
    assert (told.outcome, part.stored, part.priced) == (
        Outcome.AGREES, Minutes(60, 0, 0), Minutes(60, 0, 0),
    )  # fmt: skip
    assert told.zh == ("第 1 号服务记录（XFL），2023-04-05 09:00–09:45", "已入账")
    assert part.zh[0] == "服务 45 分钟，入账 60 分钟"
    assert "45 → 60 分钟（依据：Jiaozhou 2015）" in part.zh[1]
    assert part.zh[-1] == "复算：与记录一致"
    assert part.en[-1] == "priced anew: equal to the record"
    assert (part.policy, part.name) == (opened.policy, "成＊＊")


@plain
def test_each_of_several_volunteers_is_explained(opened: TriedBank) -> None:
    told = explanation_as_json(explained(opened, log(opened, volunteers="V0001、V0002")))

    assert {one["number"] for one in told["volunteers"]} == {"V0001", "V0002"}
    assert len({one["entry_id"] for one in told["volunteers"]}) == 2
    assert told["outcome"] == "agrees"
    assert told["zh"].count("服务 90 分钟，入账 90 分钟") == 2
    assert "志愿者 成＊＊（V0002）" in told["zh"]
    assert told["policy"] == opened.policy


@either
def test_a_full_day_and_a_full_account_are_told_as_they_stood_then(opened: TriedBank) -> None:
    opened.issue("V0001", 40)
    first = log(opened, "log-00001", minutes=90)
    second = log(opened, "log-00002", at="13:00", minutes=90)
    opened.issue("V0001", 60)
    third = log(opened, "log-00003", minutes=90, on="2023-04-04")
    opened.post(opened.account("V0001"), opened.account("E0001"), 100, kind="gift")
    for number, record in enumerate((first, second, third)):
        if opened.bank.profiles[0].review.four_eyes:
            review_record(opened.bank, REVIEWER, record, approve=True, key=f"review-{number}")

    told = everything(opened)

    assert [one.outcome for one in told] == [Outcome.AGREES] * 3
    assert "当天已计 90 分钟：90 → 30 分钟" in told[1].parts[0].zh[1]
    # Before review only what was issued stood there.
    waited = opened.bank.profiles[0].review.four_eyes is not None
    assert told[2].parts[0].priced == (Minutes(90, 0, 0) if waited else Minutes(0, 0, 90))


@either
def test_an_import_is_explained_row_by_row(opened: TriedBank, tmp_path: Path) -> None:
    batch = imported(
        opened,
        tmp_path,
        "2023-04-03,09:00,10:30,V0001、V0002,E0001,助餐,1.5\n"
        "2023-04-03,13:00,14:30,V0001,E0001,助餐,1.5\n"
        "2023-04-04,09:00,11:00,V0001,E0001,助餐,2\n"
        "2023-04-05,09:00,11:00,V0001,E0001,助餐,2\n",
    )
    before = everything(opened)
    if opened.bank.profiles[0].review.four_eyes:
        approve_batch(opened.bank, REVIEWER, batch, key="approve-1")

    after = everything(opened)

    for told in (before, after):
        assert [one.outcome for one in told] == [Outcome.AGREES] * 4
        assert [one.parts[0].stored for one in told] == [
            Minutes(90, 0, 0), Minutes(30, 0, 0), Minutes(80, 0, 40), Minutes(0, 0, 120),
        ]  # fmt: skip


@pytest.mark.postgres
def test_it_looks_back_on_postgresql_as_well(tmp_path: Path, postgres_database: Database) -> None:
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "test-1.toml").write_text(f"{HEAD}\n{CAPS}\n{FOUR_EYES}\n", encoding="utf-8")
    with new_bank(
        tmp_path, policies=("test-1",), policy_folder=folder, database=postgres_database
    ) as bank:
        bank.people("V0001", "E0001")
        first = log(bank, "log-00001")
        review_record(bank.bank, REVIEWER, first, approve=True, key="review-1")
        reverse_record(bank.bank, OPERATOR, first, "记错", key="reverse-1")
        second = log(bank, "log-00002", at="13:00")
        review_record(bank.bank, REVIEWER, second, approve=False, reason="错", key="review-2")
        log(bank, "log-00003", at="16:00")

        told = everything(bank)

    assert [one.outcome for one in told] == [Outcome.AGREES] * 3
    assert [one.parts[0].stored.credited for one in told] == [90, 90, 90]


@capped
def test_somebody_who_joined_later_is_explained_as_of_then(
    opened: TriedBank, tmp_path: Path
) -> None:
    imported(opened, tmp_path, "2023-04-03,09:00,10:30,V0001,E0001,助餐,1.5\n")
    opened.issue("V0002", 150)
    imported(opened, tmp_path, "2023-04-03,09:00,10:30,V0002,E0001,助餐,1.5\n", "import-2")

    (told,) = everything(opened)

    assert told.outcome is Outcome.AGREES
    assert {part.number: part.priced for part in told.parts} == {
        "V0001": Minutes(90, 0, 0),
        "V0002": Minutes(50, 0, 40),
    }


@careful
@pytest.mark.parametrize("ended", ["", "approve", "return"])
def test_a_record_says_what_became_of_it(opened: TriedBank, ended: str) -> None:
    record = log(opened)
    if ended:
        approve = ended == "approve"
        review_record(opened.bank, REVIEWER, record, approve=approve, reason="错", key="review-1")

    told = explained(opened, record)

    assert told.outcome is Outcome.AGREES
    said = {"": "还没有入账", "approve": "已入账", "return": "没有入账"}
    assert said[ended] in told.zh[1]
    assert told.parts[0].zh[0] == "服务 90 分钟，入账 90 分钟"


@careful
def test_what_was_sent_back_fills_no_later_day(opened: TriedBank) -> None:
    first = log(opened, "log-00001")
    review_record(opened.bank, REVIEWER, first, approve=False, reason="错", key="review-1")
    log(opened, "log-00002", at="13:00")

    assert [one.parts[0].priced for one in everything(opened)] == [Minutes(90, 0, 0)] * 2


@capped
def test_a_reversal_is_told_and_changes_no_price_of_before(opened: TriedBank) -> None:
    first, second = log(opened, "log-00001"), log(opened, "log-00002", at="13:00")
    reverse_record(opened.bank, REVIEWER, first, "记错", key="reverse-1")
    third = log(opened, "log-00003", at="16:00")

    assert "已全部冲回" in explained(opened, first).zh[1]
    prices = [explained(opened, one).parts[0] for one in (first, second, third)]
    assert [one.outcome for one in prices] == [Outcome.AGREES] * 3
    assert [one.priced.credited for one in prices if one.priced] == [90, 30, 90]


@pytest.mark.parametrize("opened", [(CAPS.replace('"pool"', '"honour"'),)], indirect=True)
def test_a_service_that_moved_nothing_is_explained(opened: TriedBank) -> None:
    opened.issue("V0001", 200)
    opened.issue("V0002", 200)
    told = explained(opened, log(opened, volunteers="V0001、V0002、V0003"))

    assert told.outcome is Outcome.AGREES
    parts = {part.number: part for part in told.parts}
    assert [parts[f"V000{n}"].stored.credited for n in (1, 2, 3)] == [0, 0, 90]
    assert "超出部分只记荣誉" in parts["V0002"].zh[1]
    assert parts["V0002"].entry_id == ""


def test_an_older_profile_prices_for_ever(tmp_path: Path) -> None:
    folder = tmp_path / "policies"
    folder.mkdir()
    old = HEAD.replace("rules = 1", "in_force_until = 2023-04-04\nrules = 1")
    new = HEAD.replace("test-1", "test-2").replace("2020-01-01", "2023-04-05")
    (folder / "test-1.toml").write_text(f"{old}\n{SHORT_IS_AN_HOUR}\n", encoding="utf-8")
    (folder / "test-2.toml").write_text(new, encoding="utf-8")
    with new_bank(tmp_path, policies=("test-1", "test-2"), policy_folder=folder) as bank:
        bank.people("V0001", "E0001")
        log(bank, "log-00001", minutes=45, on="2023-04-04")
        log(bank, "log-00002", minutes=45)

        first, second = everything(bank)

    assert (first.parts[0].priced, second.parts[0].priced) == (
        Minutes(60, 0, 0), Minutes(45, 0, 0),
    )  # fmt: skip
    assert first.parts[0].policy.startswith("test-1@")
    assert second.parts[0].policy.startswith("test-2@")


@rounded
def test_an_altered_credit_is_not_explained_away(opened: TriedBank) -> None:
    record = log(opened, minutes=45)
    opened.behind("UPDATE record_person SET credited_minutes = 600 WHERE part = 'volunteer'")

    told = explained(opened, record)

    (part,) = told.parts
    assert (told.outcome, part.stored, part.priced) == (
        Outcome.DIFFERS, Minutes(600, 0, 0), Minutes(60, 0, 0),
    )  # fmt: skip
    assert part.zh[0] == "记录：服务 45 分钟，入账 600 分钟"
    assert "不一致" in part.zh[1]
    assert part.zh[2] == "服务 45 分钟，入账 60 分钟"
    assert "与记录一致" not in part.zh


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ("UPDATE service_record SET policy = 'test-0@000000000000'", "没有采用过这份规则"),
        ("UPDATE service_record SET given_minutes = 5000", "不成立"),
        ("UPDATE service_record SET started_at = '2023-04-05TXX'", "不成立"),
        ("UPDATE service_record SET recorded_ms = recorded_ms - 1", "看不出"),
    ],
)
@careful
def test_what_cannot_be_found_again_is_said(opened: TriedBank, broken: str, why: str) -> None:
    record = log(opened)
    opened.behind(broken)

    told = explained(opened, record)

    assert (told.outcome, told.parts[0].priced) == (Outcome.NOT_REPEATABLE, None)
    assert "入账 90 分钟" in told.parts[0].zh[0]
    assert why in told.parts[0].zh[1]


@plain
def test_a_missing_entry_is_said(opened: TriedBank) -> None:
    record = log(opened)
    opened.behind("UPDATE record_person SET entry_id = 'entry_none' WHERE part = 'volunteer'")

    told = explained(opened, record)

    assert told.outcome is Outcome.NOT_REPEATABLE
    assert "读不出这张凭证" in told.parts[0].zh[1]


@pytest.mark.parametrize("opened", [(CAPS.replace('"trim"', '"refuse"'),)], indirect=True)
def test_a_record_that_the_rules_would_refuse_says_so(opened: TriedBank) -> None:
    record = log(opened)
    opened.behind("UPDATE service_record SET given_minutes = 121")

    told = explained(opened, record)

    assert told.outcome is Outcome.DIFFERS
    assert "每人每天最多入账 120 分钟" in told.parts[0].zh[2]


@plain
def test_the_erased_are_not_named(opened: TriedBank) -> None:
    record = log(opened)
    opened.behind("UPDATE person SET state = 'erased'")

    told = explanation_as_json(explained(opened, record))

    assert told["outcome"] == "agrees"
    assert "志愿者 （个人信息已销毁）" in told["zh"]


@plain
def test_a_payer_is_charged_in_the_explanation(opened: TriedBank) -> None:
    opened.issue("E0001", 500)
    stated = replace(service(minutes=60), payer=Payer.ELDER)
    answer = log_service(opened.bank, CLERK, "XFL", stated, key="log-paid1")

    told = explained(opened, str(answer.body["record"]))

    assert told.parts[0].zh[0] == "服务 60 分钟，入账 60 分钟，使用方支出 60 分钟"
    assert told.outcome is Outcome.AGREES


@plain
def test_whoever_may_read_the_record_may_read_why(opened: TriedBank) -> None:
    record = log(opened)

    assert explained(opened, record, AUDITOR) == explained(opened, record)
    for actor, asked, refusal in (
        (Actor("staff_east", Role.CLERK, "EAST"), record, NotPermitted),
        (opened.actor(Role.KIOSK), record, NotPermitted),
        (CLERK, "record_none", UnknownRecord),
    ):
        with pytest.raises(refusal):
            explained(opened, asked, actor)
