"""Everything public says in one sentence what its name does not."""

import ast
from collections.abc import Iterator

import pytest

from tests.house.sources import PACKAGES, Source, sources

Documentable = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def _public(body: list[ast.stmt], prefix: str = "") -> Iterator[tuple[str, Documentable]]:
    """Yield the public classes, functions and methods, not what a function keeps to itself."""
    for node in body:
        if isinstance(node, Documentable) and not node.name.startswith("_"):
            if any(_repeats(decorator) for decorator in node.decorator_list):
                continue
            yield f"{prefix}{node.name}", node
            if isinstance(node, ast.ClassDef):
                yield from _public(node.body, f"{prefix}{node.name}.")


def _repeats(decorator: ast.expr) -> bool:
    """Tell whether what is decorated is described elsewhere: an overload, an override, a setter."""
    name = getattr(decorator, "attr", getattr(decorator, "id", ""))
    return name in {"overload", "override", "setter", "deleter"}


def _undocumented(source: Source) -> list[str]:
    missing = [] if ast.get_docstring(source.tree) else [f"{source.path}: the module"]
    for name, node in _public(source.tree.body):
        if not ast.get_docstring(node):
            missing.append(f"{source.path}:{node.lineno}: {name}")
    return missing


def test_public_code_is_documented() -> None:
    missing = [line for s in sources(*PACKAGES, "tests/support") for line in _undocumented(s)]
    assert not missing, "without a docstring:\n" + "\n".join(missing)


def test_test_files_are_documented() -> None:
    missing = [s.path for s in sources("tests") if not ast.get_docstring(s.tree)]
    assert not missing, "without a docstring:\n" + "\n".join(missing)


@pytest.mark.parametrize(
    ("code", "missing"),
    [
        ('"""M."""\ndef f(): ...', 1),
        ('"""M."""\nclass A:\n    """A."""\n    def m(self): ...', 1),
        ('"""M."""\ndef _f(): ...', 0),
        ('"""M."""\ndef f():\n    """F."""\n    def inner(): ...', 0),
        ("x = 1", 1),
    ],
)
def test_rule_sees_what_it_should(code: str, missing: int) -> None:
    assert len(_undocumented(Source("made_up.py", code, ast.parse(code)))) == missing
