"""timebank/bank.py: one place opens, reads and commits; what is wrong with a folder is said."""

import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError

from ledger.draft import Draft
from ledger.errors import BookNotFound, ContentOutOfProfile, KeyReused, StorageFault
from ledger.verify import verify
from tests.support.banks import FOUNDER, OPERATOR, POLICY, SCHEDULER, TriedBank, new_bank
from timebank.bank import REFUSALS, Bank, refusal_of
from timebank.chart import Kind
from timebank.errors import (
    KeyFileUnusable,
    NoProfileInForce,
    NotPermitted,
    UnknownProfile,
    UnknownStation,
    VaultKeyMissing,
)
from timebank.marker import Marker, write_marker
from timebank.people.actions import register
from timebank.people.model import Newcomer
from timebank.stations.actions import open_station
from timebank.stations.model import Actor, Role
from timebank.stations.tables import STATION


@pytest.fixture
def closed(tmp_path: Path) -> TriedBank:
    """A bank in a file that nobody has open."""
    with new_bank(tmp_path) as bank:
        pass
    return bank


def test_a_folder_that_init_did_not_make(closed: TriedBank) -> None:
    (closed.settings.data / "book.json").unlink()
    with pytest.raises(BookNotFound, match="timebank init"):
        closed.again()


def test_a_folder_without_its_database(closed: TriedBank) -> None:
    (closed.settings.data / "timebank.sqlite3").unlink()
    with pytest.raises(BookNotFound, match="missing"):
        closed.again()
    assert not (closed.settings.data / "timebank.sqlite3").exists()


def test_a_database_without_tables(closed: TriedBank) -> None:
    (closed.settings.data / "timebank.sqlite3").write_bytes(b"")
    with pytest.raises(BookNotFound, match="version"):
        closed.again()


def test_the_database_of_another_book(closed: TriedBank) -> None:
    (closed.settings.data / "book.json").unlink()
    write_marker(closed.settings.data, Marker("book_other", "timebank.example/test"))
    with pytest.raises(BookNotFound, match="another book"):
        closed.again()


@pytest.mark.parametrize(
    ("file", "fault"),
    [("log.key", KeyFileUnusable), ("operator.key", KeyFileUnusable),
     ("scheduler.key", KeyFileUnusable),
     ("vault.key", VaultKeyMissing)],
)  # fmt: skip
def test_a_book_without_its_keys(closed: TriedBank, file: str, fault: type[Exception]) -> None:
    (closed.settings.keys_folder / file).unlink()
    with pytest.raises(fault):
        closed.again()


def test_a_copy_of_data_keys_and_vault_is_the_same_book(closed: TriedBank, tmp_path: Path) -> None:
    settings = closed.settings.model_copy(update={"data": tmp_path / "copy"})
    shutil.copytree(closed.settings.data, settings.data)
    shutil.copytree(closed.settings.keys_folder, settings.keys_folder)
    with pytest.raises(BookNotFound, match="key store"):
        Bank.open(settings, closed.clock)
    shutil.copytree(closed.settings.vault_folder, settings.vault_folder)
    with Bank.open(settings, closed.clock) as bank, bank.read() as connection:
        assert connection.execute(text("SELECT book FROM head")).scalar() == closed.founded.book


def test_a_reader_changes_nothing(bank: TriedBank) -> None:
    with (
        pytest.raises(SQLAlchemyError, match=r"readonly|read-only"),
        bank.bank.read() as connection,
    ):
        connection.execute(text("UPDATE staff SET active = 0"))


def test_days_and_profiles(sqlite_bank: TriedBank) -> None:
    bank = sqlite_bank.bank
    (profile,) = bank.profiles
    assert bank.profile_of(sqlite_bank.policy) is profile
    first = profile.in_force_from
    assert bank.profile_on(first) is profile
    with pytest.raises(NoProfileInForce):
        bank.profile_on(date.fromordinal(first.toordinal() - 1))
    for version in (POLICY + "@0", "", "x" * 100):
        with pytest.raises(UnknownProfile) as refused:
            bank.profile_of(version)
        assert refused.value.facts["profile"] == version[:60]

    for at, day in ((15, 5), (16, 6)):
        sqlite_bank.clock.set(datetime(2023, 4, 5, at, 0, tzinfo=UTC))
        assert bank.today() == date(2023, 4, day)
    assert bank.now_ms() == 1_680_710_400_000


