"""api/routes/registers.py: a file handed in, its refusals, its error sheet, its approval."""

import io
import os
from datetime import timedelta

import openpyxl
import pytest

from timebank.records.error_sheets import KEPT

PATH = "/api/v1/registers"
CSV = (
    "志愿者编号,服务对象编号,服务日期,开始时间,结束时间,服务内容\n"
    "V0001,E0001,2023-04-03,09:00,10:00,助餐\n"
    "V0001,E0001,2023-04-04,09:00,10:30,助浴\n"
    "V9999,E0001,2023-04-04,14:00,15:00,助餐\n"
)


@pytest.fixture
def open_desk(desk):
    """A desk with the people of the register but one."""
    desk.tried.people("V0001", "E0001")
    return desk


def upload(desk, text=CSV, role="clerk", name="四月台账.csv", **fields):
    headers = {**desk.key(), **fields.pop("headers", {})}
    return desk.client(role).post(
        PATH,
        files={"file": (name, text.encode() if isinstance(text, str) else text)},
        data={"station": "XFL", **fields},
        headers=headers,
    )


def test_a_register_is_posted_row_by_row(open_desk):
    said = upload(open_desk)

    told = said.json()
    assert said.status_code == 201
    assert (told["accepted"], told["refused"], told["minutes"]) == (2, 1, 150)
    assert told["title"] == "四月台账"
    assert told["by_volunteer"] == {"V0001": 150}
    assert [(one["row"], one["code"]) for one in told["refusals"]] == [(4, "unknown_member")]
    kept = open_desk.client("reviewer").get(f"{PATH}/batches/{told['batch']}").json()
    assert (kept["accepted"], kept["minutes"], kept["state"]) == (2, 150, "posted")


def test_the_same_key_repeats_the_same_bytes(open_desk):
    key = open_desk.key()

    first, second = (upload(open_desk, headers=key) for _time in range(2))

    assert first.status_code == 201
    assert first.content == second.content


def test_the_same_key_with_another_file_is_refused(open_desk):
    key = open_desk.key()
    upload(open_desk, headers=key)

    said = upload(open_desk, CSV.replace("10:30", "10:45"), headers=key)

    assert (said.status_code, said.json()["code"]) == (409, "key_reused")


def test_the_same_file_under_a_new_key_posts_nothing_twice(open_desk):
    upload(open_desk)

    again = upload(open_desk).json()

    assert (again["accepted"], again["already_posted"], again["refused"]) == (0, 2, 1)


def test_a_dry_run_writes_nothing(open_desk):
    told = upload(open_desk, dry_run="true").json()

    assert (told["accepted"], told["state"], told["batch"]) == (2, "dry_run", "")
    balance = open_desk.client("clerk").get("/api/v1/people/V0001/balance").json()
    assert balance["posted"] == 0


def test_the_error_sheet_has_the_refused_rows_and_lies_sealed(open_desk):
    made = upload(open_desk).json()["batch"]

    said = open_desk.client("clerk").get(f"{PATH}/batches/{made}/error-sheet")

    sheet = openpyxl.load_workbook(io.BytesIO(said.content)).active
    cells = [str(cell.value) for row in sheet.iter_rows() for cell in row]
    assert "V9999" in cells
    assert "unknown_member" in cells
    assert "V0001" not in cells
    kept = list((open_desk.tried.settings.data / "error-sheets").iterdir())
    assert [one.name for one in kept] == [f"{made}.sealed"]
    assert b"PK" not in kept[0].read_bytes()[:4]


def test_a_sealed_sheet_under_another_name_is_not_opened(open_desk):
    one, two = upload(open_desk).json()["batch"], upload(open_desk).json()["batch"]
    folder = open_desk.tried.settings.data / "error-sheets"
    (folder / f"{one}.sealed").replace(folder / f"{two}.sealed")

    said = open_desk.client("clerk").get(f"{PATH}/batches/{two}/error-sheet")

    assert (said.status_code, said.json()["code"]) == (404, "unknown_batch")


def test_error_sheets_are_dropped_in_time(open_desk):
    made = upload(open_desk).json()["batch"]
    old = open_desk.tried.clock.now() - KEPT - timedelta(seconds=1)
    file = open_desk.tried.settings.data / "error-sheets" / f"{made}.sealed"
    os.utime(file, (old.timestamp(), old.timestamp()))

    upload(open_desk)

    assert not file.exists()


def test_nothing_refused_leaves_no_sheet(open_desk):
    made = upload(open_desk, "\n".join(CSV.splitlines()[:3])).json()["batch"]

    said = open_desk.client("clerk").get(f"{PATH}/batches/{made}/error-sheet")

    assert said.status_code == 404


@pytest.mark.parametrize(
    ("text", "code"),
    [(b"\x00\x01\x02", "unreadable_file"), ("a,b\n1,2\n", "header_not_found")],
)
def test_what_is_no_register_is_refused(open_desk, text, code):
    said = upload(open_desk, text)

    assert (said.status_code, said.json()["code"]) == (422, code)


def test_a_file_name_names_no_folder(open_desk):
    said = upload(open_desk, name="../../../etc/台账.csv")

    assert (said.status_code, said.json()["title"]) == (201, "台账")


def test_a_form_without_its_file_is_malformed(open_desk):
    said = open_desk.client("clerk").post(PATH, data={"station": "XFL"}, headers=open_desk.key())

    assert (said.status_code, said.json()["code"]) == (422, "validation_failed")


def test_a_second_person_approves_the_whole_import(open_desk):
    made = upload(open_desk).json()["batch"]
    path, key = f"{PATH}/batches/{made}/approval", open_desk.key()
    reviewer = open_desk.client("reviewer")

    first, second = (reviewer.post(path, headers=key) for _time in range(2))
    again = reviewer.post(path, headers=open_desk.key())

    assert (first.status_code, first.json()["approved"]) == (200, 2)
    assert first.content == second.content
    assert (again.status_code, again.json()["code"]) == (409, "already_reviewed")


def test_who_imported_may_not_approve(open_desk):
    made = upload(open_desk, role="operator").json()["batch"]

    said = open_desk.client("operator").post(
        f"{PATH}/batches/{made}/approval", headers=open_desk.key()
    )

    assert (said.status_code, said.json()["code"]) == (403, "reviewer_is_recorder")


@pytest.mark.parametrize("path", ["", "/error-sheet"])
def test_an_unknown_import_is_not_found(shared_desk, path):
    said = shared_desk.client("clerk").get(f"{PATH}/batches/batch_none{path}")

    assert (said.status_code, said.json()["code"]) == (404, "unknown_batch")
