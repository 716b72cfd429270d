"""A small register on disk, read back as plain facts: what the layout tests are written in."""

from pathlib import Path

from tests.support.register_files import Grid, write
from timebank.registers import read_register

HEADER = ["序号", "服务日期", "开始时间", "结束时间", "志愿者", "服务对象", "服务内容", "服务时长"]
ROW = [1, "2023-03-05", "8:30", "9:45", "王德", "杨玲英", "助餐", "75分钟"]
FORMATS = [".xlsx", ".xls", ".ods", ".csv"]


def read(tmp_path: Path, rows, suffix=".xlsx", merges=(), name="台账", **how):
    """The register that ``rows`` make in that format."""
    path = write(tmp_path / f"r{suffix}", Grid(name, rows, list(merges)), **how)
    return read_register(path)


def facts(row):
    """A row as (row, day, start, end, minutes, volunteers, recipients, content) or its refusal."""
    if row.refusal:
        return (row.row, row.refusal.code)
    return (
        row.row,
        row.starts_at.isoformat(timespec="minutes"),
        row.ends_at.isoformat(timespec="minutes"),
        row.minutes,
        tuple(m.number or m.name for m in row.volunteers),
        tuple(m.number or m.name for m in row.recipients),
        row.content,
    )


def the_row(register):
    """The facts of the only row."""
    (row,) = register.rows()
    return facts(row)


PLAIN = ("2023-03-05T08:30", "2023-03-05T09:45", 75, ("王德",), ("杨玲英",), "助餐")
