"""The city's own unit stands beside hours and minutes on the holder's account."""

from pathlib import Path

import pytest

from tests.support.banks import OPERATOR, new_bank
from tests.support.clients import PIN, desk_of
from tests.support.profiles import HEAD
from tests.support.visitors import Visitor
from timebank.people.actions import issue_card


@pytest.mark.parametrize(
    ("per_unit", "name", "said"),
    [(60, "小时", ""), (60, "时间币", "合 1.5 时间币"), (59, "小时", "合 1.53 小时"),
     (61, "小时", "合 1.48 小时"), (1, "时分", "合 90 时分")],
)  # fmt: skip
def test_the_balance_in_the_citys_unit(tmp_path: Path, per_unit: int, name: str, said: str) -> None:
    folder = tmp_path / "policies"
    folder.mkdir()
    text = HEAD.replace("value = 60", f"value = {per_unit}").replace('"小时"', f'"{name}"')
    (folder / "test-1.toml").write_text(text, encoding="utf-8")
    with (
        new_bank(tmp_path, policies=["test-1"], policy_folder=folder) as tried,
        desk_of(tried) as desk,
    ):
        tried.people("E0001")
        tried.issue("E0001", 90)
        issue_card(tried.bank, OPERATOR, "E0001", PIN)
        visitor = Visitor(desk)
        visitor.open("/kiosk")
        page = visitor.send(visitor.form("/kiosk/sign-in"), card="E0001", pin=PIN)
        assert "1小时30分钟" in page
        assert (said in page) if said else ("合 " not in page)
