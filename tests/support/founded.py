"""Banks that were founded once for a worker, copied or put back for each of its tests.

Founding takes a quarter of a second and a new PostgreSQL database another one; a copy takes a few
milliseconds.  Copies share origin, keys and first passwords, and nothing that a test can change.
"""

import atexit
import shutil
import tempfile
from contextlib import ExitStack
from functools import cache
from pathlib import Path

from psycopg import sql
from pydantic import SecretStr

from ledger.database import open_database
from ledger.schema import fingerprint
from tests.support import postgres
from tests.support.clock import FrozenClock
from timebank.config import Settings
from timebank.founding import Founded, found

ORIGIN = "timebank.example/test"


@cache
def _template(
    policies: tuple[str, ...], stations: tuple[tuple[str, str], ...]
) -> tuple[Settings, Founded]:
    """A bank in an SQLite file that is only ever copied, removed when the worker ends."""
    folder = Path(tempfile.mkdtemp(prefix="timebank-founded-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    made = Settings(data=folder / "data")
    return made, found(made, FrozenClock(), origin=ORIGIN, policies=policies, stations=stations)


def copied(
    settings: Settings, policies: tuple[str, ...], stations: tuple[tuple[str, str], ...]
) -> Founded:
    """Put a founded bank, with its keys, where ``settings`` want one in an SQLite file."""
    original, founded = _template(policies, stations)
    shutil.copytree(original.data, settings.data)
    shutil.copytree(original.keys_folder, settings.keys_folder)
    shutil.copytree(original.vault_folder, settings.vault_folder)
    return founded


class FoundedPostgres:
    """A worker's one founded database, put back to the moment of founding for each test.

    A test that altered the schema is found out by the fingerprint, and the next gets a new one.
    """

    def __init__(self, server: postgres.Server, folder: Path) -> None:
        self._server = server
        self._folder = folder
        self._stack = ExitStack()
        self._database: postgres.Database | None = None
        self._original: Settings | None = None
        self._founded: Founded | None = None
        self._rows: dict[str, bytes] = {}
        self._print = ""
        self._made = 0

    def put_back(
        self, folder: Path, policies: tuple[str, ...], stations: tuple[tuple[str, str], ...]
    ) -> tuple[Settings, Founded]:
        """Settings of a data folder below ``folder`` whose book is as it was when founded."""
        if self._database is None or self._print_now() != self._print:
            self._found(policies, stations)
        else:
            self._restore()
        assert self._original is not None
        assert self._founded is not None
        settings = self._original.model_copy(update={"data": folder / "data"})
        shutil.copytree(self._original.data, settings.data)
        shutil.copytree(self._original.keys_folder, settings.keys_folder)
        shutil.copytree(self._original.vault_folder, settings.vault_folder)
        return settings, self._founded

    def close(self) -> None:
        """Drop the database."""
        self._stack.close()
        self._database = None

    def _found(self, policies: tuple[str, ...], stations: tuple[tuple[str, str], ...]) -> None:
        self.close()
        self._made += 1
        self._database = self._stack.enter_context(postgres.fresh_database(self._server))
        self._original = Settings(
            data=self._folder / f"data-{self._made}",
            database_url=SecretStr(self._database.service_url),
            database_owner_url=SecretStr(self._database.owner_url),
        )
        self._founded = found(
            self._original, FrozenClock(), origin=ORIGIN, policies=policies, stations=stations
        )
        self._print = self._print_now()
        with self._server.connect(self._database.name) as connection:
            query = (
                "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition "
            )
            query += "AND relnamespace = 'public'::regnamespace ORDER BY relname"
            names = [str(name) for (name,) in connection.execute(query.encode())]
            for name in names:
                command = sql.SQL("COPY (SELECT * FROM {}) TO STDOUT").format(sql.Identifier(name))
                with connection.cursor().copy(command) as rows:
                    self._rows[name] = b"".join(bytes(part) for part in rows)

    def _restore(self) -> None:
        assert self._database is not None
        with (
            self._server.connect(self._database.name) as connection,
            connection.transaction(),
        ):
            # The triggers of an append-only table stop everybody but a replica.
            connection.execute("SET LOCAL session_replication_role = replica")
            for name, rows in self._rows.items():
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
