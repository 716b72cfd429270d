"""timebank/people/accesses.py: a look is written down before it is shown, in a chain that holds."""

import sqlite3
from contextlib import closing
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import event, make_url, select

from ledger.errors import ContentOutOfProfile, StorageFault
from tests.support.banks import AUDITOR, OPERATOR, TriedBank
from timebank.errors import MissingField, NotPermitted, PersonErased, UnknownMember
from timebank.jobs.runner import run_now
from timebank.people.accesses import (
    IDENTITY,
    MOST_REASON,
    START,
    Look,
    Purpose,
    ShownAccess,
    accesses_by_others,
    accesses_shown,
    hash_of,
    look,
    note_looks,
    themselves,
)
from timebank.people.actions import register
from timebank.people.model import Newcomer
from timebank.people.tables import ACCESS
from timebank.stations.model import Actor, Role

ID, TELEPHONE = "320113195005209569", "13812340000"
WHY = "家属来电，核对身份"


@pytest.fixture
def han(bank: TriedBank) -> str:
    newcomer = Newcomer("韩杰浩", (("V0001", "volunteer"),), None, ID, TELEPHONE)
    return register(bank.bank, OPERATOR, [newcomer], key="people-1")[0]


def rows(bank: TriedBank) -> list[dict[str, object]]:
    with bank.bank.read() as connection:
        found = connection.execute(select(ACCESS).order_by(ACCESS.c.number))
        return [dict(row) for row in found.mappings()]


def seen(bank: TriedBank, actor: Actor, number: str = "V0001", **page: int) -> list[ShownAccess]:
    with bank.bank.read() as connection:
        return accesses_shown(bank.bank, connection, actor, number, **page)  # type: ignore[arg-type]


def member_of(person: str) -> Actor:
    return Actor(person, Role.MEMBER, person_id=person)


def test_a_look_shows_everything_and_is_a_row(bank: TriedBank, han: str) -> None:
    found = look(bank.bank, OPERATOR, " v0001 ", f" {WHY} ")

    assert (found.name, found.id_number, found.telephone) == ("韩杰浩", ID, TELEPHONE)
    (row,) = rows(bank)
    assert (row["number"], row["actor_id"], row["role"]) == (1, "staff_operator", "operator")
    assert (row["person_id"], row["purpose"]) == (han, "look")
    assert row["fields"] == "name id_number telephone"
    assert (row["previous_hash"], row["hash"]) == (START, hash_of(row))
    assert row["accessed_ms"] == bank.bank.now_ms()
    for secret in (WHY, "韩杰浩", ID):
        assert secret.encode() not in str(row).encode() + bytes(row["reason"])  # type: ignore[call-overload]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.OPERATOR])
def test_only_an_operator_looks(sqlite_bank: TriedBank, role: Role) -> None:
    with pytest.raises(NotPermitted):
        look(sqlite_bank.bank, sqlite_bank.actor(role), "V0001", WHY)


@pytest.mark.parametrize(
    ("number", "why", "refused"),
    [
        ("V0001", " ", MissingField),
        ("V0001", "x" * (MOST_REASON + 1), MissingField),
        ("V0001", "a\0b", ContentOutOfProfile),
        ("V0009", WHY, UnknownMember),
        ("E0001", WHY, PersonErased),
    ],
)
def test_what_is_refused_leaves_no_row(
    bank: TriedBank, han: str, number: str, why: str, refused: type[Exception]
) -> None:
    bank.bank.wrapped_keys.destroy(bank.people("E0001"))
    with pytest.raises(refused):
        look(bank.bank, OPERATOR, number, why)
    assert rows(bank) == []


def test_what_cannot_be_written_down_is_not_shown(sqlite_bank: TriedBank) -> None:
    (person,) = sqlite_bank.people("V0001")
    full = "BEFORE INSERT ON access BEGIN SELECT RAISE(ABORT, 'disk full'); END"
    run(sqlite_bank.settings.engine_url(), f"CREATE TRIGGER full {full}")
    for shown in (
        lambda: look(sqlite_bank.bank, OPERATOR, "V0001", WHY),
        lambda: themselves(sqlite_bank.bank, member_of(person)),
    ):
        with pytest.raises(StorageFault):
            shown()


@pytest.mark.parametrize("length", [MOST_REASON - 1, MOST_REASON])
def test_a_reason_may_be_long(sqlite_bank: TriedBank, length: int) -> None:
    sqlite_bank.people("V0001")
    look(sqlite_bank.bank, OPERATOR, "V0001", "由" * length)
    assert seen(sqlite_bank, OPERATOR)[0].stated == {"reason": "由" * length}


def test_what_only_compares_or_masks_is_no_look(bank: TriedBank, han: str) -> None:
    again = Newcomer("韩杰浩", (("E0001", "elder"),), None, ID)
    assert register(bank.bank, OPERATOR, [again], key="people-2") == [han]
    assert rows(bank) == []


def test_many_looks_are_one_statement_and_one_chain(bank: TriedBank) -> None:
    people = bank.people(*(f"V{number:04}" for number in range(200)))
    said: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        said.append(statement)

    engine = bank.bank.database.writing
    event.listen(engine, "before_cursor_execute", note)
    note_looks(bank.bank, OPERATOR, [Look(one, Purpose.LOOK, IDENTITY) for one in people])
    event.remove(engine, "before_cursor_execute", note)
    note_looks(bank.bank, OPERATOR, [])

    assert len([one for one in said if one.startswith("INSERT INTO access ")]) == 1
    previous = START
    for number, row in enumerate(rows(bank), 1):
        assert (row["number"], row["previous_hash"]) == (number, previous)
        assert row["hash"] == hash_of(row)
        previous = row["hash"]
    assert number == 200


