"""Files and functions stay short enough to be read in one sitting."""

import ast

from tests.house.sources import PACKAGES, Source, sources

FILE_LINES = 400
FUNCTION_LINES = 60

# What is longer today and may only become shorter: path, or path and function, to its length.
LONG_FILES: dict[str, int] = {}
LONG_FUNCTIONS: dict[str, int] = {}


def _lengths(source: Source) -> dict[str, int]:
    """Return the lines of each function from `def` to its last line, by path and name."""
    lengths = {}
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            lengths[f"{source.path}::{node.name}:{node.lineno}"] = node.end_lineno - node.lineno + 1
    return lengths


def _too_long(lengths: dict[str, int], limit: int, allowed: dict[str, int]) -> list[str]:
    grown = [
        f"{name} has {length} lines, at most {allowed.get(name, limit)}"
        for name, length in lengths.items()
        if length > allowed.get(name, limit)
    ]
    idle = [
        f"{name} is down to {lengths.get(name, 0)} lines: lower its allowance of {recorded}"
        for name, recorded in allowed.items()
        if lengths.get(name, 0) < recorded
    ]
    return grown + idle


def test_files_are_short() -> None:
    lengths = {s.path: s.text.count("\n") for s in sources(*PACKAGES, "tests")}
    found = _too_long(lengths, FILE_LINES, LONG_FILES)
    assert not found, "\n" + "\n".join(found)


def test_functions_are_short() -> None:
    lengths: dict[str, int] = {}
    for source in sources(*PACKAGES, "tests"):
        # A name without its line keeps an allowance valid when code above it moves.
        for name, length in _lengths(source).items():
            plain = name.rsplit(":", 1)[0]
            lengths[plain] = max(length, lengths.get(plain, 0))
    found = _too_long(lengths, FUNCTION_LINES, LONG_FUNCTIONS)
    assert not found, "\n" + "\n".join(found)


def test_measure_counts_to_the_line() -> None:
    """A file and a function at the limit pass, one line more does not."""
    for extra, expected in ((0, False), (1, True)):
        body = "def f() -> None:\n" + "    pass\n" * (FUNCTION_LINES - 1 + extra)
        source = Source("made_up.py", body, ast.parse(body))
        assert bool(_too_long(_lengths(source), FUNCTION_LINES, {})) is expected
