"""Founding a book: keys, tables, the first leaf, the policy, the book's own accounts, stations.

A folder becomes a data folder by its marker, written last: what breaks on the way leaves a folder
that every command still refuses.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ledger.book import create_book
from ledger.draft import Draft
from ledger.errors import BookExists
from ledger.spelling import is_key_name
from timebank.bank import Bank
from timebank.chart import Per, titles_per
from timebank.clock import Clock, seconds
from timebank.config import Settings
from timebank.databases import database_at, storage_told
from timebank.errors import OriginInvalid, StationCodeInvalid, StationExists
from timebank.keyring import LOG_KEY, OPERATOR_KEY, new_key, new_log_cosigner
from timebank.marker import Marker, write_marker
from timebank.migrations.upgrade import upgrade
from timebank.people.vault import create_master_key
from timebank.policy.consistency import check_timeline
from timebank.policy.load import named_profile
from timebank.policy.model import Profile
from timebank.stations.actions import hire, is_station_code, open_station
from timebank.stations.model import Actor, Role

LONGEST_ORIGIN = 90
"""Characters; a station's key bears the origin, ``/stn/`` and a code of up to 20."""

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


def found(
    settings: Settings,
    clock: Clock,
    *,
    origin: str,
    policies: Sequence[str],
    stations: Sequence[tuple[str, str]],
) -> Founded:
    """Make a new book in an empty or new data folder.

    ``stations`` are pairs of code and name; each gets a clerk and a reviewer.

    Raises, the first that applies:
        UnknownProfile, ProfileInvalid, ProfileUnitNotTime: a policy that no book can keep.
        ProfilesOverlap: two of them are in force on one day.
        OriginInvalid: not a name that keys of the log can bear.
        StationCodeInvalid, StationExists: a code that no station can have, or that two have.
        BookExists: the data folder, the keys folder or the database is in use.
    """
    profiles = check_timeline(
        named_profile(name, settings.policy_folder) for name in dict.fromkeys(policies)
    )
    _check_names(origin, [code for code, _name in stations])
    for folder in (settings.data, settings.keys_folder):
        if folder.exists() and any(folder.iterdir()):
            raise BookExists(f"{folder} is not empty")
        folder.mkdir(parents=True, exist_ok=True)
    settings.keys_folder.chmod(0o700)
    marker = _create_tables_and_keys(settings, clock, origin)
    with Bank.open(settings, clock, marker) as bank:
        for profile in profiles:
            adopt(bank, FOUNDER, profile)
        open_system_accounts(bank)
        bank.reload()
        for code, name in stations:
            open_station(bank, FOUNDER, code, name, key=f"found-{code}")
        logins = tuple(_first_logins(bank, [code for code, _name in stations]))
    write_marker(settings.data, marker)
    return Founded(marker.book, origin, "、".join(p.version for p in profiles), logins)


def _check_names(origin: str, codes: Sequence[str]) -> None:
    """Refuse before anything is made: a half-founded folder is of no use to anybody."""
    if len(origin) > LONGEST_ORIGIN or not is_key_name(origin):
        raise OriginInvalid(most=LONGEST_ORIGIN)
    for place, code in enumerate(codes):
        if not is_station_code(code):
            raise StationCodeInvalid(field="station")
        if code in codes[:place]:
            raise StationExists(station=code)


def _create_tables_and_keys(settings: Settings, clock: Clock, origin: str) -> Marker:
    log_key = new_key(settings.keys_folder, LOG_KEY, origin)
    new_log_cosigner(settings.keys_folder, origin, lambda: seconds(clock.now()))
    operator_key = new_key(settings.keys_folder, OPERATOR_KEY, f"{origin}/op")
    create_master_key(settings.vault_key_path)
    owner = database_at(settings.owner_url(), "TIMEBANK_DATABASE_OWNER_URL")
    service = database_at(settings.engine_url(), "TIMEBANK_DATABASE_URL")
    try:
        role = service.writing.url.username if not service.is_sqlite else None
        with storage_told():
            upgrade(owner, service_role=role)
            book = create_book(
                service,
                log_signer=log_key,
                operator_signer=operator_key,
                recorded_ms=int(clock.now().timestamp() * 1_000),
            )
    finally:
        owner.dispose()
        service.dispose()
    return Marker(book, origin)


def adopt(bank: Bank, actor: Actor, profile: Profile) -> None:
    """Make a profile part of the book; its whole text becomes a leaf."""

    def decide(draft: Draft) -> dict[str, Any]:
        facts = {"do": "adopt_policy", "profile": profile.name, "text": profile.text}
        draft.adopt_policy(profile.version, dict(facts))
        return {"policy": profile.version}

    content = {"profile": profile.name, "digest": profile.digest}
    bank.act(bank.action(actor, "policy", decide, key=f"adopt-{profile.version}", content=content))


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
        password = secrets.token_urlsafe(12)
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
