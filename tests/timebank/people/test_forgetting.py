"""timebank/people/forgetting.py: restricted while the books must be kept, destroyed afterwards."""

import shutil
from datetime import date, timedelta
from pathlib import Path

import orjson
import pytest
from sqlalchemy import select

from ledger.errors import KeyReused
from ledger.verify import verify
from tests.support import independent_model
from tests.support.banks import OPERATOR, TriedBank
from tests.support.books import finds
from tests.support.lived_bank import log
from timebank.audit.bundle import export
from timebank.bank import Bank
from timebank.chart import Kind
from timebank.clock import local_date
from timebank.errors import (
    BalanceRemains,
    HoldsOpen,
    NotPermitted,
    PersonErased,
    PersonRestricted,
    UnknownMember,
    WrongCredentials,
)
from timebank.jobs.forgetting import finish_forgetting
from timebank.people.accesses import look
from timebank.people.actions import issue_card, register
from timebank.people.directory import ids_by_field, members, numbered
from timebank.people.forgetting import Forgotten, forget, retention_ends
from timebank.people.kinship import note_kinship
from timebank.people.model import Newcomer, Relation
from timebank.people.reading import people_shown, person_shown
from timebank.people.tables import BLIND_INDEX, CARD, KINSHIP, PERSON, VAULT
from timebank.reconciliation.reconcile import reconcile
from timebank.records.queries import records_listed
from timebank.records.tables import SERVICE_RECORD
from timebank.statements.objects import as_json
from timebank.statements.spreadsheet import as_csv
from timebank.statements.statement import statement
from timebank.stations.model import Role
from timebank.stations.sessions import actor_of, sign_in_by_card

ID, TELEPHONE, PIN = "320113195005209569", "13812340000", "274913"
FIELDS = (("name", "韩杰浩"), ("id_number", ID), ("telephone", TELEPHONE))


def han(number: str = "V0001") -> Newcomer:
    return Newcomer("韩杰浩", ((number, "volunteer elder"),), date(1950, 5, 20), ID, TELEPHONE)


@pytest.fixture
def retired(bank: TriedBank) -> TriedBank:
    """V0001 gave an hour, was served once, gave the hour away, has a card and kin."""
    register(bank.bank, OPERATOR, [han()], key="people-1")
    bank.people("V0002", "E0001")
    log(bank, "V0001", "E0001", "08:00")
    log(bank, "V0002", "V0001", "10:00")
    bank.post(bank.account("V0001"), bank.bank.account_of(Kind.POOL), 60, kind="donation")
    note_kinship(bank.bank, OPERATOR, "V0001", "V0002", Relation.SIBLING, "户口簿")
    issue_card(bank.bank, OPERATOR, "V0001", PIN)
    return bank


def forgotten(bank: TriedBank, number: str = "V0001", key: str = "forget-1") -> Forgotten:
    return forget(bank.bank, OPERATOR, number, key=key)


def last_day(bank: TriedBank) -> date:
    """The last day on which the books must be kept, as the frozen clock's own is the last entry."""
    return retention_ends(local_date(bank.clock.now()), 10) - timedelta(days=1)


def go_to(bank: TriedBank, day: date) -> None:
    bank.clock.move(timedelta(days=(day - local_date(bank.clock.now())).days))


def state(bank: TriedBank, number: str = "V0001") -> str:
    query = select(PERSON.c.state).where(PERSON.c.person_id == person_of(bank, number))
    with bank.bank.read() as connection:
        return str(connection.execute(query).scalar_one())


def found_anywhere(bank: TriedBank) -> list[str]:
    """Fields by which the person is still found, and what else shows them."""
    with bank.bank.read() as connection:
        shown = [
            field for field, value in FIELDS if ids_by_field(bank.bank, connection, field, [value])
        ]
        everybody = connection.execute(select(PERSON.c.person_id)).scalars().all()
        shown += [one.name for one in members(bank.bank, connection, everybody).values()]
        shown += list(numbered(bank.bank, connection, ["V0001"]))
    return [one for one in shown if not one.startswith("成员")]


def rows_of(bank: TriedBank, table, person: str) -> int:  # type: ignore[no-untyped-def]
    with bank.bank.read() as connection:
        return len(connection.execute(select(table).where(table.c.person_id == person)).all())


def person_of(bank: TriedBank, number: str = "V0001") -> str:
    with bank.bank.read() as connection:
        query = f"SELECT person_id FROM person_number WHERE number = '{number}'"
        return str(connection.exec_driver_sql(query).scalar_one())


