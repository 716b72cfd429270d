"""What a process makes sure of before it writes: the schema is ours, the log is not forked."""

from collections.abc import Callable

from ledger.errors import SchemaAltered
from ledger.guard import Guarded, guard
from timebank.bank import Bank
from timebank.reconciliation.checks import schema
from timebank.reconciliation.view import view_of

_MOST_NAMED = 5


def check_start(
    bank: Bank,
    *,
    thorough: bool,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Guarded:
    """Let a book pass that may be written to; servers ask ``thorough``, short commands do not.

    What the schema should be is taken from the migrations and not from the database, whose owner
    could change both.

    Raises, the first that applies:
        SchemaAltered: a table, CHECK, index, trigger or function is missing, changed or not ours.
        LogForked: see :func:`ledger.guard.guard`.
    """
    with view_of(bank) as view:
        found = [f"{one.what}: {one.subject}" for one in schema.check(view)]
    if found:
        more = len(found) - _MOST_NAMED
        named = ", ".join(found[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
        raise SchemaAltered(f"{named}; restore them from this version's migrations")
    return guard(
        bank.database,
        bank.settings.log_folder,
        bank.log_key.vkey,
        thorough=thorough,
        progress=progress,
    )
