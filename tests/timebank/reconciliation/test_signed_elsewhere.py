"""Checks of sequences and idempotency keys where a device signed: its refusals took numbers."""

import json
from contextlib import suppress

import pytest
from sqlalchemy import select

from ledger.errors import Refusal, SequenceForked
from tests.support.banks import TriedBank
from tests.support.devices import Device, device_of, sound
from tests.support.log_builder import key_of
from tests.support.services import service
from timebank.founding import FOUNDER
from timebank.reconciliation.reconcile import reconcile
from timebank.reconciliation.tables import FINDING


@pytest.fixture
def tablet(sqlite_bank: TriedBank) -> Device:
    """A device with a record, a refusal between and one as its last, and a forked one beside."""
    sqlite_bank.people("V0001", "V0002", "E0001")
    made = device_of(sqlite_bank, key_of(f"{sqlite_bank.bank.origin}/dev/1"))
    made.sends_one(service())
    with suppress(Refusal):
        made.sends_one(service())
    made.sends(service("V0002", at="15:00"))
    forked = device_of(sqlite_bank, key_of(f"{sqlite_bank.bank.origin}/dev/2"))
    forked.records = 20
    forked.sends_one(service("V0002", at="19:00"))
    with pytest.raises(SequenceForked):
        forked.sends_one(service("V0002", at="20:00"), seq=0)
    with suppress(Refusal):
        made.sends_one(service())
    sound(sqlite_bank)
    return made


def codes(tried: TriedBank) -> list[str]:
    found = reconcile(tried.bank, FOUNDER)
    with tried.bank.read() as connection:
        rows = connection.execute(select(FINDING.c.check_name, FINDING.c.detail))
        told = sorted(
            f"{row.check_name} {one['what']}" for row in rows for one in json.loads(row.detail)
        )
    assert found.open_findings == len(told)
    return told


def answers(old: str, new: str) -> str:
    """SQL that changes the remembered refusals which say ``old``."""
    return (
        f"UPDATE idempotency_key SET answer = CAST(replace(CAST(answer AS TEXT), '{old}', '{new}') "
        f"AS BLOB) WHERE refused = 1 AND CAST(answer AS TEXT) LIKE '%{old}%'"
    )


OF_DEVICE = "WHERE name LIKE '%/dev/1'"
DIFFERS = "idempotency refusal_differs"


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        (f"UPDATE signing_key SET next_seq = 3 {OF_DEVICE}", ["sequences key_differs"]),
        (f"UPDATE signing_key SET previous_hash = 'x' {OF_DEVICE}", ["sequences key_differs"]),
        (answers("duplicate", "in_the_future"), [DIFFERS] * 2),
        (answers("sequence_forked", "duplicate"), [DIFFERS]),
        (answers("sequence_forked", "x").replace("SET", "SET refused = 0,"), [DIFFERS]),
    ],
)
def test_what_was_changed_behind_is_found(tablet: Device, statement: str, told: list[str]) -> None:
    tablet.tried.behind(statement)
    assert codes(tablet.tried) == told
