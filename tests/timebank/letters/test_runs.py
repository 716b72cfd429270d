"""timebank/letters/runs.py: made once when due, drawn for a printer, said to be out in the log."""

from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import orjson
import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from tests.support.banks import AUDITOR, OPERATOR, TriedBank
from tests.support.expiries import on
from tests.support.forging import CLERK, REVIEWER, Opened, log
from tests.support.forging import bank_with as bank_in
from tests.support.paper import text_of
from timebank.cli import app
from timebank.errors import NotPermitted
from timebank.errors.letters import LettersHandedBefore, LettersNotDrawn, UnknownLetterRun
from timebank.jobs.letters import make_letters as job
from timebank.jobs.registry import JOBS
from timebank.letters import making
from timebank.letters.making import draw_run, make_letters, part_named
from timebank.letters.queries import LettersRun, letter_run, letter_runs
from timebank.letters.runs import confirm_handed
from timebank.people.forgetting import forget
from timebank.reconciliation.checks import letters as check
from timebank.reconciliation.view import view_of
from timebank.stations.actions import open_station
from timebank.stations.model import Actor, Role

TWICE = '[endings]\nstatements_per_year = { value = 2, source = "本区规定" }'


def at_the_station(tried: TriedBank) -> None:
    tried.behind("UPDATE person SET station_code = 'XFL'")


def made(tried: TriedBank) -> dict[str, Any]:
    return dict(job(tried.bank, tried.bank.now_ms()))


def runs(tried: TriedBank, actor: Actor = OPERATOR, **asked: Any) -> list[LettersRun]:
    with tried.bank.read() as connection:
        return letter_runs(connection, actor, **asked)


def drawn(tried: TriedBank, run_id: str, actor: Actor = CLERK) -> bytes:
    return b"".join(draw_run(tried.bank, actor, run_id).pieces)


def found(tried: TriedBank) -> list[tuple[str, str]]:
    with view_of(tried.bank) as view:
        return [(one.subject.split()[0], one.what) for one in check.check(view)]


def test_a_run_is_made_drawn_and_handed_out(opened: Opened) -> None:
    with opened(TWICE) as tried:
        at_the_station(tried)
        log(tried)
        forget(tried.bank, OPERATOR, "V0002", key="forget-01")
        on(tried, "2023-07-02")
        assert made(tried) == {"letter_runs": 0, "letters": 0}
        on(tried, "2023-07-03")
        assert made(tried) == {"letter_runs": 1, "letters": 2}
        assert made(tried) == {"letter_runs": 0, "letters": 0}
        (run,) = runs(tried)
        assert (run.part, run.station_code, run.letters, run.left_out) == ("2023-1of2", "XFL", 2, 1)
        assert (run.made_by, run.drawn_ms, run.handed_ms) == ("scheduler", None, None)
        assert (run.first_on, run.last_on) == ("2023-01-01", "2023-06-30")

        with pytest.raises(LettersNotDrawn):
            confirm_handed(tried.bank, CLERK, run.run_id, key="handed-0")
        file = draw_run(tried.bank, CLERK, run.run_id)
        assert (file.name, file.media_type) == ("2023-1of2-XFL.pdf", "application/pdf")
        said = text_of(b"".join(file.pieces)).replace(" ", "")
        assert said.count("您好") == 2
        confirm_handed(tried.bank, CLERK, run.run_id, key="handed-1")
        again = confirm_handed(tried.bank, CLERK, run.run_id, key="handed-1")
        assert again.replayed
        with pytest.raises(LettersHandedBefore):
            confirm_handed(tried.bank, CLERK, run.run_id, key="handed-2")
        (run,) = runs(tried)
        assert (run.drawn_by, run.drawn_letters, run.handed_by) == ("staff_clerk", 2, "staff_clerk")
        assert found(tried) == []


def test_the_log_says_that_they_went_out_and_names_nobody(tmp_path: Path) -> None:
    with bank_in(tmp_path, TWICE) as tried:
        at_the_station(tried)
        on(tried, "2023-07-03")
        made(tried)
        (run,) = runs(tried)
        drawn(tried, run.run_id)
        confirm_handed(tried.bank, CLERK, run.run_id, key="handed-1")
        with tried.bank.read() as connection:
            last = text("SELECT body FROM leaf ORDER BY leaf_index DESC LIMIT 1")
            leaf = bytes(connection.execute(last).scalar_one()).decode()
        assert run.run_id in leaf
        assert run.list_hash in leaf
        assert "成员" not in leaf
        assert "person_" not in leaf


@pytest.mark.parametrize(
    ("day", "what"),
    [
        ("2023-07-03", []),
        ("2023-07-04", [("letters", "not_made")]),
        ("2023-07-05", [("letters", "not_made")]),
    ],
)
def test_a_part_without_its_run_is_found_on_the_next_day(
    tmp_path: Path, day: str, what: list[tuple[str, str]]
) -> None:
    with bank_in(tmp_path, TWICE) as tried:
        at_the_station(tried)
        on(tried, day)
        assert found(tried) == what
        made(tried)
        assert found(tried) == []


