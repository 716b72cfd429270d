"""api/routes/submissions.py: a device's own words become the leaf, or are refused and counted."""

import json
from datetime import datetime
from typing import Any

import pytest

from ledger.approvals import DEVICE, prove_possession
from ledger.notes import Signer, parse_note
from ledger.submission import FIRST_PREV, hash_text, sign_submission, write_text
from ledger.verify import verify
from tests.support.books import finds
from tests.support.clients import Desk, record
from tests.support.log_builder import key_of
from tests.support.p256 import P256Key
from timebank.audit.bundle import export
from timebank.founding import FOUNDER
from timebank.keys.actions import add_key, end_key
from timebank.keys.ceremony import read_proof
from timebank.reconciliation.reconcile import reconcile
from timebank.records.commitments import commitment
from timebank.records.model import Party, Service

SALT = bytes(range(16))


class Device:
    """What a station's device holds: its key, where it stands, and the roster's opaque ids."""

    def __init__(self, desk: Desk, key: Signer) -> None:
        self.desk, self.key = desk, key
        self.client = desk.client("clerk")
        self.seq, self.prev = 0, FIRST_PREV
        self.records = 0

    def facts(self, stated: dict[str, Any]) -> dict[str, Any]:
        """What it signs of a service, as the log's page says; nothing of ours is asked."""
        self.records += 1
        giver, receiver = (
            self.client.get(f"/api/v1/people/{stated[part][0]}").json()
            for part in ("volunteers", "recipients")
        )
        party = Party(receiver["person_id"], receiver["account_id"], "", (), b"")
        start, end = (datetime.fromisoformat(stated[at]) for at in ("starts_at", "ends_at"))
        service = Service(start, end, stated["content"], "", (), (party,))
        me = self.client.get("/api/v1/me").json()
        return {
            "by": me["actor"],
            "c": commitment(SALT, service),
            "class": "meals",
            "do": "record",
            "given": int((end - start).total_seconds()) // 60,
            "heads": 0,
            "on": stated["starts_at"][:10],
            "payer": "nobody",
            "record": f"record_{self.records:032x}",
            "station": "XFL",
            "volunteer": giver["account_id"],
        }

    def rows(self, stated: dict[str, Any]) -> list[dict[str, Any]]:
        """What it signs of a service with several volunteers: the same, for each of them."""
        facts = self.facts(stated)
        people = [self.client.get(f"/api/v1/people/{one}").json() for one in stated["volunteers"]]
        return [{**facts, "volunteer": one["account_id"]} for one in people]

    def sign(self, facts: dict[str, Any], *, kind: str = "record", moves: bool = True) -> str:
        note, text_hash = sign_submission(
            self.desk.tried.bank.origin, kind, facts, self.key, seq=self.seq, prev=self.prev
        )
        if moves:
            self.seq, self.prev = self.seq + 1, text_hash
        return note

    def send_batch(self, note: str, services: list[dict[str, Any]], **headers: str) -> Any:
        sent = [{"salt": SALT.hex(), "service": stated} for stated in services]
        return self.client.post(
            "/api/v1/submissions/batch",
            json={"note": note, "services": sent},
            headers=headers or self.desk.key(),
        )

    def send(self, note: str, stated: dict[str, Any], salt: bytes = SALT, **headers: str) -> Any:
        body = {"note": note, "salt": salt.hex(), "service": stated}
        return self.client.post(
            "/api/v1/submissions", json=body, headers=headers or self.desk.key()
        )


def enrolled(desk: Desk, key: Signer) -> Device:
    desk.tried.people("V0001", "V0002", "E0001")
    proof = read_proof(prove_possession(desk.tried.bank.origin, DEVICE, key))
    name = f"enrol-{key.vkey.name}"
    add_key(desk.tried.bank, FOUNDER, proof, key=name, station_code="XFL")
    return Device(desk, key)


@pytest.fixture(params=["Ed25519", "P-256"])
def device(request: pytest.FixtureRequest, desk: Desk) -> Device:
    name = f"{desk.tried.bank.origin}/dev/1"
    return enrolled(desk, key_of(name) if request.param == "Ed25519" else P256Key(name))


