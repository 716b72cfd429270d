"""docs/reference/cli.md: every command of the application stands on the page, and no other."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from typer.main import get_command

from timebank.cli import app

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "cli.md"


def walked(command: click.Command, *names: str) -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, by the words that call it."""
    if hasattr(command, "commands"):
        for name, part in command.commands.items():
            yield from walked(part, *names, name)
    else:
        yield " ".join(names), command


COMMANDS = dict(walked(get_command(app)))


def rows() -> dict[str, str]:
    """The page's lines by the command that each describes."""
    found = {}
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if called := re.match(r"\| `timebank ([a-z]+(?:-[a-z]+)*(?: [a-z][a-z0-9]*){0,2})\b", line):
            words = called.group(1).split()
            known = [name for n in (3, 2, 1) if (name := " ".join(words[:n])) in COMMANDS]
            found[known[0] if known else words[0]] = line
    return found


def test_every_command_is_described_and_nothing_else() -> None:
    assert set(rows()) == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_helps_in_both_languages(name: str) -> None:
    words = COMMANDS[name].help or ""
    assert re.search(r"[\u4e00-\u9fff]", words), words
    assert re.search(r"[A-Za-z]{3}", words), words
