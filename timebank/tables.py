"""Every table of a book in one metadata, for migrations and for the test that compares them."""

from sqlmodel import SQLModel

import ledger.tables
import timebank.call_backs.tables
import timebank.campaigns.tables
import timebank.clearing.tables
import timebank.corrections.tables
import timebank.dormancy.tables
import timebank.estates.tables
import timebank.expiry.tables
import timebank.help_calls.tables
import timebank.integrity.tables
import timebank.letters.tables
import timebank.matching.tables
import timebank.moves.tables
import timebank.notices.tables
import timebank.openings.tables
import timebank.orders.tables
import timebank.organisations.tables
import timebank.outbox.tables
import timebank.pairings.tables
import timebank.people.tables
import timebank.reconciliation.tables
import timebank.records.tables
import timebank.shortfalls.tables
import timebank.stations.tables
import timebank.suspensions.tables
import timebank.transfers.tables

METADATA = SQLModel.metadata
"""All tables of the ledger and the time bank."""

APPEND_ONLY = (
    *ledger.tables.APPEND_ONLY,
    *timebank.call_backs.tables.APPEND_ONLY,
    *timebank.integrity.tables.APPEND_ONLY,
    *timebank.campaigns.tables.APPEND_ONLY,
    *timebank.orders.tables.APPEND_ONLY,
    *timebank.people.tables.APPEND_ONLY,
    *timebank.records.tables.APPEND_ONLY,
    *timebank.suspensions.tables.APPEND_ONLY,
)
