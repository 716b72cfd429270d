"""A book made for measuring: thousands of accounts that can give and receive, and one hot one."""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from sqlalchemy import make_url, text

from ledger.approvals import Roots
from ledger.book import create_book, read_head
from ledger.database import Database, open_database, sqlite_url
from ledger.draft import Action, Draft, Facts
from ledger.ids import new_ids
from ledger.journal import JournalEntry, Movement
from ledger.keys import SigningKey
from ledger.lines import QUIET_TAIL_LEAVES
from ledger.writer import Writer
from timebank.benchmarks.bare import Row
from timebank.clock import SystemClock
from timebank.migrations.upgrade import upgrade

_ORIGIN = "timebank.example/bench"
_POLICY = "bench-1"
_ON = "2026-03-05"
_AT_ONCE = 1_000
_FIRST_MINUTES = 1_000_000
_MINUTES = 30


class MeasuredWriter(Writer):
    """A writer that tells how long it copied lines, which falls into one block and not another."""

    copying_seconds = 0.0

    def _derive_lines(self) -> None:
        begin = perf_counter()
        super()._derive_lines()
        self.copying_seconds += perf_counter() - begin


class MeasuredBook:
    """A book on ``database`` with ``accounts`` members, its writer, and the actions to time."""

    def __init__(self, database: Database, accounts: int) -> None:
        self.database = database
        self._clock = SystemClock()
        self._actions = 0
        log_key, self._operator = SigningKey.generate(_ORIGIN), SigningKey.generate(f"{_ORIGIN}/op")
        create_book(
            database,
            log_signer=log_key,
            operator_signer=self._operator,
            roots=Roots(1, (SigningKey.generate(f"{_ORIGIN}/root").vkey,)),
            policy=_POLICY,
            recorded_ms=self._now_ms(),
        )
        self.log_key = log_key
        self.writer = self._new_writer()
        self.hot = f"acct_{'f' * 32}"
        self.members = new_ids("acct", accounts, self._now_ms())
        self._open_accounts()

    def actions(self, pairs: Sequence[tuple[str, str]], group: int) -> list[Action]:
        """One action a group: each pair (giver, receiver) becomes an entry of one movement.

        A group of one is a submission with a leaf of its own, larger ones are one batch each.
        """
        entries = [
            JournalEntry("service", (Movement(giver, receiver, _MINUTES),), _ON, _POLICY)
            for giver, receiver in pairs
        ]
        return [self._posting(entries[at : at + group]) for at in range(0, len(entries), group)]

    def settle_down(self) -> None:
        """Wait until the writer has nothing left to do, not even behind its callers' backs."""
        for _twice in range(2):  # The first may share its turn with what is still to be done.
            self.writer.submit(Action(kind="housekeeping", decide=lambda draft: {})).result()

    def copy_lines(self, entries: int) -> int:
        """Copy the journal's tail for statements, after some more entries; answers entries/s.

        The book's own writer must be closed; a fresh one writes the entries and copies at its end.
        """
        writer, self.writer = self.writer, self._new_writer()
        pairs = list(zip(self.members, self.members[1:], strict=False))
        many = [pairs[n % len(pairs)] for n in range(_AT_ONCE + max(entries, QUIET_TAIL_LEAVES))]
        first, *others = self.actions(many, _AT_ONCE)
        self.writer.write(first)
        self.settle_down()  # What the closed writer left is copied by now.
        for action in others:
            self.writer.write(action)
        begin = perf_counter()
        self.writer.close()
        self.writer = writer
        return round((len(many) - _AT_ONCE) / (perf_counter() - begin))

    def leaves_from(self, leaf_index: int, most: int) -> list[Row]:
        """Ids and leaves of the entries from ``leaf_index`` on, in their order."""
        query = text(
            "SELECT e.entry_id, l.body FROM entry e JOIN leaf l "
            "ON l.book_id = e.book_id AND l.leaf_index = e.leaf_index "
            "WHERE e.book_id = 1 AND e.leaf_index >= :start ORDER BY e.entry_id LIMIT :most"
        )
        with self.database.read() as connection:
            rows = connection.execute(query, {"start": leaf_index, "most": most})
            return [(row[0], bytes(row[1])) for row in rows]

    def size(self) -> int:
        """Leaves in the log."""
        return read_head(self.database).size

    def _new_writer(self) -> MeasuredWriter:
        return MeasuredWriter(
            self.database,
            log_signer=self.log_key,
            signers={self._operator.name: self._operator},
            now_ms=self._now_ms,
        )

    def _posting(self, entries: Sequence[JournalEntry]) -> Action:
        self._actions += 1
        facts: Facts = {"given": _MINUTES, "on": _ON}

        def decide(draft: Draft) -> dict[str, Any]:
            return {"entries": len([draft.post(entry, facts) for entry in entries])}

        return Action(
            kind="post",
            decide=decide,
            signer=self._operator.name,
            submitter="bench",
            # A client's key may be random; ours is ordered by time, as the ids of batches are.
            key=f"key_{self._actions:012}",
            content=b"{}",
            batch=None if len(entries) == 1 else f"batch_{self._actions:032x}",
            accounts=tuple({m.from_account for e in entries for m in e.movements}),
        )

    def _open_accounts(self) -> None:
        def adopt(draft: Draft) -> dict[str, Any]:
            draft.adopt_policy(_POLICY, {"profile": _POLICY, "text": ""})
            return {}

        def opening(names: Sequence[str]) -> Any:
            def decide(draft: Draft) -> dict[str, Any]:
                for name in names:
                    draft.open_account(name, "member", floor=0, ceiling=None, facts={"open": name})
                    draft.post(_grant(name, self.hot), {"minutes": _FIRST_MINUTES})
                return {}

            return decide

        def issuance(draft: Draft) -> dict[str, Any]:
            facts: Facts = {"open": "hot"}
            draft.open_account(self.hot, "issuance", floor=None, ceiling=None, facts=facts)
            return {}

        self.writer.write(self._setting_up(adopt, None))
        self.writer.write(self._setting_up(issuance, None))
        for at in range(0, len(self.members), _AT_ONCE):
            names = self.members[at : at + _AT_ONCE]
            self.writer.write(self._setting_up(opening(names), f"batch_{at:032x}"))

    def _setting_up(self, decide: Any, batch: str | None) -> Action:
        self._actions += 1
        key = f"key_{self._actions:012}"
        return Action("setup", decide, self._operator.name, "bench", key, b"{}", batch)

    def _now_ms(self) -> int:
        return int(self._clock.now().timestamp() * 1_000)


