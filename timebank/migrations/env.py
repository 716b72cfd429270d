"""Alembic's way into the migrations: it is handed a connection and asks nobody for a URL."""

from alembic import context

from timebank.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
