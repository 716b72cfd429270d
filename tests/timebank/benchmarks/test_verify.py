"""timebank/benchmarks/verify.py: the card is whole; how fast it was is not tested."""

from io import StringIO
from pathlib import Path

import orjson
from rich.console import Console

from timebank.benchmarks.verify import CORES, SHAPES, verification


def test_the_card_has_every_shape_on_every_number_of_cores(tmp_path: Path) -> None:
    heard: list[tuple[int, int]] = []
    card = verification(
        leaves=600, rounds=2, folder=tmp_path, progress=lambda *step: heard.append(step)
    )

    assert [(one.shape, one.cores) for one in card.measured] == [
        (shape, cores) for shape in SHAPES for cores in CORES
    ]
    for one in card.measured:
        assert min(one.leaves_per_second, one.bare_per_second, one.ratio, one.speedup) > 0
        assert one.leaves > 600
        assert (one.signatures > 600) == (one.shape == "alone")
    assert [one.speedup for one in card.measured if one.cores == 1] == [1, 1]
    steps = len(SHAPES) * (1 + 2 * len(CORES))
    assert heard == [(step, steps) for step in range(1, steps + 1)]
    assert list(tmp_path.iterdir()) == []
    assert orjson.loads(orjson.dumps(card.to_dict()))["rounds"] == 2

    shown = StringIO()
    console = Console(file=shown, width=120)
    console.print(card.table())
    assert shown.getvalue().count("alone") == len(CORES)
