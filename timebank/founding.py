"""Founding a book: keys, tables, the first leaf, the policy, the book's own accounts, stations.

A folder becomes a data folder by its marker, written last: what breaks on the way leaves a folder
that every command still refuses.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import inspect, text

from ledger.approvals import SCHEDULER, Roots, prove_possession
from ledger.book import create_book
from ledger.database import Database
from ledger.draft import Draft
from ledger.errors import BookExists
from ledger.spelling import is_key_name
from timebank.bank import Bank
from timebank.chart import Per, titles_per
from timebank.clock import Clock, seconds
from timebank.config import Settings
from timebank.databases import database_at, storage_told
from timebank.errors import OriginInvalid, StationCodeInvalid, StationExists
from timebank.keyring import (
    LOG_KEY,
    OPERATOR_KEY,
    ROOTS,
    SCHEDULER_KEY,
    new_key,
    new_log_cosigner,
)
from timebank.keys.actions import add_key
from timebank.keys.ceremony import read_proof
from timebank.marker import Marker, write_marker
from timebank.migrations.upgrade import upgrade
from timebank.people.vault import create_master_key
from timebank.people.wrapped_keys import WrappedKeys
from timebank.policy.actions import adopt
from timebank.policy.consistency import check_timeline
from timebank.policy.load import named_profile
from timebank.stations.actions import first_password, hire, is_station_code, open_station
from timebank.stations.model import Actor, Role

LONGEST_ORIGIN = 90
"""Characters; a station's key bears the origin, ``/stn/`` and a code of up to 20."""

ROOT_KEYS, ROOTS_NEEDED = 3, 2
"""Root keys that are made with a book, and how many of them must agree."""

FOUNDER = Actor("staff_founder", Role.OPERATOR, title="init")
"""Who founds a book, before anybody is hired."""


@dataclass(frozen=True, slots=True)
class Login:
    """A first login; the password is shown once and kept nowhere."""

    login: str
    password: str
    role: str
    station_code: str


@dataclass(frozen=True, slots=True)
class Founded:
    """A new book and its first logins."""

    book: str
    origin: str
    policy: str
    logins: tuple[Login, ...]
    root_keys: str = ""
    """The folder of root keys that were made with the book, to be carried away."""


def found(
    settings: Settings,
    clock: Clock,
    *,
    origin: str,
    policies: Sequence[str],
    stations: Sequence[tuple[str, str]],
    roots: Roots | None = None,
) -> Founded:
    """Make a new book in an empty or new data folder.

    ``stations`` are pairs of code and name; each gets a clerk and a reviewer.  ``roots`` are the
    public halves of root keys that were made elsewhere; without them three are made here, of which
    two must agree, to be carried away.

    Raises, the first that applies:
        UnknownProfile, ProfileInvalid, ProfileUnitNotTime: a policy that no book can keep.
        ProfilesOverlap: two of them are in force on one day.
        OriginInvalid: not a name that keys of the log can bear.
        StationCodeInvalid, StationExists: a code that no station can have, or that two have.
        BookExists: the folder of data, keys or vault is in use.
        SettingInvalid, StorageFault: the database's URL cannot be understood, or it cannot be
            reached.
        BookExists: the database has a book.
    """
    profiles = check_timeline(
        named_profile(name, settings.policy_folder) for name in dict.fromkeys(policies)
    )
    check_names(origin, [code for code, _name in stations])
    refuse_a_place_in_use(settings)
    make_folders(settings)
    marker = create_tables_and_keys(settings, clock, origin, roots, profiles[0].version)
    with Bank.open(settings, clock, marker) as bank:
        for profile in profiles:
            adopt(bank, FOUNDER, profile, key=f"adopt-{profile.version}")
        open_system_accounts(bank)
        bank.reload()
        enrol_scheduler(bank)
        for code, name in stations:
            open_station(bank, FOUNDER, code, name, key=f"found-{code}")
        logins = tuple(_first_logins(bank, [code for code, _name in stations]))
    write_marker(settings.data, marker)
    made = "" if roots else str(settings.keys_folder / ROOTS)
    return Founded(marker.book, origin, "、".join(p.version for p in profiles), logins, made)


def refuse_a_place_in_use(settings: Settings) -> None:
    """Let a book be founded where there is nothing yet.

    Raises, the first that applies:
        BookExists: the folder of data, keys or vault is in use.
        SettingInvalid, StorageFault, BookExists: of the database, as in :func:`found`.
    """
    for folder in (settings.data, settings.keys_folder, settings.vault_folder):
        if folder.exists() and any(folder.iterdir()):
            raise BookExists(f"{folder} is not empty")
    _refuse_a_database_in_use(settings)


def make_folders(settings: Settings) -> None:
    """Make the folders of a book, open to nobody else."""
    for folder in (settings.data, settings.keys_folder, settings.vault_folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)  # It may have stood there, open to others.


