"""timebank/letters/: each living member's letter in large type, and every name a noted look."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import orjson
import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from tests.support.banks import OPERATOR, TriedBank
from tests.support.expiries import TWELVE_AND_THREE, announced
from tests.support.forging import bank_with, log
from tests.support.paper import pages_of, smallest_type, text_of
from tests.support.services import service
from timebank.cli import app
from timebank.errors import NotPermitted, UnknownStation
from timebank.errors.letters import LettersNotDue
from timebank.letters import making
from timebank.letters.making import make_letters, part_named
from timebank.letters.model import parts_of
from timebank.people.forgetting import forget
from timebank.records.actions import log_service
from timebank.stations.model import Role

TWICE = '[endings]\nstatements_per_year = { value = 2, source = "Genopart" }'


@pytest.mark.parametrize("per_year", range(1, 13))
def test_the_parts_of_a_year_cover_it_once(per_year: int) -> None:
    parts = parts_of(2024, per_year)
    assert len(parts) == per_year
    assert (parts[0].first_on, parts[-1].last_on) == (date(2024, 1, 1), date(2024, 12, 31))
    for before, after in pairwise(parts):
        assert after.first_on == before.last_on + timedelta(days=1)
    months = [one.last_on.month - one.first_on.month + 1 for one in parts]
    assert max(months) - min(months) <= 1
    assert parts[0].name == f"2024-1of{per_year}"


@pytest.fixture
def ended(tmp_path: Path) -> Iterator[TriedBank]:
    """The first half of 2023 is over; V0002 asked to be forgotten."""
    with bank_with(tmp_path, TWICE) as tried:
        clerk = tried.actor(Role.CLERK)
        stated = service(minutes=90)
        log_service(tried.bank, clerk, clerk.station_code, stated, key="service-1")
        forget(tried.bank, OPERATOR, "V0002", key="forget-01")
        tried.clock.move(timedelta(days=100))
        yield tried


def home(tried: TriedBank) -> str:
    with tried.bank.read() as connection:
        return str(connection.execute(text("SELECT min(station_code) FROM person")).scalar_one())


def looks(tried: TriedBank) -> list[tuple[str, str]]:
    asked = text("SELECT purpose, fields FROM access WHERE purpose = 'letter' ORDER BY number")
    with tried.bank.read() as connection:
        return [(row.purpose, row.fields) for row in connection.execute(asked)]


def test_each_member_gets_a_letter_and_who_is_forgotten_none(
    ended: TriedBank, tmp_path: Path
) -> None:
    out, part = tmp_path / "out", part_named(ended.bank, 2023, 1)
    out.mkdir()
    steps: list[tuple[int, int]] = []
    made = make_letters(
        ended.bank, OPERATOR, part, home(ended), out,
        progress=lambda done, of: steps.append((done, of)),
    )  # fmt: skip
    assert (made.letters, made.left_out, steps) == (2, 1, [(2, 2)])
    (name,) = made.files
    content = (out / name).read_bytes()
    said = text_of(content).replace(" ", "")
    assert smallest_type(content) >= 18
    assert pages_of(content) >= 2
    for words in (
        "成员V0001，您好", "成员E0001，您好", "从2023年1月1日到2023年6月30日", "还有1小时30分钟",
        "您的时间不用也不会减少。",
        "这段时间没有来往", "需要帮助", "不能换钱", "有不明白或不对的，找",
    ):  # fmt: skip
        assert words in said, words
    assert "V0002" not in said
    for jargon in ("冲销", "冻结", "凭证"):
        assert jargon not in said
    assert looks(ended) == [("letter", "name")] * 2


def test_where_credit_expires_the_letter_says_how_much_and_when(tmp_path: Path) -> None:
    yearly = '\nstatements_per_year = { value = 1, source = "Genopart" }'
    with bank_with(tmp_path, TWELVE_AND_THREE + yearly) as tried:
        log(tried)
        announced(tried)
        part = part_named(tried.bank, 2023, 1)
        made = make_letters(tried.bank, OPERATOR, part, home(tried), tmp_path)
        said = text_of((tmp_path / made.files[0]).read_bytes()).replace(" ", "")
        assert said.count("1小时30分钟到2024年5月1日就不能用了") == 1
        assert "满12个月没有用，会转给大家" in said
        assert "不用也不会减少" not in said


def test_letters_are_drawn_in_stacks(
    ended: TriedBank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "LETTERS_A_FILE", 1)
    part = part_named(ended.bank, 2023, 1)
    made = make_letters(ended.bank, OPERATOR, part, home(ended), tmp_path)
    assert len(made.files) == made.letters == 2
    assert all(text_of((tmp_path / name).read_bytes()).count("您好") == 1 for name in made.files)


@pytest.mark.parametrize(
    ("year", "number", "why"), [(2023, 2, "not_over"), (2023, 3, "no_part"), (2024, 1, "not_over")]
)
def test_what_is_not_over_has_no_letters(
    ended: TriedBank, year: int, number: int, why: str
) -> None:
    with pytest.raises(LettersNotDue) as refused:
        part_named(ended.bank, year, number)
    assert refused.value.facts["why"] == why


def test_who_may_make_them(ended: TriedBank, tmp_path: Path) -> None:
    part = part_named(ended.bank, 2023, 1)
    for role in (Role.AUDITOR, Role.REVIEWER):
        with pytest.raises(NotPermitted):
            make_letters(ended.bank, ended.actor(role), part, "XFL", tmp_path)
    with pytest.raises(NotPermitted):
        make_letters(ended.bank, ended.actor(Role.CLERK), part, "OTHER", tmp_path)
    with pytest.raises(UnknownStation):
        make_letters(ended.bank, OPERATOR, part, "OTHER", tmp_path)
    assert looks(ended) == []


def test_a_policy_that_asks_for_none(sqlite_bank: TriedBank) -> None:
    with pytest.raises(LettersNotDue) as refused:
        part_named(sqlite_bank.bank, 2022, 1)
    assert refused.value.facts["why"] == "unset"


def test_from_the_command_line(ended: TriedBank, tmp_path: Path) -> None:
    command = ["letters", "--year", "2022", "--part", "2", "--out", str(tmp_path / "out"), "--json"]
    said = CliRunner().invoke(app, [*command, "--data", str(ended.settings.data)])
    told = orjson.loads(said.stdout)
    assert (said.exit_code, told["part"], told["stations"]) == (0, "2022-2of2", [])