@pytest.mark.parametrize(
    ("day", "waits"), [("2023-07-14", False), ("2023-07-17", False), ("2023-07-18", True)]
)
@pytest.mark.parametrize("is_drawn", [False, True])
def test_ten_working_days_until_they_are_out(
    tmp_path: Path, day: str, waits: bool, is_drawn: bool
) -> None:
    with bank_in(tmp_path, TWICE) as tried:
        at_the_station(tried)
        on(tried, "2023-07-03")
        made(tried)
        (run,) = runs(tried)
        if is_drawn:
            drawn(tried, run.run_id)
        on(tried, day)
        what = "not_handed" if is_drawn else "not_drawn"
        assert found(tried) == ([("letters", what)] if waits else [])


def test_a_day_without_power_is_caught_up(tmp_path: Path) -> None:
    with bank_in(tmp_path, TWICE) as tried:
        on(tried, "2023-08-20")
        assert made(tried) == {"letter_runs": 1, "letters": 3}
        (run,) = runs(tried)
        assert run.station_code == ""
        assert run.hand_by == date(2023, 9, 1)  # The term runs from the day it was made.


def test_by_hand_is_noted_too(tmp_path: Path) -> None:
    with bank_in(tmp_path, TWICE) as tried:
        at_the_station(tried)
        on(tried, "2023-07-03")
        out = tmp_path / "out"
        part = part_named(tried.bank, 2023, 1)
        out.mkdir()
        make_letters(tried.bank, CLERK, part, "XFL", out)
        (run,) = runs(tried)
        assert (run.made_by, run.drawn_by, run.drawn_letters) == ("staff_clerk", "staff_clerk", 3)
        assert made(tried) == {"letter_runs": 0, "letters": 0}
        assert run.part == part.name


def test_many_letters_are_a_zip_of_stacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "LETTERS_A_FILE", 2)
    with bank_in(tmp_path, TWICE) as tried:
        at_the_station(tried)
        on(tried, "2023-07-03")
        made(tried)
        (run,) = runs(tried)
        file = draw_run(tried.bank, CLERK, run.run_id)
        assert (file.name, file.media_type) == ("2023-1of2-XFL.zip", "application/zip")
        with ZipFile(BytesIO(b"".join(file.pieces))) as opened:
            assert opened.testzip() is None
            assert opened.namelist() == ["2023-1of2-XFL-001.pdf", "2023-1of2-XFL-002.pdf"]
            assert "您好" in text_of(opened.read("2023-1of2-XFL-002.pdf"))
        (run,) = runs(tried)
        assert run.drawn_letters == 3
        assert not list(tried.settings.data.rglob("*.pdf"))


def test_a_download_that_breaks_off_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "LETTERS_A_FILE", 2)
    with bank_in(tmp_path, TWICE) as tried:
        at_the_station(tried)
        on(tried, "2023-07-03")
        made(tried)
        (run,) = runs(tried)
        pieces = draw_run(tried.bank, CLERK, run.run_id).pieces
        next(pieces)
        del pieces
        (run,) = runs(tried)
        assert run.drawn_ms is None


def test_who_may(tmp_path: Path) -> None:
    other = Actor("staff_other", Role.CLERK, "QTZ")
    with bank_in(tmp_path, TWICE) as tried:
        open_station(tried.bank, OPERATOR, "QTZ", "别处", key="station-1")
        at_the_station(tried)
        on(tried, "2023-07-03")
        made(tried)
        (run,) = runs(tried)
        for actor in (AUDITOR, REVIEWER, other):
            with pytest.raises(NotPermitted):
                draw_run(tried.bank, actor, run.run_id)
            with pytest.raises(NotPermitted):
                confirm_handed(tried.bank, actor, run.run_id, key=f"no-{actor.actor_id}")
        with pytest.raises(NotPermitted):
            runs(tried, other, station_code="XFL")
        assert runs(tried, other) == []
        assert len(runs(tried, REVIEWER)) == 1
        for ask in (
            lambda: draw_run(tried.bank, CLERK, "lett_none"),
            lambda: confirm_handed(tried.bank, CLERK, "lett_none", key="unknown-1"),
        ):
            with pytest.raises(UnknownLetterRun):
                ask()
        with tried.bank.read() as connection, pytest.raises(UnknownLetterRun):
            letter_run(connection, CLERK, "lett_none")


def test_runs_come_page_by_page(tmp_path: Path) -> None:
    with bank_in(tmp_path, TWICE) as tried:
        for day in ("2023-07-03", "2024-01-02", "2024-07-01"):
            on(tried, day)
            made(tried)
        parts = [one.part for one in runs(tried)]
        assert parts == ["2024-1of2", "2023-2of2", "2023-1of2"]
        newest = runs(tried, most=1)[0]
        assert [one.part for one in runs(tried, before=newest.run_id)] == parts[1:]


def test_the_job_is_planned_and_its_command_counts(tmp_path: Path) -> None:
    assert "make_letters" in [one.name for one in JOBS]
    with bank_in(tmp_path, TWICE) as tried:
        on(tried, "2023-07-03")
        command = ["letters", "--year", "2022", "--out", str(tmp_path / "o"), "--json"]
        said = CliRunner().invoke(app, [*command, "--data", str(tried.settings.data)])
        assert orjson.loads(said.stdout)["stations"] == []
        assert runs(tried) == []
