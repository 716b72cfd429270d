"""timebank/benchmarks/log.py: the card is whole; how fast it was is not tested."""

from io import StringIO
from pathlib import Path

import orjson
from rich.console import Console

from timebank.benchmarks.log import log

FEW = {1: 2, 3: 6}


def test_the_card_names_every_group_and_leaves_no_file(tmp_path: Path) -> None:
    heard: list[tuple[int, int]] = []
    card = log(
        rounds=2, accounts=5, entries=FEW, folder=tmp_path,
        progress=lambda *step: heard.append(step),
    )  # fmt: skip

    assert [one.group for one in card.measured] == list(FEW)
    for one in card.measured:
        assert min(one.entries_per_second, one.bare_per_second, one.ratio) > 0
        assert 0 < one.publishing < 1
        assert one.bytes_an_entry > 500, "a leaf, and what was published of it"
    assert heard == [(step, 4) for step in range(1, 5)]
    assert list(tmp_path.iterdir()) == []
    assert orjson.loads(orjson.dumps(card.to_dict()))["accounts"] == 5

    shown = StringIO()
    Console(file=shown, width=120).print(card.table())
    assert "publishing" in shown.getvalue()
