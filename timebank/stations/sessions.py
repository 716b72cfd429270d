"""Sessions: who is signed in, for how long, and how guessing is slowed down."""

import hashlib
import secrets
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, insert, select, update

from ledger.action import Action
from ledger.draft import Draft
from timebank.bank import Bank
from timebank.clock import from_milliseconds, milliseconds
from timebank.errors import WrongCredentials
from timebank.integrity.tables import SESSION_DEVICE
from timebank.people.pins import check_unlocked, locked_until
from timebank.people.tables import CARD
from timebank.stations.model import Actor, Role
from timebank.stations.tables import SESSION, STAFF

BOOK = 1
LONGEST_MINUTES = 12 * 60
"""A session ends so long after its sign-in, however busy it is."""


def checked_staff(bank: Bank, login: str, password: str) -> Actor:
    """The member of staff whose password that is.

    An unknown login costs the same time and says the same as a wrong password.

    Raises, the first that applies:
        LockedOut: too many wrong passwords in a row; see :func:`timebank.people.pins.locked_until`.
        WrongCredentials: no such login, or not its password.
    """
    return _checked(bank, login, password)[0]


def _checked(bank: Bank, login: str, password: str) -> tuple[Actor, str]:
    """The member of staff, and the stored secret that theirs was compared with."""
    where = _of_login(login)
    with bank.read() as connection:
        staff = connection.execute(select(STAFF).where(where)).mappings().first()
    _check(bank, STAFF, where, staff, "password_hash", login, password)
    assert staff is not None
    if not staff["active"]:
        raise WrongCredentials
    actor = Actor(
        staff["staff_id"], Role(staff["role"]), staff["station_code"], title=staff["title"]
    )
    return actor, str(staff["password_hash"])


def sign_in(bank: Bank, login: str, password: str, *, device: str = "") -> str:
    """Open a session for staff; answers its token, which is kept nowhere but with the caller.

    ``device`` is where it is opened, see :func:`timebank.integrity.acts.device_of`.

    Raises:
        LockedOut, WrongCredentials: see :func:`checked_staff`.
    """
    actor, stored = _checked(bank, login, password)
    minutes = bank.settings.session_minutes
    still = select(STAFF.c.password_hash).where(_of_login(login))
    holder = {"staff_id": actor.actor_id, "person_id": "", "role": actor.role.value}
    return _open(bank, minutes, holder, actor.station_code, still, stored, device)


def sign_in_by_card(
    bank: Bank, card_number: str, pin: str, station_code: str = "", *, device: str = ""
) -> str:
    """Open a member's short session at a kiosk; answers its token.  ``device``: as :func:`sign_in`.

    Raises, the first that applies:
        LockedOut: too many wrong PINs in a row, likewise.
        WrongCredentials: no such card, a lost one, or not its PIN.
    """
    number = card_number.strip().upper()
    where = (CARD.c.book_id == BOOK) & (CARD.c.card_number == number)
    with bank.read() as connection:
        card = connection.execute(select(CARD).where(where)).mappings().first()
    _check(bank, CARD, where, card, "pin_hash", number, pin)
    assert card is not None
    if card["state"] != "active":
        raise WrongCredentials
    minutes = bank.settings.kiosk_session_minutes
    still = select(CARD.c.pin_hash).where(where)
    holder = {"staff_id": "", "person_id": card["person_id"], "role": Role.MEMBER.value}
    return _open(bank, minutes, holder, station_code, still, card["pin_hash"], device)


def sign_out(bank: Bank, token: str) -> None:
    """End a session; an unknown or ended one stays as it is."""
    hashed = _hash(token)

    def change(draft: Draft) -> dict[str, Any]:
        ended = update(SESSION).where(
            SESSION.c.book_id == BOOK, SESSION.c.token_hash == hashed, SESSION.c.ended_ms.is_(None)
        )
        draft.add(ended.values(ended_ms=draft.recorded_ms))
        return {}

    bank.keep_house(change)


