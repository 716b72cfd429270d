"""A station's device with people whom it may name."""

import pytest

from tests.support.banks import TriedBank
from tests.support.devices import Device, device_of
from tests.support.log_builder import key_of


@pytest.fixture
def tablet(bank: TriedBank) -> Device:
    """An enrolled device of the first station, on each database."""
    bank.people("V0001", "V0002", "V0003", "E0001", "E0002")
    return device_of(bank, key_of(f"{bank.bank.origin}/dev/1"))
