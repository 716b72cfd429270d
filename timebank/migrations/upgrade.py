"""Bringing a database to this version's tables, and telling whether it is there."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from ledger.database import Database

_FOLDER = Path(__file__).parent


def upgrade(owner: Database, *, service_role: str | None = None) -> None:
    """Run every migration that is missing, in one transaction, as the role that owns the tables.

    On PostgreSQL ``service_role`` is granted what the service needs and no more: it reads all,
    appends to the journal and updates only what follows it.
    """
    with owner.writing.connect() as connection, connection.begin():
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        if service_role is not None and not owner.is_sqlite:
            _grant(connection, service_role)


def is_current(database: Database) -> bool:
    """Whether the database has exactly the tables of this version."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    with database.read() as connection:
        return MigrationContext.configure(connection).get_current_revision() == head


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    return config


def _grant(connection: Connection, role: str) -> None:
    from timebank.tables import APPEND_ONLY, METADATA

    quoted = connection.dialect.identifier_preparer.quote(role)
    schema = connection.exec_driver_sql("SELECT current_schema()").scalar_one()
    connection.exec_driver_sql(f'GRANT USAGE ON SCHEMA "{schema}" TO {quoted}')
    connection.exec_driver_sql(f"GRANT SELECT ON alembic_version TO {quoted}")
    for table in METADATA.sorted_tables:
        rights = "SELECT, INSERT" if table.name in APPEND_ONLY else "SELECT, INSERT, UPDATE"
        if table.name in ("vault", "vault_key", "blind_index", "card", "kinship"):
            rights += ", DELETE"
        connection.exec_driver_sql(f"GRANT {rights} ON {table.name} TO {quoted}")
