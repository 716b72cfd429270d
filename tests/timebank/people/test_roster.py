"""timebank/people/roster.py: a station's list registers whom it can, once, and says who is left."""

from collections.abc import Iterable
from pathlib import Path

import pytest
from sqlalchemy import text
from stdnum.cn import ric

from tests.support.banks import OPERATOR, TriedBank
from timebank.errors import (
    HeaderNotFound,
    NothingToRead,
    NotPermitted,
    NumberTaken,
    UnknownMember,
    UnreadableFile,
)
from timebank.people.actions import PEOPLE_AT_ONCE
from timebank.people.directory import account_of_number, member_of_number
from timebank.people.forgetting import forget
from timebank.people.roster import RosterResult, people_in_file, register_members
from timebank.registers import PersonMention
from timebank.stations.model import Role

HEADER = "编号,姓名,身份,身份证号"


def an_id(order: int = 956) -> str:
    body = f"32011319500520{order:03}"
    return body + ric.calc_check_digit(body + "0")


def a_list(folder: Path, rows: Iterable[str], header: str = HEADER) -> Path:
    file = folder / "members.csv"
    file.write_text("\n".join([header, *rows]), encoding="utf-8")
    return file


def taken_over(bank: TriedBank, file: Path, key: str = "roster-1") -> RosterResult:
    return register_members(bank.bank, OPERATOR, file, key=key)


def roles(bank: TriedBank, number: str) -> tuple[str, ...]:
    with bank.bank.read() as connection:
        return member_of_number(bank.bank, connection, number).roles


def people(bank: TriedBank) -> int:
    with bank.bank.read() as connection:
        return int(connection.execute(text("SELECT count(*) FROM person")).scalar_one())


def test_roles_of_a_list(sqlite_bank: TriedBank, tmp_path: Path) -> None:
    file = a_list(
        tmp_path,
        ["V0001,韩杰浩,志愿者,", "E0001,杨玲英,老人,", "B0001,张芳,志愿者、老人,", "N0001,李四,,"],
    )
    assert taken_over(sqlite_bank, file) == RosterResult(4, ())

    assert roles(sqlite_bank, "V0001") == ("volunteer",)
    assert roles(sqlite_bank, "E0001") == ("elder",)
    # One number with two roles serves in both, and one without any does too.
    assert set(roles(sqlite_bank, "B0001")) == {"volunteer", "elder"}
    assert set(roles(sqlite_bank, "N0001")) == {"volunteer", "elder"}


def test_a_list_without_roles_serves_both(sqlite_bank: TriedBank, tmp_path: Path) -> None:
    file = a_list(tmp_path, ["V0001,韩杰浩"], header="编号,姓名")
    assert taken_over(sqlite_bank, file).people == 1
    assert set(roles(sqlite_bank, "V0001")) == {"volunteer", "elder"}


def test_each_number_of_a_person_keeps_its_own_role(bank: TriedBank, tmp_path: Path) -> None:
    file = a_list(
        tmp_path,
        [
            f"V0001,韩杰浩,志愿者,{an_id()}",
            f"V0002,韩杰浩,志愿者,{an_id()}",
            f"E0001,韩杰浩,老人,{an_id()}",
        ],
    )
    assert taken_over(bank, file).people == 1
    with bank.bank.read() as connection:
        rows = connection.execute(text("SELECT number, role FROM person_number")).all()
    assert dict(tuple(row) for row in rows) == {
        "V0001": "volunteer", "V0002": "volunteer", "E0001": "elder",
    }  # fmt: skip


def test_an_unknown_role_is_left_out_and_told_by_its_row(
    sqlite_bank: TriedBank, tmp_path: Path
) -> None:
    file = a_list(tmp_path, ["V0001,韩杰浩,志愿者,", "V0002,杨玲英,站长,", "V0003,,志愿者,"])
    result = taken_over(sqlite_bank, file)

    assert result.people == people(sqlite_bank) == 1
    assert [(row, said.code) for _sheet, row, said in result.refused] == [
        (4, "missing_field"), (3, "unknown_role"),
    ]  # fmt: skip
    said = result.refused[-1][2]
    assert "站长" in said.explanation
    assert "…" not in said.explanation


def test_a_number_twice_is_refused_at_its_second_row(
    sqlite_bank: TriedBank, tmp_path: Path
) -> None:
    file = a_list(tmp_path, ["V0001,韩杰浩,志愿者,", "V0001,杨玲英,志愿者,"])
    result = taken_over(sqlite_bank, file)
    assert result.people == 1
    assert [(row, said.code) for _s, row, said in result.refused] == [(3, "duplicate_number")]


