"""Members who come in at a door of their own, and an order that they lead from there."""

from tests.support.banks import OPERATOR
from tests.support.clients import PIN
from tests.support.visitors import Visitor
from timebank.people.actions import issue_card


def enter(desk, number, door="my"):
    """A visitor who has signed in by card."""
    issue_card(desk.tried.bank, OPERATOR, number, PIN)
    visitor = Visitor(desk)
    visitor.open(f"/{door}")
    visitor.send(visitor.form(f"/{door}/sign-in"), card=number, pin=PIN)
    return visitor


def lead(journey, until):
    """A new order for this morning, led on until it stands so."""
    return journey.to(until).order_id


def at_step(visitor, order_id, step):
    """The form that takes a step of an order."""
    return visitor.form(f"/my/work/{order_id}/{step}")


def code_of(journey):
    """The door code of the order."""
    return journey.order().door_code
