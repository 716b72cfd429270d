"""timebank/transfers/receivers.py: only kin to whom a gift would pass are offered."""

from datetime import date
from pathlib import Path

import pytest

from tests.support.banks import OPERATOR
from tests.support.givers import TRANSFER, Givers, givers_with
from timebank.errors import NotPermitted, TransferNotAllowed
from timebank.people.actions import register
from timebank.people.kinship import note_kinship
from timebank.people.model import Newcomer, Relation
from timebank.transfers.receivers import may_donate, receivers

OPEN = """
[transfer]
relations = { value = ["relative", "friend"], source = "上海 2026" }
donation_to = { value = ["hardship_elder"], source = "上海 2026" }
"""


def offered(givers: Givers) -> list[tuple[str, str, Relation]]:
    with givers.tried.bank.read() as connection:
        found = receivers(givers.tried.bank, connection, givers.member)
    return [(one.number, one.name, one.relation) for one in found]


def with_kin(givers: Givers) -> Givers:
    """A daughter of 59, a mother of 93 and a friend besides the wife."""
    newcomers = [
        Newcomer("王小红", (("E0003", "elder"),), date(1963, 4, 7)),
        Newcomer("李大妈", (("E0004", "elder"),), date(1930, 1, 1)),
        Newcomer("张三", (("E0005", "elder"),), date(1950, 1, 1)),
    ]
    register(givers.tried.bank, OPERATOR, newcomers, key="kin-00001")
    for number, relation in (
        ("E0005", Relation.FRIEND),
        ("E0004", Relation.PARENT),
        ("E0003", Relation.CHILD),
    ):
        note_kinship(givers.tried.bank, OPERATOR, "V0001", number, relation, "户口簿")
    return givers


def test_the_nearest_first_and_nobody_who_would_be_refused(tmp_path: Path) -> None:
    with givers_with(tmp_path, TRANSFER) as givers:
        with_kin(givers)
        assert offered(givers) == [
            ("E0001", "王＊＊", Relation.SPOUSE),
            ("E0004", "李＊＊", Relation.PARENT),
        ]
        for refused in ("E0003", "E0005"):
            with pytest.raises(TransferNotAllowed):
                givers.give(refused)
        assert may_donate(givers.tried.bank)


def test_everybody_where_the_policy_lets_them(tmp_path: Path) -> None:
    with givers_with(tmp_path, OPEN) as givers:
        with_kin(givers)
        assert [number for number, _name, _relation in offered(givers)] == [
            "E0001", "E0004", "E0003", "E0005",
        ]  # fmt: skip
        assert not may_donate(givers.tried.bank)


def test_nobody_where_the_policy_says_nothing(tmp_path: Path) -> None:
    with givers_with(tmp_path) as givers:
        assert offered(givers) == []
        assert not may_donate(givers.tried.bank)


def test_who_was_forgotten_is_not_offered(tmp_path: Path) -> None:
    with givers_with(tmp_path, TRANSFER) as givers:
        wife = givers.people["E0001"]
        givers.tried.behind(
            "UPDATE person SET state = 'restricted' WHERE person_id = :who", who=wife
        )
        assert offered(givers) == []


def test_staff_have_no_kin_here(tmp_path: Path) -> None:
    with givers_with(tmp_path, TRANSFER) as givers:
        bank = givers.tried.bank
        with bank.read() as connection, pytest.raises(NotPermitted):
            receivers(bank, connection, OPERATOR)
