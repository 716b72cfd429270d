"""api/routes/receipts.py and ``Prefer: receipt``: a proof for whom it concerns, at once."""

import pytest
from filelock import FileLock

from tests.support.banks import new_bank
from tests.support.clients import desk_of, record
from tests.support.visitors import demands_two_people
from timebank.audit.receipt_cli import judge

PATH = "/api/v1/records"


@pytest.fixture
def open_desk(desk):
    desk.tried.people("V0001", "V0002", "E0001")
    return desk


def log(desk, body=None, **headers):
    return desk.client("clerk").post(PATH, json=body or record(), headers=desk.key() | headers)


def judged(desk, text):
    _receipt, leaf, proven = judge(text.encode(), desk.tried.bank.log_key.vkey, [])
    return leaf, proven.checkpoint


def entry_of(said):
    return said.json()["credits"][0]["entry"]


def test_an_entrys_receipt_is_a_file_that_verifies(open_desk):
    entry = entry_of(log(open_desk))

    said = open_desk.client("auditor").get(f"/api/v1/entries/{entry}/receipt")

    assert said.headers["content-type"] == "text/plain; charset=utf-8"
    assert said.headers["content-disposition"] == f'attachment; filename="{entry}.tlog-proof"'
    assert said.headers["cache-control"] == "no-store"
    assert judged(open_desk, said.text)[0].identifier == entry


def test_who_is_no_party_gets_none(desk):
    desk.token("member")  # registers V0001
    desk.tried.people("V0002", "E0001")
    own = entry_of(log(desk))
    later = {"starts_at": "2023-04-05T12:00", "ends_at": "2023-04-05T13:00"}
    others = entry_of(log(desk, record(volunteers=["V0002"], **later)))

    def asked(role, entry):
        said = desk.client(role).get(f"/api/v1/entries/{entry}/receipt")
        return said.status_code, said.status_code == 200 or said.json()["code"]

    assert asked("member", own) == (200, True)
    assert asked("member", others) == asked("member", "entry_none") == (403, "not_permitted")
    assert asked("kiosk", own) == (403, "not_permitted")
    assert asked("", own) == (401, "not_signed_in")
    assert asked("clerk", "entry_none") == (404, "entry_not_found")


def test_a_records_receipts_are_listed(open_desk):
    said = log(open_desk, record(volunteers=["V0001", "V0002"])).json()

    found = open_desk.client("clerk").get(f"{PATH}/{said['record']}/receipts").json()["receipts"]

    assert [one["entry"] for one in found] == [one["entry"] for one in said["credits"]]
    for one in found:
        leaf, _head = judged(open_desk, one["receipt"])
        assert (leaf.identifier, leaf.index) == (one["entry"], one["leaf_index"])
    missing = open_desk.client("clerk").get(f"{PATH}/record_none/receipts")
    assert (missing.status_code, missing.json()["code"]) == (404, "unknown_record")


@pytest.mark.parametrize(
    "prefer",
    ["receipt", "RECEIPT", "respond-async, receipt", "wait=5 ,receipt; x=1", 'receipt=""'],
)
def test_whoever_prefers_a_receipt_gets_it_with_the_answer(open_desk, prefer):
    said = log(open_desk, Prefer=prefer)

    told = said.json()
    assert (said.status_code, said.headers["preference-applied"]) == (201, "receipt")
    (receipt,) = told["receipts"]
    leaf, head = judged(open_desk, receipt)
    assert (leaf.identifier, leaf.index) == (entry_of(said), told["leaf_index"])
    assert head.size == told["leaf_index"] + 1


@pytest.mark.parametrize("prefer", ["", "receipts", "respond-async", "wait=receipt", "x;receipt"])
def test_nobody_else_pays_for_it(open_desk, prefer):
    said = log(open_desk, **({"Prefer": prefer} if prefer else {}))

    assert "receipts" not in said.json()
    assert "preference-applied" not in said.headers


def test_each_helper_of_a_service_has_a_receipt_in_the_answer(open_desk):
    told = log(open_desk, record(volunteers=["V0001", "V0002"]), Prefer="receipt").json()

    leaves = [judged(open_desk, one)[0] for one in told["receipts"]]
    assert [leaf.identifier for leaf in leaves] == [one["entry"] for one in told["credits"]]


def test_a_replay_carries_a_receipt_against_the_present(open_desk):
    key = open_desk.key()
    first = log(open_desk, Prefer="receipt", **key)
    open_desk.tried.issue("V0001", 5)

    second = log(open_desk, Prefer="receipt", **key)
    plain = log(open_desk, **key)

    assert second.headers["idempotency-replayed"] == "true"
    old, new = (judged(open_desk, one.json()["receipts"][0]) for one in (first, second))
    assert old[0] == new[0]
    assert new[1].size == old[1].size + 1
    told = first.json()
    del told["receipts"]
    assert plain.json() == told


def test_a_record_that_awaits_review_has_the_receipt_of_its_statement(tmp_path):
    with new_bank(tmp_path, **demands_two_people(tmp_path / "policy")) as tried:
        tried.people("V0001", "E0001")
        with desk_of(tried) as desk:
            told = log(desk, Prefer="receipt").json()

            leaf, _head = judged(desk, told["receipts"][0])
            assert (told["state"], leaf.kind) == ("awaiting_review", "fact")
            assert leaf.identifier == told["record"]
            found = desk.client("clerk").get(f"{PATH}/{told['record']}/receipts").json()
            assert found == {"receipts": []}


def test_a_refusal_stays_what_it_is(open_desk):
    log(open_desk)

    said = log(open_desk, Prefer="receipt")

    assert (said.status_code, said.json()["code"]) == (409, "duplicate")
    assert "preference-applied" not in said.headers


def test_a_receipt_that_cannot_be_had_does_not_answer_for_the_record(open_desk):
    """The record is durable: to call it a fault would make the caller doubt what is true."""
    key, tried = open_desk.key(), open_desk.tried
    folder = tried.settings.log_folder
    # The publisher would find the changed leaf too, and halt the writer; here it has to wait.
    with FileLock(folder.with_name(f".{folder.name}.publishing")):
        first = log(open_desk, **key)
        tried.behind(
            "UPDATE leaf SET body = CAST('{}' AS BLOB) WHERE leaf_index = :leaf",
            leaf=first.json()["leaf_index"],
        )

        second = log(open_desk, Prefer="receipt", **key)

        assert second.status_code == 201
        assert second.content == first.content
        assert "preference-applied" not in second.headers
        said = open_desk.client("auditor").get(f"/api/v1/entries/{entry_of(first)}/receipt")
        assert (said.status_code, said.json()["code"]) == (503, "log_forked")
