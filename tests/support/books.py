"""A real book on a real database for tests of the ledger: migrated tables, keys, a clock we set.

Ask for the fixture ``book`` to run a test on SQLite and on PostgreSQL, ``sqlite_book`` for one.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ledger.approvals import COSIGNER, Roots, add_key_text, prove_possession
from ledger.book import create_book
from ledger.database import Database, open_database, sqlite_url
from ledger.draft import Action, Draft, Facts
from ledger.enrolment import enrol_key
from ledger.journal import JournalEntry, Movement
from ledger.keys import SigningKey
from ledger.notes import Signer, sign_note
from ledger.writer import Decided, Writer
from tests.support.log_builder import cosigner_of
from timebank.migrations.upgrade import upgrade

ORIGIN = "timebank.example/test"
POLICY = "plain-2026"
START_MS = 1_772_000_000_000
TODAY = "2026-02-25"
SECOND = cosigner_of(ORIGIN)


@dataclass
class Book:
    """A book under test.  ``now_ms`` is its clock; set it, it does not move by itself."""

    database: Database
    log_key: SigningKey
    operator_key: SigningKey
    now_ms: int = START_MS
    owner_url: str = ""
    writers: list[Writer] = field(default_factory=list)
    _keys_made: int = 0

    @property
    def operator(self) -> str:
        """The operator key's name, which signs what tests submit."""
        return self.operator_key.name

    def writer(self, **settings: Any) -> Writer:
        """Another writer on this book, closed with the test."""
        writer = Writer(
            self.database,
            log_signer=self.log_key,
            signers={self.operator: self.operator_key},
            now_ms=lambda: self.now_ms,
            **settings,
        )
        self.writers.append(writer)
        return writer

    def action(
        self, decide: Callable[[Draft], dict[str, Any]], *, key: str | None = None, **rest: Any
    ) -> Action:
        """An action signed by the operator, with a key of its own unless one is given."""
        self._keys_made += 1
        settings = {"kind": "test", "submitter": "tester", "content": b"{}", **rest}
        made = f"key-{self._keys_made:08}" if key is None else key
        return Action(decide=decide, signer=self.operator, key=made, **settings)

    def open_accounts(
        self, writer: Writer, accounts: dict[str, tuple[int | None, int | None]]
    ) -> None:
        """Open accounts by id with (floor, ceiling), the plain policy adopted before the first."""

        def adopt(draft: Draft) -> dict[str, Any]:
            draft.adopt_policy(POLICY, {"profile": POLICY, "text": "# test"})
            return {}

        def opening(draft: Draft) -> dict[str, Any]:
            for name, (floor, ceiling) in accounts.items():
                kind = "issuance" if floor is None else "member"
                draft.open_account(name, kind, floor=floor, ceiling=ceiling, facts={"open": name})
            return {}

        writer.write(self.action(adopt, key="adopt-policy"))
        writer.write(self.action(opening, batch=f"batch_{self._keys_made:032x}"))

    def post(self, writer: Writer, giver: str, receiver: str, minutes: int, **rest: Any) -> Decided:
        """Move minutes by an entry of kind ``service``."""
        return writer.write(self.posting(giver, receiver, minutes, **rest))

    def enrol_cosigner(self, writer: Writer, key: Signer) -> None:
        """Let a further key of the log in, by the word of two root keys."""
        word = sign_note(add_key_text(ORIGIN, COSIGNER, key.vkey), *root_keys()[:2])
        proof = prove_possession(ORIGIN, COSIGNER, key)

        def decide(draft: Draft) -> dict[str, Any]:
            facts: Facts = {"do": "enrol_key"}
            return {
                "key": enrol_key(
                    draft, key.vkey, role=COSIGNER, possession=proof, approval=word, facts=facts
                )
            }

        writer.write(self.action(decide, kind="key"))

    def posting(self, giver: str, receiver: str, minutes: int, **rest: Any) -> Action:
        """The action that :meth:`post` writes."""
        entry = JournalEntry("service", (Movement(giver, receiver, minutes),), TODAY, POLICY)

        def decide(draft: Draft) -> dict[str, Any]:
            return {"entry": draft.post(entry, {"given": minutes, "on": TODAY})}

        content = f"{giver} {receiver} {minutes}".encode()
        return self.action(decide, **{"content": content, **rest})


def finds(*keys: Signer) -> Callable[[str], Signer | None]:
    """Finds keys of the log by their vkeys, as a process that holds no others does."""
    return {str(key.vkey): key for key in keys}.get


def root_keys() -> list[SigningKey]:
    """Three root keys, always the same ones; two must agree."""
    return [SigningKey(f"{ORIGIN}/roots/{number}", bytes([number]) * 32) for number in (1, 2, 3)]


def found_book(
    database: Database,
    *,
    log_signer: SigningKey,
    operator_signer: SigningKey,
    recorded_ms: int = START_MS,
) -> str:
    """Found a book in migrated, empty tables under :func:`root_keys`; answers its id.

    It names :data:`SECOND` as the log's second key, which a process may hold or not.
    """
    return create_book(
        database,
        log_signer=log_signer,
        operator_signer=operator_signer,
        roots=Roots(2, tuple(key.vkey for key in root_keys())),
        policy=POLICY,
        recorded_ms=recorded_ms,
        cosigners=[SECOND.vkey],
    )


@contextmanager
def new_book(url: str, owner_url: str = "", service_role: str | None = None) -> Iterator[Book]:
    """Migrate an empty database, found a book in it, and close its writers at the end."""
    owner = open_database(owner_url or url)
    upgrade(owner, service_role=service_role)
    owner.dispose()
    database = open_database(url)
    log_key, operator_key = SigningKey.generate(ORIGIN), SigningKey.generate(ORIGIN + "/op")
    found_book(database, log_signer=log_key, operator_signer=operator_key)
    book = Book(database, log_key, operator_key, owner_url=owner_url or url)
    try:
        yield book
    finally:
        for writer in book.writers:
            writer.close()
        database.dispose()


@contextmanager
def new_sqlite_book(folder: Path) -> Iterator[Book]:
    """A book in an SQLite file below ``folder``."""
    with new_book(sqlite_url(folder / "book.sqlite3")) as book:
        yield book
