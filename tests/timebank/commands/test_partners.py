"""timebank/commands/partners.py and moves.py: two districts clear at the command line."""

from pathlib import Path

import pytest

from tests.support.clearing import APRIL, MAY, both_ways, stated, turn_to
from tests.support.moves import District
from tests.timebank.commands.test_cli import run, told
from timebank.founding import FOUNDER
from timebank.stations.actions import hire
from timebank.stations.model import Role

PASSWORD = "天亮就去买豆浆 8143"
SECOND = ("--as", "operator-2", "--password", PASSWORD)


def second(one: District) -> tuple[object, ...]:
    """Another operator of the district, and where its data is."""
    hire(one.tried.bank, FOUNDER, login="operator-2", title="副主任", role=Role.OPERATOR,
         password=PASSWORD)  # fmt: skip
    return ("--data", one.tried.settings.data)


def test_a_month_is_netted_and_the_partnership_ends(tmp_path: Path) -> None:
    with both_ways(tmp_path) as (north, south):
        turn_to(MAY, north, south)
        data, origin = second(north), south.origin
        theirs, ours = tmp_path / "theirs", tmp_path / "ours"
        theirs.write_bytes(stated(south, north))

        (listed,) = told("partners", "list", *data)["partners"]
        assert (listed["origin"], listed["posted_minutes"]) == (origin, 60)
        made = told("partners", "statement", origin, APRIL, "--out", ours, *data)
        assert (made["opening"], made["closing"]) == (0, 60)
        assert ours.read_bytes() == stated(north, south)
        assert told("partners", "net", origin, APRIL, *data, code=1)["error"]["code"] == (
            "clearing_differs"
        )
        assert told("partners", "take", theirs, *data)["closing"] == -60
        assert "本区 1小时  对方 -1小时  不符 0" in run("partners", "clearing", *data).stdout
        netting = told("partners", "net", origin, APRIL, *data)["netting"]
        told("partners", "withdraw", netting, *data)
        netting = told("partners", "net", origin, APRIL, *data)["netting"]
        assert told("partners", "approve", netting, *SECOND, *data)["minutes"] == 60
        (stands,) = told("partners", "clearing", *data)["partners"]
        assert (stands["clearing_minutes"], stands["settled_minutes"]) == (0, 60)

        ending = told("partners", "end", listed["partner_id"], *data)["ending"]
        told("partners", "approve", ending, *SECOND, *data)
        assert told("partners", "list", *data)["partners"][0]["state"] == "ended"
        again = told("partners", "propose", south.vkey, "--name", "南区", *data)["partner"]
        assert told("partners", "approve", again, *SECOND, *data)["state"] == "active"


def test_somebody_moves_and_somebody_comes(tmp_path: Path) -> None:
    with both_ways(tmp_path) as (north, south):
        here, there = second(north), second(south)
        north.serve("V0011", minutes=20, at="18:00")
        file = tmp_path / "move.credit-statement"
        slip = ("--slip", "ZC-70")
        back = told("moves", "depart", "V0011", south.origin, *slip, *here)["move"]
        told("moves", "return", back, "--reason", "改主意", *here)
        slip = ("--slip", "ZC-71")
        move = told("moves", "depart", "V0011", south.origin, *slip, *here)["move"]
        assert told("moves", "approve", move, *SECOND, *here)["minutes"] == 50
        told("moves", "statement", move, "--out", file, *here)
        come = told("moves", "take", file, "V0010", *there)["move"]
        assert told("moves", "approve", come, *SECOND, *there)["credited"] == 50
        assert [len(told("moves", "list", *there)[way]) for way in ("away", "in")] == [1, 2]
        assert "转入" in run("moves", "list", *there).stdout


@pytest.mark.parametrize(("month", "code"), [(APRIL, 0), ("april", 1)])
def test_the_report_between_stations(tmp_path: Path, month: str, code: int) -> None:
    with both_ways(tmp_path) as (north, _south):
        data, out = ("--data", north.tried.settings.data), tmp_path / "between.csv"
        told("moves", "between", month, "--out", out, *data, code=code)
        assert out.exists() == (code == 0)
