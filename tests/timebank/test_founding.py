"""timebank/founding.py: a founded bank opens, moves minutes, and can be broken for a test."""

import os
import stat
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from ledger.balances import recompute
from ledger.database import open_database
from ledger.draft import Draft
from ledger.errors import BookExists, BookNotFound, StorageFault
from ledger.leaf import Genesis
from ledger.leaf_parser import parse
from ledger.publication import read_leaves
from tests.support import postgres
from tests.support.banks import ORIGIN, POLICY, TriedBank
from tests.support.clock import FrozenClock
from tests.support.parts import need
from timebank.bank import Bank
from timebank.config import Settings
from timebank.errors import (
    OriginInvalid,
    ProfilesOverlap,
    StationCodeInvalid,
    StationExists,
    UnknownProfile,
)
from timebank.founding import found
from timebank.migrations.upgrade import upgrade


def test_a_founded_bank_registers_posts_and_opens_again(bank: TriedBank) -> None:
    assert len(bank.people("V0001", "E0001")) == 2
    bank.issue("V0001", 90)
    hold = bank.hold(bank.account("V0001"), bank.account("E0001"), 60, expires_ms=2**42)
    bank.settle(hold, 45)
    with bank.again() as second, second.read() as connection:
        found_minutes = {row.account_id: row.posted for row in recompute(connection)}
    assert found_minutes[bank.account("V0001")] == 45
    assert found_minutes[bank.account("E0001")] == 45


def test_the_first_leaf_names_the_second_key_that_founding_made(bank: TriedBank) -> None:
    with bank.bank.read() as connection:
        (genesis,) = read_leaves(connection, 0, 1)
    body = parse(genesis).body
    assert isinstance(body, Genesis)
    assert body.cosigners == tuple(str(key.vkey) for key in bank.bank.log_cosigners())
    assert len(body.cosigners) == 1


def test_a_founded_folder_is_never_founded_again(sqlite_bank: TriedBank) -> None:
    with pytest.raises(BookExists):
        found(
            sqlite_bank.settings, sqlite_bank.clock, origin=ORIGIN, policies=[POLICY], stations=[]
        )


def test_what_is_done_behind_the_ledger_leaves_every_guard_in_place(
    bank: TriedBank,
) -> None:
    bank.people("V0001")
    bank.issue("V0001", 90)
    bank.behind("UPDATE movement SET minutes = minutes + 1")
    with bank.bank.read() as connection:
        assert connection.execute(text("SELECT minutes FROM movement")).scalars().all() == [91]

    def change(draft: Draft) -> dict[str, Any]:
        draft.add(text("UPDATE movement SET minutes = 1"))
        return {}

    with pytest.raises(StorageFault, match=r"append-only|permission denied"):
        bank.bank.keep_house(change)


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        # Each row mends the fault that the row above was refused for, and keeps the rest.
        ({"policies": ["atlantis"]}, UnknownProfile),
        ({"policies": ["nanjing-2019", POLICY]}, ProfilesOverlap),
        ({"policies": [POLICY, POLICY]}, OriginInvalid),
        ({"policies": [POLICY], "origin": "x" * 91}, OriginInvalid),
        ({"origin": ""}, OriginInvalid),
        ({"origin": ORIGIN}, StationCodeInvalid),
        ({"stations": [("EAST", "东亭"), ("EAST", "东亭")]}, StationExists),
    ],
)
def test_nothing_is_made_of_what_cannot_be_founded(
    tmp_path: Path, wrong: dict[str, Any], refusal: type[Exception]
) -> None:
    settings = Settings(data=tmp_path / "data")
    wanted = {"policies": [POLICY], "origin": "two words", "stations": [("幸福", "幸福里")]}
    if refusal in (StationCodeInvalid, StationExists):
        wanted["origin"] = ORIGIN
    with pytest.raises(refusal):
        found(settings, FrozenClock(), **(wanted | wrong))

    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("is_there", [False, True])
def test_nobody_else_looks_into_the_folders_of_a_book(tmp_path: Path, is_there: bool) -> None:
    need(os.name == "posix", "files with owners and modes")
    settings = Settings(data=tmp_path / "data")
    if is_there:
        for folder in (settings.data, settings.keys_folder):
            folder.mkdir(mode=0o755)
    found(settings, FrozenClock(), origin=ORIGIN, policies=[POLICY], stations=[])

    for folder in (settings.data, settings.keys_folder):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def on_postgres(database: postgres.Database, data: Path) -> Settings:
    return Settings(
        data=data,
        database_url=SecretStr(database.service_url),
        database_owner_url=SecretStr(database.owner_url),
    )


WANTED: dict[str, Any] = {"origin": ORIGIN, "policies": [POLICY], "stations": []}


@pytest.mark.postgres
def test_no_key_is_made_for_a_database_that_has_a_book(
    postgres_database: postgres.Database, tmp_path: Path
) -> None:
    book = found(on_postgres(postgres_database, tmp_path / "one"), FrozenClock(), **WANTED).book
    with pytest.raises(BookExists):
        found(on_postgres(postgres_database, tmp_path / "two"), FrozenClock(), **WANTED)

    assert {one.name for one in tmp_path.iterdir()} == {"one", "one.keys", "one.vault"}
    with Bank.open(on_postgres(postgres_database, tmp_path / "one")) as bank, bank.read() as rows:
        assert rows.execute(text("SELECT book FROM head")).scalars().all() == [book]


@pytest.mark.postgres
def test_no_key_is_made_for_a_database_that_is_not_there(
    postgres_database: postgres.Database, tmp_path: Path
) -> None:
    settings = on_postgres(postgres_database, tmp_path / "one")
    elsewhere = postgres_database.owner_url.replace(postgres_database.name, "gone")
    gone = settings.model_copy(update={"database_owner_url": SecretStr(elsewhere)})
    with pytest.raises(StorageFault):
        found(gone, FrozenClock(), **WANTED)
    assert not list(tmp_path.iterdir())

    assert found(settings, FrozenClock(), **WANTED).origin == ORIGIN


@pytest.mark.postgres
def test_tables_without_a_book_are_founded_in(
    postgres_database: postgres.Database, tmp_path: Path
) -> None:
    owner = open_database(postgres_database.owner_url)
    upgrade(owner, service_role=postgres_database.service_role)
    owner.dispose()

    settings = on_postgres(postgres_database, tmp_path / "one")
    assert found(settings, FrozenClock(), **WANTED).origin == ORIGIN


def test_no_key_is_made_for_a_file_that_has_a_book(tmp_path: Path) -> None:
    one = Settings(data=tmp_path / "one")
    found(one, FrozenClock(), **WANTED)
    two = Settings(data=tmp_path / "two", database_url=SecretStr(one.engine_url()))
    with pytest.raises(BookExists):
        found(two, FrozenClock(), **WANTED)

    assert {path.name for path in tmp_path.iterdir()} == {"one", "one.keys", "one.vault"}


def test_a_folder_is_marked_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine stops while the stations are opened: what is there is not taken for a book."""

    def stopped(*_arguments: object, **_named: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("timebank.founding.open_station", stopped)
    settings = Settings(data=tmp_path / "data")
    wanted: dict[str, Any] = {"origin": ORIGIN, "policies": [POLICY], "stations": [("XFL", "里")]}
    with pytest.raises(KeyboardInterrupt):
        found(settings, FrozenClock(), **wanted)
    with pytest.raises(BookNotFound):
        Bank.open(settings)
    with pytest.raises(BookExists):
        found(settings, FrozenClock(), **wanted)
