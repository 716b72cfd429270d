"""The project's own files, parsed once, for the tests that read code instead of running it."""

import ast
import os
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.support.parts import need, need_program

ROOT = Path(__file__).parents[2]
PACKAGES = ("ledger", "timebank", "api")


@dataclass(frozen=True, slots=True)
class Source:
    """One Python file: its path from the root with forward slashes, its text and its tree."""

    path: str
    text: str
    tree: ast.Module


@cache
def sources(*folders: str) -> tuple[Source, ...]:
    """Return the Python files below some top-level folders, by default the three packages."""
    return tuple(
        _source(file)
        for folder in folders or PACKAGES
        for file in sorted((ROOT / folder).rglob("*.py"))
    )


@cache
def _source(file: Path) -> Source:
    text = file.read_text(encoding="utf-8")
    return Source(file.relative_to(ROOT).as_posix(), text, ast.parse(text))


@cache  # a dozen rules ask for the same lines, and a walk over every tree takes seconds
def calls(source: Source) -> tuple[tuple[int, str], ...]:
    """Return line and dotted name, as far as it is one, of every call, imports resolved.

    `from time import monotonic as m; m()` is returned as `time.monotonic`.
    """
    names = _imported_names(source.tree)
    return tuple(
        (node.lineno, resolved(node.func, names))
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call)
    )


@cache
def references(source: Source) -> tuple[tuple[int, str], ...]:
    """Return line and dotted name of every name and attribute, called or not, imports resolved."""
    names = _imported_names(source.tree)
    return tuple(
        (node.lineno, resolved(node, names))
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute | ast.Name)
    )


def resolved(node: ast.expr, names: dict[str, str]) -> str:
    """Return the dotted name that an expression spells, with `?` for what is not a name."""
    if isinstance(node, ast.Attribute):
        return f"{resolved(node.value, names)}.{node.attr}"
    if isinstance(node, ast.Name):
        return names.get(node.id, node.id)
    return "?"


def _imported_names(tree: ast.Module) -> dict[str, str]:
    """Map each imported local name to what it stands for."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {a.asname: a.name for a in node.names if a.asname}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
    return names


def tracked_files() -> list[str]:
    """Return the paths of all files under version control, from the root."""
    git = need_program("git")
    need((ROOT / ".git").exists(), "a checkout under version control")
    listed = subprocess.run(
        [git, "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    present = [name for name in listed.stdout.split("\0") if name]
    return [name for name in present if os.path.isfile(ROOT / name)]


def judge(findings: dict[str, list[str]], allowed: dict[str, str]) -> None:
    """Fail on findings in files that are not allowed, and on allowances that nobody needs.

    `findings` maps a path to what was found there, `allowed` a path to the reason why it may. The
    second half is what makes an allow-list shrink.
    """
    wrong = [line for path, lines in findings.items() if path not in allowed for line in lines]
    idle = [f"{path}: no longer needs its allowance" for path in allowed if path not in findings]
    assert not wrong + idle, "\n" + "\n".join(wrong + idle)
