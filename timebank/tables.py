"""Every table of a book in one metadata, for migrations and for the test that compares them."""

from sqlmodel import SQLModel

import ledger.tables
import timebank.matching.tables
import timebank.orders.tables
import timebank.outbox.tables
import timebank.people.tables
import timebank.reconciliation.tables
import timebank.records.tables
import timebank.stations.tables
import timebank.transfers.tables

METADATA = SQLModel.metadata
"""All tables of the ledger and the time bank."""

APPEND_ONLY = (
    *ledger.tables.APPEND_ONLY,
    *timebank.orders.tables.APPEND_ONLY,
    *timebank.people.tables.APPEND_ONLY,
)
