"""What one volunteer's part of a service moves, from whose account to whose."""

from collections.abc import Sequence

from ledger.journal import Movement
from timebank.bank import Bank
from timebank.chart import Kind
from timebank.records.model import Payer


def payer_account(bank: Bank, payer: Payer, recipient_accounts: Sequence[str]) -> str:
    """The account that pays; an elder who pays is the record's only recipient."""
    match payer:
        case Payer.ELDER:
            return recipient_accounts[0]
        case Payer.GRANT:
            return bank.account_of(Kind.GRANT_FUND)
        case Payer.POOL:
            return bank.account_of(Kind.POOL)
        case Payer.NOBODY:
            return bank.account_of(Kind.ISSUANCE)


def movements_of(
    bank: Bank, payer: str, volunteer: str, *, credited: int, charged: int, overflow: int
) -> tuple[Movement, ...]:
    """What one volunteer's part moves, in minutes (decision 5).

    The payer gives what is both charged and credited; issuance gives what nobody pays; what is
    charged beyond the credit goes to ``redeemed``, what a cap cuts off to the public pool.
    """
    issuance, paid = bank.account_of(Kind.ISSUANCE), min(credited, charged)
    wanted = (
        (payer, volunteer, paid),
        (issuance, volunteer, credited - paid),
        (payer, bank.account_of(Kind.REDEEMED), charged - paid),
        (issuance, bank.account_of(Kind.POOL), overflow),
    )
    return tuple(Movement(giver, to, minutes) for giver, to, minutes in wanted if minutes > 0)
