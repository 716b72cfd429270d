"""timebank/benchmarks/matching.py: the card is whole; how fast it was is not tested."""

from io import StringIO

import orjson
from rich.console import Console

from timebank.benchmarks.matching import matching


def test_the_card_has_both_days() -> None:
    heard: list[tuple[int, int]] = []
    card = matching(requests=40, volunteers=80, rounds=2, progress=lambda *step: heard.append(step))
    assert [(one.shape, one.requests, one.volunteers) for one in card.measured] == [
        ("plenty", 40, 80), ("scarce", 40, 5),
    ]  # fmt: skip
    for one in card.measured:
        assert one.points_ratio >= one.least_ratio >= 1
        assert one.plan_points >= one.greedy_points > 0
        assert 0 < one.plan_matched <= 40
        assert min(one.table_seconds, one.greedy_seconds, one.plan_seconds, one.time_ratio) >= 0
    assert heard == [(step, 4) for step in range(1, 5)]
    assert orjson.loads(orjson.dumps(card.to_dict()))["rounds"] == 2

    shown = StringIO()
    Console(file=shown, width=140).print(card.table())
    assert "scarce" in shown.getvalue()
