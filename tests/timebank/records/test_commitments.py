"""timebank/records/commitments.py: one changed word, hour, person or salt is another commitment."""

import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from timebank.records.commitments import commitment
from timebank.records.model import Party, Service

SALT = bytes(range(16))
START = datetime.fromisoformat("2023-04-05T09:00")
ELDERS = tuple(Party(f"person_{n}", f"acct_{n}", f"E{n}", ("elder",), b"") for n in (1, 2))
SERVICE = Service(
    START, START + timedelta(hours=1), "助餐", "meals", (), ELDERS, place="家中", note="无"
)


def test_the_value_stays_what_it_was() -> None:
    """The bytes are those of the log: a changed value would open no older leaf."""
    found = commitment(SALT, SERVICE)
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", found)
    assert found == "x4iNSrPP_u3A54KXDheWFQ52KQfg7OgUk-SH67ixGn8"


def test_the_order_of_recipients_says_nothing() -> None:
    assert commitment(SALT, replace(SERVICE, recipients=ELDERS[::-1])) == commitment(SALT, SERVICE)


@pytest.mark.parametrize(
    "changed",
    [
        {"starts_at": START + timedelta(minutes=1)},
        {"ends_at": START + timedelta(minutes=61)},
        {"content": "助浴"},
        {"place": ""},
        {"note": "无 "},
        {"recipients": ELDERS[:1]},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_whatever_is_hidden_is_bound(changed: dict) -> None:
    assert commitment(SALT, replace(SERVICE, **changed)) != commitment(SALT, SERVICE)


def test_another_salt_is_another_commitment() -> None:
    assert commitment(SALT[::-1], SERVICE) != commitment(SALT, SERVICE)
