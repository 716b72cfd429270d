"""timebank/openings/importing.py: rows that wait for their holders, and each page once."""

from typing import Any

import pytest
import xlwt
from sqlalchemy import text

from ledger.errors import KeyReused
from tests.support.banks import OPERATOR
from tests.support.openings import (
    HEADER,
    NAMES,
    PAGE,
    REVIEWER,
    ROWS,
    Scheme,
    write_list,
)
from timebank.errors import NothingToRead, NotPermitted, UnknownStation
from timebank.openings.importing import import_openings
from timebank.people.forgetting import forget
from timebank.stations.model import Actor, Role

MANY = 2_001


def leaves(scheme: Scheme) -> list[bytes]:
    with scheme.tried.bank.read() as connection:
        asked = text("SELECT body FROM leaf WHERE book_id = 1 ORDER BY leaf_index")
        return [bytes(row.body) for row in connection.execute(asked)]


def test_rows_wait_for_their_holders_and_nothing_moves(scheme: Scheme) -> None:
    result = scheme.hand_in()
    assert (result.accepted, result.refused, result.minutes) == (2, 0, 240)
    assert scheme.states() == ["awaiting_holder", "awaiting_holder"]
    assert (scheme.balance("V0001"), scheme.balance("V0002")) == (0, 0)
    assert [row.place for row in scheme.rows()] == [1, 2]


def test_a_rehearsal_says_the_same_and_writes_nothing(scheme: Scheme) -> None:
    before = leaves(scheme)
    rehearsed = scheme.hand_in(dry_run=True)
    assert (rehearsed.batch_id, rehearsed.accepted, rehearsed.minutes) == ("", 2, 240)
    assert (rehearsed.taken[0].number, rehearsed.taken[0].page) == ("V0001", PAGE)
    assert (leaves(scheme), scheme.rows()) == (before, [])
    assert scheme.hand_in().accepted == 2


def test_no_page_and_no_name_is_in_a_leaf(scheme: Scheme) -> None:
    scheme.posted()
    log = b"\n".join(leaves(scheme)).decode()
    said = [PAGE, "王师傅", "台账第3页", *NAMES.values()]
    assert [word for word in said if word in log] == []
    assert scheme.rows()[0].page in log
    assert not any(PAGE.encode() in bytes(row.sealed) for row in scheme.rows())


def test_the_same_page_of_the_same_holder_commits_alike_and_of_another_does_not(
    scheme: Scheme,
) -> None:
    rows = [("V0001", "", " 存折  ７１ ", "1", "2022-12-31"),
            ("V0002", "", "存折71", "1", "2022-12-31")]  # fmt: skip
    scheme.hand_in(rows)
    again = scheme.hand_in([("V0001", "", "存折 71", "1", "2022-12-31")])
    assert (again.accepted, again.already) == (0, 1)
    first, second = (row.page for row in scheme.rows())
    assert first != second


def test_the_same_list_twice_takes_nothing_twice(scheme: Scheme) -> None:
    scheme.hand_in()
    again = scheme.hand_in(actor=Actor("staff_other", Role.CLERK, "XFL"))
    assert (again.accepted, again.already, again.refused) == (0, 2, 0)
    scheme.confirm("V0001", "V0002")
    scheme.approve(str(scheme.rows()[0].batch_id))
    assert scheme.hand_in().already == 2
    assert len(scheme.rows()) == 2


@pytest.mark.parametrize(("at", "cell"), [(3, "2"), (4, "2022-12-30")])
def test_a_known_page_with_other_figures_is_refused(scheme: Scheme, at: int, cell: str) -> None:
    scheme.hand_in()
    changed = tuple(cell if place == at else said for place, said in enumerate(ROWS[0]))
    again = scheme.hand_in([changed])
    assert [one.code for one in again.refusals] == ["opening_page_known"]
    assert str(scheme.rows()[0].opening_id) in again.refusals[0].explanation


def test_a_page_twice_in_one_list_is_refused(scheme: Scheme) -> None:
    result = scheme.hand_in([ROWS[0], ROWS[1], ROWS[0]])
    assert [(one.row, one.code) for one in result.refusals] == [(4, "duplicate")]
    assert "第2行" in result.refusals[0].explanation


