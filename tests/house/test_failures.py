"""docs/explanation/failures.md: eighteen failures, each with a test that is there."""

import ast
import re

from tests.house.sources import ROOT

PAGE = ROOT / "docs" / "explanation" / "failures.md"


def test_each_failure_names_a_test_that_is_there() -> None:
    rows = re.findall(r"^\| F(\d+) \|.*`(tests/[^`]+)` \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert [int(number) for number, _test in rows] == list(range(1, 19))
    for _number, named in rows:
        path, _, name = named.partition("::")
        tree = ast.parse((ROOT / path).read_text("utf-8"))
        tests = {one.name for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)}
        assert not name or name in tests, named
