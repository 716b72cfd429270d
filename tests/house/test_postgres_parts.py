"""The PostgreSQL that tests get is what its fixtures promise."""

import os
import select
import subprocess
import sys
import textwrap
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, text

from tests.support.postgres import Database, Server, new_directory

pytestmark = pytest.mark.postgres


def _answer(url: str, question: str) -> object:
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            return connection.execute(text(question)).scalar_one()
    finally:
        engine.dispose()


def test_database_is_empty_and_durable(postgres_database: Database) -> None:
    url = postgres_database.owner_url
    assert _answer(url, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        assert _answer(url, f"SELECT current_setting('{setting}')") == "on"


def test_owner_may_create_and_service_may_not(postgres_database: Database) -> None:
    assert _answer(postgres_database.owner_url, "SELECT current_user") == (
        postgres_database.owner_role
    )
    engine = create_engine(postgres_database.service_url)
    with engine.connect() as connection, pytest.raises(Exception, match="permission denied"):
        connection.execute(text("CREATE TABLE intruder (n integer)"))
    engine.dispose()


def test_databases_do_not_see_each_other(
    postgres_server: Server, postgres_database: Database
) -> None:
    other = postgres_server.create_database()
    try:
        stranger = postgres_server.url(other.name, postgres_database.service_role)
        engine = create_engine(stranger)
        with pytest.raises(Exception, match="permission denied for database"):
            engine.connect()
        engine.dispose()
    finally:
        postgres_server.drop_database(other)


def test_committed_rows_survive_kill(private_postgres: Server) -> None:
    with private_postgres.connect() as connection:
        connection.execute("CREATE TABLE kept (n integer)")
        connection.execute("INSERT INTO kept VALUES (1)")
        private_postgres.kill()
        with pytest.raises(psycopg.OperationalError):
            connection.execute("INSERT INTO kept VALUES (2)")
    private_postgres.start()
    with private_postgres.connect() as connection:
        assert connection.execute("SELECT n FROM kept").fetchall() == [(1,)]


def test_server_dies_with_a_killed_run() -> None:
    """Nothing outlives a test run that is killed with SIGKILL."""
    directory = new_directory()
    script = textwrap.dedent(f"""
        import os, pathlib, signal
        from tests.support.postgres import Server
        server = Server(pathlib.Path({str(directory)!r}))
        server.create(watched_pid=os.getpid())
        server.start()
        print((server.data / "postmaster.pid").read_text().split()[0], flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    """)
    root = Path(__file__).parents[2]
    killed = subprocess.run(
        [sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=False
    )
    assert killed.returncode == -9, killed.stderr
    try:
        handle = os.pidfd_open(int(killed.stdout))
    except ProcessLookupError:
        return  # already gone
    assert select.select([handle], [], [], 30)[0], "the server outlived its test run by 30 s"
    os.close(handle)
