"""ledger/witness_state.py: never two roots for one size, never back, whoever asks at once."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import cache
from itertools import count

import pytest

from ledger.checkpoint import Checkpoint, sign_checkpoint
from ledger.merkle import EMPTY_ROOT
from ledger.notes import SignatureLine, parse_note
from ledger.signatures import COSIGNATURE, ML_DSA_44, unstamped
from ledger.witness_state import MOST_REQUEST_BYTES, Outcome, Verdict, Witness, WitnessStateDamaged
from tests.support.log_builder import ORIGIN, START_MS, LogBuilder, cosigner_of, key_of
from tests.support.witnesses import NAME, forked, request_of


@cache
def log_of(size: int = 300) -> LogBuilder:
    log = LogBuilder()
    while log.size < size:
        log.refuse()
    return log


LOG = log_of()
KEY = cosigner_of(NAME, COSIGNATURE)


@pytest.fixture
def witness(tmp_path) -> Witness:
    return Witness(tmp_path, KEY, [LOG.log_key.vkey])


def asked(witness: Witness, old: int, new: int, note: str | None = None) -> Verdict:
    return witness.add_checkpoint(request_of(LOG, old, new, note))


def line_in(verdict: Verdict, size: int) -> SignatureLine:
    """The verdict's line, true over the log's checkpoint at ``size``."""
    assert verdict.outcome is Outcome.COSIGNED
    text = LOG.checkpoint(size).text()
    (line,) = parse_note(f"{text}\n{verdict.text}").lines
    assert KEY.vkey.verifies(text.encode(), line.signature)
    return line


@pytest.mark.parametrize(
    "sizes", [[1], [255, 256, 257], [1, 2, 3, 4, 7, 8, 300], [0, 5], [5, 5, 6]], ids=repr
)
def test_a_log_that_grows_is_cosigned_each_time(witness, sizes):
    old = 0
    for size in sizes:
        line = line_in(asked(witness, old, size), size)
        assert unstamped(line.signature)[0] == START_MS // 1_000
        old = size


def test_it_remembers_in_its_folder(witness, tmp_path):
    line_in(asked(witness, 0, 7), 7)
    again = Witness(tmp_path, KEY, [LOG.log_key.vkey])
    assert asked(again, 0, 9) == Verdict(Outcome.CONFLICT, "7\n")
    line_in(asked(again, 7, 9), 9)


@pytest.mark.parametrize(("old", "new"), [(0, 7), (6, 7), (0, 9), (6, 9), (7, 7), (8, 9)])
def test_another_old_size_is_told_the_last(witness, old, new):
    line_in(asked(witness, 0, 7), 7)
    expected = Verdict(Outcome.CONFLICT, "7\n")
    if old == new == 7:
        line_in(asked(witness, old, new), 7)
    else:
        assert asked(witness, old, new) == expected


def test_it_never_goes_back_and_never_signs_two_roots(witness):
    line_in(asked(witness, 0, 7), 7)
    assert asked(witness, 6, 6).outcome is Outcome.CONFLICT
    assert asked(witness, 0, 0).outcome is Outcome.CONFLICT
    assert asked(witness, 7, 7, forked(LOG, 7)) == Verdict(Outcome.CONFLICT, "7\n")
    assert asked(witness, 7, 9, forked(LOG, 9)).outcome is Outcome.NOT_CONSISTENT
    line_in(asked(witness, 7, 9), 9)


def test_an_empty_tree_of_another_root_is_none(witness):
    empty = Checkpoint(ORIGIN, 0, EMPTY_ROOT)
    assert asked(witness, 0, 0, forked(LOG, 0)) == Verdict(Outcome.CONFLICT, "0\n")
    assert asked(witness, 0, 0, sign_checkpoint(empty, LOG.log_key)).outcome is Outcome.COSIGNED


def test_a_proof_that_does_not_fit_is_refused(witness):
    body = request_of(LOG, 0, 7)
    hash_line = b"A" * 43 + b"=\n"
    assert witness.add_checkpoint(b"old 0\n" + hash_line + body[6:]).outcome is (
        Outcome.NOT_CONSISTENT
    )
    line_in(asked(witness, 0, 7), 7)
    body = request_of(LOG, 7, 9)
    old, first, rest = body.split(b"\n", 2)
    for wrong in (
        old + b"\n" + rest,
        old + b"\n" + hash_line + rest,
        old + b"\n" + first + b"\n" + hash_line + rest,
    ):
        assert witness.add_checkpoint(wrong).outcome is Outcome.NOT_CONSISTENT
    assert witness.add_checkpoint(body).outcome is Outcome.COSIGNED


def test_who_is_not_known_is_told_before_anything_else(witness):
    stranger, other = key_of("timebank.example/other"), key_of(f"{ORIGIN}/op")
    head = LOG.checkpoint(7)
    of_another = Checkpoint(stranger.name, 7, head.root)
    assert asked(witness, 9, 9, sign_checkpoint(of_another, stranger)).outcome is (
        Outcome.UNKNOWN_LOG
    )
    assert asked(witness, 9, 9, sign_checkpoint(head, other)).outcome is Outcome.UNKNOWN_KEY
    false = parse_note(LOG.note(7))
    line = SignatureLine(ORIGIN, false.lines[0].key_id, bytes(64))
    note = str(false).rpartition("—")[0] + str(line)
    assert asked(witness, 9, 9, note).outcome is Outcome.UNKNOWN_KEY
    assert asked(witness, 9, 9, LOG.note(7)).outcome is Outcome.MALFORMED


def test_a_log_may_be_known_by_its_second_key(tmp_path):
    second = cosigner_of(ORIGIN, ML_DSA_44)
    witness = Witness(tmp_path, KEY, [second.vkey])
    assert asked(witness, 0, 7).outcome is Outcome.UNKNOWN_KEY
    line_in(asked(witness, 0, 7, sign_checkpoint(LOG.checkpoint(7), LOG.log_key, second)), 7)


@pytest.mark.parametrize(
    "change",
    [
        lambda body: b"",
        lambda body: body[:-1],
        lambda body: body.replace(b"old 7", b"old 07", 1),
        lambda body: body.replace(b"old 7", b"old -7", 1),
        lambda body: body.replace(b"old 7", b"old  7", 1),
        lambda body: body.replace(b"old 7", b"Old 7", 1),
        lambda body: body.replace(b"old 7", b"old 9999999999999999", 1),
        lambda body: body.replace(b"old 7\n", b"old 7\r\n", 1),
        lambda body: body.replace(b"old 7\n", b"old 7\nAAAA\n", 1),
        lambda body: body.replace(b"old 7\n", b"old 7\n" + b"A" * 42 + b"B=\n", 1),
        lambda body: body.replace(b"old 7\n", b"old 7\nnot base64\n", 1),
        lambda body: body.replace(b"\n\n", b"\n", 1),
        lambda body: body.replace(b"\n\n", b"\n\n\n", 1),
        lambda body: body.replace(b"\n9\n", b"\n09\n", 1),
        lambda body: b"\xff" + body,
        lambda body: body.replace(b"old 7\n", b"old 7\n" + (b"A" * 43 + b"=\n") * 64, 1),
        lambda body: body + b"x" * MOST_REQUEST_BYTES,
    ],
)
def test_a_request_of_another_spelling_is_malformed(witness, change):
    assert witness.add_checkpoint(change(request_of(LOG, 7, 9))).outcome is Outcome.MALFORMED


def test_a_witness_that_forgot_never_signs_again(witness, tmp_path):
    line_in(asked(witness, 0, 7), 7)
    (file,) = [path for path in tmp_path.glob("log-*") if path.is_file()]
    other = sign_checkpoint(Checkpoint("timebank.example/other", 3, bytes(32)), LOG.log_key)
    for damaged in (b"", file.read_bytes()[:40], other.encode()):
        file.write_bytes(damaged)
        with pytest.raises(WitnessStateDamaged):
            asked(witness, 0, 9)
        with pytest.raises(WitnessStateDamaged):
            Witness(tmp_path, KEY, [LOG.log_key.vkey])


def test_a_disk_that_fails_signs_nothing(witness, tmp_path, monkeypatch):
    def full(*_given: object) -> None:
        raise OSError("no space left on device")

    # The file, then its name and that of its folder: a cosignature waits for all of them.
    for breaks_at in range(4):
        calls = count(1)

        def sync(handle: int, last: int = breaks_at, calls: Iterator[int] = calls) -> None:
            if next(calls) > last:
                full()

        with monkeypatch.context() as disk:
            disk.setattr(os, "fsync", sync)
            if breaks_at < 3:
                with pytest.raises(OSError, match="no space"):
                    asked(witness, 7 if breaks_at == 2 else 0, 7)
            else:
                assert asked(witness, 7, 7).outcome is Outcome.COSIGNED
        if breaks_at == 0:
            assert asked(witness, 3, 7) == Verdict(Outcome.CONFLICT, "0\n")


def test_what_a_dead_process_left_over_is_cleared(witness, tmp_path):
    line_in(asked(witness, 0, 7), 7)
    (file,) = [path for path in tmp_path.glob("log-*") if path.is_file()]
    left_over = file.with_name(f".{file.name}.99-abcdef.tmp")
    left_over.write_bytes(b"half")
    Witness(tmp_path, KEY, [LOG.log_key.vkey])
    assert not left_over.exists()


def test_of_threads_that_ask_at_once_one_wins(witness):
    """All build on one old size, each with another new one: if two win, one steps back."""
    line_in(asked(witness, 0, 7), 7)
    verdicts: list[Verdict] = []
    start = threading.Barrier(8)

    def ask(new: int) -> None:
        body = request_of(LOG, 7, new)
        start.wait()
        verdicts.append(witness.add_checkpoint(body))

    threads = [threading.Thread(target=ask, args=(8 + place,)) for place in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    outcomes = [verdict.outcome for verdict in verdicts]
    assert sorted(outcomes) == [Outcome.CONFLICT] * 7 + [Outcome.COSIGNED]


RACER = """
import sys
from pathlib import Path
from ledger.witness_state import Witness
from tests.ledger.test_witness_state import KEY, LOG
from tests.support.witnesses import request_of

witness = Witness(Path(sys.argv[1]), KEY, [LOG.log_key.vkey])
bodies = [request_of(LOG, at, at + 1) for at in range(10, 60)]
print("ready", flush=True)
sys.stdin.readline()
for body in bodies:
    print(witness.add_checkpoint(body).outcome, flush=True)
"""


@pytest.mark.slow
def test_of_processes_that_ask_at_once_one_wins_each_size(witness, tmp_path):
    line_in(asked(witness, 0, 10), 10)
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACER, str(tmp_path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _racer in range(3)
    ]
    for racer in racers:
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()
    outcomes = [racer.communicate(timeout=120)[0].split() for racer in racers]
    for racer in racers:
        assert racer.returncode == 0
    won = [sum(told[at] == "cosigned" for told in outcomes) for at in range(50)]
    # Whoever is beaten at one size is behind for good; the last one who is not goes on to the end.
    assert won == [1] * 50
