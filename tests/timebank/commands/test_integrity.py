"""timebank/commands/integrity.py: the handlers' figures for a person and for a program."""

from pathlib import Path

from tests.support.banks import new_bank
from tests.support.call_backs import a_week, caller
from tests.timebank.commands.test_cli import run, told
from timebank.stations.model import Role


def test_the_figures_of_handlers(tmp_path: Path) -> None:
    with new_bank(tmp_path) as tried:
        a_week(tried, 3)
        clerk = caller(tried, Role.CLERK).actor_id
        tried.behind(f"UPDATE service_record SET recorded_by = '{clerk}'")
        data = tried.settings.data
        days = ("--from", "2023-04-01", "--to", "2023-04-30", "--data", data)
        found = told("handlers", *days)
        assert (found["first_on"], found["last_on"]) == ("2023-04-01", "2023-04-30")
        (one,) = found["items"]
        assert (one["login"], one["entries"], one["disagreed"]) == ("clerk-XFL", 3, 0)
        line = run("handlers", *days).stdout
        assert "登记 3 导入 0 补登 0 条 0 分钟 整小时 0 退回 0 不符 0/0 复核 0 中位 –" in line
        assert told("handlers", "--data", data)["items"] == []  # The command's clock is today's.
        backwards = ("--from", "2023-04-02", "--to", "2023-04-01", "--data", data)
        assert "--to" in run("handlers", *backwards, code=2).stderr
