"""timebank/bars.py: people at a terminal see how far it is, and nobody else hears of it."""

import os
import subprocess
import sys

import pytest

PROGRAM = (
    "from timebank.bars import bar\nwith bar('核验 verify') as told: told(3, 7)\nprint('answer')"
)


@pytest.mark.parametrize("terminal", [True, False])
def test_progress_goes_to_the_terminal_alone(terminal: bool) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "FORCE_COLOR"}
    if terminal:
        environment["FORCE_COLOR"] = "1"  # What rich takes for a terminal.
    said = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        capture_output=True, check=True, timeout=60, encoding="utf-8",
        env=environment | {"PYTHONUTF8": "1"},
    )  # fmt: skip
    assert said.stdout == "answer\n"
    assert ("3/7" in said.stderr) is terminal
    assert ("核验" in said.stderr) is terminal


def test_the_verifier_brings_no_database_with_it() -> None:
    program = (
        "import sys, timebank.audit.verify_cli\n"
        "print([name for name in ('sqlalchemy', 'fastapi', 'pydantic') if name in sys.modules])"
    )
    said = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, timeout=60, text=True
    )
    assert said.stdout == "[]\n"