def test_a_list_of_nobody_is_refused(sqlite_bank: TriedBank, tmp_path: Path) -> None:
    file = a_list(tmp_path, [])
    with pytest.raises(NothingToRead):
        taken_over(sqlite_bank, file)
    with pytest.raises(NothingToRead):
        people_in_file(sqlite_bank.bank, file)


def test_the_same_list_again_changes_nothing(bank: TriedBank, tmp_path: Path) -> None:
    file = a_list(tmp_path, [f"V0001,韩杰浩,志愿者,{an_id()}", "E0001,杨玲英,老人,"])
    for key in ("roster-1", "roster-1", "roster-2"):
        assert taken_over(bank, file, key).people == 2
    assert people(bank) == 2


@pytest.mark.parametrize("more", [-1, 0, 1])
def test_a_long_list_is_several_submissions(
    sqlite_bank: TriedBank, tmp_path: Path, more: int
) -> None:
    many = PEOPLE_AT_ONCE + more
    file = a_list(tmp_path, [f"V{number:05},成员{number},志愿者," for number in range(many)])
    told: list[tuple[int, int]] = []
    result = register_members(
        sqlite_bank.bank, OPERATOR, file, key="roster-1",
        progress=lambda done, of: told.append((done, of)),
    )  # fmt: skip

    assert result.people == people(sqlite_bank) == many
    assert told[-1] == (many, many)
    assert len(told) == (2 if more > 0 else 1)


def test_a_list_that_gives_somebodys_number_away_is_refused(
    sqlite_bank: TriedBank, tmp_path: Path
) -> None:
    sqlite_bank.people("V0001")
    with pytest.raises(NumberTaken):
        taken_over(sqlite_bank, a_list(tmp_path, ["V0002,张三,志愿者,", "V0001,别人,志愿者,"]))
    assert people(sqlite_bank) == 1


def test_refusals_of_a_whole_list(sqlite_bank: TriedBank, tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile):
        taken_over(sqlite_bank, tmp_path / "none.csv")
    with pytest.raises(HeaderNotFound):
        taken_over(sqlite_bank, a_list(tmp_path, ["1,2"], header="甲,乙"))
    file = a_list(tmp_path, ["V0001,韩杰浩,志愿者,"])
    with pytest.raises(NotPermitted):
        register_members(sqlite_bank.bank, sqlite_bank.actor(Role.REVIEWER), file, key="roster-1")


def test_looking_into_a_list_registers_nobody(sqlite_bank: TriedBank, tmp_path: Path) -> None:
    (known,) = sqlite_bank.people("V0001")
    file = a_list(tmp_path, ["V0001,韩杰浩,志愿者,", "E0001,杨玲英,老人,", "X0001,张三,站长,"])
    find = people_in_file(sqlite_bank.bank, file)
    registered, strangers = find(
        [PersonMention("", "V0001", None), PersonMention("", None, "杨玲英")]
    )

    assert set(registered) == {known}
    assert [(one.name, one.numbers, one.roles) for one in strangers.values()] == [
        ("杨玲英", ("E0001",), ("elder",))
    ]
    assert people(sqlite_bank) == 1


def test_who_asked_to_be_forgotten_is_refused_alone(bank: TriedBank, tmp_path: Path) -> None:
    """The rest of the list is registered, whichever line names them, and told apart by row."""
    first = a_list(tmp_path, [f"V0001,韩杰浩,志愿者,{an_id()}", "V0002,杨玲英,志愿者,"])
    taken_over(bank, first)
    for number in ("V0001", "V0002"):
        forget(bank.bank, OPERATOR, number, key=f"forget-{number}")
    rows = [
        "V0003,张芳,志愿者,",
        f"V0009,韩杰浩,志愿者,{an_id()}",
        "V0002,杨玲英,志愿者,",
        "V0004,李四,志愿者,",
    ]
    before = people(bank)

    done = taken_over(bank, a_list(tmp_path, rows), key="roster-2")
    again = taken_over(bank, a_list(tmp_path, rows), key="roster-2")

    assert done == again
    assert done.people == 2
    assert [(row, one.code) for _sheet, row, one in done.refused] == [
        (3, "person_restricted"),
        (4, "person_restricted"),
    ]
    assert all("韩" not in one.explanation for _sheet, _row, one in done.refused)
    assert people(bank) == before + 2
    assert roles(bank, "V0003") == roles(bank, "V0004") == ("volunteer",)
    with pytest.raises(UnknownMember), bank.bank.read() as connection:
        account_of_number(connection, "V0009")
    assert len(list(bank.bank.wrapped_keys.owners())) == before + 2
