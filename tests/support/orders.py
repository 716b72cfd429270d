"""A station with people and hours, and an order that may be led wherever a test wants it."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text

from ledger.balances import balance_of
from tests.support.banks import OPERATOR, TriedBank
from tests.support.services import service
from timebank.answers import Answer
from timebank.orders.asking import request_order
from timebank.orders.model import Channel, Order, Stated, Wish
from timebank.orders.steps import take_step
from timebank.orders.store import order_in
from timebank.people.actions import register
from timebank.people.model import Newcomer
from timebank.records.actions import log_service
from timebank.records.model import Payer
from timebank.stations.model import Actor, Role

CLERK = Actor("staff_clerk", Role.CLERK, "XFL")
OTHER_CLERK = Actor("staff_second", Role.CLERK, "XFL")
REVIEWER = Actor("staff_reviewer", Role.REVIEWER, "XFL")
TODAY = "2023-04-06"


@dataclass
class Journey:
    """One order of E0001, visited by V0001; the elder has ``saved`` minutes to begin with."""

    tried: TriedBank
    saved: int = 300
    payer: Payer = Payer.ELDER
    order_id: str = ""
    _keys: int = 0
    people: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        numbers = ("V0001", "V0002", "E0002")
        self.people = dict(zip(numbers, self.tried.people(*numbers), strict=True))
        both = Newcomer("王秀兰", (("E0001", "elder"), ("V1001", "volunteer")))
        self.people |= {"E0001": register(self.tried.bank, OPERATOR, [both], key="elder-0001")[0]}
        if self.saved:  # She helped a neighbour yesterday.
            helped = service("V1001", "E0002", at="08:00", minutes=self.saved)
            log_service(self.tried.bank, CLERK, "XFL", helped, key="saved-0001")

    @property
    def day(self) -> str:
        """The local day, ``YYYY-MM-DD``."""
        return self.tried.bank.today().isoformat()

    def records(self) -> list[str]:
        """The ids of all service records."""
        with self.tried.bank.read() as connection:
            found = connection.execute(text("SELECT record_id FROM service_record ORDER BY number"))
            return [str(row.record_id) for row in found]

    def member(self, number: str) -> Actor:
        """The member acting for themselves at the kiosk."""
        return Actor(self.people[number], Role.MEMBER, "", self.people[number])

    def key(self) -> str:
        """A fresh idempotency key."""
        self._keys += 1
        return f"journey-{self._keys:05}"

    def ask(self, actor: Actor = CLERK, **changed: Any) -> Answer:
        """Ask for an hour of company this morning."""
        wish: dict[str, Any] = {
            "elder": "E0001",
            "class_code": "companionship",
            "wanted_on": self.day,
            "wanted_at": "08:00",
            "wanted_minutes": 60,
            "channel": Channel.TELEPHONE,
            "payer": self.payer,
            "assistant": "小李",
            "need": "陪聊天",
            "place": "3号楼201",
        }
        answer = request_order(
            self.tried.bank, actor, "XFL", Wish(**(wish | changed)), key=self.key()
        )
        self.order_id = str(answer.body["order"])
        return answer

    def step(self, name: str, actor: Actor = CLERK, **stated: Any) -> Answer:
        """Take a step of the order; a time of day is today's."""
        if len(stated.get("at", "")) == len("08:00"):
            stated["at"] = f"{self.day}T{stated['at']}"
        said = Stated(**stated)
        return take_step(self.tried.bank, actor, self.order_id, name, said, key=self.key())

    def balance(self, number: str) -> tuple[int, int]:
        """Posted and held minutes of a member."""
        with self.tried.bank.read() as connection:
            found = balance_of(connection, self.tried.account(number))
        assert found is not None
        return found.posted, found.held

    def order(self) -> Order:
        """The order as it is committed."""
        with self.tried.bank.read() as connection:
            return order_in(connection, self.order_id)

    def to(self, state: str) -> "Journey":
        """Lead a new order along the straight way to a state."""
        self.ask()
        for name, stated in STRAIGHT:
            if self.order().state.value == state:
                return self
            actor = OTHER_CLERK if name == "confirm" else CLERK
            self.step(name, actor, **stated)
        assert self.order().state.value == state, self.order().state
        return self


STRAIGHT: tuple[tuple[str, dict[str, Any]], ...] = (
    ("vet", {}),
    ("publish", {}),
    ("match", {"volunteer": "V0001"}),
    ("accept", {}),
    ("sign_in", {"at": "08:00", "reason": "志愿者电话报到"}),
    ("sign_out", {"at": "09:00"}),
    ("confirm", {}),
)
"""Steps from a wish to posted credit, all at the counter."""
