"""tests/support/independent_model.py: agrees with the verifier, on sound logs and on faults."""

import ast
import shutil
import sys
from pathlib import Path

import pytest

from ledger.bundle import files_of
from ledger.verify import verify
from tests.ledger.test_chains import FAULTS as CHAIN_FAULTS
from tests.ledger.test_chains import sound_log
from tests.ledger.test_replay import FAULTS as BOOK_FAULTS
from tests.ledger.test_replay import Plant
from tests.ledger.test_verify_periods import FAULTS as PERIOD_FAULTS
from tests.ledger.test_verify_periods import Months
from tests.support import independent_model
from tests.support.log_builder import DAY, START_MS, LogBuilder, little_log, log_of_periods

SOURCE = Path(independent_model.__file__).read_text("utf-8")


def test_the_model_is_short_and_imports_none_of_our_code():
    assert SOURCE.count("\n") <= 360
    imported = {
        name.partition(".")[0]
        for node in ast.walk(ast.parse(SOURCE))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported <= set(sys.stdlib_module_names) | {"cryptography"}


def test_the_model_recomputes_the_little_log(tmp_path):
    log = little_log()
    truth = independent_model.read(log.write_bundle(tmp_path / "bundle"))
    assert truth.problems == []
    assert (truth.size, truth.root) == (log.size, log.checkpoint().root)
    issuance, wang, li = truth.accounts
    assert {name: one.posted for name, one in truth.accounts.items()} == {
        issuance: -95,
        wang: 55,
        li: 40,
    }
    assert [entry.number for entry in truth.entries] == [1, 2, 3, 4, 5]
    assert (truth.accounts[wang].held, truth.accounts[wang].posted) == (7, 55)
    assert next(iter(truth.outcomes.values()))[1] == "unknown_member"
    assert truth.refused == [(log.station.name, "floor_exceeded")]
    assert truth.chains[log.operator.name][0] == 5


@pytest.mark.parametrize(
    ("day", "recorded_ms", "minutes"),
    [
        ("2023-02-28", START_MS * 2, 0),
        ("2023-03-01", START_MS * 2, -15),
        ("2023-03-04", START_MS * 2, -15),
        (DAY, START_MS * 2, 55),
        (DAY, START_MS + 6_999, 0),
        (DAY, START_MS + 7_000, 90),
        (DAY, START_MS + 7_001, 90),
    ],
)
def test_a_balance_for_any_pair_of_days(tmp_path, day, recorded_ms, minutes):
    truth = independent_model.read(little_log().write_bundle(tmp_path / "bundle"))
    assert truth.balance(list(truth.accounts)[1], day, recorded_ms) == minutes


@pytest.mark.parametrize("size", [256, 257, 600])
def test_logs_of_several_tiles(tmp_path, size):
    log = little_log()
    while log.size < size:
        log.refuse()
    bundle = log.write_bundle(tmp_path / "bundle")
    assert independent_model.read(bundle).problems == []
    assert verify(bundle).ok


def judged(log: LogBuilder, folder: Path) -> tuple[bool, bool]:
    """Whether the verifier and the model take this bundle for sound."""
    bundle = log.write_bundle(folder / "bundle")
    try:
        model = independent_model.read(bundle).problems == []
    except (KeyError, ValueError, IndexError, TypeError):
        model = False
    return verify(bundle).ok, model


# Rules of form, which the model reads past: it is no parser of every wrong leaf.
FORM_ONLY = {"entry_id_again", "hold_id_again", "batch_for_another", "signed_by_the_logs_own_key"}


@pytest.mark.parametrize("plant", [fault[0] for fault in BOOK_FAULTS], ids=lambda f: f.__name__)
def test_both_find_a_planted_fault_of_the_books(tmp_path, plant):
    planted = Plant()
    plant(planted)
    expected = (False, plant.__name__ in FORM_ONLY)
    assert judged(planted.log, tmp_path) == expected


@pytest.mark.parametrize("plant", [fault[0] for fault in CHAIN_FAULTS], ids=lambda f: f.__name__)
def test_both_find_a_planted_fault_of_the_chains(tmp_path, plant):
    log = sound_log()
    plant(log)
    verifier, model = judged(log, tmp_path)
    assert not verifier
    assert model is (plant.__name__ in FORM_ONLY - {"signed_by_the_logs_own_key"})


@pytest.mark.parametrize("plant", [fault[0] for fault in PERIOD_FAULTS], ids=lambda f: f.__name__)
def test_both_find_a_planted_fault_of_the_periods(tmp_path, plant):
    months = Months()
    plant(months)
    assert judged(months.log, tmp_path) == (False, False)


def test_both_find_closed_months_sound(tmp_path):
    assert judged(log_of_periods(), tmp_path) == (True, True)


def test_the_model_finds_a_changed_byte_in_every_file(tmp_path):
    bundle = little_log().write_bundle(tmp_path / "bundle")
    for path in list(files_of(bundle)):
        copy = Path(shutil.copytree(bundle, tmp_path / "copy"))
        data = bytearray(copy.joinpath(path).read_bytes())
        data[len(data) // 2] ^= 1
        copy.joinpath(path).write_bytes(data)
        try:
            problems = independent_model.read(copy).problems
        except (KeyError, ValueError, IndexError, UnicodeDecodeError) as error:
            problems = [repr(error)]
        assert problems, path
        shutil.rmtree(copy)


def test_a_sound_entry_beside_a_wrong_one_keeps_its_number(tmp_path):
    """A fault does not stop the model: what follows is still counted."""
    planted = Plant()
    planted.give(500)
    planted.give(1)
    truth = independent_model.read(planted.log.write_bundle(tmp_path / "bundle"))
    assert [entry.number for entry in truth.entries] == [1, 2, 3]
    assert [problem.partition(": ")[2] for problem in truth.problems][:1] == ["floor"]
