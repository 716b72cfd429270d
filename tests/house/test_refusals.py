"""Every "no" of the reference page can be met: a code that nobody gives promises nothing."""

import ast
from collections.abc import Iterator

import ledger.errors
import timebank.errors
from api.problems import OWN_REFUSALS
from tests.house.sources import Source, sources
from timebank.registers.refusals import Code

EVERY = (*ledger.errors.REFUSALS, *timebank.errors.REFUSALS, *OWN_REFUSALS)


def made_in(source: Source) -> Iterator[str]:
    """Names that a file calls, raises, or keeps as the value of a table; imports do not count."""
    for node in ast.walk(source.tree):
        match node:
            case ast.Call(func=made) | ast.Raise(exc=made):
                yield from _name(made)
            case ast.Dict(values=values):
                for value in values:
                    yield from _name(value)


def _name(node: ast.expr | None) -> Iterator[str]:
    if isinstance(node, ast.Name):
        yield node.id
    elif isinstance(node, ast.Attribute):
        yield node.attr


def row_codes_given(source: Source) -> Iterator[str]:
    """Codes with which a file refuses rows of a register, where no class is raised."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "Code":
            yield Code[node.attr].value


def test_every_refusal_is_given_somewhere() -> None:
    elsewhere = [one for one in sources() if one.path != "timebank/registers/refusals.py"]
    made = {name for one in sources() for name in made_in(one)}
    given = {code for one in elsewhere for code in row_codes_given(one)}
    idle = [kind.code for kind in EVERY if kind.__name__ not in made and kind.code not in given]

    assert not idle


def test_a_row_is_refused_with_no_code_of_its_own() -> None:
    assert {code.value for code in Code} <= {kind.code for kind in timebank.errors.REFUSALS}
