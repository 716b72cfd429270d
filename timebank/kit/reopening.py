"""A new book out of a kit: the former data folder laid out again, and a book that follows it."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from timebank.clock import Clock
from timebank.config import Settings
from timebank.databases import database_at, storage_told
from timebank.errors.kits import KitUnfit
from timebank.founding import Founded
from timebank.kit.checking import check_kit
from timebank.kit.model import BOOK, BUNDLE
from timebank.kit.rows import read_rows
from timebank.migrations.upgrade import upgrade
from timebank.people.vault import load_master_key
from timebank.people.wrapped_keys import WrappedKeys
from timebank.succession import found_successor

Progress = Callable[[int, int], None]


def reopen(
    settings: Settings,
    clock: Clock,
    *,
    kit: Path,
    vault_key: Path,
    origin: str,
    vkey: str | None = None,
    progress: Progress = lambda done, of: None,
) -> Founded:
    """Found the book that a kit's frozen log names, with everything that the kit has.

    ``vault_key`` is the file of the former vault's master key, which no kit has.  The former tables
    are laid out beside ``settings.data`` while it lasts.  Called again after it broke off, it goes
    on.

    Raises, the first that applies:
        VaultKeyMissing, VaultKeyInvalid: of ``vault_key``.
        NoteRejected, KitUnfit: see :func:`timebank.kit.checking.check_kit`; the first fault.
        OriginInvalid, BookExists, FormerBookUnfit, NoProfileInForce, SettingInvalid, StorageFault:
            see :func:`timebank.succession.found_successor`.
    """
    load_master_key(vault_key)
    checked = check_kit(kit, vkey=vkey, progress=progress)
    if checked.faults:
        raise KitUnfit(why=checked.faults[0].why, file=checked.faults[0].file)
    place = settings.data.absolute().parent / f".{settings.data.name}-former"
    shutil.rmtree(place, ignore_errors=True)  # Of an attempt that broke off.
    place.mkdir(mode=0o700, parents=True)
    try:
        former = _laid_out(kit, place, vault_key)
        return found_successor(
            settings, clock, origin=origin, bundle=kit / BUNDLE, former=former,
            cores=os.cpu_count() or 1, progress=progress,
        )  # fmt: skip
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _laid_out(kit: Path, place: Path, vault_key: Path) -> Settings:
    """The former book's tables and key store as files in ``place``."""
    former = Settings(
        data=place / "data",
        keys=None,
        database_url=None,
        database_owner_url=None,
        wrapped_keys_url=None,
        vault_master_key_file=vault_key,
    )  # type: ignore[call-arg]
    former.data.mkdir()
    store_file = Path(former.store_url().removeprefix("sqlite:///"))
    store_file.parent.mkdir(parents=True, exist_ok=True)
    database = database_at(former.engine_url(), "TIMEBANK_FORMER_DATABASE_URL")
    store = database_at(former.store_url(), "TIMEBANK_FORMER_DATABASE_URL")
    try:
        with storage_told():
            keys = WrappedKeys.create(store)
            upgrade(database, wrapped_keys=keys)
            read_rows(kit / BOOK, database, keys)
    finally:
        database.dispose()
        store.dispose()
    return former
