"""timebank/records/importing.py: the March register, twice, mended, rehearsed, in small parts."""

import csv
import json
from pathlib import Path

import pytest

import timebank.demo
from ledger.balances import balance_of, recompute
from ledger.book import read_head
from tests.support.banks import OPERATOR, TriedBank, new_bank
from tests.support.forging import bank_with
from tests.support.profiles import FOUR_EYES, HEAD
from timebank.errors import (
    NothingToRead,
    NotPermitted,
    ReviewerIsRecorder,
    UnknownBatch,
    UnknownStation,
)
from timebank.people.actions import register
from timebank.people.conditions import note_condition
from timebank.people.model import Newcomer
from timebank.people.roster import people_in_file, register_members
from timebank.records import importing
from timebank.records.importing import ImportResult, import_register, write_refused
from timebank.records.parties import people_for_rehearsal
from timebank.records.review import approve_batch
from timebank.stations.model import Actor, Role

LANE = Path(timebank.demo.__file__).parent / "happiness_lane"
GOLDEN = Path(__file__).parents[2] / "golden" / "happiness_lane_expected.json"
EXPECTED = json.loads(GOLDEN.read_text("utf-8"))
CLERK = Actor("staff_clerk", Role.CLERK, "XFL")
REVIEWER = Actor("staff_reviewer", Role.REVIEWER, "XFL")
HEADER = "服务日期,开始时间,结束时间,志愿者姓名,服务对象,服务内容,服务时长\n"


def imported(bank: TriedBank, file: Path = LANE / "register.xlsx", key: str = "import-1",
             **rest: object) -> ImportResult:  # fmt: skip
    return import_register(bank.bank, CLERK, "XFL", file, key=key, **rest)


def told(result: ImportResult) -> dict[str, object]:
    return {
        "accepted": result.accepted,
        "refused": result.refused,
        "minutes": result.minutes,
        "by_volunteer": result.by_volunteer,
        "refusals": [{"row": one.row, "why": one.code} for one in result.refusals],
    }


def with_members(bank: TriedBank) -> TriedBank:
    register_members(bank.bank, CLERK, LANE / "members.csv", key="members-1")
    return bank


def wanted() -> dict[str, object]:
    return {name: EXPECTED[name] for name in EXPECTED if name != "rows"}


def test_happiness_lane_gives_exactly_what_was_known_beforehand(bank: TriedBank) -> None:
    result = imported(with_members(bank))

    assert told(result) == wanted()
    assert result.stated_minutes == 257 * 60
    with bank.bank.read() as connection:
        for number, minutes in EXPECTED["by_volunteer"].items():
            found = balance_of(connection, bank.account(number))
            assert found is not None
            assert found.posted == minutes
        for line in recompute(connection):
            assert (line.posted, line.held) == (line.journal_posted, line.journal_held)


def test_the_same_file_twice_posts_nothing_twice(sqlite_bank: TriedBank) -> None:
    imported(with_members(sqlite_bank))
    entries = read_head(sqlite_bank.bank.database).entries
    again = imported(sqlite_bank, key="import-2")

    assert (again.accepted, again.already_posted, again.minutes) == (0, 160, 0)
    assert told(again)["refusals"] == EXPECTED["refusals"]
    assert read_head(sqlite_bank.bank.database).entries == entries


def test_the_same_attempt_again_gives_the_same_answer(sqlite_bank: TriedBank) -> None:
    first = imported(with_members(sqlite_bank))
    size = read_head(sqlite_bank.bank.database).size

    again = imported(sqlite_bank)
    assert told(again) == wanted()
    assert again.refusals == first.refusals
    assert read_head(sqlite_bank.bank.database).size == size


@pytest.mark.parametrize("dry_run", [False, True])
def test_a_register_without_a_service_is_refused(
    sqlite_bank: TriedBank, tmp_path: Path, dry_run: bool
) -> None:
    empty = tmp_path / "empty.csv"
    empty.write_text(HEADER, encoding="utf-8")
    with pytest.raises(NothingToRead):
        imported(sqlite_bank, empty, dry_run=dry_run)


def test_a_dry_run_says_the_same_and_writes_nothing(sqlite_bank: TriedBank) -> None:
    size = read_head(sqlite_bank.bank.database).size
    look_up = people_in_file(sqlite_bank.bank, LANE / "members.csv")
    bank = sqlite_bank.bank
    result = imported(
        sqlite_bank, dry_run=True, extra=lambda m: people_for_rehearsal(bank, *look_up(m))
    )

    assert told(result) == wanted()
    assert (result.state, result.batch_id) == ("dry_run", "")
    assert read_head(sqlite_bank.bank.database).size == size
    with sqlite_bank.bank.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM person").scalar() == 0