def test_before_the_end_of_retention_a_person_is_restricted(retired: TriedBank) -> None:
    person, end = person_of(retired), last_day(retired) + timedelta(days=1)
    token = sign_in_by_card(retired.bank, "V0001", PIN)

    done = forgotten(retired, " v0001 ")

    assert done == Forgotten(person, "restricted", end, end + timedelta(days=35))
    assert done.as_json()["until"] == end.isoformat()
    assert found_anywhere(retired) == []
    with pytest.raises(WrongCredentials):
        sign_in_by_card(retired.bank, "V0001", PIN)
    with retired.bank.read() as connection:
        assert actor_of(connection, token, retired.bank.now_ms()) is None
    with pytest.raises(UnknownMember):
        issue_card(retired.bank, OPERATOR, "V0001", PIN)
    with pytest.raises(PersonRestricted):
        register(retired.bank, OPERATOR, [han("V0009")], key="people-9")
    assert look(retired.bank, OPERATOR, "V0001", "法院调取").id_number == ID
    assert rows_of(retired, BLIND_INDEX, person) == 3
    assert all_agree(retired)


def all_agree(bank: TriedBank) -> bool:
    """Whether every check agrees but those that wait for jobs and for the public folder."""
    bank.bank.publish()
    outcome = reconcile(bank.bank)
    differing = {one.name for one in outcome.checks if one.result.value in ("differs", "broken")}
    return differing <= {"jobs_silent"}


@pytest.mark.parametrize("after", [-1, 0, 1])
def test_the_end_of_retention_to_the_day(retired: TriedBank, after: int) -> None:
    end = last_day(retired) + timedelta(days=1)
    go_to(retired, end + timedelta(days=after))

    done = forgotten(retired)

    if after < 0:
        assert (done.outcome, done.until_on) == ("restricted", end)
    else:
        assert (done.outcome, done.until_on) == ("forgotten", None)
        assert done.unreadable_on == end + timedelta(days=after + 35)
    assert state(retired) == ("restricted" if after < 0 else "erased")


@pytest.mark.parametrize(
    ("last", "years", "end"),
    [
        (date(2023, 4, 6), 10, date(2033, 4, 6)),
        (date(2024, 2, 28), 1, date(2025, 2, 28)),
        (date(2024, 2, 29), 1, date(2025, 3, 1)),
        (date(2024, 2, 29), 4, date(2028, 2, 29)),
    ],
)
def test_a_year_is_a_year(last: date, years: int, end: date) -> None:
    assert retention_ends(last, years) == end


def test_afterwards_nothing_names_the_person_and_the_books_stand(
    retired: TriedBank, tmp_path: Path
) -> None:
    person, account = person_of(retired), retired.account("V0001")
    go_to(retired, last_day(retired) + timedelta(days=1))

    forgotten(retired)

    for table in (VAULT, BLIND_INDEX, CARD, KINSHIP):
        assert rows_of(retired, table, person) == 0
    assert retired.bank.wrapped_keys.of([person]) == {}
    with retired.bank.read() as connection:
        openings = connection.execute(select(SERVICE_RECORD.c.opening)).scalars().all()
        assert [bytes(one) for one in openings] == [b"", b""]
        assert connection.execute(select(KINSHIP)).all() == []
    assert found_anywhere(retired) == []
    assert retired.account("V0001") == account
    with pytest.raises(PersonErased):
        look(retired.bank, OPERATOR, "V0001", "法院调取")
    assert all_agree(retired)
    bundle = tmp_path / "bundle"
    export(retired.bank.database, finds(retired.bank.log_key), bundle)
    assert verify(bundle, vkey=str(retired.bank.log_key.vkey)).findings == ()
    truth = independent_model.read(bundle)
    assert (truth.problems, truth.accounts[account].posted) == ([], 0)
    with retired.bank.read() as connection:
        newest = "SELECT body FROM leaf ORDER BY leaf_index DESC LIMIT 1"
        leaf = bytes(connection.exec_driver_sql(newest).scalar_one())
    assert b'"kind":"fact"' in leaf
    assert b'\\"do\\":\\"person_forgotten\\"' in leaf
    assert person.encode() in leaf
    assert b"V0001" not in leaf


def test_the_same_id_number_registers_anew_as_another_person(retired: TriedBank) -> None:
    old = person_of(retired)
    go_to(retired, last_day(retired) + timedelta(days=1))
    forgotten(retired)

    (new,) = register(retired.bank, OPERATOR, [han("V0009")], key="people-9")

    assert new != old
    assert retired.account("V0009") != retired.account("V0001")


def test_a_copy_of_the_old_book_opens_nothing_without_the_key(
    sqlite_bank: TriedBank, tmp_path: Path
) -> None:
    register(sqlite_bank.bank, OPERATOR, [han()], key="people-1")
    person = person_of(sqlite_bank)
    sqlite_bank.bank.close()
    backup = tmp_path / "backup"
    shutil.copytree(sqlite_bank.settings.data, backup)
    with Bank.open(sqlite_bank.settings, sqlite_bank.clock) as bank:
        go_to(sqlite_bank, last_day(sqlite_bank) + timedelta(days=1))
        forget(bank, OPERATOR, "V0001", key="forget-1")

    shutil.rmtree(sqlite_bank.settings.data)
    shutil.copytree(backup, sqlite_bank.settings.data)
    with Bank.open(sqlite_bank.settings, sqlite_bank.clock) as bank:
        with bank.read() as connection:
            sealed = connection.execute(select(VAULT.c.sealed)).scalar_one()
            assert members(bank, connection, [person]) == {}
        assert ID.encode() not in bytes(sealed)
        with pytest.raises(PersonErased):
            look(bank, OPERATOR, "V0001", "恢复后试读")
        for wrong in (None, bank.vault.new_key("person_other")):
            with pytest.raises(Exception, match=r"destroyed|altered"):
                bank.vault.open(person, wrong, bytes(sealed))


