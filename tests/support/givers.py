"""A bank whose policy lets credit move: a couple, a neighbour, a pool and a fund, two operators."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from ledger.balances import balance_of
from tests.support.banks import OPERATOR, TriedBank
from tests.support.forging import bank_with
from tests.support.founded import Place
from tests.support.services import service
from timebank.answers import Answer
from timebank.chart import Kind
from timebank.jobs.gifts import settle_gifts
from timebank.people.actions import register
from timebank.people.conditions import note_condition
from timebank.people.kinship import note_kinship
from timebank.people.model import Newcomer, Relation
from timebank.records.actions import log_service
from timebank.stations.model import Actor, Role
from timebank.transfers.giving import Giving, donate, give, undo
from timebank.transfers.proposing import decide_proposal, propose_funding, propose_grants

CLERK = Actor("staff_clerk", Role.CLERK, "XFL")
SECOND = Actor("staff_second_operator", Role.OPERATOR)
TEN_MINUTES = timedelta(minutes=10)

TRANSFER = """
[transfer]
relations = { value = ["spouse", "lineal_relative"], source = "南京鼓楼区 2018" }
relative_minimum_age = { value = 60, source = "南京鼓楼区 2018" }
donation_to = { value = ["pool", "childless_elder"], source = "南京鼓楼区 2018" }
"""
GRANTS = """
[grants]
monthly_minutes = { value = 120, source = "test" }
[[grants.eligible]]
minimum_age = 80
conditions = ["empty_nest_alone"]
source = "南京"
[[grants.eligible]]
minimum_age = 60
maximum_age = 79
conditions = ["low_income", "disabled"]
source = "南京"
"""


@dataclass
class Givers:
    """V0001 is married to E0001 (70) and a stranger to E0002 (82); V0001 has 300 minutes."""

    tried: TriedBank
    people: dict[str, str]
    _keys: int = 0

    @property
    def member(self) -> Actor:
        """V0001 at the kiosk."""
        person = self.people["V0001"]
        return Actor(person, Role.MEMBER, "", person)

    def key(self) -> str:
        """A fresh idempotency key."""
        self._keys += 1
        return f"givers-{self._keys:05}"

    def give(self, to: str = "E0001", minutes: int = 60, actor: Actor | None = None) -> Answer:
        """Give from V0001, at the kiosk unless staff is named."""
        giving = Giving(to, minutes, "V0001", "小李")
        return give(self.tried.bank, actor or self.member, giving, key=self.key())

    def donate(self, to: str = "pool", minutes: int = 60) -> Answer:
        """Donate from V0001 at the kiosk."""
        return donate(self.tried.bank, self.member, Giving(to, minutes), key=self.key())

    def undo(self, transfer: Any, actor: Actor | None = None) -> Answer:
        """Undo a transfer."""
        return undo(self.tried.bank, actor or self.member, str(transfer), key=self.key())

    def settle(self) -> dict[str, Any]:
        """Run the job as planned for now."""
        return dict(settle_gifts(self.tried.bank, self.tried.bank.now_ms()))

    def fund(self, minutes: int) -> Answer:
        """Fill pool and fund: V0001 donates, one operator proposes, another approves."""
        self.donate(minutes=minutes)
        self.tried.clock.move(TEN_MINUTES)
        self.settle()
        bank = self.tried.bank
        proposal = propose_funding(bank, OPERATOR, minutes, key=self.key()).body["proposal"]
        return decide_proposal(bank, SECOND, str(proposal), approve=True, key=self.key())

    def propose(self) -> Answer:
        """Propose the month's grants."""
        return propose_grants(self.tried.bank, OPERATOR, key=self.key())

    def decide(self, proposal: Any, actor: Actor = SECOND, *, approve: bool = True) -> Answer:
        """Decide a proposal."""
        return decide_proposal(
            self.tried.bank, actor, str(proposal), approve=approve, key=self.key()
        )

    def proposals(self) -> list[str]:
        """Open proposals of grants."""
        asked = text(
            "SELECT DISTINCT proposal_id FROM transfer WHERE book_id = 1 AND state = 'proposed' "
            "AND kind = 'grant' ORDER BY proposal_id"
        )
        with self.tried.bank.read() as connection:
            return [str(row.proposal_id) for row in connection.execute(asked)]

    def note(self, number: str, condition: str, *, applies: bool = True) -> None:
        """Note a condition of somebody, or that it has ended."""
        bank = self.tried.bank
        note_condition(
            bank, OPERATOR, number, condition, "证明原件", consented=True, applies=applies
        )

    def balance(self, number: str) -> tuple[int, int]:
        """Posted and held minutes of a member."""
        return self.of_account(self.tried.account(number))

    def of_kind(self, kind: Kind) -> tuple[int, int]:
        """Posted and held minutes of the book's account of that kind."""
        return self.of_account(self.tried.bank.account_of(kind))

    def of_account(self, account_id: str) -> tuple[int, int]:
        """Posted and held minutes of an account."""
        with self.tried.bank.read() as connection:
            found = balance_of(connection, account_id)
        assert found is not None
        return found.posted, found.held


@contextmanager
def givers_with(folder: Path, *parts: str, database: Place | None = None) -> Iterator[Givers]:
    """Such a bank under the bare profile with ``parts``."""
    with bank_with(folder, *parts, people=("V0002",), database=database) as tried:
        newcomers = [
            Newcomer("王建国", (("V0001", "volunteer elder"),), date(1950, 1, 1)),
            Newcomer("王秀兰", (("E0001", "elder"),), date(1953, 4, 6)),
            Newcomer("朱奶奶", (("E0002", "elder"),), date(1940, 5, 1)),
        ]
        ids = register(tried.bank, OPERATOR, newcomers, key="givers-0000")
        note_kinship(tried.bank, OPERATOR, "V0001", "E0001", Relation.SPOUSE, "户口簿")
        helped = service("V0001", "E0002", at="08:00", minutes=300)
        log_service(tried.bank, CLERK, "XFL", helped, key="saved-0001")
        people = dict(zip(("V0001", "E0001", "E0002"), ids, strict=True))
        yield Givers(tried, people)
