"""Finishing what forgetting began: whom the books had to keep, and keys that a crash left."""

from sqlalchemy import select

from ledger.encoding import Json
from ledger.errors import Refusal
from timebank.bank import Bank
from timebank.people.forgetting import forget_person, is_over
from timebank.people.tables import PERSON
from timebank.reconciliation.reconcile import SCHEDULER


def finish_forgetting(bank: Bank, planned_ms: int) -> dict[str, Json]:
    """Destroy who was restricted until now; answers how many, how many keys, and who must wait.

    Who still has minutes or open holds waits: that is for the operator to settle.
    """
    with bank.read() as connection:
        query = select(PERSON.c.person_id, PERSON.c.account_id, PERSON.c.state).where(
            PERSON.c.book_id == 1, PERSON.c.state != "active"
        )
        found = connection.execute(query.order_by(PERSON.c.person_id)).all()
    left = bank.wrapped_keys.of(row.person_id for row in found if row.state == "erased")
    bank.wrapped_keys.destroy(left)
    forgotten = waiting = 0
    for row in found:
        if row.state == "erased" or not is_over(bank, row.person_id, row.account_id):
            continue
        key = f"{planned_ms}-{row.person_id[-32:]}"
        try:
            forget_person(bank, SCHEDULER, row.person_id, row.account_id, key=key)
        except Refusal:
            waiting += 1
        else:
            forgotten += 1
    return {"forgotten": forgotten, "keys": len(left), "waiting": waiting}
