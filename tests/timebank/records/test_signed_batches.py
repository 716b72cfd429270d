"""timebank/records/signed_batches.py: one signature for many services, each judged for itself."""

import base64
import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from ledger.errors import (
    SequenceBroken,
    SubmissionTooLarge,
    SubmissionUnfit,
)
from ledger.forks import check_fits_as_evidence
from ledger.leaf import Outcome
from ledger.notes import Signer, parse_note
from tests.support.banks import FOUNDER, TriedBank, new_bank
from tests.support.devices import Device, Row, device_of, leaves, posted, sound
from tests.support.log_builder import key_of
from tests.support.p256 import P256Key
from tests.support.profiles import FOUR_EYES, HEAD
from tests.support.services import service
from timebank.errors import UnreadableTime
from timebank.records.explaining import explain_record
from timebank.records.model import Payer, StatedService, TimeSpent
from timebank.records.review import review_record
from timebank.stations.model import Actor, Role

REVIEWER = Actor("staff_reviewer", Role.REVIEWER, "XFL")


# What is recorded --------------------------------------------------------------------------------


def test_one_signature_serves_many_services_and_many_volunteers(tablet: Device) -> None:
    told = tablet.sends(
        service("V0001、V0002", minutes=60),
        service("V0003", "E0002", at="09:00", minutes=30, content="助洁"),
        service("V0001", at="14:00", minutes=45),
    ).body
    first, second, third = told["services"]
    assert [len(one["credits"]) for one in (first, second, third)] == [2, 1, 1]
    assert [one["number"] for one in (first, second, third)] == [1, 2, 3]
    assert first["record"] == f"record_{1:032x}"
    tried = tablet.tried
    assert [posted(tried, number) for number in ("V0001", "V0002", "V0003")] == [105, 60, 30]
    batch, *rest = leaves(tried)[told_at(tried, "batch") :]
    assert batch.identifier == told["batch"]
    entries, outcome = rest[:-1], rest[-1]
    assert [leaf.ref for leaf in entries] == [(batch.index, place) for place in range(4)]
    assert isinstance(outcome.body, Outcome)
    credited = [credit["entry"] for one in told["services"] for credit in one["credits"]]
    assert list(outcome.body.rows) == [leaf.identifier for leaf in entries] == credited
    for one in (first, second, third):
        with tried.bank.read() as connection:
            said = explain_record(tried.bank, connection, FOUNDER, one["record"])
        assert said.outcome.value == "agrees"
    sound(tried)


def told_at(tried: TriedBank, kind: str) -> int:
    """The index of the newest leaf of that kind with a submission."""
    found = [leaf.index for leaf in leaves(tried) if leaf.kind == kind and leaf.sub]
    return found[-1]


def test_rows_that_are_refused_say_why_and_spare_their_neighbours(tablet: Device) -> None:
    tried = tablet.tried
    good = service("V0001", minutes=60)
    wanted = [
        (good, None),
        (service("V0001、V0002", "E0002", at="09:30"), "overlapping_service"),
        (good, "duplicate"),
        (service("V0003", at="11:00", on="2029-01-01"), "in_the_future"),
        (service("V0002", at="12:00"), None),
    ]
    told = tablet.sends(*(stated for stated, _code in wanted)).body["services"]
    assert [one.get("code") for one in told] == [code for _stated, code in wanted]
    assert [one["number"] for one in told if "code" not in one] == [1, 2]
    outcome = leaves(tried)[-1].body
    assert [row for row in outcome.rows if not row.startswith("entry_")] == [
        "overlapping_service", "overlapping_service", "duplicate", "in_the_future",
    ]  # fmt: skip
    assert [posted(tried, number) for number in ("V0001", "V0002", "V0003")] == [60, 90, 0]
    sound(tried)


