"""docs/reference/jobs.md: every job with what it does and how long it may be silent."""

from datetime import timedelta
from pathlib import Path

from timebank.jobs.registry import JOBS

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "jobs.md"


def in_words(span: timedelta) -> str:
    """A span as the page has it: days, hours, minutes."""
    minutes = span // timedelta(minutes=1)
    parts = [(minutes // 1440, "day"), (minutes // 60 % 24, "hour"), (minutes % 60, "minute")]
    return " ".join(f"{n} {unit}{'s' if n > 1 else ''}" for n, unit in parts if n)


def test_every_job_stands_on_the_reference_page() -> None:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    for job in JOBS:
        silent = in_words(job.schedule.patience + (job.schedule.rests or timedelta()))
        start = f"| `{job.name}` | {job.what_zh} | {job.what_en} |"
        (row,) = [line for line in lines if line.startswith(start)]
        assert row.endswith(f"| {silent} |")
