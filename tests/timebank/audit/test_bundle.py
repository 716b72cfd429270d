"""timebank/audit/bundle.py and streams.py: the bundle is whole or not there, and verifies."""

import csv
from pathlib import Path

import pytest

from ledger.errors import StorageFault
from ledger.verify import verify
from tests.support.banks import TriedBank
from tests.support.books import finds
from timebank.audit.bundle import Exported, export
from timebank.audit.streams import journal_csv
from timebank.errors import FolderInUse


@pytest.fixture
def lived(bank: TriedBank) -> TriedBank:
    """A bank with two entries, one of them a gift."""
    bank.people("V0001", "E0001")
    bank.issue("V0001", 90)
    bank.post(bank.account("V0001"), bank.account("E0001"), 30, kind="gift")
    return bank


def exported(bank: TriedBank, out: Path) -> Exported:
    return export(bank.bank.database, finds(bank.bank.log_key), out)


def test_a_bundle_is_verified_and_says_what_the_book_says(lived: TriedBank, tmp_path: Path) -> None:
    told = exported(lived, tmp_path / "new" / "bundle")
    report = verify(tmp_path / "new" / "bundle", vkey=str(lived.bank.log_key.vkey))

    assert report.findings == ()
    assert (report.size, report.entries) == (told.size, 2)
    with open(tmp_path / "new" / "bundle" / "accounts.csv", encoding="utf-8") as file:
        posted = {row["account_id"]: int(row["posted"]) for row in csv.DictReader(file)}
    assert (posted[lived.account("V0001")], posted[lived.account("E0001")]) == (60, 30)
    assert sum(posted.values()) == 0
    files = [path for path in (tmp_path / "new" / "bundle").rglob("*") if path.is_file()]
    assert told.files == len(files)


def test_the_stream_is_the_file_of_the_bundle(lived: TriedBank, tmp_path: Path) -> None:
    exported(lived, tmp_path / "bundle")
    with lived.bank.read() as connection:
        stream = b"".join(journal_csv(connection))
    assert stream == (tmp_path / "bundle" / "journal.csv").read_bytes()


def test_an_empty_folder_is_filled_and_any_other_left_alone(
    lived: TriedBank, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    exported(lived, tmp_path / "empty")
    before = sorted(tmp_path.iterdir())
    (tmp_path / "file").write_text("mine")
    for taken in ("empty", "file"):
        with pytest.raises(FolderInUse):
            exported(lived, tmp_path / taken)
    assert (tmp_path / "file").read_text() == "mine"
    assert sorted(tmp_path.iterdir()) == [*before, tmp_path / "file"]


def test_what_breaks_on_the_way_leaves_nothing(lived: TriedBank, tmp_path: Path) -> None:
    def full(_done: int, _of: int) -> None:
        raise OSError("no space left on device")

    with pytest.raises(StorageFault, match="no space left"):
        export(
            lived.bank.database,
            finds(lived.bank.log_key),
            tmp_path / "out" / "bundle",
            progress=full,
        )
    assert list((tmp_path / "out").iterdir()) == []


def test_progress_ends_where_it_said_it_would(lived: TriedBank, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    export(
        lived.bank.database, finds(lived.bank.log_key), tmp_path / "bundle",
        progress=lambda done, of: told.append((done, of)),
    )  # fmt: skip
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1]
