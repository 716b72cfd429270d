"""docs/reference/register-format.md names every label, word and code that the reader knows."""

import tomllib
from importlib import resources
from pathlib import Path

import pytest

from timebank.registers.members import read_members
from timebank.registers.refusals import Code

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "register-format.md").read_text("utf-8")
TABLE = tomllib.loads(
    resources.files("timebank.registers").joinpath("synonyms.toml").read_text("utf-8")
)


@pytest.mark.parametrize("role", TABLE["columns"])
def test_every_label_of_a_column_is_documented(role):
    column = TABLE["columns"][role]
    patterns = [pattern.replace("|", "\\|") for pattern in column.get("patterns", [])]
    assert [word for word in column["names"] + patterns if word not in PAGE] == []


def test_every_other_word_is_documented():
    groups = [*TABLE["rows"].values(), *TABLE["nobody_in_particular"].values()]
    groups += [*TABLE["members"].values(), *TABLE["roles"].values()]
    assert [word for group in groups for word in group if word not in PAGE] == []


@pytest.mark.parametrize("code", list(Code))
def test_every_refusal_is_documented(code):
    assert f"`{code}`" in PAGE


def test_refusals_of_members_are_documented():
    described = read_members.__doc__ or ""
    codes = [word.strip("`,. ") for word in described.split() if word.startswith("``")]
    assert "birth_date_disagrees" in codes
    assert [code for code in codes if f"`{code}`" not in PAGE and "_" in code] == ["open_sheets"]


def test_codes_in_the_table_stand_in_the_order_in_which_they_are_tried():
    places = [PAGE.index(f"| `{code}` |") for code in Code]
    assert places == sorted(places)
