"""Every check, in the order in which they run: what explains others comes first."""

from timebank.reconciliation.checks import (
    accesses,
    account_limits,
    derived_lines,
    entries_against_leaves,
    holds,
    idempotency,
    jobs_silent,
    messages,
    numbering,
    orders,
    people,
    published_log,
    records_against_entries,
    schema,
    sequences,
    stored_balances,
    transfers_against_entries,
    tree,
    trial_balance,
)
from timebank.reconciliation.model import Check

CHECKS: tuple[Check, ...] = (
    schema.CHECK,
    numbering.CHECK,
    trial_balance.CHECK,
    stored_balances.CHECK,
    account_limits.CHECK,
    holds.CHECK,
    derived_lines.CHECK,
    tree.CHECK,
    published_log.CHECK,
    entries_against_leaves.CHECK,
    sequences.CHECK,
    idempotency.CHECK,
    records_against_entries.CHECK,
    transfers_against_entries.CHECK,
    orders.CHECK,
    people.CHECK,
    accesses.CHECK,
    messages.CHECK,
    jobs_silent.CHECK,
)
"""A new check is one file and one line here, with a fault in the table that it finds first."""


def check_named(name: str) -> Check | None:
    """The check of that name, ``None`` where there is none (any more)."""
    return next((check for check in CHECKS if check.name == name), None)
