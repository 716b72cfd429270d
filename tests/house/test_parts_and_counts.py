"""A missing part skips, or fails where all are required; costly tests repeat as often as asked."""

import sys
from pathlib import Path

import pytest

from tests.support.counts import count
from tests.support.parts import need, need_program


def test_what_is_there_is_not_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUIRE_ALL", "1")
    need(True, "nothing")
    assert Path(need_program("no-such-program", Path(sys.executable).name)).exists()


@pytest.mark.parametrize(
    ("required", "outcome"),
    [(None, pytest.skip.Exception), ("0", pytest.skip.Exception), ("1", pytest.fail.Exception)],
)
def test_missing_program_skips_or_fails(
    monkeypatch: pytest.MonkeyPatch, required: str | None, outcome: type[BaseException]
) -> None:
    monkeypatch.delenv("REQUIRE_ALL", raising=False)
    if required is not None:
        monkeypatch.setenv("REQUIRE_ALL", required)
    with pytest.raises(outcome, match="no-such-program or no-other"):
        need_program("no-such-program", "no-other")


@pytest.mark.parametrize(("asked", "times"), [(None, 3), ("0", 3), ("1", 200)])
def test_counts_are_scaled_unless_full(
    monkeypatch: pytest.MonkeyPatch, asked: str | None, times: int
) -> None:
    monkeypatch.delenv("TIMEBANK_FULL", raising=False)
    if asked is not None:
        monkeypatch.setenv("TIMEBANK_FULL", asked)
    assert count(200, 3) == times


@pytest.mark.parametrize(("full", "scaled"), [(5, 0), (5, 6), (0, 0)])
def test_counts_are_never_empty_nor_upside_down(full: int, scaled: int) -> None:
    with pytest.raises(ValueError, match="scaled must lie in"):
        count(full, scaled)
    assert count(5, 5) == 5
    assert count(1, 1) == 1