def test_a_dry_run_asks_what_was_noted_of_people_who_are_registered(tmp_path: Path) -> None:
    """Of strangers in the list of members nothing was noted; of the others it decides."""
    good = '[earning]\ngood_record = { value = true, source = "南京" }'
    with bank_with(tmp_path, good, people=()) as tried:
        newcomers = [Newcomer(f"志愿者{n}", ((f"V000{n}", "volunteer"),)) for n in (1, 2)]
        register(tried.bank, OPERATOR, newcomers, key="noted-0001")
        note_condition(tried.bank, OPERATOR, "V0001", "bad_record", "判决书", consented=True)
        members = tmp_path / "members.csv"
        members.write_text("编号,姓名,身份\nE0001,丙,服务对象\nV0003,丁,志愿者\n", encoding="utf-8")
        file = tmp_path / "register.csv"
        rows = "".join(f"2023-04-0{n},09:00,10:00,V000{n},E0001,助餐,1\n" for n in (1, 2, 3))
        file.write_text(HEADER + rows, encoding="utf-8")
        look_up = people_in_file(tried.bank, members)
        result = imported(
            tried, file, dry_run=True, extra=lambda m: people_for_rehearsal(tried.bank, *look_up(m))
        )
        assert [one.code for one in result.refusals] == ["record_not_good"]
        assert result.accepted == 2


@pytest.mark.parametrize("rows", [1, 7, 172])
def test_small_parts_give_the_same_result(
    sqlite_bank: TriedBank, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    monkeypatch.setattr(importing, "ROWS_AT_ONCE", rows)
    assert told(imported(with_members(sqlite_bank))) == wanted()


def test_an_unknown_person_who_is_registered_later_is_posted_then(
    sqlite_bank: TriedBank, tmp_path: Path
) -> None:
    imported(with_members(sqlite_bank))
    late = tmp_path / "late.csv"
    late.write_text("编号,姓名,身份\nV0099,无名氏,志愿者\n", encoding="utf-8")
    register_members(sqlite_bank.bank, CLERK, late, key="members-2")
    result = imported(sqlite_bank, key="import-2")

    assert (result.accepted, result.already_posted, result.minutes) == (1, 160, 180)
    assert result.by_volunteer == {"V0099": 180}
    assert 119 not in [one.row for one in result.refusals]


def test_the_error_sheet_can_be_mended_and_imported(sqlite_bank: TriedBank, tmp_path: Path) -> None:
    result = imported(with_members(sqlite_bank))
    sheet = tmp_path / "refused.xlsx"
    assert write_refused(LANE / "register.xlsx", result, sheet) == 13

    again = imported(sqlite_bank, sheet, key="import-2")
    codes = [one.code for one in again.refusals]
    # Duplicates of posted rows are posted already; everything else is as unmended as before.
    assert (again.accepted, again.already_posted) == (0, 3)
    assert sorted(codes) == sorted(
        one["why"] for one in EXPECTED["refusals"] if one["why"] != "duplicate"
    )


def test_twelve_meals_in_one_hour_are_one_service(sqlite_bank: TriedBank, tmp_path: Path) -> None:
    elders = [f"E{number:04}" for number in range(1, 13)]
    sqlite_bank.people("V0001", "V0002", *elders)
    file = tmp_path / "meals.csv"
    rows = [f"2023-04-05,11:00,12:00,V0001,{elder},助餐,1小时\n" for elder in elders]
    rows.append("2023-04-05,14:00,15:00,V0001,E0001,理发,1\n")
    rows.append("2023-04-05,14:00,15:00,V0002,E0001,理发,1\n")
    file.write_text(HEADER + "".join(rows), encoding="utf-8")
    result = imported(sqlite_bank, file)

    assert (result.accepted, result.refused) == (14, 0)
    assert result.by_volunteer == {"V0001": 120, "V0002": 60}
    with sqlite_bank.bank.read() as connection:
        records = connection.exec_driver_sql(
            "SELECT marks, count(*) FROM service_record GROUP BY marks"
        ).all()
    assert records == [("bulk merged unreviewed", 2)]


def test_rows_that_come_later_extend_the_service_that_is_recorded(
    sqlite_bank: TriedBank, tmp_path: Path
) -> None:
    sqlite_bank.people("V0001", "V0002", "E0001", "E0002")
    line = "2023-04-05,11:00,12:00,{},{},助餐,1小时\n"
    for number, (volunteer, elder) in enumerate(
        [("V0001", "E0001"), ("V0001", "E0002"), ("V0002", "E0001")]
    ):
        file = tmp_path / f"{number}.csv"
        file.write_text(HEADER + line.format(volunteer, elder), encoding="utf-8")
        result = imported(sqlite_bank, file, key=f"import-{number}")
        assert (result.accepted, result.refused) == (1, 0)

    with sqlite_bank.bank.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM service_record").scalar() == 1
        balances = [balance_of(connection, sqlite_bank.account(n)) for n in ("V0001", "V0002")]
    assert [found and found.posted for found in balances] == [60, 60]


def test_with_four_eyes_the_rows_wait_for_another_person(tmp_path: Path) -> None:
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "test-1.toml").write_text(HEAD + FOUR_EYES, encoding="utf-8")
    with new_bank(tmp_path, policies=["test-1"], policy_folder=folder) as bank:
        result = imported(with_members(bank))
        assert (result.state, told(result)) == ("awaiting_review", wanted())
        account = bank.account("V0037")
        with bank.bank.read() as connection:
            assert balance_of(connection, account).posted == 0

        same = Actor(CLERK.actor_id, Role.REVIEWER, "XFL")
        with pytest.raises(ReviewerIsRecorder):
            approve_batch(bank.bank, same, result.batch_id, key="approve-1")
        with pytest.raises(UnknownBatch):
            approve_batch(bank.bank, REVIEWER, "batch_none", key="approve-1")
        body = approve_batch(bank.bank, REVIEWER, result.batch_id, key="approve-1").body
        assert body["approved"] == 160
        with bank.bank.read() as connection:
            assert balance_of(connection, account).posted == EXPECTED["by_volunteer"]["V0037"]


