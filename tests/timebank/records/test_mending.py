"""timebank/records/mending.py: whatever a row is refused for, the clerk is told what to do."""

from pathlib import Path

import openpyxl
import pytest

from tests.support.banks import OPERATOR, TriedBank, new_bank
from tests.support.profiles import HEAD, cap
from timebank.errors import REFUSALS, people, services
from timebank.people.actions import register
from timebank.people.kinship import note_kinship
from timebank.people.model import Newcomer, Relation
from timebank.records.importing import ImportResult, import_register, write_refused
from timebank.records.mending import ASK, MENDING, how_to_mend
from timebank.registers.refusals import Code
from timebank.stations.model import Actor, Role

CLERK = Actor("staff_clerk", Role.CLERK, "XFL")
NO_ROW = {
    # A list of members or a form that registers somebody, not a register of services.
    "id_number_invalid", "id_number_typed_as_number",
    "birth_date_disagrees", "name_invalid", "telephone_invalid", "number_invalid", "number_taken",
    "unknown_role", "same_person", "person_restricted",
    # Forgetting somebody.
    "holds_open", "balance_remains", "not_confirmed",
    # An elder's spending, of which a register has none.
    "too_young_to_redeem", "not_redeemable", "transfer_not_allowed",
    # Records and imports as wholes.
    "unknown_record", "unknown_batch", "not_awaiting_review",
    "already_reviewed", "reviewer_is_recorder", "record_carried_over",
}  # fmt: skip
OF_THE_READER = {
    "unreadable_date", "unreadable_time", "unreadable_duration", "id_number_typed_as_number",
}  # fmt: skip
"""Refused before the writer is asked, with words that quote the cell."""

PROFILE = HEAD + cap("day", 120, "refuse") + (
    '[earning]\nminimum_age = { value = 18, source = "a" }\n'
    '[services]\nown_spouse_excluded = { value = true, source = "b" }\n'
    'excluded_classes = { value = ["bathing"], source = "c" }\n'
)  # fmt: skip
HEADER = "服务日期,开始时间,结束时间,志愿者姓名,服务对象,服务内容\n"
ROWS = {
    "own_spouse": "2023-04-04,9:00,10:00,V0001,E0001,读报",
    "not_volunteer_activity": "2023-04-04,11:00,12:00,V0001,E0002,有偿保洁",
    "excluded_service": "2023-04-04,13:00,14:00,V0001,E0002,助浴",
    "daily_cap_exceeded": "2023-04-04,15:00,18:00,V0001,E0002,读报",
    "in_the_future": "2023-04-06,23:58,23:59,V0001,E0002,读报",
    "no_profile_in_force": "2019-04-04,9:00,10:00,V0001,E0002,读报",
    "unknown_member": "2023-04-03,9:00,10:00,V0099,E0002,读报",
    "not_a_volunteer": "2023-04-02,9:00,10:00,E0001,E0002,读报",
    "not_a_recipient": "2023-04-02,9:00,10:00,V0001,V0002,读报",
    "self_service": "2023-04-03,11:00,12:00,V0003,V0003,读报",
}


def test_every_refusal_that_a_row_can_meet_has_its_words() -> None:
    met = {
        kind.code for kind in REFUSALS if kind.__module__ in (people.__name__, services.__name__)
    }
    assert met - NO_ROW <= set(MENDING)
    assert {code.value for code in Code} - OF_THE_READER <= set(MENDING)
    assert not NO_ROW & set(MENDING)
    assert how_to_mend("of_another_world") == ASK
    assert all(words and not words.endswith("。") for words in MENDING.values())


def imported(bank: TriedBank, file: Path) -> ImportResult:
    return import_register(bank.bank, CLERK, "XFL", file, key="import-1")


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    file = tmp_path / "rows.csv"
    file.write_text(HEADER + "\n".join(ROWS.values()), encoding="utf-8")
    return file


@pytest.fixture
def bank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TriedBank:
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "test-1.toml").write_text(PROFILE, encoding="utf-8")
    with new_bank(tmp_path, policies=["test-1"], policy_folder=folder) as made:
        made.people("V0001", "V0002", "E0001", "E0002")
        both = Newcomer("成员V0003", (("V0003", "volunteer elder"),))
        register(made.bank, OPERATOR, [both], key="people-both")
        note_kinship(made.bank, CLERK, "V0001", "E0001", Relation.SPOUSE, "户口簿")
        yield made


def test_the_error_sheet_says_of_each_row_how_to_mend_it(
    bank: TriedBank, rows: Path, tmp_path: Path
) -> None:
    result = imported(bank, rows)
    assert sorted(one.code for one in result.refusals) == sorted(ROWS)
    write_refused(rows, result, tmp_path / "refused.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "refused.xlsx").active
    table = [[cell.value for cell in line] for line in sheet.iter_rows()]
    head, *lines = table[-len(ROWS) - 1 :]
    mended = {line[head.index("代码")]: line[head.index("怎么改")] for line in lines}
    assert mended.keys() == ROWS.keys()
    assert all(mended.values())
    assert mended["own_spouse"] == MENDING["own_spouse"]


def test_a_repeated_answer_says_it_too(bank: TriedBank, rows: Path) -> None:
    first = imported(bank, rows)
    again = imported(bank, rows)
    assert sorted(one.code for one in again.refusals) == sorted(ROWS)
    assert all(one.mend for one in again.refusals)
    assert again.refusals == first.refusals