@pytest.mark.parametrize("minutes", [1, 2])
def test_minutes_must_be_disposed_of_first(bank: TriedBank, minutes: int) -> None:
    bank.people("V0001")
    bank.issue("V0001", minutes)
    with pytest.raises(BalanceRemains) as refused:
        forgotten(bank)
    assert refused.value.facts == {"minutes": minutes}
    assert "捐入公益池" in refused.value.in_chinese()
    assert state(bank) == "active"


def test_holds_must_end_first(bank: TriedBank) -> None:
    bank.people("V0001", "E0001")
    bank.issue("V0001", 5)
    expires = bank.bank.now_ms() + 60_000
    bank.hold(bank.account("V0001"), bank.account("E0001"), 5, expires_ms=expires)
    with pytest.raises(HoldsOpen):
        forgotten(bank)


@pytest.mark.parametrize(("days", "word"), [(-1, "停止使用"), (0, "已注销")])
def test_lists_and_statements_say_so_in_the_place_of_the_name(
    retired: TriedBank, days: int, word: str
) -> None:
    go_to(retired, last_day(retired) + timedelta(days=1 + days))
    forgotten(retired)
    with retired.bank.read() as connection:
        shown = person_shown(retired.bank, connection, OPERATOR, "V0001")
        listed = people_shown(retired.bank, connection, OPERATOR)
        records = records_listed(retired.bank, connection, OPERATOR)
        account = retired.account("V0001")
        found = statement(connection, account, from_on=None, to_on=None)
        csv = b"".join(as_csv(found)).decode()
        found = statement(connection, account, from_on=None, to_on=None)
        told = orjson.loads(b"".join(as_json(found)))
    assert (shown.name, shown.id_number, shown.telephone) == (word, "", "")
    assert (shown.numbers, shown.roles) == (("V0001",), ("volunteer", "elder"))
    assert {one.number: one.name for one in listed}["V0001"] == word
    assert word in {person.name for record in records for person in record.people}
    assert f"期初,{word}," in csv
    assert told["holder"] == ("erased" if days == 0 else "restricted")


def test_once_is_enough(retired: TriedBank) -> None:
    go_to(retired, last_day(retired) + timedelta(days=1))
    first = forgotten(retired)
    assert forgotten(retired) == first
    with pytest.raises(PersonErased):
        forgotten(retired, key="forget-2")
    with pytest.raises(KeyReused):
        forgotten(retired, "V0002")


def test_what_a_crash_left_is_completed(retired: TriedBank) -> None:
    person = person_of(retired)
    key = retired.bank.wrapped_keys.of([person])
    go_to(retired, last_day(retired) + timedelta(days=1))
    forgotten(retired)

    retired.bank.wrapped_keys.put(key)
    with pytest.raises(PersonErased):
        forgotten(retired, key="forget-2")
    assert retired.bank.wrapped_keys.of([person]) == {}

    retired.bank.wrapped_keys.put(key)
    assert finish_forgetting(retired.bank, 1) == {"forgotten": 0, "keys": 1, "waiting": 0}
    assert retired.bank.wrapped_keys.of([person]) == {}


@pytest.mark.parametrize("after", [-1, 0, 1])
def test_the_job_destroys_whom_retention_kept(retired: TriedBank, after: int) -> None:
    end = last_day(retired) + timedelta(days=1)
    forgotten(retired)
    go_to(retired, end + timedelta(days=after))

    done = finish_forgetting(retired.bank, 1)

    assert done == {"forgotten": int(after >= 0), "keys": 0, "waiting": 0}
    assert state(retired) == ("restricted" if after < 0 else "erased")
    assert finish_forgetting(retired.bank, 2)["forgotten"] == 0


def test_the_job_lets_wait_who_has_minutes_again(bank: TriedBank) -> None:
    bank.people("V0001")
    forgotten(bank)
    bank.issue("V0001", 5)
    go_to(bank, last_day(bank) + timedelta(days=1))
    assert finish_forgetting(bank.bank, 1) == {"forgotten": 0, "keys": 0, "waiting": 1}


@pytest.mark.parametrize(
    "role", [role for role in Role if role not in (Role.OPERATOR, Role.SCHEDULER)]
)
def test_only_an_operator_forgets(sqlite_bank: TriedBank, role: Role) -> None:
    with pytest.raises(NotPermitted):
        forget(sqlite_bank.bank, sqlite_bank.actor(role), "V0001", key="forget-1")


def test_nobody_is_not_forgotten(sqlite_bank: TriedBank) -> None:
    with pytest.raises(UnknownMember):
        forgotten(sqlite_bank, "V0009")
