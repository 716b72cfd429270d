"""timebank/benchmarks/paper.py: the documents that are measured are whole ones."""

import pytest

from timebank.benchmarks import paper as measured
from timebank.benchmarks.paper import invented, paper


@pytest.mark.parametrize("count", [0, 1, 2, 30])
def test_the_invented_statement_adds_up(count: int) -> None:
    found = invented(count)
    lines = list(found.lines)
    assert len(lines) == count
    assert found.closing == sum(line.minutes for line in lines)
    assert [line.balance for line in lines[-1:]] == [found.closing][: len(lines)]


def test_each_edition_is_measured_at_each_length(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measured, "LINES", (1, 3))
    steps: list[tuple[int, int]] = []
    card = paper(rounds=2, progress=lambda done, of: steps.append((done, of)))
    assert [(one.format, one.lines) for one in card.measured] == [
        ("pdf", 1), ("large-pdf", 1), ("pdf", 3), ("large-pdf", 3),
    ]  # fmt: skip
    assert steps == [(done, 8) for done in range(1, 9)]
    assert all(one.seconds > 0 and one.bytes > 10_000 for one in card.measured)
    assert card.to_dict()["rounds"] == 2
    assert card.table().row_count == 4
