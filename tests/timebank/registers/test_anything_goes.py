"""Whatever stands in the cells: every line is read or refused, none is lost, nothing raises."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timebank.registers.cells import Unreadable, show
from timebank.registers.dates import Anchor, complete, read_day, stated_month
from timebank.registers.durations import Unit, read_duration
from timebank.registers.kinds import Kind, Line, kind_of, stated_total
from timebank.registers.layout import Layout, find_layout
from timebank.registers.mentions import pair, read_people, read_recipients
from timebank.registers.rows import RowReader
from timebank.registers.sheets import Sheet
from timebank.registers.times import interval, read_range, read_time

ALPHABET = (
    "0123456789.:-/：－~至年月日号点时分半小时上下午中晚次"
    "、，；/()（） \n　零一二三十两刻张王V和同〃合计"
)
CELLS = st.one_of(
    st.none(),
    st.text(ALPHABET, min_size=1, max_size=14),
    st.text(min_size=1, max_size=8),
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-(10**18), 10**18),
    st.booleans(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(timedelta(days=-2), timedelta(days=400)),
)
HEADER = ("序号", "服务日期", "开始时间", "结束时间", "志愿者", "服务对象", "服务内容", "服务时长")


def layout() -> Layout:
    sheet = Sheet("a", False, lambda: iter((HEADER,)))
    found = find_layout(sheet, [HEADER])
    assert found is not None
    return found


@given(CELLS)
def test_a_cell_is_read_or_unreadable(cell):
    for parser in (read_day, read_time, read_range, read_duration, read_people, read_recipients):
        try:
            found = parser(cell)
        except Unreadable:
            continue
        if parser is read_time:
            assert 0 <= found.minute <= 1440
        if parser is read_duration:
            assert found.exact > 0
        if parser is read_day:
            try:
                assert isinstance(complete(found, Anchor((2023,), 3)), date)
            except Unreadable:
                assert found.year is None
        if parser is read_range:
            try:
                begins, _ = interval(*found)
            except Unreadable:
                continue
            assert 0 <= begins <= 1440
    assert isinstance(show(cell), str)


@given(CELLS, st.sampled_from([None, *Unit]), st.none() | st.integers(1, 1440))
def test_a_length_agrees_with_whole_minutes_or_none(cell, unit, minutes):
    try:
        found = read_duration(cell, unit, minutes)
    except Unreadable:
        return
    whole = found.minutes()
    assert whole is None or found.agrees(whole)


@given(st.text(ALPHABET, max_size=20))
def test_a_title_states_a_real_month_or_none(text):
    found = stated_month(text)
    assert found is None or (found.years and (found.month is None or 1 <= found.month <= 12))


@given(CELLS, CELLS)
def test_names_and_numbers_pair_or_are_unreadable(names, numbers):
    try:
        found = pair(names, numbers)
    except Unreadable:
        return
    assert all(mention.name or mention.number for mention in found)


@given(st.lists(CELLS, min_size=8, max_size=10).map(tuple))
def test_a_line_is_read_or_refused_and_its_values_hold_together(cells):
    head = layout()
    line = Line(2, kind_of(cells, head), cells, head)
    if line.kind in (Kind.TOTAL, Kind.SUBTOTAL):
        stated_total("a", line)
    row = RowReader("a", Anchor((2023,), 3)).read(line)
    if row.refusal:
        assert row.refusal.explanation.startswith("第2行：")
        assert row.refusal.mend
        return
    assert row.ends_at - row.starts_at == timedelta(minutes=row.minutes)
    assert 0 < row.minutes <= 1440
    assert row.starts_at >= datetime.combine(row.service_on, time.min)
    assert row.volunteers
    assert row.recipients or row.public is not None
    assert row.content


@pytest.mark.parametrize("kept", range(1, 8))
def test_a_line_with_anything_in_a_core_column_is_never_dropped_as_blank(kept):
    head = layout()
    cells = tuple("王德" if index == kept else None for index in range(8))
    kind = kind_of(cells, head)
    assert kind is Kind.SERVICE or (kind is Kind.SECTION and kept in (1, 2, 3))