def actor_of(connection: Connection, token: str, now_ms: int) -> tuple[Actor, int] | None:
    """Who holds ``token`` and until when (ms UTC); ``None`` where it is unknown, ended or old."""
    on = (SESSION_DEVICE.c.book_id == BOOK) & (SESSION_DEVICE.c.token_hash == SESSION.c.token_hash)
    row = connection.execute(
        select(SESSION, SESSION_DEVICE.c.device)
        .join(SESSION_DEVICE, on, isouter=True)
        .where(SESSION.c.book_id == BOOK, SESSION.c.token_hash == _hash(token))
    )
    session = row.mappings().first()
    if session is None or session["ended_ms"] is not None or session["expires_ms"] <= now_ms:
        return None
    actor = Actor(
        session["staff_id"] or session["person_id"],
        Role(session["role"]),
        session["station_code"],
        session["person_id"],
        device=session["device"] or "",
    )
    return actor, session["expires_ms"]


def prolong(bank: Bank, token: str, actor: Actor, expires_ms: int, now_ms: int) -> None:
    """Let a session that is in use last its idle minutes from now; nobody waits for it.

    Written only when an eighth of those minutes has gone by, and never beyond
    :data:`LONGEST_MINUTES` after the sign-in.
    """
    is_member = actor.role is Role.MEMBER
    minutes = bank.settings.kiosk_session_minutes if is_member else bank.settings.session_minutes
    until_ms = now_ms + minutes * 60_000
    if until_ms - expires_ms < minutes * 60_000 // 8:
        return
    mine = (SESSION.c.book_id == BOOK) & (SESSION.c.token_hash == _hash(token))

    def change(draft: Draft) -> dict[str, Any]:
        row = draft.query(select(SESSION.c.opened_ms, SESSION.c.ended_ms).where(mine)).first()
        if row is not None and row.ended_ms is None:
            latest_ms = row.opened_ms + LONGEST_MINUTES * 60_000
            draft.add(update(SESSION).where(mine).values(expires_ms=min(until_ms, latest_ms)))
        return {}

    bank.submit(Action(kind="housekeeping", decide=change))


def end_sessions(draft: Draft, *, staff_id: str = "", person_id: str = "") -> None:
    """End every open session of a member of staff or of a person, where their secret changes.

    Whoever knew the old secret may be why it changes.
    """
    columns = SESSION.c
    theirs = (columns.staff_id == staff_id) & (columns.person_id == person_id)
    ended = update(SESSION).where(columns.book_id == BOOK, theirs, columns.ended_ms.is_(None))
    draft.add(ended.values(ended_ms=draft.recorded_ms))


def _open(
    bank: Bank,
    minutes: int,
    holder: dict[str, str],
    station_code: str,
    still: Select[tuple[str]],
    stored: str,
    device: str,
) -> str:
    """Open a session unless the secret that was checked is no longer the one that is ``stored``."""
    token = secrets.token_urlsafe(32)

    def change(draft: Draft) -> dict[str, Any]:
        if draft.query(still).scalar() != stored:
            raise WrongCredentials  # It was changed while we compared it.
        row = {
            "book_id": BOOK,
            "token_hash": _hash(token),
            **holder,
            "station_code": station_code,
            "opened_ms": draft.recorded_ms,
            "expires_ms": draft.recorded_ms + minutes * 60_000,
            "ended_ms": None,
        }
        draft.add(insert(SESSION), [row])
        if device:
            known = {"book_id": BOOK, "token_hash": row["token_hash"], "device": device}
            draft.add(insert(SESSION_DEVICE), [known])
        return {}

    bank.keep_house(change)
    return token


def _of_login(login: str) -> ColumnElement[bool]:
    return (STAFF.c.book_id == BOOK) & (STAFF.c.login == login)


def _check(
    bank: Bank, table: Any, where: Any, row: Any, column: str, owner: str, secret: str
) -> None:
    """Compare a secret and count what is wrong; a success after failures starts from zero.

    Counting is done inside the writer, so that guesses made at the same time are counted in turn.
    """
    now = bank.clock.now()
    if row is not None and row["locked_until_ms"]:
        check_unlocked(from_milliseconds(row["locked_until_ms"]), now)
    matches = bank.secrets.matches(owner, None if row is None else row[column], secret)
    if row is None:
        raise WrongCredentials
    if matches and not row["failures"]:
        return

    def change(draft: Draft) -> dict[str, Any]:
        before = draft.query(select(table.c.failures).where(where)).scalar() or 0
        failures = 0 if matches else before + 1
        until = None if matches else locked_until(failures, now)
        locked_ms = 0 if until is None else milliseconds(until)
        draft.add(update(table).where(where).values(failures=failures, locked_until_ms=locked_ms))
        return {}

    bank.keep_house(change)
    if not matches:
        raise WrongCredentials


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
