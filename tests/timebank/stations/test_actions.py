"""timebank/stations/actions.py: a station has one key, one account and one code; logins are one."""

import pytest
from sqlalchemy import select

from ledger.balances import balance_of
from ledger.errors import KeyReused
from ledger.keys import SigningKey
from tests.support.banks import FOUNDER, OPERATOR, STATION, TriedBank
from tests.support.services import service
from timebank.errors import (
    MissingField,
    NotPermitted,
    StaffExists,
    StationCodeInvalid,
    StationExists,
    StationMissing,
    UnknownStaff,
    UnknownStation,
    WeakPassword,
)
from timebank.records.actions import log_service
from timebank.stations.actions import (
    hire,
    hire_at_station,
    is_station_code,
    open_station,
    require,
    require_station,
    set_password,
    station_named,
)
from timebank.stations.directory import stations_listed
from timebank.stations.model import Actor, Role
from timebank.stations.sessions import checked_staff
from timebank.stations.staff import staff_listed
from timebank.stations.tables import STAFF

CODE, NAME = STATION
PASSWORD = "correct horse 7"
NO_OPERATOR = [role for role in Role if role is not Role.OPERATOR]


def opened(bank: TriedBank, code: str, name: str = "东亭", key: str = "open-east") -> str:
    return open_station(bank.bank, OPERATOR, code, name, key=key)


def hired(bank: TriedBank, login: str = "wang", **changed: object) -> str:
    wanted: dict = {
        "login": login, "title": "登记员", "role": Role.CLERK, "password": PASSWORD,
        "station_code": CODE, **changed,
    }  # fmt: skip
    return hire(bank.bank, wanted.pop("actor", OPERATOR), **wanted)


def test_a_new_station_has_a_clearing_account_and_signs_with_its_own_key(bank: TriedBank) -> None:
    account_id = opened(bank, "EAST")

    with bank.bank.read() as connection:
        account = balance_of(connection, account_id)
        stations = {one.code: one for one in stations_listed(connection)}
        assert station_named(connection, "EAST") == "东亭"
    assert account is not None
    assert (account.kind, account.posted) == ("clearing", 0)
    assert stations["EAST"].account_id == account_id
    assert stations["EAST"].records == 0
    key = SigningKey.load(bank.settings.keys_folder / "station-EAST.key")
    assert key.name == stations["EAST"].key_name == "timebank.example/test/stn/EAST"

    bank.people("V0001", "E0001")
    clerk = bank.actor(Role.CLERK, "EAST")
    logged = log_service(bank.bank, clerk, "EAST", service(), key="log-00001")
    assert logged.body["number"] == 1


def test_what_stopped_half_way_is_finished_by_the_same_call(bank: TriedBank) -> None:
    """The key's file is made before anything is committed; the same call finds and uses it."""
    name = bank.bank.key_name("EAST")
    made = SigningKey.generate(name)
    made.save(bank.settings.keys_folder / "station-EAST.key")

    first = opened(bank, "EAST")
    assert opened(bank, "EAST") == first
    with pytest.raises(StationExists):
        opened(bank, "EAST", key="open-again")
    with bank.again() as later, later.read() as connection:
        assert [one.code for one in stations_listed(connection)] == ["EAST", CODE]
        keys = connection.exec_driver_sql("SELECT vkey FROM signing_key WHERE role = 'station'")
        assert str(made.vkey) in keys.scalars().all()


@pytest.mark.parametrize("role", NO_OPERATOR)
def test_only_the_operator_opens_and_hires(sqlite_bank: TriedBank, role: Role) -> None:
    actor = sqlite_bank.actor(role)
    with pytest.raises(NotPermitted):
        open_station(sqlite_bank.bank, actor, "-", "东亭", key="open-east")
    with pytest.raises(NotPermitted):
        hired(sqlite_bank, "clerk-XFL", actor=actor, password="short")
    with pytest.raises(NotPermitted):
        set_password(sqlite_bank.bank, actor, "nobody", "short")
    with sqlite_bank.bank.read() as connection, pytest.raises(NotPermitted):
        staff_listed(connection, actor)


@pytest.mark.parametrize(
    ("code", "fits"),
    [
        ("", False), ("A", True), ("a-1", True), ("-a", False), ("A" * 20, True),
        ("A" * 21, False), ("幸福", False), ("A/B", False), ("A.B", False), ("A\n", False),
        ("٣", False),
    ],
)  # fmt: skip
def test_a_code_is_a_word_of_a_key_name(sqlite_bank: TriedBank, code: str, fits: bool) -> None:
    assert is_station_code(code) is fits
    if not fits:
        with pytest.raises(StationCodeInvalid):
            opened(sqlite_bank, code)
        assert len(list(sqlite_bank.settings.keys_folder.glob("station-*"))) == 1


