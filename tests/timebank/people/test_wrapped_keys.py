"""timebank/people/wrapped_keys.py: keys apart from the book, and gone when they are destroyed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.database import open_database, sqlite_url
from ledger.errors import StorageFault
from tests.support.banks import TriedBank
from tests.support.postgres import Server, fresh_database
from timebank.errors import NumberTaken
from timebank.people.actions import register
from timebank.people.model import Newcomer
from timebank.people.wrapped_keys import WrappedKeys
from timebank.stations.model import Role

NEWCOMERS = (("王芳", "V0002"), ("李红", "V0001"))
WRAPPED = b"the wrapped key of somebody who is to be forgotten"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[WrappedKeys]:
    made = WrappedKeys.create(open_database(sqlite_url(tmp_path / "keys.sqlite3")))
    yield made
    made.dispose()


def test_a_key_is_kept_until_it_is_destroyed(store: WrappedKeys) -> None:
    store.put({"person_b": b"2", "person_a": b"1"})

    assert store.of(["person_a", "person_b", "person_c", "person_a"]) == {
        "person_a": b"1", "person_b": b"2"
    }  # fmt: skip
    assert list(store.owners()) == ["person_a", "person_b"]
    store.destroy(["person_a", "person_c"])
    store.destroy(["person_a"])
    assert store.of(["person_a", "person_b"]) == {"person_b": b"2"}
    assert store.of([]) == {}


def test_a_key_is_never_replaced(store: WrappedKeys) -> None:
    store.put({"person_a": b"1"})

    with pytest.raises(StorageFault):
        store.put({"person_b": b"2", "person_a": b"other"})
    assert store.of(["person_a", "person_b"]) == {"person_a": b"1"}


@pytest.mark.parametrize("people", [499, 500, 501])
def test_long_lists_go_in_parts(store: WrappedKeys, people: int) -> None:
    every = {f"person_{number:04}": b"k" for number in range(people)}
    store.put(every)

    assert store.of(every) == every
    store.destroy(every)
    assert list(store.owners()) == []


def test_no_byte_of_a_destroyed_key_is_left_in_the_files(
    store: WrappedKeys, tmp_path: Path
) -> None:
    store.put({f"person_{number}": WRAPPED for number in range(100)})

    def holds() -> bool:
        return any(WRAPPED in file.read_bytes() for file in tmp_path.iterdir())

    assert holds()
    store.destroy(f"person_{number}" for number in range(100))
    assert not holds()


@pytest.mark.postgres
def test_a_server_may_keep_the_store(postgres_server: Server) -> None:
    with fresh_database(postgres_server) as place:
        store = WrappedKeys.create(open_database(place.owner_url))
        store.put({"person_b": b"2", "person_a": b"1"})
        store.destroy(["person_b"])
        assert store.of(["person_a", "person_b"]) == {"person_a": b"1"}
        assert list(store.owners()) == ["person_a"]
        store.dispose()


def test_only_who_is_registered_has_a_key(sqlite_bank: TriedBank) -> None:
    bank, clerk = sqlite_bank.bank, sqlite_bank.actor(Role.CLERK)
    (first,) = sqlite_bank.people("V0001")
    newcomer, taken = (Newcomer(name, ((number, "volunteer"),)) for name, number in NEWCOMERS)
    (second,) = register(bank, clerk, [newcomer], key="people-x")

    register(bank, clerk, [newcomer], key="people-x")
    register(bank, clerk, [newcomer], key="people-y", rehearsal=True)
    with pytest.raises(NumberTaken):
        register(bank, clerk, [taken], key="people-z")

    assert list(bank.wrapped_keys.owners()) == sorted([first, second])