def test_what_cannot_be_read_or_found_or_is_not_what_was_signed_is_its_own_refusal(
    tablet: Device,
) -> None:
    stated = [service("V0001", at=f"{hour:02}:00", minutes=30) for hour in range(8, 14)]
    rows = [tablet.rows(one) for one in stated]
    sent: list[Any] = [tablet.sent(one, place) for place, one in enumerate(stated, start=1)]
    sent[0] = tablet.sent(UnreadableTime(field="start"), 1)
    sent[1] = tablet.sent(service("V0099", at="09:00", minutes=30), 2)
    sent[2] = replace(sent[2], salt=bytes(16))
    sent[3] = tablet.sent(service("V0001、V0002", at="11:00", minutes=30), 4)
    rows[4] = [{**rows[4][0], "given": 31}]
    note = tablet.batch_note([row for part in rows for row in part])
    told = tablet.send(note, sent).body["services"]
    assert [one.get("code") for one in told] == [
        "unreadable_time", "unknown_member", "submission_unfit", "submission_unfit",
        "submission_unfit", None,
    ]  # fmt: skip
    assert posted(tablet.tried, "V0001") == 30
    assert list(leaves(tablet.tried)[-1].body.rows)[:5] == [one["code"] for one in told[:5]]
    sound(tablet.tried)


def test_a_service_that_was_refused_does_not_stand_in_a_later_ones_way(tablet: Device) -> None:
    """The first takes a record id that is there already; the second is the same hours anew."""
    tablet.sends(service("V0002", at="15:00", minutes=30))
    tablet.records = 0
    again = tablet.rows(service("V0001", minutes=60))
    tablet.records = 1
    stated = service("V0001", minutes=60)
    rows = again + tablet.rows(stated)
    told = tablet.send(
        tablet.batch_note(rows), [tablet.sent(stated, 1), tablet.sent(stated, 2)]
    ).body["services"]
    assert [one.get("code") for one in told] == ["submission_unfit", None]
    sound(tablet.tried)


def test_a_batch_of_refused_services_takes_its_number(tablet: Device) -> None:
    stated = service("V0001", minutes=60)
    tablet.sends(stated)
    told = tablet.sends(stated).body["services"]
    assert [one["code"] for one in told] == ["duplicate"]
    assert tablet.sends_one(service("V0001", at="15:00")).body["number"] == 2
    sound(tablet.tried)


def test_late_services_carry_their_own_reasons(tablet: Device) -> None:
    late = service("V0001", on="2023-03-01", reason="平板坏了")
    without = service("V0002", on="2023-03-01")
    told = tablet.sends(late, without, service("V0003")).body["services"]
    assert [one.get("code") for one in told] == [None, "too_late_without_reason", None]
    assert ["back_dated" in one.get("marks", []) for one in told] == [True, False, False]
    sound(tablet.tried)


def test_an_elder_who_pays_stands_in_the_row_as_an_account(tablet: Device) -> None:
    tried = tablet.tried
    tried.issue("E0001", 100)
    paid = replace(service("V0001、V0002", minutes=30), payer=Payer.ELDER)
    (told,) = tablet.sends(paid).body["services"]
    assert "code" not in told
    assert posted(tried, "E0001") == 40
    wrong = replace(service("V0001", at="15:00", minutes=30), payer=Payer.ELDER)
    rows = tablet.rows(wrong, payer_account=tried.account("E0002"))
    (told,) = tablet.send(tablet.batch_note(rows), [tablet.sent(wrong, 2)]).body["services"]
    assert told["code"] == "submission_unfit"
    two = replace(service("V0001", "E0001、E0002", "16:00", 5), payer=Payer.ELDER)
    (told,) = tablet.sends(two).body["services"]
    assert told["code"] == "payer_not_allowed"
    last = replace(service("V0003", at="17:00", minutes=5), payer=Payer.ELDER)
    assert tablet.sends_one(last).body["minutes"] == 5
    sound(tried, "entry_kind")  # The minutes that the elder had were given by no rule.


