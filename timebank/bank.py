"""One open book: the only place that commits, for everything that people ask of the time bank.

An action decides on a :class:`~ledger.draft.Draft` inside the writer; its companion rows go out in
the same commit as its leaves.  Readers take a connection from :meth:`Bank.read` and can change
nothing.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, Self

import orjson
from sqlalchemy import Connection, text

import ledger.errors
import timebank.errors
from ledger.book import read_head
from ledger.database import Database
from ledger.draft import Action, Draft
from ledger.errors import BookNotFound, LogForked, Refusal
from ledger.guard import guard, guard_witnesses
from ledger.keys import SigningKey
from ledger.log_keys import cosigners_at, log_vkeys
from ledger.notes import Signer, Vkey
from ledger.publication import Publisher
from ledger.stored_tree import StoredTree
from ledger.writer import Decided, Writer
from timebank.answers import Answer, answer_of, bound_bytes
from timebank.chart import OWN_ACCOUNTS, Kind
from timebank.clock import Clock, SystemClock, local_date, seconds
from timebank.config import Settings
from timebank.databases import database_at, storage_told
from timebank.errors import UnknownProfile, UnknownStation
from timebank.keyring import (
    LOG_KEY,
    OPERATOR_KEY,
    SCHEDULER_KEY,
    LogKeys,
    load_keys,
    station_file,
    station_key,
)
from timebank.keys.roles import may_submit
from timebank.marker import Marker, read_marker
from timebank.migrations.upgrade import is_current
from timebank.people.pins import SecretKeeper
from timebank.people.vault import Sealer, load_master_key
from timebank.people.wrapped_keys import WrappedKeys
from timebank.policy.consistency import check_timeline, choose
from timebank.policy.load import profile_in
from timebank.policy.model import Profile
from timebank.stations.model import Actor, Role
from timebank.witnesses import witnesses_of

REFUSALS: dict[str, type[Refusal]] = {
    kind.code: kind for kind in (*ledger.errors.REFUSALS, *timebank.errors.REFUSALS)
}
"""Every refusal by its permanent code, so that a remembered one can be said again."""


def refusal_of(code: str, facts: dict[str, Any]) -> Refusal:
    """The refusal of that code with those facts.

    Raises:
        KeyError: no refusal of this version or an earlier one has that code.
    """
    return REFUSALS[code](**facts)


class Bank:
    """An open book with its keys, its vault and its policy.

    Open it with :meth:`open`; it is a context manager and must be closed.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        database: Database,
        keys: Mapping[str, SigningKey],
        wrapped_keys: WrappedKeys,
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.database = database
        self.log_key = keys[LOG_KEY]
        self.operator_key, self.scheduler_key = keys[OPERATOR_KEY], keys[SCHEDULER_KEY]
        self._log_keys = LogKeys(settings.keys_folder, self.log_key, lambda: seconds(clock.now()))
        self.witnesses = witnesses_of(settings, self.log_key.vkey)
        self.vault = Sealer(load_master_key(settings.vault_key_path))
        self.wrapped_keys = wrapped_keys
        self.secrets = SecretKeeper(self.vault.derive("secrets"))
        self.tree = StoredTree(settings.log_folder)
        self._signers = {key.name: key for name, key in keys.items() if name != LOG_KEY}
        self._name_in = {name: key.name for name, key in keys.items()}
        self._profiles: dict[str, Profile] = {}
        self._system_accounts: dict[str, str] = {}
        self._writer: Writer | None = None
        self._writer_lock = threading.Lock()
        self._guarded = False
        self.people_seen: dict[str, tuple[int, Any]] = {}
        """Whom member numbers meant lately, until when (ms UTC); see timebank.records.parties."""
        self.on_commit: list[Callable[[int], None]] = []
        self.reload()

    @classmethod
    def open(
        cls, settings: Settings, clock: Clock | None = None, marker: Marker | None = None
    ) -> Self:
        """Open the book of a data folder, or of one that is being founded and has no mark yet.

        Raises, the first that applies:
            BookNotFound: the folder was not made by ``timebank init``, or its book or the store of
                its wrapped keys is elsewhere.
            SettingInvalid: the database's URL or the witness policy cannot be understood.
            StorageFault: the database cannot be reached or read.
            KeyFileUnusable: see :func:`timebank.keyring.load_keys`, ``load_log_cosigners``.
            VaultKeyMissing: the vault's master key is missing.
        """
        marker = marker or read_marker(settings.data)
        for url, what in ((settings.engine_url(), "database"), (settings.store_url(), "key store")):
            if url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).is_file():
                raise BookNotFound(f"the {what} of {settings.data} is missing")
        database = database_at(settings.engine_url(), "TIMEBANK_DATABASE_URL")
        store = database_at(settings.store_url(), "TIMEBANK_WRAPPED_KEYS_URL")
        try:
            with storage_told():
                if not is_current(database):
                    raise BookNotFound("the database is not of this version; run: timebank init")
                with database.read() as connection:
                    book = connection.execute(text("SELECT book FROM head")).scalar()
            if book != marker.book:
                raise BookNotFound(f"the database holds another book than {settings.data} names")
            keys = load_keys(settings.keys_folder)
            return cls(settings, clock or SystemClock(), database, keys, WrappedKeys(store))
        except BaseException:
            database.dispose()
            store.dispose()
            raise

    def close(self) -> None:
        """Finish what is queued and let go of the database."""
        if self._writer is not None:
            self._writer.close()
        if self.witnesses is not None:
            self.witnesses.close()
        self.database.dispose()
        self.wrapped_keys.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        self.close()

    # Reading -------------------------------------------------------------------------------

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection whose queries see one moment, and which can change nothing."""
        with self.database.read() as connection:
            yield connection

    def reload(self) -> None:
        """Read again what every action needs: adopted profiles and the book's own accounts."""
        with self.read() as connection:
            own = connection.execute(text(OWN_ACCOUNTS))
            self._system_accounts = {row.kind: row.account_id for row in own}
            leaves = connection.execute(
                text(
                    "SELECT p.version, l.body FROM policy p JOIN leaf l "
                    "ON l.book_id = p.book_id AND l.leaf_index = p.leaf_index"
                )
            )
            known = self._profiles
            profiles = {
                version: known.get(version) or profile_in(bytes(body)) for version, body in leaves
            }
        check_timeline(profiles.values())
        self._profiles = profiles  # At once, because others may be reading.

    @property
    def profiles(self) -> tuple[Profile, ...]:
        """Every profile that the book has adopted."""
        return tuple(self._profiles.values())

    def profile_on(self, day: date) -> Profile:
        """The profile in force on a local day.

        Raises:
            NoProfileInForce: no adopted profile covers the day.
        """
        return choose(self._profiles.values(), day)

    def profile_of(self, version: str) -> Profile:
        """The adopted profile of exactly that version.

        Raises:
            UnknownProfile: the book never adopted it.
        """
        if version not in self._profiles:
            raise UnknownProfile(profile=version[:60], known="、".join(self._profiles))
        return self._profiles[version]

    def account_of(self, kind: Kind) -> str:
        """The id of the book's one account of ``kind``."""
        return self._system_accounts[kind]

    def today(self) -> date:
        """The local day of now."""
        return local_date(self.clock.now())

    def now_ms(self) -> int:
        """Now, in UTC milliseconds."""
        return int(self.clock.now().timestamp() * 1_000)

    # Writing -------------------------------------------------------------------------------

    def guard(self, *, thorough: bool = True) -> None:
        """Let the book be written only if it extends what was published; a server looks at all.

        Witnesses that can be asked have their say besides.

        Raises:
            LogForked: see :func:`ledger.guard.guard` and ``guard_witnesses``; then nothing may be
                written or signed.
        """
        folder = self.settings.log_folder
        found = guard(self.database, folder, self.log_key.name, thorough=thorough)
        if self.witnesses is not None:
            guard_witnesses(self.witnesses, folder, self.log_key, found.size)
        self._guarded = True

    @property
    def writer(self) -> Writer:
        """The writer of this process, started when it is first needed and the log was looked at.

        Raises:
            LogForked: see :meth:`guard`.
        """
        with self._writer_lock:  # Threads of a server may ask for the first one at once.
            if self._writer is None:
                if not self._guarded:
                    self.guard(thorough=False)
                self._writer = Writer(
                    self.database,
                    log_signer=self.log_key,
                    log_signer_of=self.log_signer_of,
                    signers=self._signers,
                    now_ms=self.now_ms,
                    refusal_of=refusal_of,
                    may_submit=may_submit,
                    most_in_group=self.settings.group_size_max,
                    on_commit=self._committed,
                )
            return self._writer

    def log_signer_of(self, vkey: str) -> Signer | None:
        """The log's key, or further key, of this vkey, where the keys folder has it."""
        return self._log_keys.find(vkey)

    def log_cosigners(self) -> list[Signer]:
        """The log's further keys that leaves name and that are held here."""
        return cosigners_at(self.database, read_head(self.database).size, self.log_signer_of)

    @property
    def origin(self) -> str:
        """The name of the book's log, which all its own keys bear."""
        return self.log_key.name

    def log_vkeys(self) -> list[Vkey]:
        """Every key that the log ever had, the oldest first; the last one signs today."""
        with self.read() as connection:
            return log_vkeys(connection)

    def key_name(self, station_code: str = "") -> str:
        """The name of the software key that signs for a station, or for the district."""
        if not station_code:
            return self.operator_key.name
        first = f"{self.origin}/stn/{station_code}"
        return self._name_in.get(station_file(station_code), first)

    def add_signer(self, key: SigningKey) -> None:
        """Hold one more software key, so that it can be enrolled and sign."""
        self._signers[key.name] = key

    def action(
        self,
        actor: Actor,
        kind: str,
        decide: Callable[[Draft], dict[str, Any]],
        *,
        key: str,
        content: dict[str, Any],
        station_code: str | None = None,
        batch: str | None = None,
        accounts: tuple[str, ...] = (),
        rehearsal: bool = False,
    ) -> Action:
        """An action of ``actor``, signed for their station or that which is named, or for jobs.

        ``content`` is the request as JSON: the same key with other content is refused.

        Raises, the first that applies:
            UnknownStation: no such station, or its key is not in the keys folder.
            ContentOutOfProfile: text that no JSON can spell, such as half a surrogate pair, or that
                no database can hold; see :func:`timebank.databases.check_text`.
        """
        station = actor.station_code if station_code is None else station_code
        if station and self.key_name(station) not in self._signers:
            self._hold_key_of(station)
        is_a_job = actor.role is Role.SCHEDULER
        return Action(
            kind=kind,
            decide=lambda draft: decide(self._kept_up_with(draft)),
            signer=self.scheduler_key.name if is_a_job else self.key_name(station),
            submitter=actor.actor_id,
            key=None if rehearsal else key,
            content=b"" if rehearsal else bound_bytes(content),
            batch=batch,
            accounts=accounts,
            rehearsal=rehearsal,
        )

    def _kept_up_with(self, draft: Draft) -> Draft:
        """Read the profiles again where another process has adopted one since."""
        if not draft.view.policies <= self._profiles.keys():
            self.reload()
        return draft

    def _hold_key_of(self, station_code: str) -> None:
        """Take up the key of a station that another process has opened since this one started."""
        key = station_key(self.settings.keys_folder, station_code)
        if key is None:
            raise UnknownStation(station=station_code[:20])
        self.add_signer(key)

    def submit(self, action: Action) -> "Future[Decided]":
        """Queue an action for the next group; see :meth:`ledger.writer.Writer.submit`."""
        return self.writer.submit(action)

    def act(self, action: Action) -> Answer:
        """Have an action decided and stored, or refused.

        Raises:
            Refusal, LedgerFault: see :meth:`ledger.writer.Writer.write`.
        """
        return answer_of(self.writer.write(action))

    def keep_house(self, change: Callable[[Draft], dict[str, Any]]) -> dict[str, Any]:
        """Change companion rows that move no credit and are no part of the log.

        Raises:
            Refusal, LedgerFault: what ``change`` refused, or a fault of storage.
        """
        decided = self.writer.write(Action(kind="housekeeping", decide=change))
        body: dict[str, Any] = orjson.loads(decided.answer)
        return body

    def signed_head(self) -> str:
        """The log's signed note over what is committed now.

        It comes from the writer, which alone knows what it must never sign.

        Raises:
            LedgerFault: a fault of storage, or the writer was halted.
        """
        nothing = Action(kind="checkpoint", decide=lambda draft: {}, rehearsal=True)
        return self.writer.write(nothing).checkpoint

    def publish(self) -> None:
        """Bring the log's public files up to what is committed, and wait for it.

        Raises:
            LogForked, StorageFault: see :meth:`ledger.publication.Publisher.publish_now`.
        """
        self.publisher().publish_now()

    def publisher(self, on_fork: Callable[[LogForked], None] = lambda fault: None) -> Publisher:
        """What publishes this book, with all keys and witnesses that its settings name."""
        return Publisher(
            self.database,
            self.settings.log_folder,
            self.log_signer_of,
            witnesses=self.witnesses,
            interval_ms=self.settings.publish_interval_ms,
            on_fork=on_fork,
        )

    def _committed(self, size: int) -> None:
        for tell in self.on_commit:
            tell(size)