@pytest.fixture
def tablet(desk: Desk) -> Device:
    return enrolled(desk, key_of(f"{desk.tried.bank.origin}/dev/1"))


def test_what_a_device_signed_stands_in_the_log_word_for_word(device, tmp_path):
    stated = record()
    note = device.sign(device.facts(stated))
    said = device.send(note, stated)
    assert said.status_code == 201, said.text
    told = said.json()
    assert (told["minutes"], told["state"]) == (60, "posted")
    assert told["record"] == f"record_{1:032x}"
    leaf = device.client.get(f"/api/v1/entries/{told['credits'][0]['entry']}/receipt")
    assert leaf.status_code == 200
    standing = device.client.get(f"/api/v1/keys/{device.key.vkey.name}").json()
    assert (standing["next_seq"], standing["prev"]) == (1, device.prev)
    bank = device.desk.tried.bank
    export(bank.database, finds(bank.log_key), tmp_path / "bundle")
    report = verify(tmp_path / "bundle")
    assert report.findings == ()
    entries = next(tmp_path.joinpath("bundle/log/tile/entries").rglob("*.p/*")).read_bytes()
    assert json.dumps(note, ensure_ascii=False).encode() in entries
    explained = device.client.get(f"/api/v1/records/{told['record']}/explanation").json()
    assert explained["outcome"] == "agrees"
    assert reconcile(bank, FOUNDER).open_findings == 0


