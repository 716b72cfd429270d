"""Two districts that trust each other's logs, and somebody who moves from one to the other."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ledger.balances import balance_of
from tests.support.banks import OPERATOR, TriedBank
from tests.support.forging import bank_with
from tests.support.founded import Place
from tests.support.services import service
from timebank.answers import Answer
from timebank.moves.arriving import approve_arrival, state_arrival
from timebank.moves.departing import approve_departure, ask_departure, return_departure
from timebank.moves.issuing import credit_statement
from timebank.moves.partners import decide_partner, partner_of, propose_partner
from timebank.people.actions import register
from timebank.people.directory import account_of_number
from timebank.people.model import Newcomer
from timebank.records.actions import log_service
from timebank.stations.model import Actor, Role

CLERK = Actor("staff_clerk", Role.CLERK, "XFL")
REVIEWER = Actor("staff_reviewer", Role.REVIEWER, "XFL")
SECOND_OPERATOR = Actor("staff_second_operator", Role.OPERATOR)

NORTH, SOUTH = "timebank.example/north", "timebank.example/south"
ID_NUMBER, OTHER_ID_NUMBER = "110105194912310022", "110105195001010038"


@dataclass
class District:
    """One district's bank, with steps that take a key of their own each time."""

    tried: TriedBank
    _keys: int = 0

    @property
    def vkey(self) -> str:
        """The verifier key that it gives to its partners."""
        return str(self.tried.bank.log_vkeys()[-1])

    @property
    def origin(self) -> str:
        """The name of its log."""
        return self.tried.bank.origin

    def key(self) -> str:
        """A fresh idempotency key."""
        self._keys += 1
        return f"moves-{self._keys:05}"

    def trust(self, other: "District", name: str = "邻区") -> str:
        """Make the other district a partner; answers the proposal's id."""
        return self.trust_key(other.vkey, name)

    def trust_key(self, vkey: str, name: str = "邻区") -> str:
        """Make the book of a log's key a partner; answers the proposal's id."""
        said = propose_partner(self.tried.bank, OPERATOR, vkey, name, key=self.key())
        partner_id = str(said.body["partner"])
        decide_partner(self.tried.bank, SECOND_OPERATOR, partner_id, approve=True, key=self.key())
        return partner_id

    def ask(self, to: str, number: str = "V0001", actor: Actor = CLERK, slip: str = "ZC-1") -> str:
        """Note at the counter that a member moves; answers the move."""
        said = ask_departure(self.tried.bank, actor, number, to, slip, key=self.key())
        return str(said.body["move"])

    def approve(self, move_id: str, actor: Actor = REVIEWER) -> Answer:
        """Approve a move to another district."""
        return approve_departure(self.tried.bank, actor, move_id, key=self.key())

    def send_back(self, move_id: str) -> None:
        """Send a move to another district back."""
        return_departure(self.tried.bank, CLERK, move_id, "改主意", key=self.key())

    def statement(self, to: str, **rest: Any) -> tuple[str, bytes]:
        """Move a member away; answers the move and the file that they carry."""
        move_id = self.ask(to, **rest)
        self.approve(move_id)
        return move_id, credit_statement(self.tried.bank, CLERK, move_id).encode()

    def take_in(self, data: bytes, number: str = "V0009", actor: Actor = CLERK) -> str:
        """Hand a statement in; answers the move."""
        said = state_arrival(self.tried.bank, actor, number, data, key=self.key())
        return str(said.body["move"])

    def admit(self, move_id: str, actor: Actor = REVIEWER) -> Answer:
        """Approve a move from another district."""
        return approve_arrival(self.tried.bank, actor, move_id, key=self.key())

    def balance(self, account_id: str) -> int:
        """Posted minutes of an account."""
        with self.tried.bank.read() as connection:
            found = balance_of(connection, account_id)
        assert found is not None
        return found.posted

    def join(self, number: str, id_number: str | None) -> None:
        """Register somebody at the station."""
        who = Newcomer("王德福", ((number, "volunteer"),), id_number=id_number)
        register(self.tried.bank, CLERK, [who], key=self.key())

    def serve(self, number: str = "V0001", minutes: int = 90, at: str = "09:00") -> None:
        """Credit a service of the day before."""
        stated = service(number, at=at, minutes=minutes)
        log_service(self.tried.bank, CLERK, "XFL", stated, key=self.key())

    def person(self, number: str) -> str:
        """The person id behind a member number."""
        with self.tried.bank.read() as connection:
            return account_of_number(connection, number)[0]

    def clearing(self, origin: str) -> int:
        """Posted minutes of the clearing account with another book."""
        with self.tried.bank.read() as connection:
            account_id = str(partner_of(connection, origin).account_id)
        return self.balance(account_id)


@contextmanager
def districts(
    folder: Path, *south_parts: str, database: Place | None = None
) -> Iterator[tuple[District, District]]:
    """North, where V0001 has 90 minutes, and south, where V0009 is the same person.

    Both are partners of each other.  ``south_parts`` are put on the southern profile; a
    ``database`` is the southern bank's.
    """
    for name in ("north", "south"):
        folder.joinpath(name).mkdir()
    with (
        bank_with(folder / "north", people=("E0001", "V0002"), origin=NORTH) as there,
        bank_with(
            folder / "south", *south_parts, people=("E0001",), origin=SOUTH, database=database
        ) as here,
    ):
        north, south = District(there), District(here)
        north.join("V0001", ID_NUMBER)
        north.serve()
        south.join("V0009", ID_NUMBER)
        north.trust(south, "南区")
        south.trust(north, "北区")
        yield north, south
