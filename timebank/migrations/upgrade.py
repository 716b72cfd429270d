"""Bringing a database to this version's tables, and telling whether it is there."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from ledger.database import Database
from ledger.errors import StorageFault
from timebank.people.wrapped_keys import WrappedKeys

_FOLDER = Path(__file__).parent


def upgrade(
    owner: Database, *, service_role: str | None = None, wrapped_keys: WrappedKeys | None = None
) -> None:
    """Run every migration that is missing, in one transaction, as the role that owns the tables.

    Keys that version 0001 kept among the other tables go to ``wrapped_keys`` first.

    On PostgreSQL ``service_role`` is granted what the service needs and no more: it reads all,
    appends to the journal and updates only what follows it.

    Raises:
        StorageFault: there are such keys, and no store was given for them.
    """
    with owner.writing.connect() as connection, connection.begin():
        config = _config()
        config.attributes["connection"] = connection
        _move_keys(connection, wrapped_keys)
        command.upgrade(config, "head")
        if service_role is not None and not owner.is_sqlite:
            _grant(connection, service_role)


def is_current(database: Database) -> bool:
    """Whether the database has exactly the tables of this version."""
    with database.read() as connection:
        return MigrationContext.configure(connection).get_current_revision() == _head()


@cache
def _head() -> str | None:
    """The newest revision; finding it reads every migration, none of which changes meanwhile."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    return config


def _move_keys(connection: Connection, store: WrappedKeys | None) -> None:
    """Copy keys out of the table that version 0002 drops; a second attempt goes on from there."""
    if not inspect(connection).has_table("vault_key"):
        return
    rows = connection.execute(text("SELECT person_id, wrapped FROM vault_key"))
    keys = {row.person_id: bytes(row.wrapped) for row in rows}
    if keys and store is None:
        raise StorageFault("the wrapped keys need a store of their own")
    if store is not None:
        moved = store.of(keys)
        store.put({who: key for who, key in keys.items() if who not in moved})


_DELETABLE = frozenset(
    {
        "vault", "blind_index", "card", "consent", "kinship", "kinship_proof",
        "portrait_picture", "person_condition", "area", "matching_person", "matching_skill",
        "matching_window", "matching_exclusion", "matching_asked",
        "campaign_roster", "campaign_photograph", "campaign_report",
    }
)  # fmt: skip
"""Tables whose rows the service may delete: what is told of people, and goes with them."""


def _grant(connection: Connection, role: str) -> None:
    from timebank.tables import APPEND_ONLY, METADATA

    quoted = connection.dialect.identifier_preparer.quote(role)
    schema = connection.exec_driver_sql("SELECT current_schema()").scalar_one()
    connection.exec_driver_sql(f'GRANT USAGE ON SCHEMA "{schema}" TO {quoted}')
    connection.exec_driver_sql(f"GRANT SELECT ON alembic_version TO {quoted}")
    for table in METADATA.sorted_tables:
        rights = "SELECT, INSERT" if table.name in APPEND_ONLY else "SELECT, INSERT, UPDATE"
        if table.name in _DELETABLE:
            rights += ", DELETE"
        connection.exec_driver_sql(f"GRANT {rights} ON {table.name} TO {quoted}")