def test_a_helper_who_is_added_after_the_review_is_reviewed_and_paid_too(tmp_path: Path) -> None:
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "test-1.toml").write_text(HEAD + FOUR_EYES, encoding="utf-8")
    with new_bank(tmp_path, policies=["test-1"], policy_folder=folder) as bank:
        bank.people("V0001", "V0002", "E0001")
        for number, volunteer in enumerate(("V0001", "V0002")):
            file = tmp_path / f"{number}.csv"
            line = f"2023-04-05,11:00,12:00,{volunteer},E0001,助餐,1小时\n"
            file.write_text(HEADER + line, encoding="utf-8")
            result = imported(bank, file, key=f"import-{number}")
            assert (result.accepted, result.minutes) == (1, 60)
            approve_batch(bank.bank, REVIEWER, result.batch_id, key=f"approve-{number}")
        with bank.bank.read() as connection:
            for number in ("V0001", "V0002"):
                assert balance_of(connection, bank.account(number)).posted == 60


def test_a_part_may_credit_more_people_than_a_leaf_could_name(
    sqlite_bank: TriedBank, tmp_path: Path
) -> None:
    volunteers = [f"V{number:04}" for number in range(190)]
    sqlite_bank.people(*volunteers)
    everybody = "、".join(volunteers)
    rows = [
        f"2023-03-{day:02},11:00,12:00,{everybody},社区居民,植树,1小时\n" for day in range(10, 31)
    ]
    file = tmp_path / "trees.csv"
    file.write_text(HEADER + "".join(rows), encoding="utf-8")
    result = imported(sqlite_bank, file)

    assert (result.accepted, result.refused) == (21, 0)
    assert result.minutes == 21 * 190 * 60


def test_who_may_import_and_where(sqlite_bank: TriedBank) -> None:
    for actor in (REVIEWER, Actor("x", Role.CLERK, "OTHER")):
        with pytest.raises(NotPermitted):
            import_register(sqlite_bank.bank, actor, "XFL", LANE / "register.xlsx", key="import-1")
    with pytest.raises(UnknownStation):
        import_register(
            sqlite_bank.bank, Actor("x", Role.OPERATOR), "NONE", LANE / "register.xlsx",
            key="import-1",
        )  # fmt: skip


def test_members_of_one_id_number_are_one_person_with_one_account(
    sqlite_bank: TriedBank, tmp_path: Path
) -> None:
    with open(LANE / "members.csv", encoding="utf-8-sig") as file:
        first = next(iter(csv.DictReader(file)))
    both = tmp_path / "both.csv"
    lines = ["编号,姓名,身份,身份证号"]
    for number, role in (("V0001", "志愿者"), ("E0900", "老人")):
        lines.append(f"{number},{first['姓名']},{role},{first['身份证号']}")
    both.write_text("\n".join(lines), encoding="utf-8")
    register_members(sqlite_bank.bank, CLERK, both, key="members-1")

    assert sqlite_bank.account("V0001") == sqlite_bank.account("E0900")


@pytest.mark.parametrize("four_eyes", ["", FOUR_EYES], ids=["at once", "reviewed"])
def test_a_refused_service_takes_nothing_of_anybodys_cap(tmp_path: Path, four_eyes: str) -> None:
    """V0001 is priced before V0002 is refused; V0001's own service of that day still fits."""
    folder = tmp_path / "policies"
    folder.mkdir()
    caps = (
        '[caps]\nday_minutes = { value = 120, source = "c" }\n'
        'day_excess = { value = "refuse", source = "e" }\n'
        'account_minutes = { value = 120, source = "c" }\n'
        'account_excess = { value = "refuse", source = "e" }\n'
    )
    (folder / "test-1.toml").write_text(HEAD + caps + four_eyes, encoding="utf-8")
    with new_bank(tmp_path, policies=["test-1"], policy_folder=folder) as bank:
        bank.people("V0001", "V0002", "E0001")
        file = tmp_path / "rows.csv"
        rows = [
            "2023-04-05,8:00,10:00,V0002,E0001,读报,2小时\n",
            "2023-04-05,11:00,12:00,V0001、V0002,E0001,读报,1小时\n",
            "2023-04-05,14:00,16:00,V0001,E0001,读报,2小时\n",
        ]
        file.write_text(HEADER + "".join(rows), encoding="utf-8")
        result = imported(bank, file)
        assert [(one.row, one.code) for one in result.refusals] == [(3, "daily_cap_exceeded")]
        assert result.by_volunteer == {"V0001": 120, "V0002": 120}
