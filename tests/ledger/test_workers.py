"""ledger/workers.py: other processes verify what they are given, and are not missed if they die."""

import subprocess
import sys

import pytest

from ledger.workers import SignatureWorkers, signature_workers, wrong_signatures
from tests.support.log_builder import key_of

ALICE = key_of("example.com/alice")


def jobs(first: int, count: int, forged: tuple[int, ...] = ()) -> list:
    """Jobs for leaves from ``first`` on; those ``forged`` have another text than was signed."""
    made = []
    for index in range(first, first + count):
        text = b"leaf %d\n" % index
        shown = b"other\n" if index in forged else text
        made.append((index, ALICE.vkey, shown, ALICE.sign_text(text)))
    return made


@pytest.mark.parametrize("cores", [2, 3])
def test_each_answer_belongs_to_its_question(cores):
    with signature_workers(cores) as workers:
        asked = [workers.submit(jobs(n * 50, 50, (n * 50 + 7,))) for n in range(8)]
        answers = [one.result() for one in asked]
    assert answers == [[(n * 50 + 7, ALICE.name)] for n in range(8)]


@pytest.mark.parametrize("cores", [0, 1])
def test_one_core_has_no_workers(cores):
    with signature_workers(cores) as workers:
        assert workers is None


def test_no_process_is_started_before_there_is_work():
    with signature_workers(2) as workers:
        assert workers._children == []


def test_what_a_dead_process_leaves_undone_is_done_here():
    workers = SignatureWorkers(1)
    try:
        assert workers.submit(jobs(0, 3)).result() == []
        child = workers._children[0]
        child.kill()
        child.wait()
        for first in (10, 20):
            assert workers.submit(jobs(first, 3, (first,))).result() == [(first, ALICE.name)]
    finally:
        workers.close()


def test_processes_end_with_their_owner_and_are_silent():
    program = (
        "from ledger.workers import SignatureWorkers; from ledger.keys import SigningKey\n"
        "key = SigningKey('a', bytes(32)); workers = SignatureWorkers(2)\n"
        "print(workers.submit([(7, key.vkey, b'x', bytes(64))]).result())\n"
        "print('an unguarded module is not loaded again')\n"
        "workers.close()\n"
        "print([child.returncode for child in workers._children])\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120
    )
    assert said.stdout.splitlines() == [
        "[(7, 'a')]", "an unguarded module is not loaded again", "[0]"
    ]  # fmt: skip
    assert said.stderr == ""


def test_what_is_verified_here_is_told_in_order():
    assert wrong_signatures(jobs(0, 9, (8, 2))) == [(2, ALICE.name), (8, ALICE.name)]