def _refuse_a_database_in_use(settings: Settings) -> None:
    """Look before any key is made: one without a book would lie there and sign for nothing."""
    url = settings.owner_url()
    if url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).is_file():
        return  # Asking would make the file.
    owner = _owner(settings)
    try:
        with storage_told(), owner.read() as connection:
            has_tables = inspect(connection).has_table("head")
            if has_tables and connection.execute(text("SELECT 1 FROM head")).first():
                raise BookExists("the database has one")
    finally:
        owner.dispose()


def check_names(origin: str, codes: Sequence[str]) -> None:
    """Refuse before anything is made: a half-founded folder is of no use to anybody.

    Raises:
        OriginInvalid, StationCodeInvalid, StationExists: see :func:`found`.
    """
    if len(origin) > LONGEST_ORIGIN or not is_key_name(origin):
        raise OriginInvalid(most=LONGEST_ORIGIN)
    for place, code in enumerate(codes):
        if not is_station_code(code):
            raise StationCodeInvalid(field="station")
        if code in codes[:place]:
            raise StationExists(station=code)


def _new_roots(folder: Path, origin: str) -> Roots:
    """Three root keys in files of their own, for three people to carry away."""
    folder.mkdir(mode=0o700)
    keys = [
        new_key(folder, f"root-{number}", f"{origin}/roots/{number}")
        for number in range(1, ROOT_KEYS + 1)
    ]
    return Roots(ROOTS_NEEDED, tuple(key.vkey for key in keys))


def _owner(settings: Settings) -> Database:
    name = "URL" if settings.database_owner_url is None else "OWNER_URL"
    return database_at(settings.owner_url(), f"TIMEBANK_DATABASE_{name}")


def enrol_scheduler(bank: Bank) -> None:
    """Let the key with which jobs sign be one of the book's."""
    proof = prove_possession(bank.origin, SCHEDULER, bank.scheduler_key)
    add_key(bank, FOUNDER, read_proof(proof), key="found-scheduler")


def create_tables_and_keys(
    settings: Settings,
    clock: Clock,
    origin: str,
    roots: Roots | None,
    policy: str,
    *,
    predecessor: str | None = None,
    master_key: bytes | None = None,
) -> Marker:
    """Make a book of one leaf with all its keys; its folder is not marked yet.

    ``predecessor`` is the last checkpoint, a note, of the frozen log that this one follows, and
    ``master_key`` that of its vault.
    """
    log_key = new_key(settings.keys_folder, LOG_KEY, origin)
    cosigner = new_log_cosigner(settings.keys_folder, origin, lambda: seconds(clock.now()))
    operator_key = new_key(settings.keys_folder, OPERATOR_KEY, f"{origin}/op")
    new_key(settings.keys_folder, SCHEDULER_KEY, f"{origin}/scheduler")
    roots = roots or _new_roots(settings.keys_folder / ROOTS, origin)
    create_master_key(settings.vault_key_path, master_key)
    owner = _owner(settings)
    service = database_at(settings.engine_url(), "TIMEBANK_DATABASE_URL")
    store = database_at(settings.store_url(), "TIMEBANK_WRAPPED_KEYS_URL")
    try:
        role = service.writing.url.username if not service.is_sqlite else None
        with storage_told():
            upgrade(owner, service_role=role, wrapped_keys=WrappedKeys.create(store))
            book = create_book(
                service,
                log_signer=log_key,
                operator_signer=operator_key,
                roots=roots,
                policy=policy,
                predecessor=predecessor,
                cosigners=[cosigner.vkey],
                recorded_ms=int(clock.now().timestamp() * 1_000),
            )
    finally:
        owner.dispose()
        service.dispose()
        store.dispose()
    return Marker(book, origin)


def open_system_accounts(bank: Bank) -> None:
    """Open the accounts of which a book has one each."""

    def decide(draft: Draft) -> dict[str, Any]:
        for title in titles_per(Per.BOOK) + titles_per(Per.FUND):
            draft.open_account(
                draft.new_id("acct"),
                title.kind.value,
                floor=title.floor,
                ceiling=title.ceiling,
                facts={"do": "open_account", "kind": title.kind.value},
            )
        return {}

    batch = "batch_" + "0" * 32
    bank.act(
        bank.action(FOUNDER, "accounts", decide, key="system-accounts", content={}, batch=batch)
    )


def _first_logins(bank: Bank, codes: list[str]) -> list[Login]:
    wanted = [("operator", Role.OPERATOR, "", "区运营"), ("auditor", Role.AUDITOR, "", "审计")]
    for code in codes:
        wanted.append((f"clerk-{code}", Role.CLERK, code, "登记员"))
        wanted.append((f"reviewer-{code}", Role.REVIEWER, code, "复核员"))
        wanted.append((f"kiosk-{code}", Role.KIOSK, code, "自助终端"))
    made = []
    for login, role, code, title in wanted:
        password = first_password(login)
        hire(
            bank,
            FOUNDER,
            login=login,
            title=title,
            role=role,
            password=password,
            station_code=code,
        )
        made.append(Login(login, password, role.value, code))
    return made
