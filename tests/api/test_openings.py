"""api/routes/openings.py: lists by pages, refusals with their status, a row back and forth."""

import pytest

from tests.support.openings import ROWS, write_list

PATH = "/api/v1/openings"


@pytest.fixture
def old_desk(desk, tmp_path):
    """A desk with two holders, and the list of an older scheme."""
    desk.tried.people("V0001", "V0002")
    desk.list = write_list(tmp_path, [("V0001", *("", *ROWS[0][2:])), ROWS[1]])
    return desk


def upload(desk, role="clerk", **fields):
    return desk.client(role).post(
        PATH,
        files={"file": ("老账.csv", fields.pop("content", desk.list.read_bytes()))},
        data={"station": "XFL", **fields},
        headers=desk.key(),
    )


def post(desk, path, role="clerk", body=None):
    return desk.client(role).post(f"{PATH}/{path}", json=body, headers=desk.key())


def rows(desk, batch, **asked):
    return desk.client("clerk").get(f"{PATH}/lists/{batch}/rows", params=asked).json()


def test_a_list_is_handed_in_and_read_in_pages(old_desk):
    first, second = upload(old_desk).json(), upload(old_desk).json()

    assert (first["accepted"], first["title"], second["already"]) == (2, "老账", 2)
    page = rows(old_desk, first["batch"], limit=1)
    rest = rows(old_desk, first["batch"], limit=1, after=page["next"])
    assert [one["place"] for one in page["items"] + rest["items"]] == [1, 2]
    assert (page["next"], rest["next"]) == (1, None)
    assert rows(old_desk, first["batch"], state="posted")["items"] == []
    client = old_desk.client("auditor")
    lists = client.get(f"{PATH}/lists", params={"limit": 1}).json()
    others = client.get(f"{PATH}/lists", params={"limit": 1, "before": lists["next"]}).json()
    found = {one["batch_id"] for one in lists["items"] + others["items"]}
    assert found == {first["batch"], second["batch"]}
    assert others["next"] is None
    one = client.get(f"{PATH}/lists/{first['batch']}").json()
    assert (one["rows"], one["awaiting_holder"], one["minutes"]) == (2, 2, 240)


@pytest.mark.parametrize("before", ["x", "1", "1.", ".x", "x.y", "9" * 17 + ".x"])
def test_a_cursor_from_elsewhere_is_refused(old_desk, before):
    said = old_desk.client("clerk").get(f"{PATH}/lists", params={"before": before})

    assert (said.status_code, said.json()["code"]) == (422, "validation_failed")


def test_a_row_goes_back_and_a_posted_one_is_reversed(old_desk):
    batch = upload(old_desk).json()["batch"]
    first, second = (one["opening_id"] for one in rows(old_desk, batch)["items"])

    returned = post(old_desk, f"{second}/return", body={"reason": "页码不符"}).json()
    assert returned == {"opening": second, "state": "returned"}
    signed = {"rows": [{"opening": first, "slip": "S-1"}]}
    assert post(old_desk, "confirmations", body=signed).json() == {"confirmed": 1}
    made = post(old_desk, f"lists/{batch}/approval", "reviewer").json()
    assert (made["approved"], made["refused"]) == (1, [])
    undone = post(old_desk, f"{first}/reversal", "reviewer", {"reason": "登记有误"}).json()
    assert (undone["state"], undone["entry"][:6]) == ("reversed", "entry_")


@pytest.mark.parametrize(
    ("path", "role", "body", "status", "code"),
    [
        ("confirmations", "auditor", {"rows": [{"opening": "x", "slip": "1"}]}, 403,
         "not_permitted"),
        ("confirmations", "clerk", {"rows": [{"opening": "x"}]}, 422, "missing_field"),
        ("confirmations", "clerk", {"rows": [{"opening": "x", "slip": "张"}]}, 422,
         "slip_number_invalid"),
        ("confirmations", "clerk", {"rows": [{"opening": "x", "slip": "1"}]}, 404,
         "unknown_opening"),
        ("confirmations", "clerk", {"rows": []}, 422, "validation_failed"),
        ("x/return", "clerk", {"reason": "r"}, 404, "unknown_opening"),
        ("x/return", "clerk", {"reason": " "}, 422, "missing_field"),
        ("x/reversal", "clerk", {"reason": "r"}, 403, "not_permitted"),
        ("x/reversal", "reviewer", {"reason": "r"}, 404, "unknown_opening"),
        ("lists/x/approval", "reviewer", None, 404, "unknown_batch"),
        ("lists/x/approval", "clerk", None, 403, "not_permitted"),
    ],
)  # fmt: skip
def test_what_is_refused(old_desk, path, role, body, status, code):
    said = post(old_desk, path, role, body)

    assert (said.status_code, said.json()["code"]) == (status, code)


def test_a_file_that_is_no_list_is_refused(old_desk):
    said = upload(old_desk, content="甲,乙\n1,2\n".encode())

    assert (said.status_code, said.json()["code"]) == (422, "header_not_found")


def test_a_list_too_large_is_refused(old_desk):
    most = old_desk.tried.settings.upload_max_bytes
    said = upload(old_desk, content=b"x" * (most + 1))

    assert (said.status_code, said.json()["code"]) == (413, "request_too_large")