def test_the_same_attempt_is_answered_alike_and_credited_once(tablet):
    stated = record()
    note, headers = tablet.sign(tablet.facts(stated)), tablet.desk.key()
    first, second = (tablet.send(note, stated, **headers) for _time in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert second.headers["Idempotency-Replayed"] == "true"
    again = tablet.send(note, stated)
    assert (again.status_code, again.json()["code"]) == (409, "sequence_broken")


def test_a_refused_submission_took_its_number_and_the_next_one_follows(tablet, tmp_path):
    stated = record()
    assert tablet.send(tablet.sign(tablet.facts(stated)), stated).status_code == 201
    refused = tablet.send(tablet.sign(tablet.facts(stated)), stated)
    assert (refused.status_code, refused.json()["code"]) == (409, "duplicate")
    later = record(starts_at="2023-04-05T11:00", ends_at="2023-04-05T12:00")
    assert tablet.send(tablet.sign(tablet.facts(later)), later).status_code == 201
    bank = tablet.desk.tried.bank
    export(bank.database, finds(bank.log_key), tmp_path / "bundle")
    assert verify(tmp_path / "bundle").findings == ()


@pytest.mark.parametrize("seq", [2, 3])
def test_a_number_out_of_turn_is_refused_and_moves_nothing(tablet, seq):
    stated = record()
    assert tablet.send(tablet.sign(tablet.facts(stated)), stated).status_code == 201
    later = record(starts_at="2023-04-05T11:00", ends_at="2023-04-05T12:00")
    facts = tablet.facts(later)
    note, _hash = sign_submission(
        tablet.desk.tried.bank.origin, "record", facts, tablet.key, seq=seq, prev=tablet.prev
    )
    said = tablet.send(note, later)
    assert (said.status_code, said.json()["code"]) == (409, "sequence_broken")
    assert tablet.send(tablet.sign(facts), later).status_code == 201


def test_a_fork_of_the_sequence_ends_the_key_and_says_what_to_do(tablet, tmp_path):
    stated = record()
    kept = tablet.seq, tablet.prev
    assert tablet.send(tablet.sign(tablet.facts(stated)), stated).status_code == 201
    other = record(starts_at="2023-04-05T11:00", ends_at="2023-04-05T12:00")
    tablet.seq, tablet.prev = kept
    note, headers = tablet.sign(tablet.facts(other)), tablet.desk.key()
    for _time in range(2):
        said = tablet.send(note, other, **headers)
        assert (said.status_code, said.json()["code"]) == (409, "sequence_forked")
        assert "以新名称" in said.json()["detail"]
        assert "under a new name" in said.json()["detail_en"]
    for again in (tablet.send(note, other), tablet.send(tablet.sign(tablet.facts(other)), other)):
        assert (again.status_code, again.json()["code"]) == (409, "signing_key_ended")
    assert tablet.client.get(f"/api/v1/keys/{tablet.key.vkey.name}").json()["ended"] is True
    bank = tablet.desk.tried.bank
    export(bank.database, finds(bank.log_key), tmp_path / "bundle")
    assert verify(tmp_path / "bundle").findings == ()
    assert reconcile(bank, FOUNDER).open_findings == 0


def test_a_batch_is_answered_service_by_service_and_alike_again(tablet):
    first = record(volunteers=["V0001", "V0002"])
    second = record(starts_at="2023-04-05T09:30", ends_at="2023-04-05T10:30")
    third = record(starts_at="2023-04-05T25:00", ends_at="2023-04-05T12:00")
    last = record(starts_at="2023-04-05T13:00", ends_at="2023-04-05T14:00")
    rows = tablet.rows(first)
    for stated in (second, last, last):
        rows += tablet.rows(stated)
    note = tablet.sign({"batch": f"batch_{1:032x}", "rows": rows})
    headers = tablet.desk.key()
    said = tablet.send_batch(note, [first, second, third, last], **headers)
    assert said.status_code == 201, said.text
    told = said.json()
    assert told["batch"] == f"batch_{1:032x}"
    assert [one.get("code") for one in told["services"]] == [
        None, "overlapping_service", "unreadable_time", None,
    ]  # fmt: skip
    assert [len(one.get("credits", [])) for one in told["services"]] == [2, 0, 0, 1]
    again = tablet.send_batch(note, [first, second, third, last], **headers)
    assert (again.status_code, again.content) == (201, said.content)
    assert again.headers["Idempotency-Replayed"] == "true"
    receipt = told["services"][0]["credits"][0]["entry"]
    assert tablet.client.get(f"/api/v1/entries/{receipt}/receipt").status_code == 200
    assert tablet.send(tablet.sign(tablet.facts(second)), second).json()["code"] == (
        "overlapping_service"
    )
    assert reconcile(tablet.desk.tried.bank, FOUNDER).open_findings == 0


@pytest.mark.parametrize(("services", "status"), [(0, 422), (1, 422), (1_000, 422), (1_001, 422)])
def test_a_batch_states_as_many_services_as_were_signed(tablet, services, status):
    rows = tablet.rows(record()) + tablet.rows(record())
    note = tablet.sign({"batch": f"batch_{1:032x}", "rows": rows}, moves=False)
    said = tablet.send_batch(note, [record()] * services)
    code = "submission_unfit" if 1 <= services <= 1_000 else "validation_failed"
    assert (said.status_code, said.json()["code"]) == (status, code)


def test_keys_of_others_are_refused_and_a_note_may_be_too_long(tablet):
    stated = record()
    note = tablet.sign(tablet.facts(stated), moves=False)
    tablet.client = tablet.desk.client("operator")
    said = tablet.send(tablet.sign(tablet.facts(stated), moves=False), stated)
    assert (said.status_code, said.json()["code"]) == (403, "signing_key_of_another")
    tablet.client = tablet.desk.client("clerk")
    long = tablet.sign({**tablet.facts(stated), "more": "x" * 59_500}, moves=False)
    said = tablet.send(long, stated)
    assert (said.status_code, said.json()["code"]) == (413, "submission_too_large")
    assert tablet.send(note, stated).status_code == 201


@pytest.mark.parametrize(
    "changed",
    [
        {"given": 90}, {"volunteer": "acct_" + "0" * 32}, {"class": "other"}, {"payer": "pool"},
        {"on": "2023-04-04"}, {"by": "staff_else"}, {"station": "YYY"}, {"heads": 1},
        {"record": "record_1"}, {"record": 7}, {"more": 1}, {"do": "gift"}, {"c": "x"},
    ],
    ids=str,
)  # fmt: skip
def test_what_was_signed_must_be_what_is_stated(tablet, changed):
    stated = record()
    said = tablet.send(tablet.sign({**tablet.facts(stated), **changed}, moves=False), stated)
    assert (said.status_code, said.json()["code"]) == (422, "submission_unfit")
    assert tablet.send(tablet.sign(tablet.facts(stated)), stated).status_code == 201


def test_another_salt_or_other_hours_do_not_open_the_commitment(tablet):
    stated = record()
    note = tablet.sign(tablet.facts(stated), moves=False)
    for body, salt in (
        (stated, bytes(16)),
        (record(starts_at="2023-04-05T10:00", ends_at="2023-04-05T11:00"), SALT),
        (record(note="别的话"), SALT),
    ):
        assert tablet.send(note, body, salt).json()["code"] == "submission_unfit"


def test_signatures_and_forms_that_are_none(tablet):
    stated = record()
    facts = tablet.facts(stated)
    good = tablet.sign(facts, moves=False)
    parsed = parse_note(good)
    stranger = key_of("x")
    stranger.vkey = tablet.key.vkey
    origin = tablet.desk.tried.bank.origin
    forged, _hash = sign_submission(origin, "record", facts, stranger, seq=0, prev=FIRST_PREV)
    two = f"{good}{parsed.lines[0]}".replace(good, good, 1)
    elsewhere, _hash = sign_submission("x/y", "record", facts, tablet.key, seq=0, prev=FIRST_PREV)
    kind = tablet.sign(facts, kind="gift", moves=False)
    for wrong in (forged, two, elsewhere, kind, "words", good.replace('"heads":0', '"heads": 0')):
        said = tablet.send(wrong, stated)
        assert (said.status_code, said.json()["code"]) == (422, "submission_unfit"), wrong


def test_a_key_that_is_unknown_ended_or_for_something_else_signs_nothing(tablet):
    stated = record()
    bank = tablet.desk.tried.bank
    facts = tablet.facts(stated)
    for name, code in (
        (f"{bank.origin}/dev/9", "signing_key_unknown"),
        (f"{bank.origin}/stn/XFL", "signing_key_unknown"),
    ):
        note, _hash = sign_submission(
            bank.origin, "record", facts, key_of(name), seq=0, prev=FIRST_PREV
        )
        assert tablet.send(note, stated).json()["code"] == code
    end_key(bank, FOUNDER, tablet.key.vkey.name, reason="lost", key="end-00001")
    assert tablet.send(tablet.sign(facts), stated).json()["code"] == "signing_key_ended"
    assert tablet.client.get(f"/api/v1/keys/{tablet.key.vkey.name}").json()["ended"] is True


def test_a_record_id_is_chosen_once_and_a_service_has_one_volunteer(tablet):
    stated = record()
    assert tablet.send(tablet.sign(tablet.facts(stated)), stated).status_code == 201
    later = record(starts_at="2023-04-05T11:00", ends_at="2023-04-05T12:00")
    tablet.records = 0
    said = tablet.send(tablet.sign(tablet.facts(later)), later)
    assert (said.status_code, said.json()["code"]) == (422, "submission_unfit")
    both = record(volunteers=["V0001", "V0002"])
    said = tablet.send(tablet.sign(tablet.facts(both), moves=False), both)
    assert said.json()["code"] == "group_too_large"


def test_the_hash_that_a_device_goes_on_from_is_its_texts(tablet):
    facts = tablet.facts(record())
    tablet.sign(facts)
    text = write_text(tablet.desk.tried.bank.origin, "record", facts, seq=0, prev=FIRST_PREV)
    assert tablet.prev == hash_text(text)


def test_what_was_answered_is_answered_again_after_the_key_ended(tablet):
    stated, headers = record(), tablet.desk.key()
    note = tablet.sign(tablet.facts(stated))
    first = tablet.send(note, stated, **headers)
    end_key(tablet.desk.tried.bank, FOUNDER, tablet.key.vkey.name, reason="lost", key="end-00001")
    again = tablet.send(note, stated, **headers)
    assert (again.status_code, again.content) == (201, first.content)
