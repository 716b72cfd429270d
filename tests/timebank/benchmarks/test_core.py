"""timebank/benchmarks/core.py: the card has every measurement; how fast it was is not tested."""

from io import StringIO
from pathlib import Path

import orjson
import pytest
from rich.console import Console

from tests.support.postgres import Database
from timebank.benchmarks.card import Card
from timebank.benchmarks.core import core, run_core

FEW = {1: 2, 3: 6}


def assert_whole(card: Card, databases: list[str]) -> None:
    assert [(one.database, one.group) for one in card.measured] == [
        (name, group) for name in databases for group in FEW
    ]
    for one in card.measured:
        rates = (one.entries_per_second, one.bare_rows_per_second, one.ratio)
        assert 0 < one.copied_too_entries_per_second <= one.entries_per_second
        assert min(*rates, one.hot_account_entries_per_second, one.hot_ratio) > 0
    assert set(card.copied_entries_per_second) == set(databases)
    assert orjson.loads(orjson.dumps(card.to_dict()))["accounts"] == 5


def test_the_card_names_every_group_and_leaves_no_file(tmp_path: Path) -> None:
    heard: list[tuple[int, int]] = []
    card = core(
        rounds=2, accounts=5, entries=FEW, folder=tmp_path,
        progress=lambda *step: heard.append(step),
    )  # fmt: skip

    assert_whole(card, ["sqlite"])
    assert heard == [(step, 5) for step in range(1, 6)]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.postgres
def test_postgresql_is_measured_in_a_schema_that_goes_away(postgres_database: Database) -> None:
    card = core(
        database="postgresql", url=postgres_database.owner_url, rounds=1, accounts=5, entries=FEW
    )
    assert_whole(card, ["postgresql"])


def test_postgresql_needs_its_url() -> None:
    with pytest.raises(ValueError, match="URL"):
        core(database="both")


def test_the_table_has_a_row_for_each_measurement() -> None:
    shown = StringIO()
    console = Console(file=shown, width=120)
    card = run_core(console, rounds=1, accounts=5, entries=FEW)
    console.print(card.table())
    rows = [line for line in shown.getvalue().splitlines() if "sqlite" in line and "│" in line]
    assert len(rows) == len(FEW)
