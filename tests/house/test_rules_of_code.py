"""Rules no type checker knows: whole minutes, one clock, few who commit or look around."""

import ast
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import TypeGuard

import pytest

from tests.house.sources import PACKAGES, Source, calls, judge, references, sources

# Each allowance names its reason, and falls when nobody needs it any more.
MAY_READ_TIME: dict[str, str] = {
    "timebank/clock.py": "the one clock",
    "ledger/ids.py": "stamps an identifier whose maker gives no moment; no rule reads it back",
}
MAY_MEASURE_TIME = re.compile(r"(^|/)(bench|benchmarks)(/|\w*\.py$)")
MAY_COMMIT: dict[str, str] = {
    "ledger/book.py": "founds a book, before it has a writer",
    "ledger/writer.py": "the one writer: commits a group",
    "ledger/store.py": "says the writer's COMMIT to the driver",
    "timebank/migrations/upgrade.py": "migrates, before anything else runs",
    "timebank/people/wrapped_keys.py": "keeps and destroys keys apart from the book's commits",
    "timebank/kit/rows.py": "lays a kit's former book out, which has no writer",
    "ledger/database.py": "begins transactions for reading, so that queries see one moment",
}
MAY_READ_ENVIRONMENT: dict[str, str] = {}
MAY_SLEEP: dict[str, str] = {}
MAY_SKIP: dict[str, str] = {
    "tests/support/parts.py": "the one place that decides between skipping and failing",
    "tests/house/test_parts_and_counts.py": "tries that place",
}

TIME = re.compile(
    r"(^|\.)(datetime\.(now|utcnow|today)|date\.today)$"
    r"|^time\.(time|time_ns|clock_gettime|clock_gettime_ns|localtime|gmtime|ctime|strftime)$"
)
STOPWATCH = re.compile(r"^time\.(monotonic|perf_counter|process_time|thread_time)(_ns)?$")
ENVIRONMENT = re.compile(r"^os\.(environ|environb|getenv|getenvb|putenv|unsetenv)$")
COMMIT = re.compile(r"\.(commit|begin)$")
SLEEP = re.compile(r"^(time\.sleep|asyncio\.sleep|anyio\.sleep|gevent\.sleep)$")
SKIP = re.compile(r"^pytest\.(skip|xfail|importorskip|mark\.(skip|skipif|xfail))$")
MOCK = re.compile(r"^(unittest\.mock|mock)(\.|$)")


def _found(
    where: tuple[Source, ...],
    look: Callable[[Source], Iterable[tuple[int, str]]],
    pattern: re.Pattern[str],
) -> dict[str, list[str]]:
    """Map each file to the lines where `look` yields a name that `pattern` matches."""
    findings: dict[str, list[str]] = defaultdict(list)
    for source in where:
        for line, name in look(source):
            if pattern.search(name):
                findings[source.path].append(f"{source.path}:{line}: {name}")
    return findings


def test_only_the_clock_reads_the_time() -> None:
    judge(_found(sources(), references, TIME), MAY_READ_TIME)


def test_only_benchmarks_hold_a_stopwatch() -> None:
    findings = _found(sources(), references, STOPWATCH)
    judge({p: lines for p, lines in findings.items() if not MAY_MEASURE_TIME.search(p)}, {})


def test_only_the_unit_of_work_and_the_writer_commit() -> None:
    judge(_found(sources(), calls, COMMIT), MAY_COMMIT)


def test_only_process_edges_read_the_environment() -> None:
    judge(_found(sources(), references, ENVIRONMENT), MAY_READ_ENVIRONMENT)


def test_nothing_sleeps() -> None:
    judge(_found(sources(*PACKAGES, "tests"), references, SLEEP), MAY_SLEEP)


def test_only_missing_parts_are_skipped() -> None:
    judge(_found(sources("tests"), references, SKIP), MAY_SKIP)


def test_nothing_of_ours_is_mocked() -> None:
    judge(_found(sources("tests"), _imports, MOCK), {})


def _imports(source: Source) -> Iterator[tuple[int, str]]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def _floats(source: Source) -> Iterator[tuple[int, str]]:
    """Yield every float: the type, a literal, and a division whose quotient would be one."""
    paths = _path_names(source.tree)
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Name) and node.id == "float":
            yield node.lineno, "the type float"
        elif isinstance(node, ast.Constant) and isinstance(node.value, float | complex):
            yield node.lineno, f"the literal {node.value}"
        elif _divides(node) and not _joins_path(node, paths):
            yield node.lineno, "a true division (for a path: joinpath, or a name typed Path)"


def _divides(node: ast.AST) -> TypeGuard[ast.BinOp | ast.AugAssign]:
    return isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div)


def _path_names(tree: ast.Module) -> set[str]:
    """Return the names that the file annotates as `Path`, attributes by their last part."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.arg) and node.annotation is not None:
            if "Path" in ast.unparse(node.annotation):
                names.add(node.arg)
        elif isinstance(node, ast.AnnAssign) and "Path" in ast.unparse(node.annotation):
            names.add(getattr(node.target, "id", getattr(node.target, "attr", "")))
    return names


def _joins_path(node: ast.BinOp | ast.AugAssign, names: set[str]) -> bool:
    """Tell whether a division joins a path: text on the right, or a known path on the left."""
    if not isinstance(node, ast.BinOp):
        return False
    left, right = node.left, node.right
    if isinstance(right, ast.JoinedStr) or isinstance(getattr(right, "value", None), str):
        return True
    if isinstance(left, ast.BinOp) and isinstance(left.op, ast.Div):
        return _joins_path(left, names)
    if isinstance(left, ast.Call):
        return getattr(left.func, "id", "") == "Path"
    return getattr(left, "id", getattr(left, "attr", "")) in names


def test_ledger_counts_in_integers() -> None:
    judge(_found(sources("ledger"), _floats, re.compile("")), {})


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        ("hours = minutes // 60", False),
        ("hours = minutes / 60", True),
        ("minutes /= 2", True),
        ("half = 0.5", True),
        ("def f(x: float) -> int: ...", True),
        ("tile = folder / 'checkpoint'", False),
        ("def f(folder: Path, name: str) -> Path: return folder / name", False),
        ("def f(folder: int, name: str) -> Path: return folder / name", True),
    ],
)
def test_float_rule_sees_what_it_should(code: str, wrong: bool) -> None:
    assert bool(list(_floats(Source("made_up.py", code, ast.parse(code))))) is wrong


@pytest.mark.parametrize(
    ("code", "look", "pattern"),
    [
        ("from datetime import datetime\ndatetime.now()", references, TIME),
        ("import datetime as d\nd.date.today()", references, TIME),
        ("from time import time_ns\nf = time_ns", references, TIME),
        ("from time import perf_counter as p\np()", references, STOPWATCH),
        ("from os import environ\nenviron['A']", references, ENVIRONMENT),
        ("import os\nos.getenv('A')", references, ENVIRONMENT),
        ("session.commit()", calls, COMMIT),
        ("make(engine).begin()", calls, COMMIT),
        ("import time as t\nt.sleep(1)", references, SLEEP),
        ("import pytest\n@pytest.mark.skip\ndef f(): ...", references, SKIP),
        ("from unittest import mock", _imports, MOCK),
    ],
)
def test_rules_see_planted_faults(
    code: str, look: Callable[[Source], Iterable[tuple[int, str]]], pattern: re.Pattern[str]
) -> None:
    assert _found((Source("made_up.py", code, ast.parse(code)),), look, pattern)
