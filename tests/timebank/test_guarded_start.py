"""A book that does not extend what was published is not written, and a server does not start."""

import shutil
import sqlite3
from contextlib import closing

import pytest

from ledger.errors import LogForked, SchemaAltered
from tests.support.banks import TriedBank
from timebank.bank import Bank
from timebank.commands.serving import check_start


def reopened(tried: TriedBank) -> Bank:
    tried.bank.close()
    return Bank.open(tried.settings, tried.clock)


def test_a_sound_book_starts(sqlite_bank: TriedBank) -> None:
    sqlite_bank.people("V0001")
    sqlite_bank.bank.publish()
    with reopened(sqlite_bank) as bank:
        check_start(bank)


def test_a_restored_backup_is_not_written(sqlite_bank: TriedBank) -> None:
    data = sqlite_bank.settings.data
    sqlite_bank.bank.close()
    backup = shutil.copy(data / "timebank.sqlite3", data.with_name("backup.sqlite3"))
    with Bank.open(sqlite_bank.settings, sqlite_bank.clock) as bank:
        sqlite_bank.bank = bank
        sqlite_bank.people("V0001")
        bank.publish()
    for path in data.glob("timebank.sqlite3*"):
        path.unlink()
    shutil.copy(backup, data / "timebank.sqlite3")

    with Bank.open(sqlite_bank.settings, sqlite_bank.clock) as bank:
        sqlite_bank.bank = bank
        with pytest.raises(LogForked):
            check_start(bank)
        with pytest.raises(LogForked):
            sqlite_bank.people("V0002")


def test_a_changed_leaf_stops_the_start(sqlite_bank: TriedBank) -> None:
    sqlite_bank.people("V0001")
    sqlite_bank.bank.publish()
    sqlite_bank.behind("UPDATE leaf SET body = CAST(body || ' ' AS BLOB) WHERE leaf_index = 3")
    with reopened(sqlite_bank) as bank, pytest.raises(LogForked):
        check_start(bank)


def test_a_missing_trigger_stops_the_start(sqlite_bank: TriedBank) -> None:
    path = sqlite_bank.settings.data / "timebank.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("DROP TRIGGER leaf_no_update")
    with reopened(sqlite_bank) as bank, pytest.raises(SchemaAltered):
        check_start(bank)