def _grant(name: str, giver: str) -> JournalEntry:
    return JournalEntry("grant", (Movement(giver, name, _FIRST_MINUTES),), _ON, _POLICY)


@contextmanager
def sqlite_databases(folder: Path | None) -> Iterator[tuple[Database, Database]]:
    """Two new files in a temporary folder below ``folder``: one for the book, one for the bare."""
    with TemporaryDirectory(dir=folder, prefix="timebank-bench-") as name:
        opened = [open_database(sqlite_url(Path(name, file))) for file in ("book.db", "bare.db")]
        try:
            upgrade(opened[0])
            yield opened[0], opened[1]
        finally:
            for database in opened:
                database.dispose()


@contextmanager
def postgresql_databases(url: str) -> Iterator[tuple[Database, Database]]:
    """A new schema in the database of ``url``, for both; dropped at the end."""
    schema = f"timebank_bench_{secrets.token_hex(6)}"
    outer = open_database(url)
    inner = open_database(
        make_url(url)
        .update_query_dict({"options": f"-c search_path={schema}"})
        .render_as_string(hide_password=False)
    )
    try:
        _run(outer, f"CREATE SCHEMA {schema}")
        upgrade(inner)
        yield inner, inner
    finally:
        inner.dispose()
        _run(outer, f"DROP SCHEMA IF EXISTS {schema} CASCADE")
        outer.dispose()


def _run(database: Database, statement: str) -> None:
    with database.writing.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.exec_driver_sql(statement)
