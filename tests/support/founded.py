"""Banks that were founded once for a worker, copied or put back for each of its tests.

Founding takes a quarter of a second and a new PostgreSQL database another one; a copy takes a few
milliseconds.  Copies share origin, keys and first passwords, and nothing that a test can change.
"""

import atexit
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from psycopg import sql
from pydantic import SecretStr

from ledger.database import open_database
from ledger.schema import fingerprint
from tests.support import postgres
from tests.support.clock import FrozenClock
from timebank.config import Settings
from timebank.founding import Founded, found

ORIGIN = "timebank.example/test"


@dataclass(frozen=True, slots=True)
class Founding:
    """What a book is founded with, at the first moment of a frozen clock.

    ``profiles`` are name and text of the profiles besides the shipped ones.
    """

    origin: str
    policies: tuple[str, ...]
    stations: tuple[tuple[str, str], ...]
    profiles: tuple[tuple[str, str], ...] = ()

    def found(self, folder: Path, **settings: Any) -> tuple[Settings, Founded]:
        """Found the book below ``folder``; answers its settings and first logins."""
        if self.profiles:
            settings["policy_folder"] = folder / "policies"
            settings["policy_folder"].mkdir()
        for name, words in self.profiles:
            (settings["policy_folder"] / name).write_text(words, encoding="utf-8")
        made = Settings(data=folder / "data", **settings)
        return made, found(
            made, FrozenClock(), origin=self.origin, policies=self.policies, stations=self.stations
        )


@cache
def _template(founding: Founding) -> tuple[Settings, Founded]:
    """A bank in an SQLite file that is only ever copied, removed when the worker ends."""
    folder = Path(tempfile.mkdtemp(prefix="timebank-founded-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return founding.found(folder)


def copied(settings: Settings, founding: Founding) -> Founded:
    """Put a founded bank, with its keys, where ``settings`` want one in an SQLite file."""
    original, founded = _template(founding)
    _copy_folders(original, settings)
    return founded


def _copy_folders(original: Settings, settings: Settings) -> None:
    for name in ("data", "keys_folder", "vault_folder"):
        shutil.copytree(getattr(original, name), getattr(settings, name))


@dataclass(frozen=True, slots=True)
class _Kept:
    """A book as it was when founded: its folders, first logins, and the rows of each table."""

    settings: Settings
    founded: Founded
    rows: dict[str, bytes]


class FoundedPostgres:
    """A worker's one database with a founded book, put back to that moment for each test.

    A test that altered the schema is found out by the fingerprint, and the next gets a new one.
    """

    def __init__(self, server: postgres.Server, folder: Path) -> None:
        self._server = server
        self._folder = folder
        self._stack = ExitStack()
        self._database: postgres.Database | None = None
        self._kept: dict[Founding, _Kept] = {}
        self._print = ""
        self._made = 0
        self._is_lent = False

    @contextmanager
    def lent(self, settings: Settings, founding: Founding) -> Iterator[tuple[Settings, Founded]]:
        """``settings`` with the database, which has the founded book until the block ends."""
        assert not self._is_lent, "one test has the worker's database twice"
        self._is_lent = True
        try:
            kept = self._put_back(founding)
            made = settings.model_copy(update=self._addresses())
            _copy_folders(kept.settings, made)
            yield made, kept.founded
        finally:
            self._is_lent = False

    def close(self) -> None:
        """Drop the database."""
        self._stack.close()

    def _addresses(self) -> dict[str, SecretStr]:
        assert self._database is not None
        return {
            "database_url": SecretStr(self._database.service_url),
            "database_owner_url": SecretStr(self._database.owner_url),
        }

    def _put_back(self, founding: Founding) -> _Kept:
        if founding in self._kept and self._print_now() == self._print:
            self._write(self._kept[founding].rows)
        else:
            self._new_database()
            self._kept[founding] = self._found(founding)
            self._print = self._print_now()
        return self._kept[founding]

    def _new_database(self) -> None:
        self._stack.close()
        self._database = self._stack.enter_context(postgres.fresh_database(self._server))

    def _found(self, founding: Founding) -> _Kept:
        self._made += 1
        folder = self._folder / f"book-{self._made}"
        folder.mkdir()
        settings, founded = founding.found(folder, **self._addresses())
        return _Kept(settings, founded, self._read())

    def _read(self) -> dict[str, bytes]:
        assert self._database is not None
        query = (
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition "
            "AND relnamespace = 'public'::regnamespace ORDER BY relname"
        )
        rows = {}
        with self._server.connect(self._database.name) as connection:
            for name in [str(name) for (name,) in connection.execute(query.encode())]:
                command = sql.SQL("COPY (SELECT * FROM {}) TO STDOUT").format(sql.Identifier(name))
                with connection.cursor().copy(command) as stream:
                    rows[name] = b"".join(bytes(part) for part in stream)
        return rows

    def _write(self, tables: dict[str, bytes]) -> None:
        assert self._database is not None
        with (
            self._server.connect(self._database.name) as connection,
            connection.transaction(),
        ):
            # The triggers of an append-only table stop everybody but a replica.
            connection.execute("SET LOCAL session_replication_role = replica")
            for name, rows in tables.items():
                table = sql.Identifier(name)
                connection.execute(sql.SQL("DELETE FROM {}").format(table))
                if rows:
                    command = sql.SQL("COPY {} FROM STDIN").format(table)
                    with connection.cursor().copy(command) as stream:
                        stream.write(rows)

    def _print_now(self) -> str:
        assert self._database is not None
        owner = open_database(self._database.owner_url)
        with owner.read() as connection:
            seen = fingerprint(connection)
        owner.dispose()
        return seen


Place = postgres.Database | FoundedPostgres
"""Where a bank on PostgreSQL may be founded."""
