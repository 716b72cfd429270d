"""Carrying a frozen book over into the log that follows it: accounts, balances, open holds.

Everything is one batch of the new log's operator.  Its first row names the checkpoint with which
the former log ended; every other row says what of it was carried: an account with its id, kind and
limits, a balance, a hold with its id and deadline.  The counter account is the book's own of kind
``opening``: it gives the balances above zero and takes those below, so it ends at its own balance
of before, because all of them sum to zero on both sides.
"""

from collections.abc import Iterator

from ledger.draft import Draft
from ledger.journal import JournalEntry, Movement
from ledger.succession import CARRIED_OVER, CARRY_OVER, FormerBook
from ledger.units import MOST_MINUTES


def carry_over(
    draft: Draft, former: FormerBook, *, counter: str, effective_on: str, policy: str
) -> None:
    """Open every account of ``former`` anew and give it what it had, as rows of one batch.

    ``counter`` is the account of ``former`` that has no floor and pays.  A hold whose deadline has
    come is not carried: its minutes are free, as its expiry would have left them.

    Raises, the first that applies:
        AccountExists: an account of that id is there already.
        NotADate, PolicyNotFound, FloorExceeded, CeilingExceeded: see :meth:`Draft.post`.
    """
    head = former.checkpoint
    draft.state(
        draft.new_id("carry"),
        {"do": CARRY_OVER, "origin": head.origin, "root": head.root.hex(), "size": head.size},
    )
    draft.load_accounts(former.accounts)
    for account_id, total in former.accounts.items():
        draft.open_account(
            account_id,
            total.kind,
            floor=total.floor,
            ceiling=total.ceiling,
            facts={
                "account": account_id,
                "ceiling": total.ceiling,
                "do": "carry_account",
                "floor": total.floor,
                "kind": total.kind,
            },
        )
    balances = [(name, one.posted) for name, one in former.accounts.items() if name != counter]
    # What the counter gives comes first: it has no floor, but may have a ceiling of zero.
    for account_id, posted in sorted(balances, key=lambda balance: balance[1] < 0):
        if posted:
            pair = (counter, account_id) if posted > 0 else (account_id, counter)
            movements = tuple(Movement(*pair, minutes) for minutes in _parts(abs(posted)))
            entry = JournalEntry(CARRIED_OVER, movements, effective_on, policy)
            draft.post(entry, {"account": account_id, "do": "carry_balance", "posted": posted})
    for hold_id, hold in former.holds.items():
        if hold.expires_ms > draft.recorded_ms:
            draft.place_hold(
                payer=hold.payer,
                payee=hold.payee,
                minutes=hold.minutes,
                expires_ms=hold.expires_ms,
                hold_id=hold_id,
                facts={
                    "do": "carry_hold",
                    "expires": hold.expires_ms,
                    "from": hold.payer,
                    "hold": hold_id,
                    "minutes": hold.minutes,
                    "to": hold.payee,
                },
            )


def _parts(minutes: int) -> Iterator[int]:
    """``minutes`` in movements of at most :data:`MOST_MINUTES`."""
    whole, rest = divmod(minutes, MOST_MINUTES)
    yield from [MOST_MINUTES] * whole
    if rest:
        yield rest
