"""Lists of an older scheme: files as clerks keep them, and who walks them through the bank."""

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from ledger.balances import balance_of
from tests.support.banks import OPERATOR, TriedBank
from tests.support.forging import bank_with
from tests.support.founded import Place
from timebank.answers import Answer
from timebank.openings.actions import Signed, confirm_openings, return_opening, reverse_opening
from timebank.openings.approving import Approval, approve_openings
from timebank.openings.importing import OpeningResult, import_openings
from timebank.people.actions import register
from timebank.people.model import Newcomer
from timebank.stations.model import Actor, Role

CLERK = Actor("staff_clerk", Role.CLERK, "XFL")
SECOND_CLERK = Actor("staff_second_clerk", Role.CLERK, "XFL")
REVIEWER = Actor("staff_reviewer", Role.REVIEWER, "XFL")
SECOND_REVIEWER = Actor("staff_second_reviewer", Role.REVIEWER, "XFL")

HEADER = ("志愿者编号", "姓名", "原存折编号或来源页", "期初时长（小时）", "截止日期")
NAMES = {"V0001": "王德福", "V0002": "李秀兰", "V0003": "张桂英", "E0001": "张桂英"}
PAGE = "存折 0071 第 12 页 王师傅经手"
ROWS = (
    ("V0001", "王德福", PAGE, "2.5", "2022-12-31"),
    ("V0002", "", "台账第3页", "1小时30分", "2022-12-31"),
)


def write_list(
    folder: Path,
    rows: Sequence[Sequence[object]] = ROWS,
    header: Sequence[str] = HEADER,
    name: str = "老账.csv",
    above: Sequence[str] = (),
) -> Path:
    """A list as a text file, with lines above its header."""
    path = folder / name
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerows([[line] for line in above])
        writer.writerow(header)
        writer.writerows(rows)
    return path


@dataclass
class Scheme:
    """A bank with the people of :data:`NAMES`, and an older scheme that comes to it."""

    tried: TriedBank
    folder: Path
    _keys: int = 0

    def key(self) -> str:
        """A fresh idempotency key."""
        self._keys += 1
        return f"scheme-{self._keys:05}"

    def hand_in(
        self, rows: Sequence[Sequence[object]] = ROWS, actor: Actor = CLERK, **rest: Any
    ) -> OpeningResult:
        """Import a list a second after whatever was before, or rehearse it."""
        self.tried.clock.move(timedelta(seconds=1))  # so that rows of two lists have an order
        path = rest.pop("path", None) or write_list(self.folder, rows)
        key = rest.pop("key", None) or self.key()
        return import_openings(self.tried.bank, actor, "XFL", path, key=key, **rest)

    def confirm(self, *numbers: str, actor: Actor = CLERK, slip: str = "S") -> Answer:
        """Record slips for every row of those members that awaits its holder."""
        signed = [
            Signed(str(row.opening_id), f"{slip}-{row.place}")
            for row in self.rows("awaiting_holder")
            if row.account_id in [self.tried.account(number) for number in numbers]
        ]
        return confirm_openings(self.tried.bank, actor, signed, key=self.key())

    def approve(self, batch_id: str, actor: Actor = REVIEWER) -> Approval:
        """Approve what is confirmed of a list."""
        return approve_openings(self.tried.bank, actor, batch_id, key=self.key())

    def send_back(
        self, opening_id: str, actor: Actor = REVIEWER, reason: str = "页码不符"
    ) -> Answer:
        """Send a row back."""
        return return_opening(self.tried.bank, actor, opening_id, reason, key=self.key())

    def reverse(self, opening_id: str, actor: Actor = REVIEWER, reason: str = "登记有误") -> Answer:
        """Reverse a posted row."""
        return reverse_opening(self.tried.bank, actor, opening_id, reason, key=self.key())

    def posted(self, *numbers: str) -> str:
        """Hand the usual list in, confirm those members' rows and approve them; the batch."""
        batch_id = self.hand_in().batch_id
        self.confirm(*(numbers or ("V0001", "V0002")))
        self.approve(batch_id)
        return batch_id

    def rows(self, *states: str) -> list[Any]:
        """Rows in their order, of these states or of all."""
        asked = text("SELECT * FROM opening_row WHERE book_id = 1 ORDER BY recorded_ms, place")
        with self.tried.bank.read() as connection:
            found = connection.execute(asked).all()
        return [row for row in found if not states or row.state in states]

    def states(self) -> list[str]:
        """The states of all rows in their order."""
        return [str(row.state) for row in self.rows()]

    def balance(self, number: str) -> int:
        """Posted minutes of a member."""
        with self.tried.bank.read() as connection:
            found = balance_of(connection, self.tried.account(number))
        assert found is not None
        return found.posted


@contextmanager
def scheme_with(folder: Path, *parts: str, database: Place | None = None) -> Iterator[Scheme]:
    """A scheme under the bare profile with ``parts``, on either database."""
    with bank_with(folder, *parts, people=(), database=database) as tried:
        newcomers = [
            Newcomer(name, ((number, "volunteer" if number[0] == "V" else "elder"),))
            for number, name in NAMES.items()
        ]
        register(tried.bank, OPERATOR, newcomers, key="scheme-people")
        yield Scheme(tried, folder)