def test_what_awaits_review_has_a_leaf_for_each_volunteer(tmp_path: Path) -> None:
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "test-1.toml").write_text(HEAD + FOUR_EYES, encoding="utf-8")
    with new_bank(tmp_path, policies=["test-1"], policy_folder=folder) as tried:
        tried.people("V0001", "V0002", "E0001")
        tablet = device_of(tried, key_of(f"{tried.bank.origin}/dev/1"))
        (told,) = tablet.sends(service("V0001、V0002", minutes=60)).body["services"]
        assert (told["state"], posted(tried, "V0001")) == ("awaiting_review", 0)
        assert [leaf.kind for leaf in leaves(tried)[-4:]] == ["batch", "fact", "fact", "outcome"]
        review_record(tried.bank, REVIEWER, told["record"], approve=True, key="review-1")
        assert [posted(tried, number) for number in ("V0001", "V0002")] == [60, 60]
        sound(tried)


# Form --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changed",
    [
        {"by": "staff_else"}, {"c": "x"}, {"c": "y" * 44}, {"class": "王 德胜"}, {"do": "gift"},
        {"given": "60"}, {"given": True}, {"heads": None}, {"on": "昨天"}, {"payer": "somebody"},
        {"payer_account": "acct_" + "0" * 32}, {"payer": "elder"}, {"record": "record_1"},
        {"record": 7}, {"station": "YYY"}, {"volunteer": "王德胜"}, {"more": "王德胜"},
    ],
    ids=str,
)  # fmt: skip
def test_a_row_of_another_form_gets_nothing_into_the_log(
    tablet: Device, changed: dict[str, Any]
) -> None:
    size = len(leaves(tablet.tried))
    stated = service("V0001")
    rows = tablet.rows(stated, **changed)
    unfit(tablet, {"batch": f"batch_{1:032x}", "rows": rows}, [stated])
    assert len(leaves(tablet.tried)) == size
    tablet.records = 0
    tablet.sends(stated)


def test_a_device_signs_what_was_said_of_the_time(tablet: Device) -> None:
    spent = TimeSpent(10, 5, aim_met=False)
    told = tablet.sends(service("V0001", spent=spent), service("V0002", at="14:00")).body
    assert ["code" in one for one in told["services"]] == [False, False]
    stated = [service("V0001", at="16:00", spent=spent)]
    row = tablet.rows(stated[0])[0]
    for changed in ({"travel": "10"}, {"rest": True}, {"aim_met": True}):
        unfit(tablet, {"batch": f"batch_{1:032x}", "rows": [{**row, **changed}]}, stated)


def unfit(tablet: Device, body: Row, stated: list[StatedService], why: str = "facts") -> None:
    note = tablet.sign(body, seq=tablet.seq)
    sent = [tablet.sent(one, place) for place, one in enumerate(stated, start=1)]
    with pytest.raises(SubmissionUnfit) as refused:
        tablet.send(note, sent)
    assert refused.value.facts == {"why": why}


def test_bodies_that_are_no_batch_of_these_services(tablet: Device) -> None:
    stated = [service("V0001"), service("V0002"), service("V0003")]
    first, second, third = (tablet.rows(one)[0] for one in stated)
    batch = f"batch_{1:032x}"
    rows = [first, second, third]
    for body in (
        {"rows": rows}, {"batch": batch}, {"batch": "batch_1", "rows": rows},
        {"batch": 1, "rows": rows}, {"batch": batch, "rows": []}, {"batch": batch, "rows": "x"},
        {"batch": batch, "rows": [first, second, "x"]}, {"batch": batch, "rows": rows, "x": 1},
        {"batch": batch, "rows": [first, second]},
        {"batch": batch, "rows": [first, second, {**third, "record": first["record"]}]},
    ):  # fmt: skip
        unfit(tablet, body, stated)
    note = tablet.sign({"batch": batch, "rows": rows}, seq=0)
    elsewhere = [tablet.sent(one, place) for place, one in enumerate(stated, start=1)]
    elsewhere[2] = tablet.sent(stated[2], 3, "EAST")
    with pytest.raises(SubmissionUnfit):
        tablet.send(note, elsewhere)