def test_the_books_own_accounts_are_known_by_kind(bank: TriedBank) -> None:
    kinds = (Kind.ISSUANCE, Kind.POOL, Kind.GRANT_FUND, Kind.REDEEMED, Kind.SUSPENSE)
    assert len({bank.bank.account_of(kind) for kind in kinds}) == len(kinds)
    with pytest.raises(KeyError):
        bank.bank.account_of(Kind.MEMBER)


def test_an_answer_is_repeated_byte_for_byte(bank: TriedBank) -> None:
    bank.people("V0001")
    first = bank.issue("V0001", 90, key="issue-001")
    again = bank.issue("V0001", 90, key="issue-001")
    assert (first.replayed, again.replayed) == (False, True)
    assert (again.raw, again.body, again.leaf_index) == (first.raw, first.body, first.leaf_index)
    with pytest.raises(KeyReused):
        bank.issue("V0001", 91, key="issue-001")
    with bank.again() as other:
        bank.bank.close()
        bank.bank = other
        assert bank.issue("V0001", 90, key="issue-001").raw == first.raw


def test_text_that_no_json_can_spell_is_refused_before_the_writer(bank: TriedBank) -> None:
    with pytest.raises(ContentOutOfProfile):
        bank.bank.action(OPERATOR, "x", dict, key="attempt-1", content={"why": "\ud800"})


def test_a_key_signs_for_the_actors_station_or_the_one_that_is_named(
    sqlite_bank: TriedBank,
) -> None:
    bank, clerk = sqlite_bank.bank, sqlite_bank.actor(Role.CLERK)
    assert bank.key_name() == "timebank.example/test/op"
    assert bank.key_name("XFL") == "timebank.example/test/stn/XFL"
    for actor, station, signer in (
        (clerk, None, "XFL"), (clerk, "", ""), (OPERATOR, None, ""), (OPERATOR, "XFL", "XFL"),
    ):  # fmt: skip
        made = bank.action(actor, "x", dict, key="k", content={}, station_code=station)
        assert made.signer == bank.key_name(signer)
    by_plan = bank.action(SCHEDULER, "expiry", dict, key="k", content={})
    assert by_plan.signer == "timebank.example/test/scheduler"
    with pytest.raises(UnknownStation):
        bank.action(OPERATOR, "x", dict, key="k", content={}, station_code="NONE")


def test_a_station_that_another_process_opened_is_signed_for(bank: TriedBank) -> None:
    with bank.again() as other:
        open_station(other, FOUNDER, "EAST", "东亭", key="open-east")
    east = Actor("staff_east", Role.CLERK, "EAST")
    (person,) = register(bank.bank, east, [Newcomer("韩杰浩", (("V9", "elder"),))], key="people-9")
    assert person.startswith("person_")


def test_housekeeping_leaves_no_leaf_and_a_refusal_no_row(bank: TriedBank) -> None:
    def size() -> int:
        with bank.bank.read() as connection:
            return int(connection.execute(text("SELECT size FROM head")).scalar_one())

    def renaming(draft: Draft) -> dict[str, Any]:
        draft.add(text("UPDATE station SET name = '新名'"))
        return {"done": 1}

    def refusing(draft: Draft) -> dict[str, Any]:
        draft.add(text("UPDATE station SET name = '错名'"))
        raise NotPermitted(role="x", action="y")

    def breaking(draft: Draft) -> dict[str, Any]:
        draft.add(text("UPDATE no_such_table SET n = 1"))
        return {}

    before = size()
    assert bank.bank.keep_house(renaming) == {"done": 1}
    with pytest.raises(NotPermitted):
        bank.bank.keep_house(refusing)
    with pytest.raises(StorageFault):
        bank.bank.keep_house(breaking)
    assert size() == before
    with bank.bank.read() as connection:
        assert connection.execute(select(STATION.c.name)).scalars().all() == ["新名"]


def test_commits_are_told_and_published(bank: TriedBank) -> None:
    sizes: list[int] = []
    bank.bank.on_commit.append(sizes.append)
    bank.people("V0001")
    bank.issue("V0001", 90)
    bank.bank.publish()

    report = verify(bank.settings.log_folder, vkey=str(bank.bank.log_key.vkey))
    assert report.findings == ()
    assert sizes == sorted(sizes)
    assert sizes[-1] == report.size


def test_every_refusal_is_found_again_by_its_code() -> None:
    for code, kind in REFUSALS.items():
        assert type(refusal_of(code, {})) is kind
    assert refusal_of("not_permitted", {"role": "x"}).facts == {"role": "x"}
    with pytest.raises(KeyError):
        refusal_of("no_such_code", {})