def test_a_code_names_one_station(bank: TriedBank) -> None:
    with pytest.raises(StationExists):
        opened(bank, CODE, "别的")
    # A second opening of the same station is none: it would have two accounts.
    with pytest.raises(StationExists):
        opened(bank, CODE, NAME, key="open-again")
    with pytest.raises(KeyReused):
        open_station(bank.bank, FOUNDER, "EAST", "东亭", key=f"found-{CODE}")
    with bank.bank.read() as connection:
        assert [one.code for one in stations_listed(connection)] == [CODE]
        clearing = "SELECT count(*) FROM account WHERE kind = 'clearing'"
        assert connection.exec_driver_sql(clearing).scalar() == 1


def test_stations_are_listed_page_by_page(sqlite_bank: TriedBank) -> None:
    for code in ("B", "A", "C"):
        opened(sqlite_bank, code, f"站{code}", key=f"open-{code}")
    with sqlite_bank.bank.read() as connection:
        first = [one.code for one in stations_listed(connection, most=3)]
        rest = [one.code for one in stations_listed(connection, after=first[-1])]
    assert (first, rest) == (["A", "B", "C"], [CODE])


def test_who_is_hired_signs_in_and_is_listed_without_a_secret(bank: TriedBank) -> None:
    staff_id = hired(bank)

    actor = checked_staff(bank.bank, "wang", PASSWORD)
    assert actor == Actor(staff_id, Role.CLERK, CODE, title="登记员")
    with bank.bank.read() as connection:
        listed = {one.login: one for one in staff_listed(connection, OPERATOR)}
        stored = connection.execute(select(STAFF.c.password_hash)).scalars().all()
    assert (listed["wang"].role, listed["wang"].is_active) == ("clerk", True)
    assert not any(PASSWORD in one for one in stored)
    assert PASSWORD not in repr(listed)
    logins = sorted(listed)
    with bank.bank.read() as connection:
        pages = staff_listed(connection, OPERATOR, most=2) + staff_listed(
            connection, OPERATOR, after=logins[1]
        )
    assert [one.login for one in pages] == logins


@pytest.mark.parametrize(
    ("login", "password", "station", "refusal"),
    [
        # Each row mends the fault that the row above was refused for, and keeps the rest.
        ("clerk-XFL", "short", "", StationMissing),
        ("clerk-XFL", "short", "NONE", WeakPassword),
        ("clerk-XFL", PASSWORD, "NONE", UnknownStation),
        ("clerk-XFL", PASSWORD, CODE, StaffExists),
    ],
)
def test_hiring_is_refused_in_the_documented_order(
    bank: TriedBank, login: str, password: str, station: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        hired(bank, login, password=password, station_code=station)


@pytest.mark.parametrize("role", [Role.CLERK, Role.REVIEWER, Role.KIOSK])
def test_who_works_at_a_station_is_hired_for_one(sqlite_bank: TriedBank, role: Role) -> None:
    with pytest.raises(StationMissing) as refused:
        hired(sqlite_bank, role=role, station_code="")
    assert refused.value.facts == {"role": role.value}


@pytest.mark.parametrize("login", ["", " ", "\u3000"])
def test_nobody_is_hired_without_a_login(sqlite_bank: TriedBank, login: str) -> None:
    with pytest.raises(MissingField) as refused:
        hired(sqlite_bank, login, password="short")
    assert refused.value.facts == {"field": "login"}


def test_a_first_password_is_made_that_no_rule_refuses(sqlite_bank: TriedBank) -> None:
    # A short login stands in many a random password.
    for login in ("a", "b", "E", "f", "9"):
        staff_id, password = hire_at_station(
            sqlite_bank.bank, OPERATOR, CODE, login=login, title="", role=Role.REVIEWER
        )

        actor = checked_staff(sqlite_bank.bank, login, password)
        assert actor == Actor(staff_id, Role.REVIEWER, CODE, title="reviewer")


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.AUDITOR])
def test_the_districts_staff_need_no_station(sqlite_bank: TriedBank, role: Role) -> None:
    hired(sqlite_bank, role=role, station_code="")

    assert checked_staff(sqlite_bank.bank, "wang", PASSWORD).station_code == ""


def test_a_new_password_replaces_the_old_one(bank: TriedBank) -> None:
    hired(bank)
    with pytest.raises(WeakPassword):
        set_password(bank.bank, OPERATOR, "wang", "wang-is-my-name")
    set_password(bank.bank, OPERATOR, "wang", "another horse 8")

    assert checked_staff(bank.bank, "wang", "another horse 8").role is Role.CLERK


def test_nobody_elses_password_is_changed_by_a_login_that_does_not_exist(bank: TriedBank) -> None:
    with pytest.raises(UnknownStaff):
        set_password(bank.bank, OPERATOR, "wagn", PASSWORD)


def test_who_may_act_for_which_station() -> None:
    clerk = Actor("x", Role.CLERK, CODE)
    require(clerk, "log", Role.CLERK, Role.OPERATOR)
    require_station(clerk, "log", CODE)
    require_station(FOUNDER, "log", "EAST")
    with pytest.raises(NotPermitted) as refused:
        require(clerk, "hire", Role.OPERATOR)
    assert refused.value.facts == {"role": "clerk", "action": "hire"}
    for code in ("EAST", ""):
        with pytest.raises(NotPermitted):
            require_station(clerk, "log", code)
