"""timebank/records/submitting.py: attempts, sequences that fork, and whose a key is."""

from dataclasses import replace

import pytest

from ledger.approvals import STAFF
from ledger.errors import (
    KeyReused,
    SequenceForked,
    SigningKeyEnded,
    SigningKeyUnknown,
    SubmissionUnfit,
)
from tests.support.banks import FOUNDER, OPERATOR, TriedBank
from tests.support.devices import Device, device_of, leaves, posted, sound
from tests.support.log_builder import key_of
from tests.support.services import service
from timebank.errors import NotPermitted, SigningKeyOfAnother
from timebank.keys.actions import end_key, standing_of
from timebank.people.forgetting import forget
from timebank.stations.actions import open_station, staff_named
from timebank.stations.model import Actor, Role

# Attempts and sequences --------------------------------------------------------------------------


def test_a_repeated_batch_is_answered_by_the_same_bytes_whatever_happened_since(
    tablet: Device,
) -> None:
    tried = tablet.tried
    stated = [service("V0001", minutes=60), service("V0002", "E0002")]
    rows = [row for one in stated for row in tablet.rows(one)]
    note, sent = tablet.batch_note(rows), [tablet.sent(stated[0], 1), tablet.sent(stated[1], 2)]
    first = tablet.send(note, sent, "attempt-1")
    forget(tried.bank, OPERATOR, "E0002", key="forget-e0002")
    end_key(tried.bank, FOUNDER, tablet.name, reason="lost", key="end-00001")
    size = len(leaves(tried))
    again = tablet.send(note, sent, "attempt-1")
    assert (again.body, again.replayed) == (first.body, True)
    with pytest.raises(KeyReused):
        tablet.send(note, [replace(sent[0], salt=bytes(16)), sent[1]], "attempt-1")
    with pytest.raises(SigningKeyEnded):
        tablet.send(note, sent, "attempt-2")
    assert len(leaves(tried)) == size
    sound(tried)


def test_a_batch_after_a_single_and_a_single_after_a_batch(tablet: Device) -> None:
    tablet.sends_one(service("V0001"))
    tablet.sends(service("V0002"), service("V0003", "E0002"))
    tablet.sends_one(service("V0001", at="15:00"))
    standing = tablet.seq, tablet.prev
    with tablet.tried.bank.read() as connection:
        found = standing_of(connection, tablet.name)
    assert (found.next_seq, found.prev) == standing == (3, tablet.prev)
    sound(tablet.tried)


def test_a_second_batch_under_a_used_number_ends_the_device(tablet: Device) -> None:
    tried = tablet.tried
    tablet.sends(service("V0001"))
    tablet.sends_one(service("V0002", "E0002"))
    stated = service("V0003", at="15:00")
    rows = tablet.rows(stated)
    sent = [tablet.sent(stated, tablet.records)]
    note = tablet.batch_note(rows, seq=0)
    with pytest.raises(SequenceForked) as forked:
        tablet.send(note, sent, "forked-attempt")
    assert forked.value.facts == {"key": tablet.name, "seq": 0}
    assert "新名称" in forked.value.in_chinese()
    with pytest.raises(SequenceForked):
        tablet.send(note, sent, "forked-attempt")
    with pytest.raises(SigningKeyEnded):
        tablet.sends_one(stated)
    assert posted(tried, "V0003") == 0
    anew = device_of(tried, key_of(f"{tried.bank.origin}/dev/1-anew"))
    anew.records = 20
    anew.sends(stated)
    sound(tried)


def test_who_has_not_the_key_cannot_end_it(tablet: Device) -> None:
    tablet.sends(service("V0001"))
    stated = service("V0002")
    rows = tablet.rows(stated)
    forger = key_of("forger")
    forger.vkey = tablet.key.vkey
    thief = replace(tablet, key=forger)
    with pytest.raises(SubmissionUnfit) as refused:
        thief.send(thief.batch_note(rows, seq=0), [thief.sent(stated, 2)])
    assert refused.value.facts == {"why": "signature"}
    tablet.sends(stated)
    sound(tablet.tried)


# Whose key ---------------------------------------------------------------------------------------


def test_a_devices_key_is_used_at_its_station_alone(tablet: Device) -> None:
    tried = tablet.tried
    open_station(tried.bank, FOUNDER, "EAST", "东亭", key="open-east")
    elsewhere = replace(tablet, actor=Actor("staff_east", Role.CLERK, "EAST"), station="EAST")
    for held in (elsewhere, replace(tablet, actor=OPERATOR)):
        for send in (held.sends, held.sends_one):
            with pytest.raises(SigningKeyOfAnother):
                send(service("V0001"))
    with pytest.raises(NotPermitted):
        replace(tablet, actor=Actor("staff_east", Role.CLERK, "EAST")).sends(service("V0001"))
    for role in (Role.REVIEWER, Role.CLERK):
        held = replace(tablet, actor=tried.actor(role))
        held.sends(service("V0001", at="08:00" if role is Role.CLERK else "12:00"))
        tablet.seq, tablet.prev, tablet.records = held.seq, held.prev, held.records
    for role in (Role.KIOSK, Role.AUDITOR, Role.MEMBER, Role.SCHEDULER):
        with pytest.raises(NotPermitted):
            replace(tablet, actor=tried.actor(role)).sends(service("V0001"))
    sound(tried)


def test_a_persons_key_is_used_by_that_person_alone(bank: TriedBank) -> None:
    bank.people("V0001", "E0001")
    key = key_of(f"{bank.bank.origin}/staff/1")
    login, other = (_staff(bank, name) for name in ("clerk-XFL", "reviewer-XFL"))
    mine = Device(bank, key, login).enrol(STAFF, login="clerk-XFL")
    for actor in (other, replace(login, actor_id="staff_else"), OPERATOR):
        with pytest.raises(SigningKeyOfAnother):
            replace(mine, actor=actor).sends(service("V0001"))
    mine.sends(service("V0001"))
    mine.sends_one(service("V0001", at="15:00"))
    sound(bank)


def _staff(tried: TriedBank, login: str) -> Actor:
    with tried.bank.read() as connection:
        staff = staff_named(connection, login)
    return Actor(staff, Role.CLERK, "XFL")


def test_keys_that_are_no_devices_and_nobodys(tablet: Device) -> None:
    origin = tablet.tried.bank.origin
    for name in (f"{origin}/dev/9", f"{origin}/stn/XFL", f"{origin}/op", f"{origin}/scheduler"):
        with pytest.raises(SigningKeyUnknown):
            replace(tablet, key=key_of(name)).sends(service("V0001"))
