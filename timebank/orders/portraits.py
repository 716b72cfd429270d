"""The photographs on the slip of a visit: each side sees who the other is, their station both."""

from timebank.bank import Bank
from timebank.errors.portraits import NoPortrait
from timebank.orders.model import Who
from timebank.orders.queries import note_visit_looks, person_of, portraits_seen, slip_order
from timebank.people.accesses import PORTRAIT_FIELD
from timebank.people.portraits import portrait_in
from timebank.stations.model import Actor


def slip_portrait(bank: Bank, actor: Actor, order_id: str, whose: Who) -> bytes:
    """The photograph of the elder or volunteer of a visit as JPEG; a look that is written down.

    Raises, the first that applies:
        UnknownOrder, NotPermitted, OrderStepNotAllowed: who has no slip, see
            :func:`timebank.orders.queries.visit_slip`.
        NoPortrait: the slip in those hands shows none of that side, there is none, or the consent
            to it was taken back.
    """
    with bank.read() as connection:
        order, who = slip_order(connection, actor, order_id)
        if whose not in portraits_seen(who):
            raise NoPortrait(field="photo")
        person_id = person_of(order, whose)
        jpeg = portrait_in(bank, connection, person_id)
    note_visit_looks(bank, actor, order, [person_id], PORTRAIT_FIELD)
    return jpeg
