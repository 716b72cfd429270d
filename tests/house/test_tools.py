"""The linters and the type checker pass: what they know, no reviewer has to say."""

import subprocess
import sys

import pytest

from tests.house.sources import ROOT
from tests.support.parts import need_program


def _run(program: str, *arguments: str) -> None:
    """Run a tool at the root and show what it said if it was not content."""
    done = subprocess.run(
        [program, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"\n{done.stdout}{done.stderr}"


def test_ruff_check() -> None:
    _run(need_program("ruff"), "check", "--quiet", "--output-format=concise", ".")


def test_ruff_format() -> None:
    _run(need_program("ruff"), "format", "--quiet", "--check", ".")


def test_import_contracts() -> None:
    _run(need_program("lint-imports"), "--no-cache")


@pytest.mark.slow
def test_mypy() -> None:
    _run(sys.executable, "-m", "mypy")
