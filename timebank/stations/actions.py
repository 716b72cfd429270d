"""Stations and staff: opened and hired by the operator, with keys and passwords of their own."""

import re
import secrets
from typing import Any

from sqlalchemy import Connection, insert, select, text, update

from ledger.approvals import STATION as STATION_KEY
from ledger.approvals import prove_possession
from ledger.draft import Draft, Facts
from ledger.enrolment import enrol_key
from ledger.ids import new_id
from ledger.keys import SigningKey
from timebank import keyring
from timebank.bank import Bank
from timebank.chart import Kind, title_of
from timebank.databases import check_text
from timebank.errors import (
    MissingField,
    NotPermitted,
    StaffExists,
    StationCodeInvalid,
    StationExists,
    StationMissing,
    UnknownStaff,
    UnknownStation,
)
from timebank.people.pins import check_password
from timebank.stations.model import AT_A_STATION, Actor, Role
from timebank.stations.sessions import end_sessions
from timebank.stations.tables import STAFF, STATION

BOOK = 1
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,19}", re.ASCII)


def open_station(bank: Bank, actor: Actor, code: str, name: str, *, key: str) -> str:
    """Open a station with a signing key and a clearing account; answers the account's id.

    The key file is made first: should the process end here, the same call finds and uses it.

    Raises, the first that applies:
        NotPermitted: the actor is no operator.
        StationCodeInvalid: not 1 to 20 letters, digits or hyphens.
        StationExists: the code is taken, be it by this name under another idempotency key.
    """
    require(actor, "open_station", Role.OPERATOR)
    if not is_station_code(code):
        raise StationCodeInvalid(field="station")
    with bank.read() as connection:
        known = station_named(connection, code)
    if known is not None and known != name:
        raise StationExists(station=code)
    key_name = give_key(bank, actor, code, name, key=f"{key}/key")
    content = {"code": code, "name": name}

    def opening(draft: Draft) -> dict[str, Any]:
        if draft.query(_station(code)).first():
            raise StationExists(station=code)
        title = title_of(Kind.CLEARING)
        account_id = draft.new_id("acct")
        draft.open_account(
            account_id,
            Kind.CLEARING.value,
            floor=title.floor,
            ceiling=title.ceiling,
            facts={"do": "open_station", "station": code},
        )
        row = {
            "book_id": BOOK,
            "code": code,
            "name": name,
            "account_id": account_id,
            "key_name": key_name,
            "records": 0,
            "opened_ms": draft.recorded_ms,
        }
        draft.add(insert(STATION), [row])
        return {"account": account_id}

    action = bank.action(actor, "station", opening, key=f"{key}/station", content=content)
    return str(bank.act(action).body["account"])


def give_key(bank: Bank, actor: Actor, code: str, name: str, *, key: str) -> str:
    """Make and enrol the key of a station, unless it is enrolled; answers the key's name."""
    key_name = bank.key_name(code)
    signer = _signer_of(bank, code)
    with bank.read() as connection:
        if _is_enrolled(connection, key_name):
            return key_name

    def enrol(draft: Draft) -> dict[str, Any]:
        proof = prove_possession(draft.view.origin, STATION_KEY, signer)
        facts: Facts = {"do": "enrol_key"}
        enrol_key(draft, signer.vkey, role=STATION_KEY, possession=proof, facts=facts)
        return {"key": key_name}

    bank.act(bank.action(actor, "key", enrol, key=key, content={"code": code, "name": name}))
    return key_name


def _signer_of(bank: Bank, code: str) -> SigningKey:
    """The station's key: its file's, or a new one's, which the bank holds from now on."""
    folder, name = bank.settings.keys_folder, keyring.station_file(code)
    if (folder / f"{name}.key").exists():
        signer = SigningKey.load(folder / f"{name}.key")
    else:
        signer = keyring.new_key(folder, name, bank.key_name(code))
    bank.add_signer(signer)
    return signer


