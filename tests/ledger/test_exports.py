"""ledger/exports.py: other people's programs accept the journal and find our balances in it."""

import csv
import io
import subprocess

import pytest

from ledger.exports import (
    AccountsCsv,
    BeancountJournal,
    HledgerJournal,
    JournalCsv,
    export_lines,
    recorded_at,
    write_exports,
)
from ledger.leaf_parser import parse
from tests.support.log_builder import ORIGIN, LogBuilder, little_log
from tests.support.parts import need_program

LOG = little_log()


def text_of(kind, log=LOG):
    return "".join(export_lines(kind, ORIGIN, map(parse, log.leaves)))


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)


def written(folder, log):
    write_exports(folder, ORIGIN, map(parse, log.leaves))
    return folder


def late_log():
    """Entries that are recorded later and count from earlier, across the turn of a year."""
    log = LogBuilder()
    pool, wang = log.account("pool", None), log.account("member", 0, 900)
    for minutes, day in (
        (60, "2023-03-05"),
        (30, "2022-12-31"),
        (45, "2024-02-29"),
        (5, "2023-01-01"),
    ):
        log.entry([(pool, wang, minutes)], "service", on=day)
    log.entry([(wang, pool, 100)], on="2022-12-31")
    return log


def test_the_journal_has_one_line_a_movement():
    rows = list(csv.DictReader(io.StringIO(text_of(JournalCsv))))
    assert [int(row["number"]) for row in rows] == [1, 2, 3, 4, 4, 5]
    assert [row["place"] for row in rows] == ["0", "0", "0", "0", "1", "0"]
    assert rows[3]["kind"] == "settlement"
    assert rows[3]["of"].startswith("hold_")
    assert rows[0]["recorded_at"].endswith("Z")
    assert sum(int(row["minutes"]) for row in rows) == 250


def test_the_accounts_are_sorted_and_show_what_is_held():
    rows = list(csv.DictReader(io.StringIO(text_of(AccountsCsv))))
    assert [row["account_id"] for row in rows] == sorted(row["account_id"] for row in rows)
    assert [(r["floor"], r["ceiling"], r["posted"], r["held"]) for r in rows] == [
        ("", "", "-95", "0"),
        ("0", "", "55", "7"),
        ("0", "1000", "40", "0"),
    ]


@pytest.mark.parametrize(
    ("recorded_ms", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (1_678_000_000_007, "2023-03-05T07:06:40.007Z"),
        (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
    ],
)
def test_moments_are_rfc_3339_in_utc_with_milliseconds(recorded_ms, text):
    assert recorded_at(recorded_ms) == text


def test_one_pass_writes_what_each_format_gives_alone(tmp_path):
    written(tmp_path, LOG)
    for kind in (JournalCsv, AccountsCsv, HledgerJournal, BeancountJournal):
        assert tmp_path.joinpath(kind.name).read_bytes() == text_of(kind).encode()


@pytest.mark.parametrize("log", [LOG, late_log(), LogBuilder()], ids=["little", "late", "empty"])
def test_hledger_and_beancount_accept_the_journal(tmp_path, log):
    written(tmp_path, log)
    hledger, bean_check = need_program("hledger"), need_program("bean-check")
    for command in (
        (hledger, "-f", tmp_path / "journal.hledger", "check", "--strict"),
        (bean_check, tmp_path / "journal.beancount"),
    ):
        result = run(*command)
        assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.parametrize("log", [LOG, late_log()], ids=["little", "late"])
def test_hledger_finds_the_balances_of_accounts_csv(tmp_path, log):
    written(tmp_path, log)
    told = run(
        need_program("hledger"), "-f", tmp_path / "journal.hledger",
        "balance", "--flat", "--empty", "-O", "csv",
    ).stdout  # fmt: skip
    theirs = {row["account"]: row["balance"] for row in csv.DictReader(io.StringIO(told))}
    ours = {
        f"{row['kind']}:{row['account_id']}": int(row["posted"])
        for row in csv.DictReader(io.StringIO(text_of(AccountsCsv, log)))
    }
    assert {name: theirs[name] for name in ours} == {
        name: f"{minutes} min" if minutes else "0" for name, minutes in ours.items()
    }


@pytest.mark.parametrize("program", ["hledger", "bean-check"])
def test_a_changed_amount_is_found_by_the_others_too(tmp_path, program):
    """Negative control: one minute moved in one posting pair breaks a balance assertion."""
    written(tmp_path, LOG)
    name = "journal.hledger" if program == "hledger" else "journal.beancount"
    path = tmp_path / name
    unit = "min" if program == "hledger" else "MIN"
    text = path.read_text("utf-8").replace(f"-90 {unit}", f"-91 {unit}", 1)
    path.write_text(text.replace(f"  90 {unit}", f"  91 {unit}", 1), "utf-8")
    check = ("-f", path, "check", "--strict") if program == "hledger" else (path,)
    result = run(need_program(program), *check)
    assert result.returncode != 0
    assert "balance" in result.stderr.lower()
