"""Reading a text register takes the same memory however long it is."""

import tracemalloc

import pytest

from tests.support.register_files import Grid, write
from tests.support.register_reading import HEADER, ROW
from timebank.registers import read_register


def peak(tmp_path, lines: int) -> int:
    rows = [[n, *ROW[1:]] for n in range(lines)]
    path = write(tmp_path / f"{lines}.csv", Grid("a", [HEADER, *rows]))
    tracemalloc.start()
    try:
        assert sum(row.refusal is None for row in read_register(path).rows()) == lines
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.slow
def test_ten_times_the_lines_take_no_more_memory(tmp_path):
    peak(tmp_path, 300)  # what is loaded once
    short, long = peak(tmp_path, 600), peak(tmp_path, 6_000)
    assert long < short + 400_000
