"""timebank/commands/personal_data.py: show, export and forget at the operator's own door."""

import json
import os
from pathlib import Path

import pytest

from tests.timebank.commands.test_cli import data, import_lane, lane, run, told

__all__ = ["data", "lane"]


@pytest.fixture
def book(data: Path, lane: Path) -> Path:
    """A book in which the March register stands."""
    import_lane(data, lane)
    return data


def test_a_person_is_shown_with_a_reason(book: Path) -> None:
    shown = told("person", "show", "e0001", "--reason", "家属来电", "--data", book)
    assert shown.keys() == {"person", "name", "born_on", "id_number", "telephone"}
    assert (
        shown["name"] in run("person", "show", "E0001", "--reason", "核对", "--data", book).stdout
    )
    nothing = told("person", "show", "E0001", "--reason", " ", "--data", book, code=1)
    assert nothing["error"]["code"] == "missing_field"
    run("person", "show", "E0001", "--data", book, code=2)


def test_an_export_is_a_new_file_for_its_owner_alone(book: Path, tmp_path: Path) -> None:
    out, page = tmp_path / "v.json", tmp_path / "v.html"
    export = ("person", "export", "V0001", "--data", book)
    assert told(*export, "--out", out)["out"] == str(out)
    found = json.loads(out.read_text("utf-8"))
    assert found["numbers"][0]["number"] == "V0001"
    if os.name == "posix":
        assert out.stat().st_mode & 0o777 == 0o600
    relative = ("--relative", "child", "--proof", "户口簿")
    run(*export, "--out", page, "--format", "html", *relative)
    assert found["identity"]["name"] in page.read_text("utf-8")
    assert "户口簿" in page.read_text("utf-8")
    assert told(*export, "--out", out, code=1)["error"]["code"] == "storage_fault"
    run(*export, "--out", tmp_path / "n", "--proof", "户口簿", code=2)
    missing = told(*export, "--out", tmp_path / "n", "--relative", "child", code=1)
    assert missing["error"]["code"] == "missing_field"


def test_forgetting_asks_first(book: Path) -> None:
    forget = ("person", "forget", "E0001", "--data", book)
    for typed in ("n\n", ""):
        answer = told(*forget, code=1, input=typed)
        assert answer["error"]["code"] == "not_confirmed"
    done = told(*forget, input="y\n")
    assert done["outcome"] == "restricted"
    assert done.keys() == {"person", "outcome", "until", "backups_unreadable_from"}
    assert done["until"] in run(*forget, "--yes").stdout
    remains = told("person", "forget", "V0001", "--yes", "--data", book, code=1)
    assert remains["error"]["code"] == "balance_remains"
