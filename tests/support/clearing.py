"""Two districts that clear with each other: months pass for both, statements go over and back."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text

from tests.support.banks import OPERATOR
from tests.support.founded import Place
from tests.support.moves import SECOND_OPERATOR, District, districts
from timebank.answers import Answer
from timebank.clearing.making import make_statement, statement_file
from timebank.clearing.netting import decide_netting, propose_netting
from timebank.clearing.taking import take_statement
from timebank.stations.model import Actor

THIRD_OPERATOR = replace(OPERATOR, actor_id="staff_third_operator")

APRIL, MAY, JUNE = "2023-04", "2023-05", "2023-06"


def turn_to(month: str, *both: District) -> None:
    """Put the clocks of both districts on the morning of a month's second day."""
    first = datetime.fromisoformat(f"{month}-02T01:00:00").replace(tzinfo=UTC)
    for one in both:
        one.tried.clock.set(first)


def stated(one: District, other: District, month: str = APRIL) -> bytes:
    """What the first says of the second and a month, as a file."""
    make_statement(one.tried.bank, OPERATOR, other.origin, month)
    return statement_file(one.tried.bank, OPERATOR, other.origin, month).encode()


def taken(one: District, data: bytes, actor: Actor = OPERATOR) -> Answer:
    """Hand the partner's statement in."""
    return take_statement(one.tried.bank, actor, data, key=one.key())


def exchange(north: District, south: District, month: str = APRIL) -> None:
    """Each takes in what the other says of a month."""
    taken(north, stated(south, north, month))
    taken(south, stated(north, south, month))


def proposed(one: District, other: District, month: str = APRIL) -> str:
    """Propose to net a month; answers the netting."""
    said = propose_netting(one.tried.bank, OPERATOR, other.origin, month, key=one.key())
    return str(said.body["netting"])


def decided(one: District, netting: str, approve: bool = True) -> Answer:
    """Another operator decides."""
    bank = one.tried.bank
    return decide_netting(bank, SECOND_OPERATOR, netting, approve=approve, key=one.key())


def net(one: District, other: District, month: str = APRIL) -> None:
    """Net a month on one side."""
    decided(one, proposed(one, other, month))


def settled(one: District, other: District) -> int:
    """What was netted with the other district, as the account for it has it."""
    asked = text("SELECT account_id FROM partner_settled WHERE origin = :origin")
    with one.tried.bank.read() as connection:
        account = connection.execute(asked, {"origin": other.origin}).scalar_one()
    return one.balance(account)


@contextmanager
def both_ways(folder: Path, database: Place | None = None) -> Iterator[tuple[District, District]]:
    """In April 90 minutes went from north to south and 30 back, and all of it arrived."""
    with districts(folder, database=database) as (north, south):
        _move, file = north.statement(south.origin)
        south.admit(south.take_in(file))
        south.join("V0010", "110105195001010038")
        south.serve("V0010", minutes=30)
        _move, back = south.statement(north.origin, number="V0010", slip="ZC-9")
        north.join("V0011", "110105195001010038")
        north.admit(north.take_in(back, "V0011"))
        yield north, south
