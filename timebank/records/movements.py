"""What one volunteer's part of a service moves, from whose account to whose."""

from collections.abc import Callable

from ledger.journal import Movement
from timebank.chart import Kind
from timebank.records.model import Payer

AccountOf = Callable[[Kind], str]
"""The book's one account of a kind."""


def payer_account(account_of: AccountOf, payer: Payer, elder: str) -> str:
    """The account that pays; ``elder`` is the account of the record's only recipient."""
    match payer:
        case Payer.ELDER:
            return elder
        case Payer.GRANT:
            return account_of(Kind.GRANT_FUND)
        case Payer.POOL:
            return account_of(Kind.POOL)
        case Payer.NOBODY:
            return account_of(Kind.ISSUANCE)


def movements_of(
    account_of: AccountOf,
    payer: str,
    volunteer: str,
    *,
    credited: int,
    charged: int,
    overflow: int,
) -> tuple[Movement, ...]:
    """What one volunteer's part moves, in minutes (decision 5).

    The payer gives what is both charged and credited; issuance gives what nobody pays; what is
    charged beyond the credit goes to ``redeemed``, what a cap cuts off to the public pool.
    """
    issuance, paid = account_of(Kind.ISSUANCE), min(credited, charged)
    wanted = (
        (payer, volunteer, paid),
        (issuance, volunteer, credited - paid),
        (payer, account_of(Kind.REDEEMED), charged - paid),
        (issuance, account_of(Kind.POOL), overflow),
    )
    return tuple(Movement(giver, to, minutes) for giver, to, minutes in wanted if minutes > 0)