def test_each_sees_what_is_theirs(bank: TriedBank, han: str) -> None:
    look(bank.bank, OPERATOR, "V0001", WHY)
    bank.people("V0002")
    look(bank.bank, OPERATOR, "V0002", WHY)
    greeted = themselves(bank.bank, member_of(han))
    assert greeted is not None
    assert greeted.name == "韩杰浩"

    own, looked = seen(bank, member_of(han))
    assert (own.number, own.purpose, own.role, own.fields) == (3, "own", "member", ("name",))
    assert (looked.number, looked.stated) == (1, {"reason": WHY})
    assert seen(bank, OPERATOR) == [own, looked]
    assert [one.stated for one in seen(bank, AUDITOR)] == [{}, {}]
    assert seen(bank, OPERATOR, most=1) == [own]
    assert seen(bank, OPERATOR, before=3) == [looked]
    for number in ("V0002", "V0009"):
        with pytest.raises(NotPermitted, match="read_others"):
            seen(bank, member_of(han), number)
    with pytest.raises(NotPermitted):
        seen(bank, bank.actor(Role.CLERK))
    with pytest.raises(UnknownMember):
        seen(bank, AUDITOR, "V0009")


def test_a_member_sees_whom_else_alone(bank: TriedBank, han: str) -> None:
    bank.people("V0002")
    look(bank.bank, OPERATOR, "V0001", WHY)
    look(bank.bank, OPERATOR, "V0002", WHY)
    themselves(bank.bank, member_of(han))
    with bank.bank.read() as connection:
        found = accesses_by_others(bank.bank, connection, member_of(han), most=9)
        behind = accesses_by_others(bank.bank, connection, member_of(han), before=1, most=9)
        for actor in (OPERATOR, AUDITOR):
            with pytest.raises(NotPermitted):
                accesses_by_others(bank.bank, connection, actor, most=9)
    assert [(one.number, one.purpose, one.stated) for one in found] == [
        (1, "look", {"reason": WHY})
    ]
    assert behind == []


def test_who_is_not_there_is_not_greeted(sqlite_bank: TriedBank) -> None:
    assert themselves(sqlite_bank.bank, member_of("person_none")) is None
    assert rows(sqlite_bank) == []


def test_the_office_of_who_looked_stands_beside_the_look(sqlite_bank: TriedBank) -> None:
    sqlite_bank.people("V0001")
    with sqlite_bank.bank.read() as connection:
        query = "SELECT staff_id FROM staff WHERE role = 'operator'"
        staff = connection.exec_driver_sql(query).scalar_one()
    look(sqlite_bank.bank, Actor(staff, Role.OPERATOR), "V0001", WHY)
    assert seen(sqlite_bank, OPERATOR)[0].title == "区运营"


def test_a_head_is_anchored_once(bank: TriedBank, han: str) -> None:
    def anchors() -> list[bytes]:
        with bank.bank.read() as connection:
            bodies = connection.exec_driver_sql("SELECT body FROM leaf ORDER BY leaf_index")
            return [bytes(body) for body in bodies.scalars() if b"access_anchor/v1" in bytes(body)]

    assert run_now(bank.bank, OPERATOR, "anchor_accesses").detail == '{"accesses": 0}'
    assert anchors() == []
    for count in (1, 2):
        look(bank.bank, OPERATOR, "V0001", WHY)
        for _time in range(2):
            bank.clock.move(timedelta(milliseconds=1))
            run_now(bank.bank, OPERATOR, "anchor_accesses")
        (newest,) = anchors()[count - 1 :]
        assert f'\\"accesses\\":{count},'.encode() in newest
        assert str(rows(bank)[-1]["hash"]).encode() in newest
        assert han.encode() not in newest


MERGE = "ON CONFLICT (book_id, number) DO UPDATE SET role = 'x'"
ATTACKS = (
    "UPDATE access SET actor_id = 'staff_nobody'",
    "UPDATE access SET number = number + 1",
    "DELETE FROM access",
    "DELETE FROM access WHERE number = 1",
)
MORE_ATTACKS = {
    True: (
        "UPDATE OR REPLACE access SET role = 'x'",
        "INSERT OR REPLACE INTO access SELECT * FROM access",
        "REPLACE INTO access SELECT * FROM access",
        f"INSERT INTO access SELECT * FROM access WHERE 1 = 1 {MERGE}",
    ),
    False: (
        "TRUNCATE access",
        f"INSERT INTO access SELECT * FROM access {MERGE}",
    ),
}


def test_no_row_is_changed_or_deleted_by_raw_sql(bank: TriedBank, han: str) -> None:
    look(bank.bank, OPERATOR, "V0001", WHY)
    before = rows(bank)
    for url in {bank.settings.owner_url(), bank.settings.engine_url()}:
        for attack in (*ATTACKS, *MORE_ATTACKS[bank.is_sqlite]):
            with pytest.raises((sqlite3.Error, psycopg.Error), match=r"append-only|permission"):
                run(url, attack)
    assert rows(bank) == before


def run(url: str, statement: str) -> None:
    place = make_url(url)
    if place.get_backend_name() == "sqlite":
        assert place.database is not None
        with closing(sqlite3.connect(place.database, isolation_level=None)) as client:
            client.execute(statement)
    else:
        address = place.set(drivername="postgresql").render_as_string(hide_password=False)
        with closing(psycopg.connect(address, autocommit=True)) as client:
            client.execute(statement.encode())