def test_a_batch_is_as_long_as_its_note_may_be(tablet: Device) -> None:
    """Some hundred services fit; one row more than fits is refused before it takes a number."""
    row = tablet.rows(service("V0001"))[0]
    many = [{**row, "record": f"record_{place:032x}"} for place in range(1, 201)]
    stated = service("V0001")
    sent = [tablet.sent(stated, 1)] * 200
    with pytest.raises(SubmissionTooLarge):
        tablet.send(tablet.batch_note(many, seq=0), sent)
    most = next(count for count in range(150, 0, -1) if _fits(tablet, many[:count]))
    assert most > 90
    start = service("V0001", minutes=1)
    at = [
        replace(start, starts_at=start.starts_at - timedelta(minutes=2 * place + 2),
                ends_at=start.ends_at - timedelta(minutes=2 * place + 2))
        for place in range(most)
    ]  # fmt: skip
    tablet.records = 0
    told = tablet.sends(*at).body["services"]
    assert [one.get("code") for one in told] == [None] * most
    sound(tablet.tried)


def _fits(tablet: Device, rows: list[Row]) -> bool:
    try:
        check_fits_as_evidence(tablet.batch_note(rows, seq=0))
    except SubmissionTooLarge:
        return False
    return True


# Judges ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["Ed25519", "P-256"])
def test_openssl_verifies_a_batch_cut_out_of_its_leaf(
    sqlite_bank: TriedBank, tmp_path: Path, kind: str
) -> None:
    sqlite_bank.people("V0001", "V0002", "E0001")
    name = f"{sqlite_bank.bank.origin}/dev/1"
    key: Signer = key_of(name) if kind == "Ed25519" else P256Key(name)
    device_of(sqlite_bank, key).sends(service("V0001、V0002"), service("V0001", at="15:00"))
    leaf = leaves(sqlite_bank)[told_at(sqlite_bank, "batch")]
    note = parse_note(leaf.sub)
    spki = key.vkey.public
    if kind == "Ed25519":
        spki = bytes.fromhex("302a300506032b6570032100") + spki
    public = base64.encodebytes(spki).decode()
    pem = f"-----BEGIN PUBLIC KEY-----\n{public}-----END PUBLIC KEY-----\n"
    tmp_path.joinpath("key.pem").write_text(pem)
    tmp_path.joinpath("text").write_bytes(note.text.encode())
    tmp_path.joinpath("sig").write_bytes(note.lines[0].signature)
    command = ["openssl", "dgst", "-sha256", "-verify", "key.pem", "-signature", "sig", "text"]
    if kind == "Ed25519":
        command = [
            "openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "key.pem", "-rawin",
            "-in", "text", "-sigfile", "sig",
        ]  # fmt: skip
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 0
    tmp_path.joinpath("text").write_bytes(note.text.replace('"given":90', '"given":91').encode())
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode != 0


@pytest.mark.parametrize("seed", range(4))
def test_random_batches_leave_sound_books(bank: TriedBank, seed: int) -> None:
    """Two devices' batches and singles, some of it wrong, against a count of our own."""
    random, volunteers = Random(seed), ["V0001", "V0002", "V0003", "V0004"]
    bank.people(*volunteers, "E0001", "E0002", "E0003")
    devices = [device_of(bank, key_of(f"{bank.bank.origin}/dev/{number}")) for number in (1, 2)]
    devices[1].records = 1_000
    busy: dict[tuple[str, int], str] = {}
    credited = dict.fromkeys(volunteers, 0)
    for _round in range(6):
        device, wanted = random.choice(devices), []
        expected: list[bool] = []
        for _service in range(random.randint(1, 6)):
            some = random.sample(volunteers, random.randint(1, 3))
            elder, hour = random.choice(["E0001", "E0002", "E0003"]), random.randint(6, 20)
            wanted.append(service("、".join(some), elder, at=f"{hour:02}:00", minutes=40))
            free = all((one, hour) not in busy for one in (*some, elder))
            expected.append(free)
            for one in (*some, elder) if free else ():
                busy[one, hour] = device.name
            for one in some if free else ():
                credited[one] += 40
        told = device.sends(*wanted).body["services"]
        assert ["code" not in one for one in told] == expected
        with pytest.raises((SequenceBroken, SubmissionUnfit)):
            device.sends_one(service("V0001", at="22:00", minutes=5), seq=device.seq + 1)
    assert {number: posted(bank, number) for number in volunteers} == credited
    sound(bank)