def hire(
    bank: Bank,
    actor: Actor,
    *,
    login: str,
    title: str,
    role: Role,
    password: str,
    station_code: str = "",
) -> str:
    """Let somebody sign in; answers their staff id.  ``title`` is an office, not a private name.

    Raises, the first that applies:
        NotPermitted: the actor is no operator.
        MissingField: a login of nothing but spaces.
        StationMissing: a role of :data:`AT_A_STATION` without a station; with none, its holder
            would act for every station.
        ContentOutOfProfile: see :func:`timebank.databases.check_text`.
        WeakPassword: see :func:`timebank.people.pins.check_password`.
        UnknownStation: no such station.
        StaffExists: the login is taken.
    """
    require(actor, "hire", Role.OPERATOR)
    if not login.strip():
        raise MissingField(field="login")
    if role in AT_A_STATION and not station_code:
        raise StationMissing(role=role.value)
    check_text(login, title, station_code)
    row = {
        "book_id": BOOK,
        "staff_id": new_id("staff"),
        "login": login,
        "title": title,
        "role": role.value,
        "station_code": station_code,
        "password_hash": bank.secrets.hash(login, check_password(password, login)),
        "failures": 0,
        "locked_until_ms": 0,
        "active": 1,
    }

    def change(draft: Draft) -> dict[str, Any]:
        if station_code and not draft.query(_station(station_code)).first():
            raise UnknownStation(station=station_code)
        if draft.query(select(STAFF.c.staff_id).where(STAFF.c.login == login)).first():
            raise StaffExists(staff=login)
        draft.add(insert(STAFF), [row])
        return {"staff": row["staff_id"]}

    return str(bank.keep_house(change)["staff"])


def hire_at_station(
    bank: Bank, actor: Actor, station_code: str, *, login: str, title: str, role: Role
) -> tuple[str, str]:
    """Let somebody sign in at a station; answers their staff id and the password made for them.

    The password stands in the answer and nowhere else.  Without a ``title`` the role is one.

    Raises: see :func:`hire`.
    """
    password = first_password(login)
    staff_id = hire(
        bank,
        actor,
        login=login,
        title=title or role.value,
        role=role,
        password=password,
        station_code=station_code,
    )
    return staff_id, password


def first_password(login: str) -> str:
    """A password of 96 random bits that :func:`check_password` lets pass for ``login``."""
    while True:
        password = secrets.token_urlsafe(12)
        if not login or login.casefold() not in password.casefold():
            return password


def set_password(bank: Bank, actor: Actor, login: str, password: str) -> None:
    """Give a member of staff a new password, end their sessions and lift a lock.

    Raises, the first that applies:
        NotPermitted: the actor is no operator.
        ContentOutOfProfile: see :func:`timebank.databases.check_text`.
        WeakPassword: see :func:`timebank.people.pins.check_password`.
        UnknownStaff: nobody has that login.
    """
    require(actor, "set_password", Role.OPERATOR)
    check_text(login)
    hashed = bank.secrets.hash(login, check_password(password, login))

    def change(draft: Draft) -> dict[str, Any]:
        staff = draft.query(select(STAFF.c.staff_id).where(STAFF.c.login == login)).first()
        if staff is None:
            raise UnknownStaff(staff=login[:60])
        end_sessions(draft, staff_id=staff.staff_id)
        changed = (
            update(STAFF)
            .where(STAFF.c.login == login)
            .values(password_hash=hashed, failures=0, locked_until_ms=0)
        )
        draft.add(changed)
        return {}

    bank.keep_house(change)


def require(actor: Actor, action: str, *roles: Role) -> None:
    """Let an actor with one of ``roles`` do ``action``, a code.

    Raises:
        NotPermitted: any other role.
    """
    if actor.role not in roles:
        raise NotPermitted(role=actor.role.value, action=action)


def require_station(actor: Actor, action: str, station_code: str) -> None:
    """Let an actor do ``action`` for their own station, and the district's staff for any.

    Raises:
        NotPermitted: the actor works at another station.
    """
    if actor.station_code and actor.station_code != station_code:
        raise NotPermitted(role=actor.role.value, action=action)


def is_station_code(code: str) -> bool:
    """Whether ``code`` is 1 to 20 ASCII letters, digits or hyphens, as it stands in key names."""
    return _CODE.fullmatch(code) is not None


def station_named(connection: Connection, code: str) -> str | None:
    """The name of a station, ``None`` where there is none of that code."""
    row = connection.execute(_station(code)).first()
    return None if row is None else str(row.name)


def staff_named(connection: Connection, login: str) -> str:
    """The id of the member of staff who has that login.

    Raises:
        UnknownStaff: nobody has.
    """
    query = select(STAFF.c.staff_id).where(STAFF.c.book_id == BOOK, STAFF.c.login == login)
    found = connection.execute(query).scalar()
    if found is None:
        raise UnknownStaff(staff=login[:60])
    return str(found)


def _is_enrolled(connection: Connection, key_name: str) -> bool:
    query = text("SELECT 1 FROM signing_key WHERE book_id = :book AND name = :name")
    found = connection.execute(query, {"book": BOOK, "name": key_name}).first()
    return found is not None


def _station(code: str) -> Any:
    return select(STATION.c.name, STATION.c.account_id).where(
        STATION.c.book_id == BOOK, STATION.c.code == code
    )
