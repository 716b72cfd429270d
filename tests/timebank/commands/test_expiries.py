"""timebank/commands/expiries.py: months for a person and for a program, and why one expired."""

from pathlib import Path

from tests.support.banks import OPERATOR, new_bank
from tests.support.expiries import TWELVE_AND_THREE, announced, expired
from tests.support.forging import bank_with, log
from tests.timebank.commands.test_cli import run, told
from timebank.expiry.queries import expiries_listed


def test_months_and_the_rule_and_why(tmp_path: Path) -> None:
    with bank_with(tmp_path, TWELVE_AND_THREE) as tried:
        log(tried)
        announced(tried)
        expired(tried)
        with tried.bank.read() as connection:
            (one,) = expiries_listed(connection, OPERATOR)
        data = ("--data", tried.settings.data)
        found = told("expiries", *data)
        assert found["rule"]["expires_after_months"] == 12
        (month,) = found["months"]
        assert (month["month"], month["expired_minutes"]) == ("2024-05", 90)
        said = run("expiries", *data).stdout
        assert "有效期 12 个月（本区规定第九条），提前 3 个月告知（本区规定第十条）" in said
        assert "2024-05  1 人  告知 1小时30分钟" in said
        assert told("explain", one.announcement_id, *data)["inputs"]["old_minutes"] == 90
        tried.behind("UPDATE expiry_announcement SET expired_minutes = 60")
        wrong = run("explain", one.announcement_id, *data, code=1).stdout
        assert "注意：复算与凭证不符，请对账" in wrong


def test_where_credit_lives_it_says_so(tmp_path: Path) -> None:
    with new_bank(tmp_path) as tried:
        said = run("expiries", "--data", tried.settings.data).stdout
        assert "现行规则没有规定到期" in said