def test_a_page_that_went_back_may_come_again(scheme: Scheme) -> None:
    scheme.hand_in()
    scheme.send_back(str(scheme.rows()[0].opening_id))
    again = scheme.hand_in([("V0001", "", PAGE, "3", "2022-12-31")])
    assert again.accepted == 1
    assert scheme.states() == ["returned", "awaiting_holder", "awaiting_holder"]


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({0: "V9999", 1: ""}, "unknown_member"),
        ({0: "V0002"}, "unknown_member"),
        ({0: "", 1: "赵六"}, "unknown_member"),
        ({0: "", 1: "张桂英"}, "ambiguous_member"),
        ({0: "E0001", 1: "张桂英"}, None),
        ({0: "", 1: "张桂英(E0001)"}, None),
        ({0: "", 1: "李秀兰"}, None),
        ({4: "2023-04-05"}, None),
        ({4: "2023-04-06"}, None),
        ({4: "2023-04-07"}, "in_the_future"),
        ({3: ""}, "missing_field"),
    ],
    ids=lambda value: ascii(value),
)
def test_a_row_is_refused_with_its_reason(
    scheme: Scheme, cells: dict[int, str], code: str | None
) -> None:
    changed = tuple(cells.get(at, said) for at, said in enumerate(ROWS[0]))
    result = scheme.hand_in([changed])
    assert [one.code for one in result.refusals] == ([code] if code else [])
    assert all(one.explanation.startswith("第2行：") and one.mend for one in result.refusals)


def test_what_no_database_can_hold_is_refused_and_its_neighbours_are_not(scheme: Scheme) -> None:
    path = scheme.folder / "老账.xls"
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("1")
    for at, row in enumerate([HEADER, (*ROWS[0][:2], "页\0", *ROWS[0][3:]), ROWS[1]]):
        for column, cell in enumerate(row):
            sheet.write(at, column, cell)
    book.save(str(path))
    result = scheme.hand_in(path=path)
    assert [one.code for one in result.refusals] == ["content_out_of_profile"]
    assert result.accepted == 1


def test_whoever_asked_to_be_forgotten_has_no_opening_balance(scheme: Scheme) -> None:
    forget(scheme.tried.bank, OPERATOR, "V0001", key="forget-0001")
    assert [one.code for one in scheme.hand_in().refusals] == ["unknown_member"]


def test_a_long_list_is_handed_in_in_parts(scheme: Scheme) -> None:
    rows = [("V0001", "", f"第{at}页", "1", "2022-12-31") for at in range(MANY)]
    told: list[tuple[int, int]] = []
    result = scheme.hand_in(rows, key="long-0001", progress=lambda *at: told.append(at))
    assert (result.accepted, result.minutes) == (MANY, MANY * 60)
    assert told == [(2_000, MANY), (MANY, MANY)]
    assert [row.place for row in scheme.rows()][-1] == MANY
    again = scheme.hand_in(rows, key="long-0001")
    assert (again.batch_id, again.accepted) == (result.batch_id, MANY)
    assert len(scheme.rows()) == MANY


def test_a_key_is_bound_to_its_list(scheme: Scheme) -> None:
    scheme.hand_in(key="bound-0001")
    with pytest.raises(KeyReused):
        scheme.hand_in([ROWS[0]], key="bound-0001")


@pytest.mark.parametrize(
    ("actor", "station", "error"),
    [
        (REVIEWER, "XFL", NotPermitted),
        (Actor("staff_auditor", Role.AUDITOR), "XFL", NotPermitted),
        (Actor("staff_clerk", Role.CLERK, "YHL"), "XFL", NotPermitted),
        (OPERATOR, "NONE", UnknownStation),
        (OPERATOR, "XFL", None),
    ],
)
def test_who_hands_in(scheme: Scheme, actor: Actor, station: str, error: Any) -> None:
    path, bank = write_list(scheme.folder), scheme.tried.bank
    if error is None:
        assert import_openings(bank, actor, station, path, key=scheme.key()).accepted == 2
        return
    with pytest.raises(error):
        import_openings(bank, actor, station, path, key=scheme.key())


def test_a_list_of_nothing_and_one_of_refusals_alone(scheme: Scheme) -> None:
    with pytest.raises(NothingToRead):
        scheme.hand_in([])
    result = scheme.hand_in([("V9999", "", "1", "1", "2022-12-31")])
    assert (result.accepted, result.refused) == (0, 1)
    assert scheme.rows() == []
