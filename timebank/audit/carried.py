"""What an entry must move that carries a balance over from a former book."""

from collections.abc import Iterable

from ledger.journal import Movement
from timebank.audit.facts import Facts, Underived, text_of, whole_of

CARRY_BALANCE = "carry_balance"


def carried_movements(
    facts: Facts, counter: str, found: tuple[Movement, ...]
) -> tuple[Movement, ...]:
    """The movements between ``counter``, the book's account of kind opening, and the account named.

    Several movements may carry one balance, so ``found`` decides how it is divided and no more.

    Raises:
        Underived: the facts are not those of a balance that is carried.
    """
    if text_of(facts, "do") != CARRY_BALANCE:
        raise Underived("do: an entry of this kind carries a balance over")
    account, posted = text_of(facts, "account"), whole_of(facts, "posted")
    giver, receiver = (counter, account) if posted > 0 else (account, counter)
    divided = [one.minutes for one in found]
    if sum(divided) != abs(posted):
        divided = [abs(posted)]
    return tuple(Movement(giver, receiver, minutes) for minutes in divided)


def told(movements: Iterable[Movement] | None) -> str:
    """Movements as a finding's evidence has them."""
    every = [f"{one.from_account}→{one.to_account} {one.minutes}" for one in movements or ()]
    return ", ".join(every) or "nothing"
